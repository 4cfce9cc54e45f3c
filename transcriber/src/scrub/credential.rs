//! Values that are secret by their form, whatever their name: tokens, keys with a vendor's prefix, card numbers.

use std::ops::Range;

/// The shortest credential that is recognised by its form.
const CREDENTIAL_BYTES_MIN: usize = 20;
/// Bytes of the shortest value that looks random.
pub(super) const GENERATED_BYTES_MIN: usize = 16;
/// Digits of the shortest number of a payment card (ISO/IEC 7812-1).
pub(super) const CARD_DIGITS_MIN: u32 = 13;
/// Bytes of an encoded object that are decoded to see what is in it.
const DECODED_BYTES_MAX: usize = 4096;
/// How keys of common services begin, and how long they are at least. Each holds a digit.
const PREFIXES: &[(&str, usize)] = &[
    ("AIza", 35),
    ("AKIA", 20),
    ("ASIA", 20),
    ("ATATT3", 40),
    ("GOCSPX-", 24),
    ("NRAK-", 28),
    ("PMAK-", 40),
    ("SG.", 40),
    ("dckr_pat_", 30),
    ("dop_v1_", 40),
    ("figd_", 40),
    ("ghp_", 36),
    ("gho_", 36),
    ("ghr_", 36),
    ("ghs_", 36),
    ("ghu_", 36),
    ("github_pat_", 40),
    ("gldt-", 20),
    ("glpat-", 20),
    ("glsa_", 32),
    ("hf_", 24),
    ("key-", 36),
    ("lin_api_", 32),
    ("npm_", 36),
    ("pht_", 24),
    ("phx_", 24),
    ("pypi-", 40),
    ("rk_live_", 20),
    ("rk_test_", 20),
    ("sbp_", 36),
    ("shpat_", 32),
    ("shpca_", 32),
    ("shpss_", 32),
    ("sk-", 32),
    ("sk_live_", 20),
    ("sk_test_", 20),
    ("sntrys_", 40),
    ("sntryu_", 40),
    ("sq0atp-", 22),
    ("sq0csp-", 30),
    ("v2.local.", 40),
    ("v4.local.", 40),
    ("v4.public.", 40),
    ("whsec_", 20),
    ("xapp-", 20),
    ("xoxa-", 20),
    ("xoxb-", 20),
    ("xoxp-", 20),
    ("xoxr-", 20),
    ("xoxs-", 20),
    ("ya29.", 20),
];

/// True for a value that nobody would write by hand: 16 or more characters without spaces, letters and
/// digits mixed.
pub(super) fn looks_random(value: &str) -> bool {
    value.len() >= GENERATED_BYTES_MIN
        && value.bytes().all(|b| b.is_ascii_graphic())
        && value.bytes().any(|b| b.is_ascii_digit())
        && value.bytes().any(|b| b.is_ascii_alphabetic())
}

/// True for a value that reveals nothing: empty, masked, a single sign, or redacted already.
pub(super) fn is_harmless(value: &str) -> bool {
    !value.chars().any(char::is_alphanumeric) || value == super::REDACTED
}

/// True for a word that holds a credential, see [`credential_in`].
pub(super) fn is_credential(word: &str) -> bool {
    credential_in(word).is_some()
}

/// The credential that a word holds by its form, up to the end of the word: a JSON web token, or a key with a vendor's
/// prefix, at the start or after a separator (`session-eyJ..`).
pub(super) fn credential_in(word: &str) -> Option<Range<usize>> {
    if word.len() < CREDENTIAL_BYTES_MIN {
        return None;
    }
    let starts = std::iter::once(0).chain(memchr::memchr3_iter(b'-', b'_', b'.', word.as_bytes()).map(|at| at + 1));
    let mut starts = starts.take_while(|start| word.len() - start >= CREDENTIAL_BYTES_MIN);
    starts.find(|start| is_token(&word[*start..])).map(|start| start..word.len())
}

/// True for the letters with which a token or a prefix may begin: most words are told by these.
const fn may_begin(letter: u8) -> bool {
    BEGINNINGS[letter as usize]
}

const BEGINNINGS: [bool; 256] = {
    let mut letters = [false; 256];
    letters[b'e' as usize] = true;
    let mut at = 0;
    while at < PREFIXES.len() {
        letters[PREFIXES[at].0.as_bytes()[0] as usize] = true;
        at += 1;
    }
    letters
};

fn is_token(word: &str) -> bool {
    if !word.bytes().next().is_some_and(may_begin) {
        return false;
    }
    // `{"` in base64: each of the first two parts of a token is a JSON object.
    let is_jwt = word.starts_with("eyJ") && word.contains('.');
    is_jwt
        || PREFIXES.iter().any(|(prefix, bytes_min)| {
            word.len() >= *bytes_min && word.starts_with(prefix) && word.bytes().any(|b| b.is_ascii_digit())
        })
}

/// The JSON object that a value is in base64, when it is one.
pub(super) fn encoded_object(value: &str) -> Option<String> {
    let is_object =
        value.len() >= CREDENTIAL_BYTES_MIN && ["eyJ", "ewog", "eyAi", "W3si"].iter().any(|s| value.starts_with(s));
    let decoded = is_object.then(|| crate::lenient::base64(value, DECODED_BYTES_MAX)).flatten()?;
    decoded.starts_with(['{', '[']).then_some(decoded)
}

/// True for a part of a path that was generated: a hash, a UUID, a key; not for words with a number among them.
pub(super) fn is_generated(part: &str) -> bool {
    let words = || part.split(['-', '_', '.']);
    let is_hex = |word: &str| word.bytes().all(|b| b.is_ascii_hexdigit());
    let is_file = part.rsplit_once('.').is_some_and(|(_, end)| (2..=5).contains(&end.len()));
    let reads = words().filter(|word| word.len() >= 3 && word.bytes().all(|b| b.is_ascii_lowercase()) && !is_hex(word));
    looks_random(part) && !is_file && reads.count() < 2
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
        if n >= CARD_DIGITS_MIN as usize && ends_here && bytes[at - 1].is_ascii_digit() && has_check_digit(&digits[..n])
        {
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

    #[test]
    fn credentials_are_found_inside_words() {
        let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x-y";
        for (word, want) in [
            (jwt.to_owned(), Some(0)),
            (format!("session-{jwt}"), Some(8)),
            (format!("a.b_{jwt}"), Some(4)),
            ("sk_live_51H8xkA2eZvKYlo2C".to_owned(), Some(0)),
            ("key_whsec_51H8xkA2eZvKYlo2C".to_owned(), Some(4)),
            ("sk_live_of_the_whole_shop".to_owned(), None),
            ("eyJhbGciOiJIUzI1NiJ9".to_owned(), None),
            ("monkey-business-2".to_owned(), None),
        ] {
            assert_eq!(credential_in(&word).map(|range| range.start), want, "{word}");
        }
    }

    #[test]
    fn generated_parts_are_told_from_words() {
        for (part, want) in [
            ("8f14e45fceea167a5a36dedd4bea2543", true),
            ("550e8400-e29b-41d4-a716-446655440000", true),
            ("Xk29fLq0Zt7Pw1Ab", true),
            ("how-to-reset-2023-edition", false),
            ("main.3f2a9c8b7d6e5f4a.js", false),
            ("order-17", false),
        ] {
            assert_eq!(is_generated(part), want, "{part}");
        }
    }
}
