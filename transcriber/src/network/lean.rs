//! What of a HAR entry is read.
//!
//! In: the text of one entry. Out: the same entry without what no rule reads: headers, cookies and the bodies of
//! answers that say nothing, which are nine tenths of most archives. Never here: what an entry means; an entry of
//! another shape is left as it is.

use super::body;
use crate::json::{Cursor, Malformed, Read};

/// The headers of a request that are read.
pub(super) const REFERER: &str = "referer";
pub(super) const FETCH_DEST: &str = "sec-fetch-dest";
pub(super) const REQUESTED_WITH: &str = "x-requested-with";
const HEADERS: [&str; 3] = [REFERER, FETCH_DEST, REQUESTED_WITH];

/// Appends what is read of an entry. False when it should be read whole; `out` is of no use then.
pub(super) fn entry(json: &[u8], out: &mut Vec<u8>) -> bool {
    Lean { out, method: b"", has_error: has_error(json) }.entry(&mut Cursor::new(json)).is_ok()
}

/// True when an entry may name an error.
fn has_error(json: &[u8]) -> bool {
    memchr::memmem::find_iter(json, b"\"_").any(|at| {
        let name = &json[at + 2..];
        name.starts_with(b"error") || name.starts_with(b"failure")
    })
}

struct Lean<'o, 'a> {
    out: &'o mut Vec<u8>,
    /// The method of the request, once it was read.
    method: &'a [u8],
    has_error: bool,
}

impl<'a> Lean<'_, 'a> {
    fn entry(&mut self, cursor: &mut Cursor<'a>) -> Read<()> {
        self.object(cursor, |lean, key, cursor| match key {
            b"request" => lean.object(cursor, Self::request),
            b"response" => lean.response(cursor),
            b"cache" => cursor.skip().map(|_| ()),
            _ => lean.keep(cursor),
        })
    }

    fn request(&mut self, key: &'a [u8], cursor: &mut Cursor<'a>) -> Read<()> {
        match key {
            b"cookies" | b"queryString" => cursor.skip().map(|_| ()),
            b"headers" => self.headers(cursor),
            b"method" => {
                let before = *cursor;
                self.method = cursor.string()?.bytes;
                *cursor = before;
                self.keep(cursor)
            }
            _ => self.keep(cursor),
        }
    }

    fn headers(&mut self, cursor: &mut Cursor<'a>) -> Read<()> {
        cursor.array()?;
        self.out.push(b'[');
        while cursor.item()? {
            let text = cursor.skip()?;
            let mut header = Cursor::new(text);
            header.object()?;
            while let Some(key) = header.key()? {
                if key == b"name" {
                    let name = header.string()?.bytes;
                    if HEADERS.iter().any(|wanted| name.eq_ignore_ascii_case(wanted.as_bytes())) {
                        self.out.extend_from_slice(text);
                        self.out.push(b',');
                    }
                } else {
                    header.skip()?;
                }
            }
        }
        self.close(b']');
        Ok(())
    }

    fn response(&mut self, cursor: &mut Cursor<'a>) -> Read<()> {
        let mut status = None;
        self.object(cursor, |lean, key, cursor| match key {
            b"cookies" | b"headers" => cursor.skip().map(|_| ()),
            b"status" => {
                let before = *cursor;
                status = cursor.number()?;
                *cursor = before;
                lean.keep(cursor)
            }
            b"content" => {
                let is_told = lean.has_error || body::may_be_told(lean.method, status);
                lean.object(cursor, |lean, key, cursor| match key {
                    b"text" if !is_told => cursor.skip().map(|_| ()),
                    _ => lean.keep(cursor),
                })
            }
            _ => lean.keep(cursor),
        })
    }

    /// Reads an object and writes those of its fields that `field` writes.
    fn object(
        &mut self,
        cursor: &mut Cursor<'a>,
        mut field: impl FnMut(&mut Self, &'a [u8], &mut Cursor<'a>) -> Read<()>,
    ) -> Read<()> {
        cursor.object()?;
        self.out.push(b'{');
        while let Some(key) = cursor.key()? {
            let before = self.out.len();
            self.out.push(b'"');
            self.out.extend_from_slice(key);
            self.out.extend_from_slice(b"\":");
            let value = self.out.len();
            field(self, key, cursor)?;
            if self.out.len() == value {
                self.out.truncate(before);
            } else {
                self.out.push(b',');
            }
        }
        self.close(b'}');
        Ok(())
    }

    fn keep(&mut self, cursor: &mut Cursor<'a>) -> Read<()> {
        let text = cursor.skip()?;
        if text.is_empty() {
            return Err(Malformed);
        }
        self.out.extend_from_slice(text);
        Ok(())
    }

    fn close(&mut self, bracket: u8) {
        if self.out.last() == Some(&b',') {
            self.out.pop();
        }
        self.out.push(bracket);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn lean(json: &str) -> Option<String> {
        let mut out = Vec::new();
        entry(json.as_bytes(), &mut out).then(|| String::from_utf8(out).unwrap())
    }

    #[test]
    fn what_nobody_reads_is_left_out() {
        let headers = r#"[ {"name":"Cookie","value":"a"}, {"name" : "Referer", "value":"\"/"} ]"#;
        let entry = format!(
            r#"{{"_x":[1, 2],"request":{{"method":"GET","cookies":[],"headers":{headers}}},"response":{{"status": 200,
            "headers":[{{}}],"content":{{"size":2,"text":"}}]"}}}},"cache":{{}},"time":1}}"#
        );
        assert_eq!(
            lean(&entry).unwrap(),
            r#"{"_x":[1, 2],"request":{"method":"GET","headers":[{"name" : "Referer", "value":"\"/"}]},"response":{"status":200,"content":{"size":2}},"time":1}"#
        );
        for telling in [
            entry.replace("GET", "POST"),
            entry.replace("200", "404"),
            entry.replace("200", "0"),
            entry.replace("\"time\"", "\"_error\""),
            entry.replace("\"method\"", "\"verb\""),
        ] {
            assert!(lean(&telling).unwrap().contains(r#""text":"}]""#), "{telling}");
        }
    }

    #[test]
    fn other_shapes_are_left_alone() {
        for json in ["[]", "1", "{\"request\":1}", "{\"request\":{\"headers\":{}}}", "{\"response\":[]", "{\"a\"", ""] {
            assert_eq!(lean(json), None, "{json}");
        }
    }
}
