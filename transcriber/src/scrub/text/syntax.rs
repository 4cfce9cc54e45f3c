//! Words, strings and sentences in text of any form.

use std::ops::Range;

/// Bytes of names, numbers and tokens. Bytes of other scripts count, so a word ends at a character.
pub(super) fn is_word(b: u8) -> bool {
    WORD[usize::from(b)]
}

const WORD: [bool; 256] = {
    let mut word = [false; 256];
    let mut b = 0;
    while b < word.len() {
        let letter = b as u8;
        word[b] = letter.is_ascii_alphanumeric() || matches!(letter, b'_' | b'-' | b'.') || letter >= 0x80;
        b += 1;
    }
    word
};

pub(super) fn run(text: &str, from: usize, belongs: impl Fn(u8) -> bool) -> usize {
    text.as_bytes()[from..].iter().position(|b| !belongs(*b)).map_or(text.len(), |n| from + n)
}

/// True when `rest` continues as a `data:` address with content.
pub(super) fn is_data(rest: &str) -> bool {
    rest.starts_with(':')
        && rest.bytes().take(100).position(|b| b == b',').is_some_and(|comma| rest[..comma].ends_with(";base64"))
}

/// 1 for a quote, 2 for an escaped one, 0 for anything else.
pub(super) fn quote_len(bytes: &[u8]) -> usize {
    match bytes {
        [b'"' | b'\'' | b'`', ..] => 1,
        [b'\\', b'"' | b'\'', ..] => 2,
        _ => 0,
    }
}

/// The end of the string whose opening quote of `open` bytes is at `from`; the end of the text when the string is cut
/// off.
pub(super) fn string_end(text: &str, from: usize, open: usize) -> usize {
    let bytes = text.as_bytes();
    let quote = bytes[from + open - 1];
    let mut at = from + open;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if open == 2 && bytes.get(at + 1) == Some(&quote) => return at,
            // In escaped JSON an escape is two backslashes and more: pass over all of it.
            b'\\' if open == 2 => at = run(text, at, |b| b == b'\\') + 1,
            b'\\' => at += 2,
            b if b == quote => return at,
            _ => at += 1,
        }
    }
    // An escape may have been cut in half, or have jumped into a character.
    text.len()
}

/// The credential after `Bearer` or `Basic`, and after any other scheme in a header `Authorization`.
pub(super) fn authorization(word: &str, text: &str, at: usize, end: usize) -> Option<Range<usize>> {
    const HEADER: &[u8] = b"uthorization:";
    if text.as_bytes().get(end) != Some(&b' ') {
        return None;
    }
    let is_header = || {
        let head = &text.as_bytes()[..at];
        let end = head.iter().rposition(|b| !matches!(b, b' ' | b'"')).map_or(0, |last| last + 1);
        head[..end].ends_with(HEADER)
    };
    let is_scheme = ["bearer", "basic"].iter().any(|scheme| word.eq_ignore_ascii_case(scheme)) || is_header();
    if !is_scheme {
        return None;
    }
    let secret = end + 1..run(text, end + 1, |b| b.is_ascii_alphanumeric() || b"._~+/=-".contains(&b));
    let value = &text[secret.clone()];
    let is_secret = value.len() >= 8 && (value.len() >= 24 || value.bytes().any(|b| b.is_ascii_digit() || b == b'='));
    is_secret.then_some(secret)
}

/// True for a sentence about a value rather than a value.
pub(super) fn is_prose(value: &str) -> bool {
    const TELLING: &[&str] = &[
        "be", "can't", "cannot", "in", "invalid", "is", "isn't", "must", "not", "please", "required", "should", "too",
    ];
    let words = value.split_whitespace();
    words.clone().count() >= 3
        && words
            .clone()
            .any(|word| TELLING.iter().any(|telling| word.trim_matches(['.', ',', '!']).eq_ignore_ascii_case(telling)))
}
