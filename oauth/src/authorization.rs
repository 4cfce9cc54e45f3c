//! An authorization request, from its query to the redirect that ends it.
//!
//! Every request is asked of a member, whether the client was allowed before or not: a code is never given without a
//! person's decision.

use playhead_access::oauth::{Challenge, OAuthError, RedirectUri, Refusal, RegisteredClient, Resource, asked, to_text};
use playhead_schemas::Scope;
use playhead_store::{Member, NewCode, StoreError};
use playhead_web::Params;

use crate::clients::{self, NoClient};
use crate::grantable::Grantable;
use crate::server::OAuth;

/// The query of an authorization request, in bytes.
const QUERY_BYTES_MAX: usize = 6 << 10;
/// The parameter `state`, in bytes.
const STATE_BYTES_MAX: usize = 2048;

/// An authorization request that can be asked of a member.
#[derive(Clone, Debug)]
pub struct AuthorizationRequest {
    /// Who asks.
    pub client: RegisteredClient,
    /// For which endpoint.
    pub resource: Resource,
    /// What the client asks to do.
    pub scopes: Vec<Scope>,
    /// `prompt=none`: the client wants an answer without anybody being asked.
    pub is_silent: bool,
    challenge: Challenge,
    callback: Callback,
}

/// What becomes of a query.
pub enum Authorization {
    /// A member can be asked.
    Ask(Box<AuthorizationRequest>),
    /// Somebody must sign in before more can be known.
    SignIn,
    /// The request is refused: send the browser to this address, which tells the client why.
    Refused(String),
}

