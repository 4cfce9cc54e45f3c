//! A check that text is JSON.
//!
//! In: bytes. Out: the spans of its values, or the first error with its offset. One pass with an explicit stack.
//!
//! More lenient than RFC 8259 in two points that real recordings need: control characters in strings, and escapes of
//! lone surrogates (`\ud800`). The transcriber repairs both.
//!
//! Never here: recursion, copies, repairs.

mod error;
mod members;
mod scanner;

pub use error::SyntaxError;
pub use members::Member;
pub use scanner::Scanner;

use crate::without_bom;

/// Checks that `bytes` are one or more JSON values in UTF-8: any envelope, or JSON Lines.
///
/// Of JSON Lines only the first line must be JSON: the transcriber skips other lines. Arrays and objects may nest
/// `depth_max` deep.
pub fn check_payload(bytes: &[u8], depth_max: u32) -> Result<(), SyntaxError> {
    let bytes = without_bom(bytes);
    if let Err(error) = std::str::from_utf8(bytes) {
        return Err(SyntaxError::NotUtf8 { at: error.valid_up_to() });
    }
    let mut scanner = Scanner::new(bytes, depth_max);
    scanner.value()?;
    while !scanner.at_end() {
        match scanner.value() {
            Ok(_) => {}
            Err(error @ SyntaxError::TooDeep { .. }) => return Err(error),
            Err(error) => {
                // Something that does not begin a line follows a value.
                if !scanner.skip_line() {
                    return Err(error);
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn check(text: &str) -> Result<(), String> {
        check_payload(text.as_bytes(), 64).map_err(|error| error.to_string())
    }

    #[test]
    fn payloads_of_every_envelope_pass() {
        for text in [
            "[]",
            "{}",
            "[1,\"nonsense\",null,{\"a\":[true,false]}]",
            "{\"events\":[{\"type\":2}]}",
            " {\"a\":1}\n{\"a\":2}\r\n\n{\"a\":3}\n",
            "{\"segment_id\":0}\n[{\"type\":4}]",
            "[\"x\u{9c}\"]",
            "\u{feff}{\"log\":{}}",
            "[\"\\ud800\",\"\\udc00 \\ud83d\"]",
            "[\"tab\tand\u{1} controls\"]",
            "{\"a\":1}\nnot json at all\n{\"a\":2}",
            "[-0,1.5e+3,0.1,-12E-2]",
        ] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn what_is_no_json_is_refused_with_its_place() {
        for (text, want) in [
            ("", "it is empty"),
            ("  \n", "it is empty"),
            ("hello", "byte 0: a value was expected"),
            ("[1,2", "it ends too early"),
            ("[1,2]]", "byte 5: a value was expected"),
            ("{\"a\" 1}", "byte 5: ':' was expected"),
            ("[1,]", "byte 3: a value was expected"),
            ("{\"a\":1,}", "byte 7: a name in quotes was expected"),
            ("[\"\\x\"]", "byte 3: an escape is not valid"),
            ("[\"\\u12g4\"]", "byte 3: an escape is not valid"),
            ("[01]", "byte 2: ',' or ']' was expected"),
            ("[1.]", "byte 3: a number is not valid"),
            ("[nul]", "byte 1: a value was expected"),
            ("[\"abc", "it ends too early"),
            ("<html></html>", "byte 0: a value was expected"),
        ] {
            assert_eq!(check(text), Err(want.to_owned()), "{text}");
        }
        let error = check_payload(b"[\"\xff\"]", 64).unwrap_err();
        assert_eq!(error.to_string(), "byte 2: it is not UTF-8");
    }

    #[test]
    fn depth_is_bounded_without_recursion() {
        let nested = |n: usize| "[".repeat(n) + &"]".repeat(n);
        assert_eq!(check(&nested(64)), Ok(()));
        assert_eq!(check(&nested(65)), Err("byte 64: it nests deeper than 64 levels".to_owned()));
        assert!(check(&format!("[]\n{}", nested(10_000))).is_err());
        let objects = "{\"a\":".repeat(1_000_000);
        assert!(check_payload(objects.as_bytes(), 2048).is_err());
    }
}
