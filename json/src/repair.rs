//! Changes in place that make damaged text acceptable to a strict parser.
//!
//! In: JSON text with lone surrogates, control characters in strings or bytes that are not UTF-8. Out: text of the same
//! length without them. Never here: a change of what is well-formed, brackets or commas that are missing.

use crate::scan;
use crate::text::lone_surrogates_from;

/// A value whose strings were repaired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repaired {
    /// The position after the value. Equal to its start when no value starts there; `None` when the text ends inside
    /// it.
    pub end: Option<usize>,
    /// How many lone surrogates became U+FFFD.
    pub lone_surrogates: u32,
}

/// Repairs the strings of the value that starts at `start`: lone surrogates become U+FFFD, control characters become
/// spaces. When the text ends inside the value, what is there of it is repaired.
pub fn value(json: &mut [u8], start: usize) -> Repaired {
    let mut lone_surrogates = 0;
    let end = value_end(json, start, &mut lone_surrogates);
    Repaired { end, lone_surrogates }
}

/// Overwrites the escapes of lone surrogates with `\ufffd`, which has the same length, and counts them.
pub fn surrogates(json: &mut [u8]) -> u32 {
    let (mut from, mut count) = (0, 0);
    // U+FFFD is no half of a pair: what was overwritten does not change whether a later escape is lone.
    loop {
        let next = lone_surrogates_from(json, from).next();
        let Some(at) = next else { return count };
        json[at + 2..at + 6].copy_from_slice(b"fffd");
        from = at + 6;
        count += 1;
    }
}

/// Replaces bytes that are not UTF-8 by `?`; true when there were any.
pub fn invalid_utf8(json: &mut [u8]) -> bool {
    let (mut from, mut any) = (0, false);
    while let Err(error) = std::str::from_utf8(&json[from..]) {
        let bad = from + error.valid_up_to();
        let len = error.error_len().unwrap_or(json.len() - bad);
        json[bad..bad + len].fill(b'?');
        (from, any) = (bad + len, true);
    }
    any
}

fn value_end(json: &mut [u8], start: usize, lone: &mut u32) -> Option<usize> {
    let (mut at, mut depth) = (start, 0usize);
    while at < json.len() {
        match json[at] {
            b'"' => at = string_end(json, at, lone)?,
            b'{' | b'[' => {
                depth += 1;
                at += 1;
                continue;
            }
            b'}' | b']' if depth > 0 => {
                depth -= 1;
                at += 1;
            }
            _ if depth > 0 => {
                at += 1;
                continue;
            }
            _ => {
                let is_end = |b: &u8| b.is_ascii_whitespace() || b",]}[{:\"".contains(b);
                return Some(json[at..].iter().position(is_end).map_or(json.len(), |length| at + length));
            }
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// The position after the string whose opening quote is at `open`, repaired.
fn string_end(json: &mut [u8], open: usize, lone: &mut u32) -> Option<usize> {
    let found = scan::string_end(&json[open + 1..]);
    let (length, escaped) = found.unwrap_or((json.len() - open - 1, true));
    let content = &mut json[open + 1..][..length];
    if escaped {
        *lone += surrogates(content);
    }
    if found.is_some() && content.iter().any(|b| *b < 0x20) {
        for byte in content.iter_mut().filter(|b| **b < 0x20) {
            *byte = b' ';
        }
    }
    found.map(|(length, _)| open + length + 2)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn lone_surrogates_are_replaced_and_nothing_else() {
        for (json, want) in [
            (r#""\ud83d\ude00 \u0041 \\ud800""#, r#""\ud83d\ude00 \u0041 \\ud800""#),
            (r#""cut \ud83d""#, r#""cut \ufffd""#),
            (r#""\ude00\ud83d\ud83d\ude00""#, r#""\ufffd\ufffd\ud83d\ude00""#),
            (r#""\\\ud800""#, r#""\\\ufffd""#),
            (r#""\"#, r#""\"#),
            (r#""\u12"#, r#""\u12"#),
        ] {
            let mut bytes = json.as_bytes().to_vec();
            surrogates(&mut bytes);
            assert_eq!(String::from_utf8(bytes).unwrap(), want, "{json}");
        }
    }

    #[test]
    fn values_are_repaired_up_to_their_ends() {
        for (json, want, end, lone) in [
            ("{\"a\":\"x\ty\"} \"\t\"", "{\"a\":\"x y\"} \"\t\"", Some(11), 0),
            (r#"["\ud800",{"b":"]\ude00"}] "\ud800""#, r#"["\ufffd",{"b":"]\ufffd"}] "\ud800""#, Some(26), 2),
            (r#"["\ud800","\ud801"#, r#"["\ufffd","\ufffd"#, None, 2),
            ("true, 1", "true, 1", Some(4), 0),
            ("] 1", "] 1", Some(0), 0),
            ("[[1}", "[[1}", None, 0),
            ("", "", None, 0),
        ] {
            let mut bytes = json.as_bytes().to_vec();
            let repaired = value(&mut bytes, 0);
            assert_eq!(repaired, Repaired { end, lone_surrogates: lone }, "{json}");
            assert_eq!(String::from_utf8(bytes).unwrap(), want);
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_become_question_marks() {
        let mut bytes = b"a\xff\xfeb\xc3\xa9\xe2\x82".to_vec();
        assert!(invalid_utf8(&mut bytes));
        assert_eq!(bytes, b"a??b\xc3\xa9??");
        assert!(!invalid_utf8(&mut bytes));
    }
}