/// Why a query is answered here and nothing is sent to the client. As long as client and redirect URI are not known to
/// be good, the browser must not be sent anywhere.
#[derive(Debug, thiserror::Error)]
pub enum AuthorizationError {
    /// What is wrong with the request, without a full stop.
    #[error("{0}")]
    Invalid(&'static str),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Where an answer goes, and with what state.
#[derive(Clone, Debug)]
struct Callback {
    redirect: RedirectUri,
    state: Option<String>,
}

impl Callback {
    /// The address with the answer in its query. `iss` tells the client which server answers (RFC 9207).
    fn location(&self, oauth: &OAuth, pairs: &[(&str, &str)]) -> String {
        let state = self.state.as_deref().map(|state| ("state", state));
        let pairs: Vec<_> = pairs.iter().copied().chain(state).chain([("iss", oauth.issuer.as_str())]).collect();
        self.redirect.with_query(&pairs)
    }

    fn refusal(&self, oauth: &OAuth, refusal: Refusal) -> String {
        self.location(oauth, &[("error", refusal.error.as_str()), ("error_description", refusal.description)])
    }
}

impl OAuth {
    /// Reads the query of an authorization request. `is_signed_in`: the client's document may be fetched.
    ///
    /// # Errors
    /// What must be shown to the person and sent nowhere; a failure of the store.
    pub async fn authorization(&self, query: &str, is_signed_in: bool) -> Result<Authorization, AuthorizationError> {
        use AuthorizationError::Invalid;
        if query.len() > QUERY_BYTES_MAX {
            return Err(Invalid("The request is too long"));
        }
        let params = Params::parse(query.as_bytes()).ok_or(Invalid("The request has too many parameters"))?;
        let one = |name| params.one(name).map_err(|_| Invalid("A parameter of the request is repeated"));
        let id = one("client_id")?.ok_or(Invalid("The request names no client (client_id)"))?;
        let client = match clients::find(self, id, is_signed_in).await {
            Ok(client) => client,
            Err(NoClient::NotFetched) => return Ok(Authorization::SignIn),
            Err(NoClient::Refused(refusal)) => return Err(Invalid(refusal.description)),
            Err(NoClient::Store(error)) => return Err(error.into()),
        };
        let uri = one("redirect_uri")?.ok_or(Invalid("The request does not say where to go back (redirect_uri)"))?;
        let redirect = client
            .redirect(uri)
            .ok_or(Invalid("The client did not register the address to go back to (redirect_uri)"))?;
        let state = one("state")?.map(str::to_owned);
        if state.as_ref().is_some_and(|state| state.len() > STATE_BYTES_MAX) {
            return Err(Invalid("The parameter state is too long"));
        }
        let callback = Callback { redirect, state };
        Ok(match self.checked(&params) {
            Ok((challenge, scopes, resource)) => {
                let is_silent = one("prompt")? == Some("none");
                let request = AuthorizationRequest { client, callback, challenge, scopes, resource, is_silent };
                Authorization::Ask(Box::new(request))
            }
            Err(refusal) => Authorization::Refused(callback.refusal(self, refusal)),
        })
    }

    /// What can be told to the client when it is wrong.
    fn checked(&self, params: &Params) -> Result<(Challenge, Vec<Scope>, Resource), Refusal> {
        let twice = |_| Refusal::new(OAuthError::InvalidRequest, "a parameter is repeated");
        match params.one("response_type").map_err(twice)? {
            Some("code") => {}
            None => return Err(Refusal::new(OAuthError::InvalidRequest, "response_type is missing; it must be code")),
            Some(_) => return Err(Refusal::new(OAuthError::UnsupportedResponseType, "response_type must be code")),
        }
        let challenge = params.one("code_challenge").map_err(twice)?;
        let challenge = Challenge::parse(challenge, params.one("code_challenge_method").map_err(twice)?)?;
        let scopes = asked(params.one("scope").map_err(twice)?)?;
        let target = |description| Refusal::new(OAuthError::InvalidTarget, description);
        let resource = match params.one("resource").map_err(|_| target("ask for one resource at a time"))? {
            // Clients of before 2025-06 name none: they mean the server.
            None => Resource::Workspace,
            Some(url) => Resource::from_url(&self.issuer, url)
                .ok_or(target("the resource is none of this server's; see its protected-resource metadata"))?,
        };
        Ok((challenge, scopes, resource))
    }
}

impl AuthorizationRequest {
    /// Where the answer goes.
    pub fn redirect(&self) -> &RedirectUri {
        &self.callback.redirect
    }

    /// What `member` could grant; `None` when the request is for a project in which the member has no role.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn grantable(&self, oauth: &OAuth, member: &Member) -> Result<Option<Grantable>, StoreError> {
        Grantable::find(oauth, member, &self.resource, &self.scopes).await
    }

    /// Makes a code for `member` that allows what was chosen of what is grantable: the address to send the browser to.
    /// `None` when nothing grantable was chosen; then there is no code.
    ///
    /// # Errors
    /// When the store can't keep the code.
    pub async fn allow(
        &self,
        oauth: &OAuth,
        member: &Member,
        grantable: &Grantable,
        chosen: &[Scope],
    ) -> Result<Option<String>, StoreError> {
        let scopes: Vec<Scope> = grantable.scopes.iter().copied().filter(|scope| chosen.contains(scope)).collect();
        if scopes.is_empty() {
            return Ok(None);
        }
        let now = oauth.now();
        let code = NewCode {
            workspace: member.workspace,
            member: member.id,
            project: grantable.project.as_ref().map(|project| project.id),
            client_id: self.client.id.clone(),
            client_name: self.client.name.clone(),
            redirect_uri: self.callback.redirect.as_str().to_owned(),
            challenge: self.challenge.as_str().to_owned(),
            resource: self.resource.url(&oauth.issuer),
            expires_at: now.plus_ms(oauth.config.code_ms),
            scopes,
        };
        tracing::info!(client = self.client.id, scopes = to_text(&code.scopes), "a member allowed an app");
        let code = oauth.store.create_code(code, now).await?;
        Ok(Some(self.callback.location(oauth, &[("code", code.expose())])))
    }

    /// The member did not allow it: the address to send the browser to.
    pub fn deny(&self, oauth: &OAuth) -> String {
        let refusal = Refusal::new(OAuthError::AccessDenied, "the member did not allow it");
        self.callback.refusal(oauth, refusal)
    }

    /// Nobody may be asked (`prompt=none`), and that is not possible: the address to send the browser to.
    pub fn interaction_required(&self, oauth: &OAuth) -> String {
        let description = "a member must sign in and consent each time; leave prompt=none out";
        self.callback.refusal(oauth, Refusal::new(OAuthError::InteractionRequired, description))
    }
}
