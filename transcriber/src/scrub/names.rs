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
/// Longer texts are no names.
const NAME_BYTES_MAX: usize = 100;

/// How likely the value under `name` is a secret.
pub(crate) fn secrecy(name: &str) -> Secrecy {
    if name.is_empty() || name.len() > NAME_BYTES_MAX {
        return Secrecy::Plain;
    }
    let mut joined = [0; NAME_BYTES_MAX];
    let mut length = 0;
    for b in name.bytes().filter(u8::is_ascii_alphanumeric) {
        joined[length] = b.to_ascii_lowercase();
        length += 1;
    }
    let joined = &joined[..length];
    let has_word = |wanted: &[&str]| words(name).any(|word| wanted.iter().any(|w| word.eq_ignore_ascii_case(w)));
    if has_certain_part(joined) || has_word(CERTAIN_WORDS) {
        Secrecy::Certain
    } else if LIKELY_NAMES.iter().any(|name| name.as_bytes() == joined) || has_word(LIKELY_WORDS) {
        Secrecy::Likely
    } else {
        Secrecy::Plain
    }
}

/// Visits each position once: few letters begin one of the parts.
fn has_certain_part(name: &[u8]) -> bool {
    (0..name.len()).any(|at| {
        b"abcijklmoprstvx".contains(&name[at])
            && CERTAIN_PARTS
                .iter()
                .any(|part| part.as_bytes()[0] == name[at] && name[at..].starts_with(part.as_bytes()))
    })
}

/// The words of `name`, cut at separators and before capitals that follow small letters.
fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_ascii_alphanumeric()).flat_map(|part| {
        let bytes = part.as_bytes();
        let mut from = 0;
        (1..=bytes.len()).filter_map(move |at| {
            let is_cut = at == bytes.len() || (bytes[at].is_ascii_uppercase() && bytes[at - 1].is_ascii_lowercase());
            is_cut.then(|| &part[std::mem::replace(&mut from, at)..at])
        })
    })
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
    fn every_certain_part_is_looked_for() {
        for part in CERTAIN_PARTS {
            assert_eq!(secrecy(&format!("x_{part}9")), Secrecy::Certain, "{part}");
        }
    }
}
