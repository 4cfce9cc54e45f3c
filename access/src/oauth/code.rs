//! What becomes of an authorization code that is presented at the token endpoint.

use playhead_schemas::EpochMs;
use playhead_schemas::oauth::{CodeDecision, CodeFacts};

use super::error::{OAuthError, Refusal};
use super::pkce;

/// How long a code works unless the operator sets it, in milliseconds: 1 minute.
pub const AUTHORIZATION_CODE_LIFETIME_MS: i64 = 60_000;

/// What came with a code.
#[derive(Clone, Debug)]
pub struct PresentedCode {
    /// Who says to be the client.
    pub client_id: String,
    /// What the challenge must have been made of.
    pub verifier: String,
    /// OAuth 2.1 needs it no more; a client that sends it must send the same.
    pub redirect_uri: Option<String>,
    /// The audience; a client that sends it must send the same.
    pub resource: Option<String>,
}

/// Decides about a code.
///
/// Whoever has the verifier is who asked for the code: a second try of theirs is refused and changes nothing, so that
/// a doubled request locks nobody out. Anybody else who has the code stole it: it is burnt, with what came of it
/// (OAuth 2.1, 4.1.3).
pub fn decide(facts: &CodeFacts, presented: &PresentedCode, now: EpochMs) -> CodeDecision<Refusal> {
    let grant = |description| Refusal::new(OAuthError::InvalidGrant, description);
    if facts.client_id != presented.client_id {
        return CodeDecision::Burn(grant("the code was made for another client"));
    }
    if !pkce::matches(&facts.challenge, &presented.verifier) {
        return CodeDecision::Burn(grant("the code_verifier does not match the code_challenge"));
    }
    if facts.redeemed_at.is_some() {
        return CodeDecision::Refuse(grant("the code was used before; begin a new authorization"));
    }
    if now >= facts.expires_at {
        return CodeDecision::Refuse(grant("the code has expired; begin a new authorization"));
    }
    if presented.redirect_uri.as_ref().is_some_and(|uri| *uri != facts.redirect_uri) {
        return CodeDecision::Refuse(grant("the redirect_uri is not the one of the authorization request"));
    }
    if presented.resource.as_ref().is_some_and(|resource| *resource != facts.resource) {
        let description = "the resource is not the one of the authorization request";
        return CodeDecision::Refuse(Refusal::new(OAuthError::InvalidTarget, description));
    }
    CodeDecision::Redeem
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> CodeFacts {
        CodeFacts {
            client_id: "c".to_owned(),
            redirect_uri: "http://127.0.0.1:1/cb".to_owned(),
            challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned(),
            resource: "https://p.example/mcp".to_owned(),
            expires_at: EpochMs(1000),
            redeemed_at: None,
        }
    }

    fn presented() -> PresentedCode {
        PresentedCode {
            client_id: "c".to_owned(),
            verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned(),
            redirect_uri: None,
            resource: None,
        }
    }

    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    /// `redeem`, `refuse CODE` or `burn CODE`.
    fn outcome(facts: &CodeFacts, presented: &PresentedCode) -> String {
        match decide(facts, presented, EpochMs(999)) {
            CodeDecision::Redeem => "redeem".to_owned(),
            CodeDecision::Refuse(refusal) => format!("refuse {}", refusal.error),
            CodeDecision::Burn(refusal) => format!("burn {}", refusal.error),
        }
    }

    #[test]
    fn every_way_to_present_a_code() {
        let same = PresentedCode {
            redirect_uri: text("http://127.0.0.1:1/cb"),
            resource: text("https://p.example/mcp"),
            ..presented()
        };
        let thief = PresentedCode { verifier: "x".repeat(43), ..presented() };
        let used = CodeFacts { redeemed_at: Some(EpochMs(1)), ..facts() };
        let old = CodeFacts { expires_at: EpochMs(999), ..facts() };
        for (facts, presented, want) in [
            (facts(), presented(), "redeem"),
            (facts(), same, "redeem"),
            (facts(), thief.clone(), "burn invalid_grant"),
            (facts(), PresentedCode { client_id: "d".to_owned(), ..presented() }, "burn invalid_grant"),
            (
                facts(),
                PresentedCode { redirect_uri: text("http://127.0.0.1:2/cb"), ..presented() },
                "refuse invalid_grant",
            ),
            (
                facts(),
                PresentedCode { resource: text("https://p.example/p/a/mcp"), ..presented() },
                "refuse invalid_target",
            ),
            (used.clone(), presented(), "refuse invalid_grant"),
            (used, thief, "burn invalid_grant"),
            (old, presented(), "refuse invalid_grant"),
        ] {
            assert_eq!(outcome(&facts, &presented), want, "{presented:?}");
        }
    }
}
