//! The scanner: one value at a time, with an explicit stack.
//!
//! In: bytes. Out: the span of each value. Never here: recursion, copies.

use std::ops::Range;

use memchr::memchr2;

use super::SyntaxError;

/// Walks over the JSON values in a text.
pub struct Scanner<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    depth_max: u32,
    /// Where the last value began. After an error it tells which line to skip.
    value_start: usize,
    /// The brackets that are open.
    open: Vec<u8>,
}

impl<'a> Scanner<'a> {
    /// A scanner at the start of `bytes`, of which arrays and objects nest at most `depth_max` deep.
    pub fn new(bytes: &'a [u8], depth_max: u32) -> Self {
        Self { bytes, at: 0, depth_max, value_start: 0, open: Vec::new() }
    }

    /// True when only white space is left.
    pub fn at_end(&mut self) -> bool {
        self.skip_space();
        self.at == self.bytes.len()
    }

    /// Steps over one value and gives its span.
    pub fn value(&mut self) -> Result<Range<usize>, SyntaxError> {
        self.skip_space();
        self.value_start = self.at;
        self.open.clear();
        if self.at == self.bytes.len() {
            return Err(SyntaxError::Empty);
        }
        loop {
            self.begin_value()?;
            // A bracket that was just opened closes at once or holds a value.
            if self.open_has_value()? {
                continue;
            }
            if !self.after_value()? {
                return Ok(self.value_start..self.at);
            }
        }
    }

    /// After an error in [`Self::value`]: moves past the line in which that value began. False when the value did not
    /// begin a line.
    pub fn skip_line(&mut self) -> bool {
        let head = &self.bytes[..self.value_start];
        let alone = head.iter().rev().find(|b| !matches!(b, b' ' | b'\t' | b'\r')) == Some(&b'\n');
        let rest = &self.bytes[self.value_start..];
        self.at = self.value_start + memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        alone
    }

    /// Steps over a scalar, or opens a bracket.
    fn begin_value(&mut self) -> Result<(), SyntaxError> {
        self.skip_space();
        match self.peek()? {
            b'"' => self.string(),
            open @ (b'[' | b'{') => {
                if self.open.len() as u64 >= u64::from(self.depth_max) {
                    return Err(SyntaxError::TooDeep { at: self.at, depth_max: self.depth_max });
                }
                self.open.push(open);
                self.at += 1;
                Ok(())
            }
            b'-' | b'0'..=b'9' => self.number(),
            b't' => self.literal(b"true"),
            b'f' => self.literal(b"false"),
            b'n' => self.literal(b"null"),
            _ => Err(self.syntax("a value was expected")),
        }
    }

    /// After [`Self::begin_value`]: true when a bracket was just opened and a value follows in it. An
    /// empty bracket is closed.
    fn open_has_value(&mut self) -> Result<bool, SyntaxError> {
        let opened = self.at.checked_sub(1).map(|at| self.bytes[at]);
        let Some(open @ (b'[' | b'{')) = opened.filter(|b| self.open.last() == Some(b)) else {
            return Ok(false);
        };
        self.skip_space();
        let close = if open == b'[' { b']' } else { b'}' };
        if self.peek()? == close {
            self.at += 1;
            self.open.pop();
            return Ok(false);
        }
        if open == b'{' {
            self.name()?;
        }
        Ok(true)
    }

    /// After a value: closes brackets; true when another value follows.
    fn after_value(&mut self) -> Result<bool, SyntaxError> {
        while let Some(&open) = self.open.last() {
            self.skip_space();
            match (open, self.peek()?) {
                (b'[', b',') => {
                    self.at += 1;
                    return Ok(true);
                }
                (b'{', b',') => {
                    self.at += 1;
                    self.skip_space();
                    self.name()?;
                    return Ok(true);
                }
                (b'[', b']') | (b'{', b'}') => {
                    self.at += 1;
                    self.open.pop();
                }
                (b'[', _) => return Err(self.syntax("',' or ']' was expected")),
                _ => return Err(self.syntax("',' or '}' was expected")),
            }
        }
        Ok(false)
    }

    /// Steps over `"name":`; gives the name's span.
    pub(super) fn name(&mut self) -> Result<Range<usize>, SyntaxError> {
        if self.peek()? != b'"' {
            return Err(self.syntax("a name in quotes was expected"));
        }
        let start = self.at + 1;
        self.string()?;
        let name = start..self.at - 1;
        self.skip_space();
        self.expect(b':', "':' was expected")?;
        Ok(name)
    }

    fn string(&mut self) -> Result<(), SyntaxError> {
        self.at += 1;
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            self.at += memchr2(b'"', b'\\', rest).ok_or(SyntaxError::CutOff)?;
            if self.bytes[self.at] == b'"' {
                self.at += 1;
                return Ok(());
            }
            match self.bytes.get(self.at + 1).ok_or(SyntaxError::CutOff)? {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.at += 2,
                b'u' => {
                    let hex = self.bytes.get(self.at + 2..self.at + 6).ok_or(SyntaxError::CutOff)?;
                    if !hex.iter().all(u8::is_ascii_hexdigit) {
                        self.at += 1;
                        return Err(self.syntax("an escape is not valid"));
                    }
                    self.at += 6;
                }
                _ => {
                    self.at += 1;
                    return Err(self.syntax("an escape is not valid"));
                }
            }
        }
    }

    fn number(&mut self) -> Result<(), SyntaxError> {
        if self.bytes[self.at] == b'-' {
            self.at += 1;
        }
        if self.bytes.get(self.at) == Some(&b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.bytes.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.bytes.get(self.at), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    /// Steps over one or more digits.
    fn digits(&mut self) -> Result<(), SyntaxError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        match rest.iter().take_while(|b| b.is_ascii_digit()).count() {
            0 if rest.is_empty() => Err(SyntaxError::CutOff),
            0 => Err(self.syntax("a number is not valid")),
            n => {
                self.at += n;
                Ok(())
            }
        }
    }

    fn literal(&mut self, word: &'static [u8]) -> Result<(), SyntaxError> {
        if self.bytes[self.at..].starts_with(word) {
            self.at += word.len();
            Ok(())
        } else {
            Err(self.syntax("a value was expected"))
        }
    }

    pub(super) fn expect(&mut self, byte: u8, what: &'static str) -> Result<(), SyntaxError> {
        if self.peek()? != byte {
            return Err(self.syntax(what));
        }
        self.at += 1;
        Ok(())
    }

    pub(super) fn peek(&self) -> Result<u8, SyntaxError> {
        self.bytes.get(self.at).copied().ok_or(SyntaxError::CutOff)
    }

    pub(super) fn skip_space(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    pub(super) fn syntax(&self, what: &'static str) -> SyntaxError {
        SyntaxError::Syntax { at: self.at, what }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// What serde_json reads, the scanner reads, and with the same end.
        #[test]
        fn agrees_with_serde_json(text in "[\\[\\]{},:\"a0-2.eE+\\\\untrl \\-]{0,24}") {
            let strict = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
            let mut scanner = Scanner::new(text.as_bytes(), 100);
            let ours = scanner.value().is_ok() && scanner.at_end();
            prop_assert_eq!(strict, ours, "{}", text);
        }

        /// No bytes make it panic or run past the end.
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let mut scanner = Scanner::new(&bytes, 8);
            if let Ok(span) = scanner.value() {
                prop_assert!(span.end <= bytes.len());
            }
            let _ = Scanner::new(&bytes, 8).members(4);
            let _ = crate::strict::check_payload(&bytes, 8);
        }
    }
}
