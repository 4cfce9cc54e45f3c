//! Which names make a value secret.

/// How likely the value under a name is a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Secrecy {
    /// Nothing.
    Plain,
    /// As often a secret as not, such as `code`: taken for a secret in an address, and elsewhere when it looks random.
    Likely,
    /// It is a secret.
    Certain,
}

/// Parts of names that make a value secret anywhere in the name. Lower case, without separators.
const CERTAIN_PARTS: &[&str] = &[
    "accesskey",
    "activationcode",
    "apikey",
    "authcode",
    "authorization",
    "backupcode",
    "bearer",
    "cardnumber",
    "ccnumber",
    "codeverifier",
    "confirmationcode",
    "cookie",
    "credential",
    "creditcard",
    "csrf",
    "invitationcode",
    "invitecode",
    "jwt",
    "kennwort",
    "logincode",
    "magiccode",
    "onetimecode",
    "oobcode",
    "otpcode",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "passwort",
    "privatekey",
    "recoverycode",
    "resetcode",
    "samlassertion",
    "samlresponse",
    "secret",
    "securityanswer",
    "securitycode",
    "sessid",
    "sessionid",
    "sessionkey",
    "signature",
    "signingkey",
    "smscode",
    "token",
    "verificationcode",
    "verifycode",
    "xsrf",
];
/// Words that make a value secret when separators or changes of case are around them.
const CERTAIN_WORDS: &[&str] = &["csc", "cvc", "cvv", "otp", "pan", "pswd", "pwd", "ssn", "totp"];
/// Words that may make a value secret.
const LIKELY_WORDS: &[&str] = &["auth", "pass", "pin", "sid", "sig"];
/// Whole names that may make a value secret.
const LIKELY_NAMES: &[&str] = &["assertion", "code", "key", "nonce", "session", "ticket"];
/// Bytes of these words.
const WORD_BYTES: std::ops::RangeInclusive<usize> = 3..=4;
/// No shorter name is secret, and longer texts are no names.
const NAME_BYTES_MIN: usize = 3;
const NAME_BYTES_MAX: usize = 100;

/// The parts that begin with each letter, as a range of [`CERTAIN_PARTS`], which are in order.
const PARTS_OF_LETTER: [(u8, u8); 26] = parts_of_letter();

const fn parts_of_letter() -> [(u8, u8); 26] {
    let mut ranges = [(0, 0); 26];
    let mut at = 0;
    while at < CERTAIN_PARTS.len() {
        let letter = (CERTAIN_PARTS[at].as_bytes()[0] - b'a') as usize;
        if ranges[letter].1 == 0 {
            ranges[letter].0 = at as u8;
        }
        at += 1;
        ranges[letter].1 = at as u8;
    }
    ranges
}

/// How likely the value under `name` is a secret.
pub(crate) fn secrecy(name: &str) -> Secrecy {
    if name.len() < NAME_BYTES_MIN || name.len() > NAME_BYTES_MAX {
        return Secrecy::Plain;
    }
    let mut joined = [0; NAME_BYTES_MAX];
    let mut length = 0;
    for b in name.bytes().filter(u8::is_ascii_alphanumeric) {
        joined[length] = b.to_ascii_lowercase();
        length += 1;
    }
    let joined = &joined[..length];
    if has_certain_part(joined) {
        return Secrecy::Certain;
    }
    let mut secrecy =
        if LIKELY_NAMES.iter().any(|name| name.as_bytes() == joined) { Secrecy::Likely } else { Secrecy::Plain };
    for word in words(name).filter(|word| WORD_BYTES.contains(&word.len())) {
        let is = |wanted: &&str| word.eq_ignore_ascii_case(wanted.as_bytes());
        if CERTAIN_WORDS.iter().any(is) {
            return Secrecy::Certain;
        }
        if LIKELY_WORDS.iter().any(is) {
            secrecy = Secrecy::Likely;
        }
    }
    secrecy
}

/// Visits each position once, and compares the few parts that begin with its letter.
fn has_certain_part(name: &[u8]) -> bool {
    (0..name.len()).any(|at| {
        let (from, to) = match name[at] {
            letter @ b'a'..=b'z' => PARTS_OF_LETTER[usize::from(letter - b'a')],
            _ => return false,
        };
        let parts = CERTAIN_PARTS.get(usize::from(from)..usize::from(to)).unwrap_or_default();
        parts.iter().any(|part| name[at..].starts_with(part.as_bytes()))
    })
}

/// The words of `name`, cut at separators and before capitals that follow small letters.
fn words(name: &str) -> impl Iterator<Item = &[u8]> {
    name.as_bytes()
        .split(|b| !b.is_ascii_alphanumeric())
        .flat_map(|part| part.chunk_by(|before, after| !(before.is_ascii_lowercase() && after.is_ascii_uppercase())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_weighed() {
        use Secrecy::*;
        for (name, want) in [
            ("token", Certain),
            ("csrfmiddlewaretoken", Certain),
            ("accessToken", Certain),
            ("X-Amz-Signature", Certain),
            ("api_key", Certain),
            ("API-Key", Certain),
            ("userPwd", Certain),
            ("cvv", Certain),
            ("oobCode", Certain),
            ("verification_code", Certain),
            ("_csrf", Certain),
            ("card[number]", Certain),
            ("PHPSESSID", Certain),
            ("code", Likely),
            ("key", Likely),
            ("session", Likely),
            ("sig", Likely),
            ("userPass", Likely),
            ("auth", Likely),
            ("className", Plain),
            ("author", Plain),
            ("zip_code", Plain),
            ("promoCode", Plain),
            ("statusCode", Plain),
            ("keyboard", Plain),
            ("message", Plain),
            ("pinned", Plain),
            ("company", Plain),
            ("", Plain),
            ("ключ", Plain),
        ] {
            assert_eq!(secrecy(name), want, "{name}");
        }
    }

    #[test]
    fn every_word_is_looked_for() {
        assert!(CERTAIN_PARTS.is_sorted(), "parts of a letter stand together");
        for word in CERTAIN_WORDS.iter().chain(LIKELY_WORDS) {
            assert!(WORD_BYTES.contains(&word.len()), "{word}");
            assert_ne!(secrecy(&format!("x-{word}")), Secrecy::Plain, "{word}");
        }
    }

    #[test]
    fn every_certain_part_is_looked_for() {
        for part in CERTAIN_PARTS {
            assert_eq!(secrecy(&format!("x_{part}9")), Secrecy::Certain, "{part}");
        }
    }
}
