//! Passwords: argon2id with 19 MiB of memory, 2 passes and 1 lane (OWASP's first choice), a random salt of 16 bytes,
//! as PHC strings that name their own parameters.
//!
//! Each call takes some 20 ms of processor time and 19 MiB: run it off the threads that serve, and few at a time.

use std::sync::LazyLock;

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use rand::RngExt as _;

/// The fewest characters of a password that a person chooses.
pub const CHARS_MIN: usize = 12;
/// The most bytes of a password: more would be work for nothing.
pub const BYTES_MAX: usize = 1024;

/// Characters of a one-time password; 20 of 31 kinds are 99 bits.
const GENERATED_CHARS: usize = 20;
/// Without those that look alike.
const ALPHABET: &[u8; 31] = b"23456789abcdefghjkmnpqrstuvwxyz";

/// Why a text is no password that a person may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordError {
    /// Fewer than [`CHARS_MIN`] characters.
    TooShort,
    /// More than [`BYTES_MAX`] bytes.
    TooLong,
    /// One character over and over.
    TooPlain,
}

impl std::fmt::Display for PasswordError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooShort => write!(f, "A password has at least {CHARS_MIN} characters."),
            Self::TooLong => write!(f, "A password has at most {BYTES_MAX} bytes."),
            Self::TooPlain => f.write_str("A password has at least 4 different characters."),
        }
    }
}

impl std::error::Error for PasswordError {}

/// Checks a password that a person chose. Length is what counts (NIST SP 800-63B, 3.1.1.2): no rules of composition.
pub fn check(password: &str) -> Result<(), PasswordError> {
    if password.len() > BYTES_MAX {
        return Err(PasswordError::TooLong);
    }
    let mut kinds: Vec<char> = password.chars().collect();
    if kinds.len() < CHARS_MIN {
        return Err(PasswordError::TooShort);
    }
    kinds.sort_unstable();
    kinds.dedup();
    if kinds.len() < 4 { Err(PasswordError::TooPlain) } else { Ok(()) }
}

/// The PHC string of a password. CPU-bound.
///
/// # Errors
/// [`PasswordError::TooLong`].
pub fn hash(password: &str) -> Result<String, PasswordError> {
    if password.len() > BYTES_MAX {
        return Err(PasswordError::TooLong);
    }
    let salt: [u8; 16] = rand::random();
    let hash = argon2id().hash_password_with_salt(password.as_bytes(), &salt);
    let hash = hash.expect("salt and parameters are within argon2's ranges");
    Ok(hash.to_string())
}

/// True when `password` is the one of `phc`. Costs the same when there is no such account (`None`), so that the time
/// does not tell whether an address has one. CPU-bound.
pub fn verify(password: &str, phc: Option<&str>) -> bool {
    static NOBODY: LazyLock<String> = LazyLock::new(|| hash("no password has this hash").unwrap_or_default());
    if password.len() > BYTES_MAX {
        return false;
    }
    let is_right = argon2id().verify_password(password.as_bytes(), phc.unwrap_or(&NOBODY)).is_ok();
    is_right && phc.is_some()
}

/// A random password to hand out once: four groups of five characters.
pub fn generate() -> String {
    let mut rng = rand::rng();
    let mut text = String::with_capacity(GENERATED_CHARS + 3);
    for i in 0..GENERATED_CHARS {
        if i > 0 && i % 5 == 0 {
            text.push('-');
        }
        text.push(char::from(ALPHABET[rng.random_range(0..ALPHABET.len())]));
    }
    text
}

fn argon2id() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).expect("the parameters are within argon2's ranges");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_password_is_verified_by_its_hash_alone() {
        let phc = hash("correct horse battery").unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert!(verify("correct horse battery", Some(&phc)));
        assert!(!verify("correct horse batterz", Some(&phc)));
        assert_ne!(phc, hash("correct horse battery").unwrap(), "each has its own salt");
    }

    #[test]
    fn what_is_no_account_verifies_nothing() {
        assert!(!verify("no password has this hash", None));
        for phc in ["", "correct horse battery", "$argon2id$v=19$m=19456,t=2,p=1$$", "$5$rounds=1$x$y"] {
            assert!(!verify("correct horse battery", Some(phc)), "{phc}");
        }
        assert!(!verify(&"x".repeat(BYTES_MAX + 1), None));
    }

    #[test]
    fn people_choose_long_ones() {
        for (password, want) in [
            ("short", Err(PasswordError::TooShort)),
            ("aaaaaaaaaaaaaaaa", Err(PasswordError::TooPlain)),
            ("correct horse battery", Ok(())),
            ("пароль из слов", Ok(())),
        ] {
            assert_eq!(check(password), want, "{password}");
        }
        assert_eq!(check(&"abcd".repeat(300)), Err(PasswordError::TooLong));
        assert_eq!(hash(&"abcd".repeat(300)), Err(PasswordError::TooLong));
    }

    #[test]
    fn generated_ones_are_apart_and_fit() {
        let (a, b) = (generate(), generate());
        assert!(a != b && a.len() == 23);
        assert_eq!(check(&a), Ok(()));
    }
}
