//! The texts of JSON strings: escapes, and lone surrogates, which are halves of characters beyond U+FFFF.

use std::borrow::Cow;

use memchr::memmem;

/// A string as it is written in the text, without its quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawStr<'a> {
    /// The bytes between the quotes.
    pub bytes: &'a [u8],
    /// True when a backslash is among them.
    pub escaped: bool,
}

impl<'a> RawStr<'a> {
    /// The text itself. Lone surrogates (`\ud800` alone) and bytes that are not UTF-8 become U+FFFD.
    #[inline]
    pub fn text(self) -> Cow<'a, str> {
        if !self.escaped {
            // Checking is much faster than looking for what is wrong.
            return match std::str::from_utf8(self.bytes) {
                Ok(text) => Cow::Borrowed(text),
                Err(_) => String::from_utf8_lossy(self.bytes),
            };
        }
        let mut out = Vec::with_capacity(self.bytes.len());
        self.unescape_into(&mut out, usize::MAX);
        Cow::Owned(match String::from_utf8(out) {
            Ok(text) => text,
            Err(bad) => String::from_utf8_lossy(bad.as_bytes()).into_owned(),
        })
    }

    /// Appends the unescaped bytes, at most about `bytes_max` of them. Lone surrogates become U+FFFD.
    pub fn unescape_into(self, out: &mut Vec<u8>, bytes_max: usize) {
        unescape(self.bytes, out, bytes_max, |_, out| push_char(char::REPLACEMENT_CHARACTER, out));
    }
}

/// The text of a JSON string (with its quotes) that is JSON itself, as bytes.
///
/// Lone surrogates stay escapes, because they are allowed in the strings of the inner text.
pub fn unescape_nested(string: &[u8]) -> Vec<u8> {
    let inner = string.strip_prefix(b"\"").unwrap_or(string);
    let inner = inner.strip_suffix(b"\"").unwrap_or(inner);
    let mut out = Vec::with_capacity(inner.len());
    unescape(inner, &mut out, usize::MAX, |code, out| {
        if let Some(code) = code {
            out.extend_from_slice(format!("\\u{code:04x}").as_bytes());
        }
    });
    out
}

/// Counts the escapes of lone surrogates in a JSON text.
pub fn lone_surrogates(text: &[u8]) -> u32 {
    lone_surrogates_from(text, 0).map(|_| 1).sum()
}

/// The positions of the escapes of lone surrogates, from the byte `start` on.
pub(crate) fn lone_surrogates_from(text: &[u8], start: usize) -> impl Iterator<Item = usize> {
    let rest = text.get(start..).unwrap_or_default();
    memmem::find_iter(rest, b"\\u")
        .map(move |at| start + at)
        .filter(|at| matches!(text.get(at + 2), Some(b'd' | b'D')))
        .filter(|at| is_lone(text, *at))
}

/// Unescapes into `out`. `other` is called for `\u` escapes that are no character: with the code of a lone surrogate,
/// or with `None` when four hex digits are missing.
#[inline]
fn unescape(bytes: &[u8], out: &mut Vec<u8>, bytes_max: usize, other: impl Fn(Option<u32>, &mut Vec<u8>)) {
    let end = out.len().saturating_add(bytes_max);
    let mut rest = bytes;
    while !rest.is_empty() && out.len() < end {
        let plain = memchr::memchr(b'\\', rest).unwrap_or(rest.len());
        let take = plain.min(end - out.len());
        out.extend_from_slice(&rest[..take]);
        rest = &rest[plain..];
        if rest.len() < 2 {
            return;
        }
        let (escape, tail) = (rest[1], &rest[2..]);
        rest = tail;
        match escape {
            b'n' => out.push(b'\n'),
            b't' => out.push(b'\t'),
            b'r' => out.push(b'\r'),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'u' => {
                let (unit, used) = unicode_escape(tail);
                match unit {
                    Ok(c) => push_char(c, out),
                    Err(code) => other(code, out),
                }
                rest = &tail[used.min(tail.len())..];
            }
            other => out.push(other),
        }
    }
}

