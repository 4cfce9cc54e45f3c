//! Texts that appeared: with the label of an amount, and how much each tells.

use playhead_schemas::timeline::{Change, OverlayKind, Subject};

use crate::dom::name::is_masked;
use crate::dom::{Mirror, NodeIndex};
use crate::observe::contents::{is_amount, label_of};

/// The weight of a text that says that something went wrong.
const FAULT: u8 = 1;
/// The weight of a text without a word.
const MARK: u8 = 6;

/// True for a change that is an event by itself: not a text or a number that a page keeps up to date.
pub(super) fn is_event(change: &Change) -> bool {
    match change {
        Change::Appeared { what } | Change::Disappeared { what } | Change::AppearedAndDisappeared { what } => {
            !matches!(what, Subject::Text { .. } | Subject::Overlay { overlay: OverlayKind::Tooltip, .. })
        }
        Change::Text { status, .. } => *status,
        Change::Invalid { .. }
        | Change::Enabled { .. }
        | Change::Expanded { .. }
        | Change::Selected { .. }
        | Change::Toggled { .. }
        | Change::Replaced { .. } => true,
        Change::ListLength { added, removed, .. } => added != removed,
        _ => false,
    }
}

/// An amount together with its label, as they stand in the page.
pub(super) fn labelled(mirror: &Mirror, nx: NodeIndex, text: String) -> String {
    match if is_amount(&text) { label_of(mirror, nx) } else { None } {
        Some(label) => format!("{label} {text}"),
        None => text,
    }
}

/// A text that appeared, with its weight: what tells of a fault first, marks and names of keys last.
pub(super) fn weighed(text: String, weight: u8) -> (u8, Change) {
    let weight = match () {
        () if tells_of_fault(&text) => FAULT,
        () if is_mark(&text) => MARK,
        () => weight,
    };
    (weight, text_appeared(text))
}

/// True for a text that says that something went wrong.
fn tells_of_fault(text: &str) -> bool {
    let is_sign = |word: &str| {
        let word = word.to_ascii_lowercase();
        word.ends_with("error")
            || word.ends_with("exception")
            || matches!(word.as_str(), "failed" | "invalid" | "refused" | "traceback" | "denied")
    };
    text.contains(' ') && text.split(|c: char| !c.is_alphanumeric()).any(is_sign)
}

/// True for a text without a word: a letter, a sign, the name of a key.
fn is_mark(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    letters < 2 && !text.bytes().any(|byte| byte.is_ascii_digit()) && !is_masked(text)
}

pub(super) fn text_appeared(text: String) -> Change {
    Change::Appeared { what: Subject::Text { text } }
}
