//! Refusals as HTTP answers: status, challenge, and a body that says what to do.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use playhead_access::{Endpoint, Refusal};
use playhead_schemas::{EpochMs, Scope};

use crate::error::ToolError;

/// The scope in the challenge to a client without a token: the smallest useful one.
const FIRST_SCOPE: Scope = Scope::BugsRead;

/// A refusal as the answer of an endpoint.
pub(crate) fn answer(refusal: &Refusal, endpoint: &Endpoint, public_url: &str, now: EpochMs) -> Response {
    let status = StatusCode::from_u16(refusal.code().http_status()).unwrap_or(StatusCode::FORBIDDEN);
    (status, headers(refusal, endpoint, public_url, now), Json(ToolError::from(refusal.clone()))).into_response()
}

/// The headers that go with a refusal: a challenge (RFC 6750, RFC 9728) or the time to wait.
pub(crate) fn headers(refusal: &Refusal, endpoint: &Endpoint, public_url: &str, now: EpochMs) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let challenge = match refusal {
        Refusal::NoBearer => Some((None, vec![FIRST_SCOPE])),
        Refusal::UnknownToken | Refusal::WrongAudience | Refusal::ActorRemoved => {
            Some((Some("invalid_token"), vec![FIRST_SCOPE]))
        }
        Refusal::MissingScope(needed) => Some((Some("insufficient_scope"), needed.clone())),
        _ => None,
    };
    if let Some((error, scopes)) = challenge {
        let challenge = challenge_of(error, &scopes, refusal, endpoint, public_url);
        if let Ok(value) = HeaderValue::from_str(&challenge) {
            headers.insert(WWW_AUTHENTICATE, value);
        }
    }
    if let Some(seconds) = refusal.retry_after_seconds(now) {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    headers
}

fn challenge_of(
    error: Option<&str>,
    scopes: &[Scope],
    refusal: &Refusal,
    endpoint: &Endpoint,
    public_url: &str,
) -> String {
    let scopes = scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ");
    let mut challenge = match endpoint.metadata_url(public_url) {
        Some(url) => format!("Bearer resource_metadata=\"{url}\""),
        None => "Bearer realm=\"playhead\"".to_owned(),
    };
    challenge.push_str(&format!(", scope=\"{scopes}\""));
    if let Some(error) = error {
        challenge.push_str(&format!(", error=\"{error}\", error_description=\"{refusal}\""));
    }
    challenge
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_as_the_specification_asks() {
        let check = |refusal: &Refusal, endpoint: &Endpoint| {
            let headers = headers(refusal, endpoint, "https://x.example", EpochMs(0));
            headers.get(WWW_AUTHENTICATE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
        };
        let shop = Endpoint::Project { id: None, slug: "shop".into() };
        let metadata = "resource_metadata=\"https://x.example/.well-known/oauth-protected-resource";
        assert_eq!(
            check(&Refusal::NoBearer, &Endpoint::Workspace),
            format!("Bearer {metadata}/mcp\", scope=\"bugs:read\"")
        );
        assert!(check(&Refusal::NoBearer, &shop).starts_with(&format!("Bearer {metadata}/p/shop/mcp\"")));
        let missing = Refusal::MissingScope(vec![Scope::BugsRead, Scope::CookiesRead]);
        let challenge = check(&missing, &Endpoint::Workspace);
        assert!(challenge.contains("error=\"insufficient_scope\""), "{challenge}");
        assert!(challenge.contains("scope=\"bugs:read cookies:read\""), "{challenge}");
        for refusal in [Refusal::UnknownToken, Refusal::WrongAudience, Refusal::ActorRemoved] {
            assert!(check(&refusal, &shop).contains("error=\"invalid_token\""), "{refusal}");
        }
        assert!(check(&Refusal::NoBearer, &Endpoint::Rest).starts_with("Bearer realm=\"playhead\""));
        assert_eq!(check(&Refusal::NotFound, &shop), "");
    }

    #[test]
    fn limits_say_how_long_to_wait() {
        let refusal = Refusal::QuotaExceeded { limit: 1, resets_at: EpochMs(90_500) };
        let headers = headers(&refusal, &Endpoint::Rest, "https://x.example", EpochMs(500));
        assert_eq!(headers[RETRY_AFTER], "90");
    }
}
