//! Highlight: custom events, whose payloads are mostly JSON in a string.
//!
//! Clicks and focus changes are rrweb's own events, too. Its lists of requests come as a payload of their own, see
//! [`network`](crate::network).

use super::event::{Custom, Dialect};
use super::fact::Fact;

pub(super) struct Highlight;

impl Dialect for Highlight {
    fn custom(&self, event: &Custom<'_>) -> Option<Vec<Fact>> {
        match &*event.tag {
            "Navigate" | "Reload" => Some(event.navigated()),
            "TabHidden" => Some(event.visibility()),
            // They describe the recorder.
            "Performance" | "Viewport" | "Identify" => Some(Vec::new()),
            _ => None,
        }
    }
}
