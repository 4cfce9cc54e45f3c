//! A forgiving reader of JSON text.
//!
//! In: the text of one value. Out: keys, strings, numbers and the texts of skipped values, in the order in which they
//! are written, without a tree or a tape in between.
//!
//! Recordings in the wild need a reader of their own: they hold lone surrogates and raw control characters, for which
//! `simd-json` and `serde_json` refuse a whole event; nine tenths of a recording's bytes (positions, style text, data
//! URLs, attributes that no moment needs) are skipped without being built; and nodes nest deeper than a recursive
//! reader survives.
//!
//! Never here: recursion, allocation for what is skipped.

use crate::scan::{container_end, quote_or_escape_in, string_end};
use crate::text::RawStr;

/// The text is not JSON at this place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text is not JSON at this place")]
pub struct Malformed;

/// What reading gives.
pub type Read<T> = Result<T, Malformed>;

/// A position in the text of one JSON value. Copies are cheap and move on their own.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    /// A cursor at the start of `bytes`.
    #[inline]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Bytes read so far.
    #[inline]
    pub fn position(&self) -> usize {
        self.at
    }

    /// The next byte that is not white space, or 0 at the end.
    #[inline]
    pub fn peek(&mut self) -> u8 {
        loop {
            match self.bytes.get(self.at) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                Some(b) => return *b,
                None => return 0,
            }
        }
    }

    /// The byte after a comma that may come next, without moving.
    #[inline]
    pub fn after_comma(mut self) -> u8 {
        self.eat(b',');
        self.peek()
    }

    /// Steps over `byte` when it is next.
    #[inline]
    pub fn eat(&mut self, byte: u8) -> bool {
        let next = self.peek() == byte && self.at < self.bytes.len();
        self.at += usize::from(next);
        next
    }

    /// Enters an object.
    #[inline]
    pub fn object(&mut self) -> Read<()> {
        if self.eat(b'{') { Ok(()) } else { Err(Malformed) }
    }

    /// Enters an array.
    #[inline]
    pub fn array(&mut self) -> Read<()> {
        if self.eat(b'[') { Ok(()) } else { Err(Malformed) }
    }

    /// The next key of the object that was entered, its value next; `None` when the object ends.
    #[inline]
    pub fn key(&mut self) -> Read<Option<&'a [u8]>> {
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
    pub fn item(&mut self) -> Read<bool> {
        self.eat(b',');
        if self.eat(b']') {
            return Ok(false);
        }
        if self.at < self.bytes.len() { Ok(true) } else { Err(Malformed) }
    }

    /// Steps over `text` when it is next, byte by byte.
    #[inline(always)]
    pub fn take<const N: usize>(&mut self, text: &[u8; N]) -> bool {
        let next = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<N>()) == Some(text);
        self.at += if next { N } else { 0 };
        next
    }

    /// A string.
    #[inline]
    pub fn string(&mut self) -> Read<RawStr<'a>> {
        if !self.eat(b'"') {
            return Err(Malformed);
        }
        self.rest_of_string()
    }

    /// A string whose opening quote was read.
    #[inline]
    pub fn rest_of_string(&mut self) -> Read<RawStr<'a>> {
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
    #[inline]
    pub fn string_or_skip(&mut self) -> Read<Option<RawStr<'a>>> {
        if self.peek() == b'"' {
            return self.string().map(Some);
        }
        self.skip()?;
        Ok(None)
    }

    /// The text of a number, `true`, `false` or `null`.
    #[inline]
    pub fn scalar(&mut self) -> Read<&'a [u8]> {
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
    #[inline]
    pub fn number(&mut self) -> Read<Option<f64>> {
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
    pub fn node_id(&mut self) -> Read<Option<u32>> {
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
    #[inline]
    pub fn is_true(&mut self) -> Read<bool> {
        if self.peek() == b't' {
            return Ok(self.scalar()? == b"true");
        }
        self.skip()?;
        Ok(false)
    }

    /// Steps over one value of any kind and gives its text.
    #[inline]
    pub fn skip(&mut self) -> Read<&'a [u8]> {
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

/// Calls `read` for each field of the object that is next; another value is skipped.
pub fn each_field<'a>(
    cursor: &mut Cursor<'a>,
    mut read: impl FnMut(&'a [u8], &mut Cursor<'a>) -> Read<()>,
) -> Read<()> {
    if cursor.peek() != b'{' {
        cursor.skip()?;
        return Ok(());
    }
    cursor.object()?;
    while let Some(key) = cursor.key()? {
        read(key, cursor)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

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
