//! The scanner: one value at a time, with an explicit stack.

use std::ops::Range;

use memchr::memchr2;

/// The first mistake of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Mistake {
    /// There is no value.
    #[error("it is empty")]
    Empty,
    /// The text ends inside a value.
    #[error("it ends too early")]
    Ends,
    /// Something else was expected.
    #[error("byte {at}: {what}")]
    Syntax {
        /// Offset from the start of what was scanned.
        at: usize,
        /// What was wrong.
        what: &'static str,
    },
    /// Arrays and objects nest too deep.
    #[error("byte {at}: it nests deeper than {depth_max} levels")]
    TooDeep {
        /// Offset from the start of what was scanned.
        at: usize,
        /// The limit.
        depth_max: u32,
    },
    /// The bytes are not text.
    #[error("byte {at}: it is not UTF-8")]
    NotUtf8 {
        /// Offset of the first bad byte.
        at: usize,
    },
}

/// A name and its value in an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// The name's bytes, without quotes, escapes as they are.
    pub(crate) name: Range<usize>,
    /// The value's bytes.
    pub(crate) value: Range<usize>,
}

/// Walks over JSON values in `bytes`.
pub(crate) struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    depth_max: u32,
    /// Where the last value began, to tell lines apart after a mistake.
    began: usize,
    /// Open brackets.
    stack: Vec<u8>,
}

impl<'a> Scanner<'a> {
    /// A scanner at the start of `bytes`, of which arrays and objects nest at most `depth_max` deep.
    pub(crate) fn new(bytes: &'a [u8], depth_max: u32) -> Self {
        Self { bytes, at: 0, depth_max, began: 0, stack: Vec::new() }
    }

    /// True when only white space is left.
    pub(crate) fn at_end(&mut self) -> bool {
        self.skip_space();
        self.at == self.bytes.len()
    }

    /// Steps over one value and gives its span.
    pub(crate) fn value(&mut self) -> Result<Range<usize>, Mistake> {
        self.skip_space();
        self.began = self.at;
        self.stack.clear();
        if self.at == self.bytes.len() {
            return Err(Mistake::Empty);
        }
        loop {
            self.begin_value()?;
            // A bracket that was just opened may close at once, or hold a value.
            if self.open_has_value()? {
                continue;
            }
            if !self.after_value()? {
                return Ok(self.began..self.at);
            }
        }
    }

    /// Steps over the members of one object, at most `members_max`.
    pub(crate) fn members(&mut self, members_max: usize) -> Result<Vec<Member>, Mistake> {
        let mut members = Vec::new();
        self.skip_space();
        if self.at == self.bytes.len() {
            return Err(Mistake::Empty);
        }
        self.expect(b'{', "an object was expected")?;
        self.skip_space();
        if self.peek()? == b'}' {
            self.at += 1;
            return Ok(members);
        }
        loop {
            self.skip_space();
            let name = self.name()?;
            let value = self.value().map_err(unfinished)?;
            if members.len() == members_max {
                return Err(self.syntax("there are too many members"));
            }
            members.push(Member { name, value });
            self.skip_space();
            match self.peek()? {
                b',' => self.at += 1,
                b'}' => {
                    self.at += 1;
                    return Ok(members);
                }
                _ => return Err(self.syntax("',' or '}' was expected")),
            }
        }
    }

    /// Steps over the elements of one array, at most `elements_max`.
    pub(crate) fn elements(&mut self, elements_max: usize) -> Result<Vec<Range<usize>>, Mistake> {
        let mut elements = Vec::new();
        self.skip_space();
        self.expect(b'[', "an array was expected")?;
        self.skip_space();
        if self.peek()? == b']' {
            self.at += 1;
            return Ok(elements);
        }
        loop {
            let element = self.value().map_err(unfinished)?;
            if elements.len() == elements_max {
                return Err(self.syntax("there are too many elements"));
            }
            elements.push(element);
            self.skip_space();
            match self.peek()? {
                b',' => self.at += 1,
                b']' => {
                    self.at += 1;
                    return Ok(elements);
                }
                _ => return Err(self.syntax("',' or ']' was expected")),
            }
        }
    }

    /// Moves past the line in which the value began that could not be read. False when that value did
    /// not begin a line, or when nothing was skipped.
    pub(crate) fn skip_line(&mut self) -> bool {
        let head = &self.bytes[..self.began];
        let alone = head.iter().rev().find(|b| !matches!(b, b' ' | b'\t' | b'\r')) == Some(&b'\n');
        let rest = &self.bytes[self.began..];
        self.at = self.began + memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        alone
    }

