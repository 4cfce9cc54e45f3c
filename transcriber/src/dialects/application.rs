//! Tags that any application may write, Playhead's own SDK among them.

use super::event::{Custom, Dialect};
use super::fact::Fact;

pub(super) struct Application;

impl Dialect for Application {
    fn custom(&self, event: &Custom<'_>) -> Option<Vec<Fact>> {
        match &*event.tag {
            "navigation" | "playhead/navigation" => Some(event.navigated()),
            "visibilitychange" | "playhead/visibility" => Some(event.visibility()),
            _ => None,
        }
    }
}
