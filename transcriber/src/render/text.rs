//! Text with the places of what may be named in it.

use std::fmt;

use playhead_schemas::alias::UNIT_BYTES_MIN;
use playhead_schemas::timeline::Span;

/// A text in the making, and its units so far, as [`Moment::units`](playhead_schemas::Moment) has them.
#[derive(Debug, Default)]
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) units: Vec<Span>,
}

impl Text {
    /// What `write` writes, as a text alone.
    pub(crate) fn written(write: impl FnOnce(&mut Self)) -> String {
        let mut out = Self::default();
        write(&mut out);
        out.text
    }

    pub(crate) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Writes what may be named.
    pub(crate) fn unit(&mut self, text: &str) {
        self.whole(|out| out.push(text));
    }

    /// Writes a text in quotation marks ([`in_quotes`]), which may be named.
    pub(crate) fn quote(&mut self, text: &str) {
        self.unit(&in_quotes(text));
    }

    /// Writes what may be named as a whole, or else in its parts.
    pub(crate) fn whole(&mut self, write: impl FnOnce(&mut Self)) {
        let (start, at) = (self.text.len(), self.units.len());
        write(self);
        let len = self.text.len() - start;
        let span = Span { start: start as u32, len: len as u32 };
        // A whole that has one part alone is that part.
        if len >= UNIT_BYTES_MIN && self.units.get(at) != Some(&span) {
            self.units.insert(at, span);
        }
    }
}

/// A text in quotation marks that it does not hold itself, so that it stands there as it is: double ones, else single
/// ones. Where it holds both, its double ones are escaped.
pub(crate) fn in_quotes(text: &str) -> String {
    match (text.contains('"'), text.contains('\'')) {
        (false, _) => format!("\"{text}\""),
        (true, false) => format!("'{text}'"),
        (true, true) => format!("\"{}\"", text.replace('"', "\\\"")),
    }
}

impl fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text);
        Ok(())
    }
}
