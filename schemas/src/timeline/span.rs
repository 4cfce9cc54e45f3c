//! Parts of a text.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A part of a text, in bytes of UTF-8. Its JSON form is `[start, len]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "(u32, u32)", into = "(u32, u32)")]
#[schemars(with = "(u32, u32)")]
pub struct Span {
    /// Where it begins.
    pub start: u32,
    /// How long it is.
    pub len: u32,
}

impl Span {
    /// Where it ends.
    pub fn end(self) -> usize {
        self.start as usize + self.len as usize
    }

    /// That part of `text`; `None` when `text` has no such part.
    pub fn of(self, text: &str) -> Option<&str> {
        text.get(self.start as usize..self.end())
    }
}

impl From<(u32, u32)> for Span {
    fn from((start, len): (u32, u32)) -> Self {
        Self { start, len }
    }
}

impl From<Span> for (u32, u32) {
    fn from(Span { start, len }: Span) -> Self {
        (start, len)
    }
}
