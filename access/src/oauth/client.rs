//! Clients, and what dynamic registration (RFC 7591) makes of them. Every client is public: it has no secret.

use playhead_schemas::text::one_line;
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::{OAuthError, Refusal};
use super::redirect::RedirectUri;

/// The body of a registration, in bytes: 16 KiB.
pub const REGISTRATION_BYTES_MAX: usize = 16 << 10;
/// Redirect URIs of one client.
const REDIRECT_URIS_MAX: usize = 10;
/// The name of a client, in characters.
const NAME_CHARS_MAX: usize = 100;

/// A client as this server knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisteredClient {
    /// Its id: given at registration, or the URL of its document.
    pub id: String,
    /// What it calls itself: one line without invisible characters. Nobody checked it.
    pub name: String,
    /// Where codes may be sent.
    pub redirect_uris: Vec<RedirectUri>,
}

impl RegisteredClient {
    /// The redirect URI of a request, if the client may use it.
    pub fn redirect(&self, asked: &str) -> Option<RedirectUri> {
        let asked = RedirectUri::parse(asked).ok()?;
        self.redirect_uris.iter().any(|registered| registered.allows(&asked)).then_some(asked)
    }
}

/// What a client asks to be registered with, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// What it calls itself.
    pub name: String,
    /// Where codes may be sent; at least one.
    pub redirect_uris: Vec<RedirectUri>,
}

/// The fields of client metadata that matter here. Others are left out of the answer, never refused: clients send many.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Metadata {
    pub(super) client_id: Option<String>,
    pub(super) client_name: Option<String>,
    pub(super) client_secret: Option<Value>,
    pub(super) redirect_uris: Vec<String>,
    pub(super) grant_types: Option<Vec<String>>,
    pub(super) response_types: Option<Vec<String>>,
    pub(super) token_endpoint_auth_method: Option<String>,
}

/// Checks the body of a registration.
///
/// # Errors
/// `invalid_redirect_uri` or `invalid_client_metadata`.
pub fn register(body: &[u8]) -> Result<Registration, Refusal> {
    let refuse = |description| Refusal::new(OAuthError::InvalidClientMetadata, description);
    if body.len() > REGISTRATION_BYTES_MAX {
        return Err(refuse("a registration has at most 16 KiB"));
    }
    let metadata = Metadata::read(body).ok_or(refuse("the body is not client metadata as JSON"))?;
    metadata.registration("unnamed client")
}

impl Metadata {
    /// Reads a JSON object. Serde would take an array for a struct as well.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let is_object = body.trim_ascii_start().starts_with(b"{");
        if is_object { serde_json::from_slice(body).ok() } else { None }
    }

    /// What the fields come to; `unnamed` is the name of a client that gives none.
    pub(super) fn registration(&self, unnamed: &str) -> Result<Registration, Refusal> {
        let refuse = |description| Refusal::new(OAuthError::InvalidClientMetadata, description);
        if self.grant_types.as_ref().is_some_and(|types| !types.iter().any(|t| t == "authorization_code")) {
            return Err(refuse("grant_types must contain authorization_code"));
        }
        if self.response_types.as_ref().is_some_and(|types| !types.iter().any(|t| t == "code")) {
            return Err(refuse("response_types must contain code"));
        }
        let named = one_line(self.client_name.as_deref().unwrap_or_default(), NAME_CHARS_MAX);
        let name = if named.is_empty() { unnamed.to_owned() } else { named };
        Ok(Registration { name, redirect_uris: self.redirects()? })
    }

    fn redirects(&self) -> Result<Vec<RedirectUri>, Refusal> {
        let refuse = |description| Refusal::new(OAuthError::InvalidRedirectUri, description);
        match self.redirect_uris.len() {
            0 => return Err(refuse("redirect_uris must name at least one redirect URI")),
            n if n > REDIRECT_URIS_MAX => return Err(refuse("a client has at most 10 redirect URIs")),
            _ => {}
        }
        self.redirect_uris.iter().map(|uri| RedirectUri::parse(uri).map_err(refuse)).collect()
    }
}

impl Registration {
    /// The answer to a registration, without nulls. The method is always `none`, regardless of the request: the server may
    /// replace what a client asks for, and says so here (RFC 7591, 3.2.1).
    pub fn answer(&self, client_id: &str, issued_at_s: i64) -> Value {
        let uris: Vec<&str> = self.redirect_uris.iter().map(RedirectUri::as_str).collect();
        json!({
            "client_id": client_id,
            "client_id_issued_at": issued_at_s,
            "client_name": self.name,
            "redirect_uris": uris,
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn check(body: Value) -> Result<Registration, OAuthError> {
        register(body.to_string().as_bytes()).map_err(|refusal| refusal.error)
    }

    #[test]
    fn a_registration_is_cleaned_and_answered_without_nulls() {
        let got = check(json!({
            "client_name": " Claude\u{202e}\n Code ", "redirect_uris": ["http://localhost/callback"],
            "token_endpoint_auth_method": "client_secret_post", "logo_uri": "https://x.example/a.png", "scope": "",
            "grant_types": ["authorization_code", "refresh_token"], "contacts": [1],
        }))
        .unwrap();
        assert_eq!(got.name, "Claude Code");
        let answer = got.answer("id", 7);
        assert_eq!(answer["token_endpoint_auth_method"], "none");
        assert_eq!(answer["redirect_uris"][0], "http://localhost/callback");
        assert!(answer.as_object().unwrap().values().all(|value| !value.is_null()));
        assert_eq!(check(json!({"redirect_uris": ["https://a.example/"]})).unwrap().name, "unnamed client");
    }

    #[test]
    fn what_can_not_work_is_refused() {
        let ok = "https://a.example/cb";
        let eleven = vec![ok; 11];
        for (body, want) in [
            (json!({}), OAuthError::InvalidRedirectUri),
            (json!({"redirect_uris": []}), OAuthError::InvalidRedirectUri),
            (json!({"redirect_uris": eleven}), OAuthError::InvalidRedirectUri),
            (json!({"redirect_uris": [ok, "javascript:alert(1)"]}), OAuthError::InvalidRedirectUri),
            (json!({"redirect_uris": ok}), OAuthError::InvalidClientMetadata),
            (json!({"redirect_uris": [ok], "grant_types": ["password"]}), OAuthError::InvalidClientMetadata),
            (json!({"redirect_uris": [ok], "response_types": ["token"]}), OAuthError::InvalidClientMetadata),
            (json!([]), OAuthError::InvalidClientMetadata),
            (json!({"redirect_uris": [ok], "client_name": "x".repeat(20_000)}), OAuthError::InvalidClientMetadata),
        ] {
            assert_eq!(check(body.clone()), Err(want), "{body}");
        }
    }

    #[test]
    fn a_client_uses_only_its_own_uris() {
        let registered = ["https://a.example/cb", "http://localhost/cb"];
        let redirect_uris = registered.iter().map(|uri| RedirectUri::parse(uri).unwrap()).collect();
        let client = RegisteredClient { id: "c".to_owned(), name: "c".to_owned(), redirect_uris };
        assert!(client.redirect("http://localhost:5/cb").is_some());
        assert!(client.redirect("https://a.example/cb").is_some());
        assert!(client.redirect("https://a.example/cb2").is_none());
        assert!(client.redirect("javascript:1").is_none());
    }
}
