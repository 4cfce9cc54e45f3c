/** What the TypeScript SDK asks its host to keep while it authorizes. */
export class Keeper {
  saved = {};
  /** Where it sent the person. */
  asked = [];

  /** `more` has what only some hosts have: `clientMetadataUrl`, `state`. */
  constructor(name, redirectUrl, more = {}) {
    this.redirectUrl = redirectUrl;
    this.clientMetadata = { client_name: name, redirect_uris: [redirectUrl], token_endpoint_auth_method: 'none' };
    Object.assign(this, more);
  }
  clientInformation = () => this.saved.client;
  saveClientInformation = (client) => void (this.saved.client = client);
  tokens = () => this.saved.tokens;
  saveTokens = (tokens) => void (this.saved.tokens = tokens);
  redirectToAuthorization = (url) => void this.asked.push(url);
  saveCodeVerifier = (verifier) => void (this.saved.verifier = verifier);
  codeVerifier = () => this.saved.verifier;
  saveDiscoveryState = (state) => void (this.saved.discovery = state);
  discoveryState = () => this.saved.discovery;
  invalidateCredentials = (what) => void (what === 'tokens' ? delete this.saved.tokens : (this.saved = {}));
}
