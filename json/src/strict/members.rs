//! The parts of one object or one list.

use std::ops::Range;

use super::{Scanner, SyntaxError};

/// A name and its value in an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The name's bytes, without quotes, escapes as they are.
    pub name: Range<usize>,
    /// The value's bytes.
    pub value: Range<usize>,
}

impl Scanner<'_> {
    /// Steps over the members of one object, at most `members_max`.
    pub fn members(&mut self, members_max: usize) -> Result<Vec<Member>, SyntaxError> {
        let mut members = Vec::new();
        self.skip_space();
        if self.at == self.bytes.len() {
            return Err(SyntaxError::Empty);
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
    pub fn elements(&mut self, elements_max: usize) -> Result<Vec<Range<usize>>, SyntaxError> {
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
}

/// Where a value must follow, the end of the text means that it was cut off.
fn unfinished(error: SyntaxError) -> SyntaxError {
    match error {
        SyntaxError::Empty => SyntaxError::CutOff,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn members(text: &str) -> Result<Vec<(&str, &str)>, SyntaxError> {
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
            Ok::<_, SyntaxError>(spans.into_iter().map(|span| text[span].to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(split(r#" [ "a]" , {"b":[1,2]},3 ]"#).unwrap(), [r#""a]""#, r#"{"b":[1,2]}"#, "3"]);
        assert_eq!(split("[]").unwrap(), Vec::<String>::new());
        for bad in ["", "{}", "[1", "[1,]", "[1 2]", "[1,2,3,4]"] {
            assert!(split(bad).is_err(), "{bad}");
        }
    }
}
