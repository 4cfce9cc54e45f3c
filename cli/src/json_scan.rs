//! Where things stand in JSON text, without parsing it.
//!
//! Recordings hold what no JSON parser takes: half characters, control characters, nesting without
//! end. To tell a file's kind and to cut an array into pieces, knowing where values begin and end is
//! enough. Nothing here recurses, copies or fails: what is not JSON gives `None` or ends the list.

use std::ops::Range;

/// The elements of the array that starts at `at`, as ranges of `bytes`. Ends early at broken text.
pub(crate) fn elements(bytes: &[u8], at: usize) -> Elements<'_> {
    let open = bytes.get(at) == Some(&b'[');
    Elements { bytes, at: if open { at + 1 } else { bytes.len() } }
}

/// The fields of the object that starts at `at`: raw key without quotes, range of the value.
pub(crate) fn fields(bytes: &[u8], at: usize) -> Fields<'_> {
    let open = bytes.get(at) == Some(&b'{');
    Fields { bytes, at: if open { at + 1 } else { bytes.len() } }
}

/// The value of the first field `name` of the object that starts at `at`.
pub(crate) fn field(bytes: &[u8], at: usize, name: &str) -> Option<Range<usize>> {
    fields(bytes, at).find(|(key, _)| *key == name.as_bytes()).map(|(_, range)| range)
}

/// The first index at or after `at` that is not white space.
pub(crate) fn skip_space(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|b| b.is_ascii_whitespace()).count()
}

/// The index after the value that starts at `at`; `None` when the text ends inside it.
pub(crate) fn value_end(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at)? {
        b'"' => string_end(bytes, at),
        b'{' | b'[' => container_end(bytes, at),
        _ => {
            let rest = &bytes[at..];
            let length = rest
                .iter()
                .position(|b| matches!(b, b',' | b']' | b'}' | b':') || b.is_ascii_whitespace())
                .unwrap_or(rest.len());
            (length > 0).then_some(at + length)
        }
    }
}

fn string_end(bytes: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        match bytes[at] {
            b'"' => return Some(at + 1),
            _ => at += 2,
        }
    }
}

fn container_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    loop {
        match bytes.get(at)? {
            b'"' => {
                at = string_end(bytes, at)?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
}

/// See [`elements`].
pub(crate) struct Elements<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Iterator for Elements<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let start = skip_space(self.bytes, self.at);
        let end = value_end(self.bytes, start);
        self.at = after_comma(self.bytes, end);
        Some(start..end?)
    }
}

/// See [`fields`].
pub(crate) struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Fields<'a> {
    type Item = (&'a [u8], Range<usize>);

    fn next(&mut self) -> Option<Self::Item> {
        let key_start = skip_space(self.bytes, self.at);
        self.at = self.bytes.len();
        if self.bytes.get(key_start) != Some(&b'"') {
            return None;
        }
        let key_end = string_end(self.bytes, key_start)?;
        let colon = skip_space(self.bytes, key_end);
        if self.bytes.get(colon) != Some(&b':') {
            return None;
        }
        let start = skip_space(self.bytes, colon + 1);
        let end = value_end(self.bytes, start)?;
        self.at = after_comma(self.bytes, Some(end));
        Some((&self.bytes[key_start + 1..key_end - 1], start..end))
    }
}

/// Where the next element starts, or the end of the text when there is none.
fn after_comma(bytes: &[u8], end: Option<usize>) -> usize {
    match end.map(|end| skip_space(bytes, end)) {
        Some(comma) if bytes.get(comma) == Some(&b',') => comma + 1,
        _ => bytes.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(json: &str) -> Vec<&str> {
        elements(json.as_bytes(), 0).map(|range| &json[range]).collect()
    }

    #[test]
    fn elements_are_found_whatever_they_hold() {
        for (json, want) in [
            ("[]", vec![]),
            ("[ 1 , \"a]\\\"\" ,{\"b\":[2]} ]", vec!["1", "\"a]\\\"\"", "{\"b\":[2]}"]),
            ("[\"\\ud800\",null]", vec!["\"\\ud800\"", "null"]),
            ("[1,{\"cut\":", vec!["1"]),
            ("[1,\"cut", vec!["1"]),
            ("[,]", vec![]),
            ("{}", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(texts(json), want, "{json}");
        }
    }

    #[test]
    fn fields_are_found_by_name() {
        let json = br#"{"log" : {"entries":[]}, "n":3}"#;
        assert_eq!(field(json, 0, "log"), Some(9..23));
        assert_eq!(field(json, 0, "n").map(|range| &json[range]), Some(&b"3"[..]));
        for bad in ["{", "{\"a", "{\"a\"", "{\"a\":", "{3:4}", "[]"] {
            assert_eq!(fields(bad.as_bytes(), 0).count(), 0, "{bad}");
        }
    }

    #[test]
    fn depth_costs_no_stack() {
        let deep = "[".repeat(1_000_000) + &"]".repeat(1_000_000);
        assert_eq!(value_end(deep.as_bytes(), 0), Some(deep.len()));
        assert_eq!(value_end(&deep.as_bytes()[..1_000_000], 0), None);
    }
}
