//! JSON, written straight into the recording.

/// The recording as it grows.
#[derive(Debug)]
pub(super) struct Out {
    bytes: Vec<u8>,
}

impl Out {
    /// An open array with room for about `bytes`.
    pub(super) fn begin(bytes: usize) -> Self {
        let mut out = Self { bytes: Vec::with_capacity(bytes + bytes / 50) };
        out.raw("[");
        out
    }

    /// How much was written.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Writes one event; `data` writes the value of its `data`.
    pub(super) fn event(&mut self, kind: u8, at: i64, data: impl FnOnce(&mut Self)) {
        if self.bytes.len() > 1 {
            self.raw(",");
        }
        self.raw(&format!("{{\"type\":{kind},\"data\":"));
        data(self);
        self.raw(&format!(",\"timestamp\":{at}}}"));
    }

    /// Writes JSON as it is.
    pub(super) fn raw(&mut self, json: &str) {
        self.bytes.extend_from_slice(json.as_bytes());
    }

    /// Writes a number.
    pub(super) fn number(&mut self, n: u32) {
        self.raw(&n.to_string());
    }

    /// Writes a string.
    pub(super) fn text(&mut self, text: &str) {
        self.raw("\"");
        if text.bytes().all(|b| b >= 0x20 && b != b'"' && b != b'\\') {
            self.raw(text);
        } else {
            for c in text.chars() {
                match c {
                    '"' => self.raw("\\\""),
                    '\\' => self.raw("\\\\"),
                    '\n' => self.raw("\\n"),
                    c if c < ' ' => self.raw(&format!("\\u{:04x}", u32::from(c))),
                    c => self.raw(c.encode_utf8(&mut [0; 4])),
                }
            }
        }
        self.raw("\"");
    }

    /// Writes a list: `each` writes one item.
    pub(super) fn list<T>(&mut self, items: impl IntoIterator<Item = T>, mut each: impl FnMut(&mut Self, T)) {
        self.raw("[");
        for (i, item) in items.into_iter().enumerate() {
            if i > 0 {
                self.raw(",");
            }
            each(self, item);
        }
        self.raw("]");
    }

    /// Writes an object of these keys: `each` writes one value.
    pub(super) fn object<T>(
        &mut self,
        entries: impl IntoIterator<Item = (&'static str, T)>,
        mut each: impl FnMut(&mut Self, T),
    ) {
        self.raw("{");
        for (i, (key, value)) in entries.into_iter().enumerate() {
            if i > 0 {
                self.raw(",");
            }
            self.text(key);
            self.raw(":");
            each(self, value);
        }
        self.raw("}");
    }

    /// Closes the array.
    pub(super) fn end(mut self) -> Vec<u8> {
        self.raw("]");
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_back() {
        for text in ["", "plain", "a \"b\" \\ c\n\u{1}", "£ 東京"] {
            let mut out = Out { bytes: Vec::new() };
            out.text(text);
            assert_eq!(serde_json::from_slice::<String>(&out.bytes).ok().as_deref(), Some(text));
        }
    }
}
