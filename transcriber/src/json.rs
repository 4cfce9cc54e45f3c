//! A forgiving reader of JSON text, for rrweb events and the entries of archives.
//!
//! In: the bytes of one event or entry. Out: keys, strings, numbers and skipped values, in the order of the
//! text, without a tree or a tape in between. Everything else that is JSON (console and plugin
//! payloads) goes through `simd-json`.
//!
//! Why a reader of our own here: recordings in the wild hold lone surrogates and raw control
//! characters, which `simd-json` and `serde_json` refuse together with the whole event; nine tenths
//! of a recording's bytes (positions, style text, data URLs, attributes that no moment needs) are
//! skipped without being built; and nodes nest deeper than a recursive reader survives.
//!
//! Never here: recursion, allocation for what is skipped, panics on any input.

use std::borrow::Cow;

use crate::scan::{container_end, quote_or_escape_in, string_end};

/// The text is not JSON at this place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

pub(crate) type Read<T> = Result<T, Malformed>;

/// A string as it stands in the text, between its quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RawStr<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) escaped: bool,
}

impl<'a> RawStr<'a> {
    /// The text itself. Half characters (`\ud800` alone) and bytes that are not UTF-8 become U+FFFD.
    pub(crate) fn text(self) -> Cow<'a, str> {
        if !self.escaped {
            // Looking for what is wrong takes several times as long as seeing that nothing is.
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

    /// Appends the unescaped bytes, at most about `bytes_max` of them.
    pub(crate) fn unescape_into(self, out: &mut Vec<u8>, bytes_max: usize) {
        let end = out.len().saturating_add(bytes_max);
        let mut rest = self.bytes;
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
                    let (c, used) = unicode_escape(tail);
                    let mut utf8 = [0; 4];
                    out.extend_from_slice(c.encode_utf8(&mut utf8).as_bytes());
                    rest = &tail[used.min(tail.len())..];
                }
                other => out.push(other),
            }
        }
    }
}

/// How many escapes of half a character stand in a JSON text.
pub(crate) fn lone_surrogates(text: &[u8]) -> u32 {
    memchr::memmem::find_iter(text, b"\\u")
        .filter(|at| matches!(text.get(at + 2), Some(b'd' | b'D')))
        .map(|at| u32::from(is_lone(text, at)))
        .sum()
}

/// True when the escape at `at` is half a character whose other half is not beside it.
fn is_lone(text: &[u8], at: usize) -> bool {
    let half = |at: usize, of: std::ops::Range<u32>| {
        text.get(at..at + 2) == Some(b"\\u")
            && hex4(&text[at + 2..]).is_some_and(|code| of.contains(&code))
            // A backslash before it makes it plain text.
            && text[..at].iter().rev().take_while(|b| **b == b'\\').count().is_multiple_of(2)
    };
    let (high, low) = (0xd800..0xdc00, 0xdc00..0xe000);
    (half(at, high.clone()) && !half(at + 6, low.clone()))
        || (half(at, low) && !at.checked_sub(6).is_some_and(|before| half(before, high)))
}

/// The character of the hex digits after `\u`, and how many bytes it took (a pair takes 10).
fn unicode_escape(tail: &[u8]) -> (char, usize) {
    let Some(high) = hex4(tail) else { return (char::REPLACEMENT_CHARACTER, 0) };
    if let Some(c) = char::from_u32(high) {
        return (c, 4);
    }
    if (0xd800..0xdc00).contains(&high)
        && tail.get(4..6) == Some(b"\\u")
        && let Some(low) = hex4(&tail[6..])
        && (0xdc00..0xe000).contains(&low)
    {
        let code = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
        return (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 10);
    }
    (char::REPLACEMENT_CHARACTER, 4)
}

fn hex4(bytes: &[u8]) -> Option<u32> {
    let digits = bytes.get(..4)?;
    digits.iter().try_fold(0, |sum, b| Some(sum << 4 | char::from(*b).to_digit(16)?))
}

