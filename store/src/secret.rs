//! Secrets that are shown once.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use rand::RngExt;
use sha2::Sha256;

use crate::payload::{Fingerprint, fingerprint};

/// Characters after the prefix: 43 characters of an alphabet of 62 carry 256 bits.
const RANDOM_CHARS: usize = 43;
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A credential in plain text. Shown once, when it is made; the catalog stores its SHA-256 and its first 8 characters.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// What a secret gives access to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SecretKind {
    /// `phk_`: writes to one project.
    IngestKey,
    /// `pht_`: a token for the tools.
    Token,
    /// `phi_`: an invitation.
    Invitation,
    /// `phs_`: a signed-in browser.
    Session,
    /// `phc_`: an authorization code.
    Code,
    /// `pha_`: an access token of a grant.
    Access,
    /// `phr_`: a refresh token of a grant.
    Refresh,
}

impl SecretKind {
    fn prefix(self) -> &'static str {
        match self {
            Self::IngestKey => "phk_",
            Self::Token => "pht_",
            Self::Invitation => "phi_",
            Self::Session => "phs_",
            Self::Code => "phc_",
            Self::Access => "pha_",
            Self::Refresh => "phr_",
        }
    }
}

impl Secret {
    /// The secret itself, for the answer to the caller who asked for it. Never log it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Makes a random secret.
    pub(crate) fn generate(kind: SecretKind) -> Self {
        let mut rng = rand::rng();
        let random = (0..RANDOM_CHARS).map(|_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())]));
        Self(kind.prefix().chars().chain(random).collect())
    }

    /// Derives a secret from another one: the same `salt` and `from` always give the same secret, and nobody without
    /// both can compute it.
    /// HMAC-SHA256 with a counter, as in HKDF's expansion (RFC 5869); the kind is part of the input.
    pub(crate) fn derive(kind: SecretKind, salt: &[u8], from: &str) -> Self {
        let blocks = (0..=u8::MAX).flat_map(|counter| {
            // HMAC accepts keys of every length.
            let mut mac = Hmac::<Sha256>::new_from_slice(salt).expect("any length is a key");
            mac.update(kind.prefix().as_bytes());
            mac.update(from.as_bytes());
            mac.update(&[counter]);
            <[u8; 32]>::from(mac.finalize().into_bytes())
        });
        // 4 times 62 is 248: larger bytes would make some characters likelier than others.
        let random = blocks.filter(|byte| *byte < 248).map(|byte| char::from(ALPHABET[usize::from(byte % 62)]));
        Self(kind.prefix().chars().chain(random.take(RANDOM_CHARS)).collect())
    }

    /// The part that may be shown: 8 characters, 4 of them random.
    pub(crate) fn shown_prefix(&self) -> &str {
        &self.0[..8]
    }

    /// What the catalog stores.
    pub(crate) fn fingerprint(&self) -> Fingerprint {
        fingerprint(self.0.as_bytes())
    }
}

/// The fingerprint of a secret that a caller presented; `None` when it doesn't have the form of that kind, so that
/// the catalog need not be asked.
pub(crate) fn fingerprint_of(kind: SecretKind, text: &str) -> Option<Fingerprint> {
    let random = text.strip_prefix(kind.prefix())?;
    let fits = random.len() == RANDOM_CHARS && random.bytes().all(|b| b.is_ascii_alphanumeric());
    fits.then(|| fingerprint(text.as_bytes()))
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_apart_and_never_shown() {
        let (a, b) = (Secret::generate(SecretKind::Token), Secret::generate(SecretKind::Token));
        assert!(a != b && a.expose().len() == 47);
        assert!(fingerprint_of(SecretKind::Token, a.expose()).is_some_and(|f| f == a.fingerprint()));
        assert!(fingerprint_of(SecretKind::IngestKey, a.expose()).is_none());
        for shown in [format!("{a:?}"), format!("{a}")] {
            assert!(!shown.contains(&a.expose()[8..]), "{shown}");
        }
    }

    #[test]
    fn what_no_secret_looks_like_is_not_looked_up() {
        let long = format!("pht_{}", "x".repeat(10_000));
        for bad in ["", "pht_", "pht_short", long.as_str(), "' OR 1=1 --"] {
            assert!(fingerprint_of(SecretKind::Token, bad).is_none(), "{bad}");
        }
    }
}
