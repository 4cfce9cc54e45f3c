/**
 * Pseudonyms: equal values of masked fields get equal names inside a session, so that "the same value again" can be
 * told. An HMAC with a key that never leaves the browser; where the browser has none for us (insecure origins), none.
 */
export function createPseudonym(secret: () => string) {
  let made: { secret: string; key: Promise<CryptoKey> } | undefined;
  const encode = (text: string) => new TextEncoder().encode(text);
  return async (value: string): Promise<string | undefined> => {
    const { subtle } = crypto;
    if (!subtle) return undefined;
    if (made?.secret !== secret()) {
      made = { secret: secret(), key: subtle.importKey('raw', encode(secret()), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']) };
    }
    const bytes = new Uint8Array(await subtle.sign('HMAC', await made.key, encode(value)));
    return btoa(String.fromCharCode(...bytes.subarray(0, 6)));
  };
}
