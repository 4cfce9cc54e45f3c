//! Which names and which values are secret.

/// How likely the value under a name is a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Secrecy {
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
    "apikey",
    "authorization",
    "bearer",
    "cardnumber",
    "ccnumber",
    "cookie",
    "credential",
    "creditcard",
    "jwt",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "secret",
    "securitycode",
    "sessid",
    "sessionid",
    "sessionkey",
    "signature",
    "signingkey",
    "token",
];
/// Words that make a value secret when separators or changes of case are around them.
const CERTAIN_WORDS: &[&str] = &["cvc", "cvv", "otp", "pan", "pwd", "ssn"];
/// Words that may make a value secret.
const LIKELY_WORDS: &[&str] = &["auth", "pass", "pin", "sid", "sig"];
/// Whole names that may make a value secret.
const LIKELY_NAMES: &[&str] = &["authcode", "code", "key", "session"];
/// The shortest credential that is recognised by its form.
const CREDENTIAL_BYTES_MIN: usize = 20;
/// Longer texts are no names.
const NAME_BYTES_MAX: usize = 100;

/// How likely the value under `name` is a secret.
pub(super) fn secrecy(name: &str) -> Secrecy {
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
        matches!(name[at], b'a' | b'b' | b'c' | b'j' | b'p' | b's' | b't')
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

/// True for a value that nobody would write by hand: 16 or more characters without spaces, letters and
/// digits mixed.
pub(super) fn looks_random(value: &str) -> bool {
    value.len() >= 16
        && value.bytes().all(|b| b.is_ascii_graphic())
        && value.bytes().any(|b| b.is_ascii_digit())
        && value.bytes().any(|b| b.is_ascii_alphabetic())
}

/// True for a value that reveals nothing: empty, masked, a single sign, or redacted already.
pub(super) fn is_harmless(value: &str) -> bool {
    !value.chars().any(char::is_alphanumeric) || value == super::REDACTED
}

/// True for a credential that its form reveals: a JSON web token, or a key with a vendor's prefix.
pub(super) fn is_credential(word: &str) -> bool {
    const PREFIXES: &[(&str, usize)] = &[
        ("AIza", 35),
        ("AKIA", 20),
        ("ASIA", 20),
        ("ghp_", 36),
        ("gho_", 36),
        ("ghs_", 36),
        ("github_pat_", 40),
        ("glpat-", 20),
        ("pht_", 24),
        ("rk_live_", 20),
        ("sk-", 32),
        ("sk_live_", 20),
        ("sk_test_", 20),
        ("xoxb-", 20),
        ("xoxp-", 20),
    ];
    if word.len() < CREDENTIAL_BYTES_MIN {
        return false;
    }
    // `{"` in base64: each of the first two parts of a token is a JSON object.
    let is_jwt = word.starts_with("eyJ") && word.contains('.');
    is_jwt
        || PREFIXES.iter().any(|(prefix, bytes_min)| {
            word.len() >= *bytes_min && word.starts_with(prefix) && word.bytes().any(|b| b.is_ascii_digit())
        })
}

/// The length in bytes of the payment card number at the start of `text`, if there is one: 13 to 19
/// digits, at most one space or dash between two, first digit 2 to 6, with a correct check digit.
pub(super) fn card_number(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    if !matches!(bytes.first(), Some(b'2'..=b'6')) {
        return None;
    }
    let (mut digits, mut n, mut at, mut found) = ([0u8; 19], 0, 0, None);
    while n < digits.len() && at < bytes.len() {
        match bytes[at] {
            digit @ b'0'..=b'9' => {
                digits[n] = digit - b'0';
                n += 1;
            }
            b' ' | b'-' if bytes[at - 1].is_ascii_digit() => {}
            _ => break,
        }
        at += 1;
        let ends_here = bytes.get(at).is_none_or(|b| !b.is_ascii_alphanumeric() && *b != b'_');
        if n >= 13 && ends_here && bytes[at - 1].is_ascii_digit() && has_check_digit(&digits[..n]) {
            found = Some(at);
        }
    }
    found
}

/// ISO/IEC 7812-1: every second digit from the right doubled, the sum of all digits a multiple of ten.
fn has_check_digit(digits: &[u8]) -> bool {
    let doubled = |digit: u8| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(n, digit)| u32::from(if n % 2 == 1 { doubled(*digit) } else { *digit }))
        .sum();
    sum.is_multiple_of(10)
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

    #[test]
    fn cards_are_told_from_other_digits() {
        for (text, want) in [
            ("4242424242424242", Some(16)),
            ("4242 4242 4242 4242 12/30", Some(19)),
            ("5555-5555-5555-4444", Some(19)),
            ("378282246310005.", Some(15)),
            ("4242424242424241", None),
            ("1795190839829", None),
            ("4242", None),
            ("42424242424242424242", None),
            ("4242424242424242a", None),
        ] {
            assert_eq!(card_number(text), want, "{text}");
        }
    }
}