/// A place in the text of one JSON value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Bytes read so far.
    pub(crate) fn position(&self) -> usize {
        self.at
    }

    /// The next byte that is not white space, or 0 at the end.
    #[inline]
    pub(crate) fn peek(&mut self) -> u8 {
        loop {
            match self.bytes.get(self.at) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                Some(b) => return *b,
                None => return 0,
            }
        }
    }

    /// The byte after a comma that may come next, without moving.
    pub(crate) fn after_comma(mut self) -> u8 {
        self.eat(b',');
        self.peek()
    }

    /// Steps over `byte` when it is next.
    #[inline]
    pub(crate) fn eat(&mut self, byte: u8) -> bool {
        let next = self.peek() == byte && self.at < self.bytes.len();
        self.at += usize::from(next);
        next
    }

    /// Enters an object.
    #[inline]
    pub(crate) fn object(&mut self) -> Read<()> {
        if self.eat(b'{') { Ok(()) } else { Err(Malformed) }
    }

    /// Enters an array.
    #[inline]
    pub(crate) fn array(&mut self) -> Read<()> {
        if self.eat(b'[') { Ok(()) } else { Err(Malformed) }
    }

    /// The next key of the object that was entered, its value next; `None` when the object ends.
    #[inline]
    pub(crate) fn key(&mut self) -> Read<Option<&'a [u8]>> {
        // Recorders write no white space.
        let key = if self.take(b",\"") {
            self.rest_of_string()?
        } else {
            self.eat(b',');
            if self.eat(b'}') {
                return Ok(None);
            }
            self.string()?
        };
        if self.take(b":") || self.eat(b':') { Ok(Some(key.bytes)) } else { Err(Malformed) }
    }

    /// True when the array that was entered has one more item, which is next.
    #[inline]
    pub(crate) fn item(&mut self) -> Read<bool> {
        self.eat(b',');
        if self.eat(b']') {
            return Ok(false);
        }
        if self.at < self.bytes.len() { Ok(true) } else { Err(Malformed) }
    }

    /// Steps over `text` when it is next, byte by byte.
    #[inline(always)]
    pub(crate) fn take<const N: usize>(&mut self, text: &[u8; N]) -> bool {
        let next = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<N>()) == Some(text);
        self.at += if next { N } else { 0 };
        next
    }

    /// A string.
    #[inline]
    pub(crate) fn string(&mut self) -> Read<RawStr<'a>> {
        if !self.eat(b'"') {
            return Err(Malformed);
        }
        self.rest_of_string()
    }

    /// A string whose opening quote was read.
    #[inline]
    pub(crate) fn rest_of_string(&mut self) -> Read<RawStr<'a>> {
        let rest = self.bytes.get(self.at..).ok_or(Malformed)?;
        if let Some(chunk) = rest.first_chunk()
            && let Some(hit) = quote_or_escape_in(chunk)
            && rest[hit] == b'"'
        {
            self.at += hit + 1;
            return Ok(RawStr { bytes: &rest[..hit], escaped: false });
        }
        self.rest_of_long_string()
    }

    fn rest_of_long_string(&mut self) -> Read<RawStr<'a>> {
        let rest = self.bytes.get(self.at..).ok_or(Malformed)?;
        let (end, escaped) = string_end(rest).ok_or(Malformed)?;
        self.at += end + 1;
        Ok(RawStr { bytes: &rest[..end], escaped })
    }

    /// A string, or `None` when another value stands here, which is then skipped.
    pub(crate) fn string_or_skip(&mut self) -> Read<Option<RawStr<'a>>> {
        if self.peek() == b'"' {
            return self.string().map(Some);
        }
        self.skip()?;
        Ok(None)
    }

    /// The text of a number, `true`, `false` or `null`.
    pub(crate) fn scalar(&mut self) -> Read<&'a [u8]> {
        self.peek();
        let start = self.at;
        while let Some(b) = self.bytes.get(self.at) {
            if matches!(b, b',' | b'}' | b']' | b':' | b'"' | b'{' | b'[') || b.is_ascii_whitespace() {
                break;
            }
            self.at += 1;
        }
        if self.at == start { Err(Malformed) } else { Ok(&self.bytes[start..self.at]) }
    }

    /// A number, also one in quotes; `None` for any other value, which is skipped.
    pub(crate) fn number(&mut self) -> Read<Option<f64>> {
        // As recorders write most: digits, and the end of the value right behind them.
        let mut whole = 0;
        for (digits, b) in self.bytes.get(self.at..).unwrap_or_default().iter().take(16).enumerate() {
            match b {
                b'0'..=b'9' if digits < 15 => whole = whole * 10 + u64::from(b - b'0'),
                b',' | b'}' | b']' if digits > 0 => {
                    self.at += digits;
                    // Below 10^15 every integer has an exact f64.
                    return Ok(Some(whole as f64));
                }
                _ => break,
            }
        }
        let text = match self.peek() {
            b'"' => self.string()?.bytes,
            b'{' | b'[' => {
                self.skip()?;
                return Ok(None);
            }
            _ => self.scalar()?,
        };
        Ok(std::str::from_utf8(text).ok().and_then(|t| t.parse::<f64>().ok()).filter(|n| n.is_finite()))
    }

    /// A node id: a whole number of 1 or more; `None` for -1, null and anything else.
    #[inline]
    pub(crate) fn node_id(&mut self) -> Read<Option<u32>> {
        // As recorders write it: nine digits at most, and the end of the value right behind them.
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let mut id = 0;
        for (digits, b) in rest.iter().take(10).enumerate() {
            match b {
                b'0'..=b'9' if digits < 9 => id = id * 10 + u32::from(b - b'0'),
                b',' | b'}' | b']' if digits > 0 => {
                    self.at += digits;
                    return Ok((id > 0).then_some(id));
                }
                _ => break,
            }
        }
        if self.take(b"null") {
            return Ok(None);
        }
        Ok(self.number()?.filter(|n| *n >= 1.0 && *n <= f64::from(u32::MAX)).map(|n| n as u32))
    }

    /// `true`; anything else is skipped and counts as false.
    pub(crate) fn is_true(&mut self) -> Read<bool> {
        if self.peek() == b't' {
            return Ok(self.scalar()? == b"true");
        }
        self.skip()?;
        Ok(false)
    }

    /// Steps over one value of any kind and gives its text.
    pub(crate) fn skip(&mut self) -> Read<&'a [u8]> {
        let first = self.peek();
        let start = self.at;
        match first {
            b'"' => {
                self.string()?;
            }
            b'{' | b'[' => self.at += container_end(&self.bytes[start..]).ok_or(Malformed)?,
            _ => {
                self.scalar()?;
            }
        }
        Ok(&self.bytes[start..self.at])
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

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

    #[test]
    fn values_are_skipped_whole() {
        for value in [r#"{"a":[1,{"b":"}]"}],"c":null}"#, r#""x\"y""#, "-1.5e3", "[]", "true"] {
            let text = format!("{value} ,7");
            let mut cursor = Cursor::new(text.as_bytes());
            assert_eq!(cursor.skip().unwrap(), value.as_bytes());
            assert!(cursor.eat(b','));
            assert_eq!(cursor.number().unwrap(), Some(7.0));
        }
    }

    #[test]
    fn broken_text_ends_the_reading() {
        for text in ["", "{", "[1", "\"abc", "{\"a\"", "{\"a\":", "[{\"a\":\"\\"] {
            assert_eq!(Cursor::new(text.as_bytes()).skip(), Err(Malformed), "{text}");
        }
        let deep = "[".repeat(1_000_000);
        assert_eq!(Cursor::new(deep.as_bytes()).skip(), Err(Malformed));
    }

    #[test]
    fn keys_and_items_are_walked() {
        let mut cursor = Cursor::new(br#" { "id" : 12 , "list":[1, 2], "s": -1 } "#);
        cursor.object().unwrap();
        assert_eq!(cursor.key().unwrap(), Some(&b"id"[..]));
        assert_eq!(cursor.node_id().unwrap(), Some(12));
        assert_eq!(cursor.key().unwrap(), Some(&b"list"[..]));
        cursor.array().unwrap();
        let mut sum = 0.0;
        while cursor.item().unwrap() {
            sum += cursor.number().unwrap().unwrap();
        }
        assert_eq!(sum, 3.0);
        assert_eq!(cursor.key().unwrap(), Some(&b"s"[..]));
        assert_eq!(cursor.node_id().unwrap(), None);
        assert_eq!(cursor.key().unwrap(), None);
    }
}
