//! PKCE (RFC 7636), method S256 alone.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::error::{OAuthError, Refusal};

/// A code challenge: base64url of a SHA-256, 43 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge(String);

const METHOD: &str = "S256";

impl Challenge {
    /// Reads the parameters `code_challenge` and `code_challenge_method`.
    ///
    /// # Errors
    /// When either is missing, the method is not `S256` (a missing one means `plain`, RFC 7636 4.3), or the challenge
    /// is no SHA-256.
    pub fn parse(challenge: Option<&str>, method: Option<&str>) -> Result<Self, Refusal> {
        let refuse = |description| Refusal::new(OAuthError::InvalidRequest, description);
        let challenge = challenge.ok_or(refuse("code_challenge is missing: PKCE is required"))?;
        if method != Some(METHOD) {
            return Err(refuse("code_challenge_method must be S256"));
        }
        match URL_SAFE_NO_PAD.decode(challenge) {
            Ok(bytes) if bytes.len() == 32 => Ok(Self(challenge.to_owned())),
            _ => Err(refuse("code_challenge must be the base64url of a SHA-256, 43 characters")),
        }
    }

    /// The challenge as it was sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// True when `verifier` is what `challenge` was made of.
pub(super) fn matches(challenge: &str, verifier: &str) -> bool {
    let fits = (43..=128).contains(&verifier.len())
        && verifier.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b));
    // Both sides are hashes, so the time of the comparison tells nothing about the verifier.
    fits && URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())) == challenge
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    // The example of RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_example_of_the_rfc() {
        let challenge = Challenge::parse(Some(CHALLENGE), Some("S256")).unwrap();
        assert!(matches(challenge.as_str(), VERIFIER));
    }

    #[test]
    fn only_s256_of_the_right_length() {
        for (challenge, method) in [
            (None, Some("S256")),
            (Some(CHALLENGE), None),
            (Some(CHALLENGE), Some("plain")),
            (Some(CHALLENGE), Some("s256")),
            (Some(VERIFIER), Some("plain")),
            (Some("short"), Some("S256")),
            (Some(""), Some("S256")),
            (Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM="), Some("S256")),
        ] {
            assert!(Challenge::parse(challenge, method).is_err(), "{challenge:?} {method:?}");
        }
    }

    #[test]
    fn a_verifier_is_compared_by_its_hash() {
        let long = "x".repeat(129);
        for bad in ["", CHALLENGE, "short", &VERIFIER[..42], &long, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjX!"] {
            assert!(!matches(CHALLENGE, bad), "{bad}");
        }
    }
}