    /// Steps over a scalar, or opens a bracket.
    fn begin_value(&mut self) -> Result<(), Mistake> {
        self.skip_space();
        match self.peek()? {
            b'"' => self.string(),
            open @ (b'[' | b'{') => {
                if self.stack.len() as u64 >= u64::from(self.depth_max) {
                    return Err(Mistake::TooDeep { at: self.at, depth_max: self.depth_max });
                }
                self.stack.push(open);
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
    fn open_has_value(&mut self) -> Result<bool, Mistake> {
        let opened = self.at.checked_sub(1).map(|at| self.bytes[at]);
        let Some(open @ (b'[' | b'{')) = opened.filter(|b| self.stack.last() == Some(b)) else {
            return Ok(false);
        };
        self.skip_space();
        let close = if open == b'[' { b']' } else { b'}' };
        if self.peek()? == close {
            self.at += 1;
            self.stack.pop();
            return Ok(false);
        }
        if open == b'{' {
            self.name()?;
        }
        Ok(true)
    }

    /// After a value: closes brackets; true when another value follows.
    fn after_value(&mut self) -> Result<bool, Mistake> {
        while let Some(&open) = self.stack.last() {
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
                    self.stack.pop();
                }
                (b'[', _) => return Err(self.syntax("',' or ']' was expected")),
                _ => return Err(self.syntax("',' or '}' was expected")),
            }
        }
        Ok(false)
    }

    /// Steps over `"name":`; gives the name's span.
    fn name(&mut self) -> Result<Range<usize>, Mistake> {
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

    fn string(&mut self) -> Result<(), Mistake> {
        self.at += 1;
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            self.at += memchr2(b'"', b'\\', rest).ok_or(Mistake::Ends)?;
            if self.bytes[self.at] == b'"' {
                self.at += 1;
                return Ok(());
            }
            match self.bytes.get(self.at + 1).ok_or(Mistake::Ends)? {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.at += 2,
                b'u' => {
                    let hex = self.bytes.get(self.at + 2..self.at + 6).ok_or(Mistake::Ends)?;
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

    fn number(&mut self) -> Result<(), Mistake> {
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
    fn digits(&mut self) -> Result<(), Mistake> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        match rest.iter().take_while(|b| b.is_ascii_digit()).count() {
            0 if rest.is_empty() => Err(Mistake::Ends),
            0 => Err(self.syntax("a number is not valid")),
            n => {
                self.at += n;
                Ok(())
            }
        }
    }

    fn literal(&mut self, word: &'static [u8]) -> Result<(), Mistake> {
        if self.bytes[self.at..].starts_with(word) {
            self.at += word.len();
            Ok(())
        } else {
            Err(self.syntax("a value was expected"))
        }
    }

    fn expect(&mut self, byte: u8, what: &'static str) -> Result<(), Mistake> {
        if self.peek()? != byte {
            return Err(self.syntax(what));
        }
        self.at += 1;
        Ok(())
    }

    fn peek(&self) -> Result<u8, Mistake> {
        self.bytes.get(self.at).copied().ok_or(Mistake::Ends)
    }

    fn skip_space(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn syntax(&self, what: &'static str) -> Mistake {
        Mistake::Syntax { at: self.at, what }
    }
}

/// Nothing where a value must be means that the text was cut.
fn unfinished(mistake: Mistake) -> Mistake {
    match mistake {
        Mistake::Empty => Mistake::Ends,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn members(text: &str) -> Result<Vec<(&str, &str)>, Mistake> {
        let mut scanner = Scanner::new(text.as_bytes(), 16);
        let found = scanner.members(4)?;
        assert!(scanner.at_end());
        Ok(found.into_iter().map(|m| (&text[m.name], &text[m.value])).collect())
    }

    #[test]
    fn members_are_spans_of_the_text() {
        let text = r#" { "window" : "w\"1", "rrweb":[ {"a":"]}"} ],"final": true , "x":{} } "#;
        let want = vec![("window", r#""w\"1""#), ("rrweb", r#"[ {"a":"]}"} ]"#), ("final", "true"), ("x", "{}")];
        assert_eq!(members(text).unwrap(), want);
        assert_eq!(members("{}").unwrap(), vec![]);
        for bad in ["", "[]", "{\"a\":}", "{\"a\":1", "{\"a\"", "{,}", "{\"a\":1 \"b\":2}"] {
            assert!(members(bad).is_err(), "{bad}");
        }
        assert!(members(r#"{"a":1,"b":2,"c":3,"d":4,"e":5}"#).is_err());
    }

    #[test]
    fn elements_are_spans_of_the_text() {
        let split = |text: &str| {
            let spans = Scanner::new(text.as_bytes(), 16).elements(3)?;
            Ok::<_, Mistake>(spans.into_iter().map(|span| text[span].to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(split(r#" [ "a]" , {"b":[1,2]},3 ]"#).unwrap(), [r#""a]""#, r#"{"b":[1,2]}"#, "3"]);
        assert_eq!(split("[]").unwrap(), Vec::<String>::new());
        for bad in ["", "{}", "[1", "[1,]", "[1 2]", "[1,2,3,4]"] {
            assert!(split(bad).is_err(), "{bad}");
        }
    }

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
            let _ = super::super::check_payload(&bytes, 8);
        }
    }
}
