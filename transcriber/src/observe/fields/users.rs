//! Whose change of a field it is: the user's or the page's.

use super::{CLICK_TO_CHANGE_MS, CLICK_TO_FILLING_MS, Fields};
use crate::dom::{AttrName, NodeIndex};
use crate::observe::pointer::Pointer;
use crate::observe::window::Context;

/// rrweb notes what a script enters in a task of its own, right after the mutation that drew the page anew;
/// what a person enters comes before the mutation that answers it.
pub(super) const DRAWN_MS: f64 = 8.0;
/// A press takes the focus from a field in the same task.
const LEAVING_MS: f64 = 5.0;
/// A page fills its fields this soon after what it does so for.
const ANSWER_MS: f64 = 200.0;
/// Requests that are looked at for their answer began at most so long before.
const ASKED_MS: f64 = 15_000.0;
/// Characters that one key enters at most, composed ones included.
pub(super) const TYPED_AT_ONCE: usize = 2;

impl Fields {
    /// True when the user is at that field: the focus is there, or it or its label was just pressed.
    pub(super) fn is_users(&self, pointer: &Pointer, at: f64, id: u32, recorded: Option<bool>) -> bool {
        if let Some(recorded) = recorded {
            return recorded;
        }
        if self.focus == id || self.typing.as_ref().is_some_and(|typing| typing.id == id) {
            return true;
        }
        pointer.last_click().is_some_and(|click| at - click.at < CLICK_TO_CHANGE_MS && click.is_on(id))
    }

    /// True when a value came at once as a page fills it: a suggestion that was clicked, a field whose
    /// focus nobody saw, one that was drawn anew.
    pub(super) fn is_filled(
        &self,
        cx: &Context<'_, '_>,
        pointer: &Pointer,
        at: f64,
        nx: NodeIndex,
        text: &str,
        unseen: bool,
    ) -> bool {
        let id = cx.mirror.node(nx).id;
        if self.typing.as_ref().is_some_and(|typing| typing.goes_on(cx, at, id)) {
            return false;
        }
        let before = cx.mirror.attr(nx, AttrName::Value).unwrap_or_default();
        if text == before {
            return true;
        }
        // One step of a slider, and one key in a date or colour, may change the whole value.
        let whole = cx.mirror.attr(nx, AttrName::Type).is_some_and(is_whole);
        let jumps = whole || inserted(before, text) > TYPED_AT_ONCE;
        let pressing = pointer.is_pressing(id);
        let elsewhere = pointer.last_click().filter(|click| !click.is_on(id));
        let since = elsewhere.map_or(f64::INFINITY, |click| at - click.at);
        let answers = since < CLICK_TO_FILLING_MS && self.focused_at < at - since;
        let drawn = at - cx.page.changed_at <= DRAWN_MS && !pressing;
        // A field reports its value once more when it loses the focus (`change`): no key did that.
        let leaves = self.typed_in == id && at - pointer.pressed_at() <= LEAVING_MS && !pressing;
        answers || leaves || jumps && (unseen || since < CLICK_TO_CHANGE_MS && !whole || drawn)
    }
}

/// True when what a page does to its fields now may answer the last click: soon after it, or with something
/// else that changed or came in.
pub(super) fn may_answer(cx: &Context<'_, '_>, pointer: &Pointer, at: f64) -> bool {
    let since = at - pointer.pressed_at();
    let requests = cx.log.requests;
    let first = requests.partition_point(|(start, _)| *start < at - since - CLICK_TO_CHANGE_MS);
    let asked = requests[first..].iter().take_while(|(start, _)| *start <= at);
    let answered = asked.into_iter().any(|(_, end)| *end >= at - ANSWER_MS);
    since <= CLICK_TO_FILLING_MS * 2.0
        || since <= CLICK_TO_CHANGE_MS && (answered || at - cx.page.changed_at < ANSWER_MS)
}

/// True when the answer to a request came in just before.
pub(super) fn answers_request(cx: &Context<'_, '_>, at: f64) -> bool {
    let requests = cx.log.requests;
    let first = requests.partition_point(|(start, _)| *start < at - ASKED_MS);
    requests[first..]
        .iter()
        .take_while(|(start, _)| *start <= at)
        .any(|(_, end)| (0.0..=ANSWER_MS).contains(&(at - end)))
}

/// How many characters came in one go between what stayed at the start and at the end of a value.
pub(super) fn inserted(before: &str, now: &str) -> usize {
    let start = before.chars().zip(now.chars()).take_while(|(a, b)| a == b).count();
    let (old, new) = (before.chars().count(), now.chars().count());
    let left = old.min(new) - start;
    let end = before.chars().rev().zip(now.chars().rev()).take(left).take_while(|(a, b)| a == b).count();
    new - start - end
}

/// Fields whose value isn't typed letter by letter.
fn is_whole(kind: &str) -> bool {
    matches!(kind, "range" | "color" | "date" | "time" | "month" | "week" | "datetime-local")
}