fn push_char(c: char, out: &mut Vec<u8>) {
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

/// The character of the hex digits after `\u`, and how many bytes it took: 10 for a pair. Or the code of a lone
/// surrogate, or nothing when the digits are missing.
fn unicode_escape(tail: &[u8]) -> (Result<char, Option<u32>>, usize) {
    let Some(high) = hex4(tail) else { return (Err(None), 0) };
    if let Some(c) = char::from_u32(high) {
        return (Ok(c), 4);
    }
    if HIGH.contains(&high)
        && tail.get(4..6) == Some(b"\\u")
        && let Some(low) = hex4(&tail[6..])
        && LOW.contains(&low)
        && let Some(c) = char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00))
    {
        return (Ok(c), 10);
    }
    (Err(Some(high)), 4)
}

/// The first and the second half of a surrogate pair.
const HIGH: std::ops::Range<u32> = 0xd800..0xdc00;
const LOW: std::ops::Range<u32> = 0xdc00..0xe000;

/// True when the escape at `at` is one half of a pair and the other half is not beside it.
fn is_lone(text: &[u8], at: usize) -> bool {
    let half = |at: usize, of: &std::ops::Range<u32>| {
        text.get(at..at + 2) == Some(b"\\u")
            && hex4(&text[at + 2..]).is_some_and(|code| of.contains(&code))
            // After an escaped backslash it is plain text.
            && text[..at].iter().rev().take_while(|b| **b == b'\\').count().is_multiple_of(2)
    };
    (half(at, &HIGH) && !half(at + 6, &LOW))
        || (half(at, &LOW) && !at.checked_sub(6).is_some_and(|before| half(before, &HIGH)))
}

fn hex4(bytes: &[u8]) -> Option<u32> {
    let digits = bytes.get(..4)?;
    digits.iter().try_fold(0, |sum, b| Some(sum << 4 | char::from(*b).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Cursor;

    fn text_of(json: &str) -> String {
        Cursor::new(json.as_bytes()).string().unwrap().text().into_owned()
    }

    #[test]
    fn strings_are_unescaped() {
        assert_eq!(text_of(r#""a\"b\\c\/\n\u00e9\ud83d\ude00""#), "a\"b\\c/\n\u{e9}\u{1f600}");
        assert_eq!(text_of(r#""x\ud800y""#), "x\u{fffd}y");
        assert_eq!(text_of(r#""\ud800\u0041""#), "\u{fffd}A");
        assert_eq!(text_of("\"raw \u{1} control\""), "raw \u{1} control");
        assert_eq!(text_of(r#""\u12""#), "\u{fffd}12");
    }

    #[test]
    fn nested_text_keeps_its_lone_surrogates() {
        for (string, want) in [
            (r#""""#, ""),
            (r#""[{\"a\":\"b\\n\"}]""#, r#"[{"a":"b\n"}]"#),
            (r#""x\u00e9\ud83d\ude00\/""#, "xé😀/"),
            (r#""\"\ud83d\"""#, r#""\ud83d""#),
            (r#""\ud800\u0041""#, "\\ud800A"),
            ("\"\\u00", "00"),
        ] {
            assert_eq!(String::from_utf8(unescape_nested(string.as_bytes())).unwrap(), want, "{string}");
        }
    }

    #[test]
    fn lone_surrogates_are_counted() {
        for (text, count) in [
            (r#""\ud800""#, 1),
            (r#""\udc00 \ud83d\ude00""#, 1),
            (r#""\uD83D\uDE00 \uD83D \ude00""#, 2),
            (r#""\ud83d\ud83d\ude00""#, 1),
            (r#""\ud83d\ude00\ude00""#, 1),
            (r#""\ud83d\ude00 \ufffd \\ud800 \\\\ud800""#, 0),
            (r#""\\\ud800""#, 1),
            (r#""\ud7ff \ud8""#, 0),
            (r#"\ud800"#, 1),
        ] {
            assert_eq!(lone_surrogates(text.as_bytes()), count, "{text}");
        }
    }
}
