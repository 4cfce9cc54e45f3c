//! What Playhead's own recorder tells of an event beside the event itself (`docs/recorder-events.md`): the user action that
//! it belongs to, and the calls that led to it.
//!
//! In: the values of one event. Out: what they say, bounded. Never here: moments, and which of them is that action.

use playhead_schemas::text::one_line;

use crate::lenient::{self, Value, epoch_ms, field, number};
use crate::scrub::clean_text;

/// Calls of one stack that are kept.
const FRAMES_MAX: usize = 20;
/// Characters of one call.
const FRAME_CHARS_MAX: usize = 300;

/// The user action that something belongs to. A recorder writes it only when it is certain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Belonging {
    /// When the action began, epoch milliseconds.
    pub(crate) at: f64,
    /// The rrweb id of the event's target; 0 when it has none.
    pub(crate) node: u32,
}

/// What a recorder that tells actions says of something.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Belongs {
    /// The action; `None` when none is certain.
    pub(crate) action: Option<Belonging>,
}

/// The `action` of an object.
pub(crate) fn belonging(holder: Value<'_, '_>) -> Option<Belonging> {
    let action = field(holder, "action")?;
    let at = field(action, "at").and_then(epoch_ms)?;
    Some(Belonging { at, node: node(action, "node").unwrap_or_default() })
}

/// The rrweb id under `key` of an object; `None` for -1, by which recorders say that there is none.
pub(crate) fn node(holder: Value<'_, '_>, key: &str) -> Option<u32> {
    let id = number(holder, key)?;
    (1.0..=f64::from(u32::MAX)).contains(&id).then_some(id as u32)
}

/// The calls in a list, `fn (url:line:column)`, the innermost first, without secrets.
pub(crate) fn frames(list: Option<Value<'_, '_>>) -> Vec<String> {
    let list = list.and_then(|list| list.as_array());
    let frames = list.iter().flat_map(|list| list.iter()).filter_map(lenient::as_text);
    let cleaned = frames.take(FRAMES_MAX).map(|frame| one_line(&clean_text(frame), FRAME_CHARS_MAX));
    cleaned.filter(|frame| !frame.is_empty()).collect()
}
