//! Dialogs, alerts, toasts, menus: what opens above the page or is read out.

use playhead_schemas::text::one_line;
use playhead_schemas::timeline::{Change, OverlayKind, Subject};

use super::lists;
use super::watch::{Found, Said};
use super::{MESSAGE_CHARS_MAX, QUOTE_CHARS_MAX};
use crate::dom::apply::Changes;
use crate::dom::context::heading;
use crate::dom::message::{Tone, holds_fields, tells, tone};
use crate::dom::name::{is_hidden, is_out_of_sight, name, visible_text};
use crate::dom::role::role;
use crate::dom::tree::landmark_class;
use crate::dom::{AttrName, Mirror, NodeIndex, NodeKind};

/// Nodes of an added tree that are looked through for dialogs and alerts.
const LOOKED_MAX: usize = 600;
/// Nodes of a mutation that are looked at for dialogs and alerts.
const STRIKING_LOOKED_MAX: usize = 100;
/// Elements around what came into sight that may be its message, and nodes of it that are looked at for one.
const TONE_LEVELS_MAX: usize = 3;
const TONE_NODES_MAX: usize = 80;
/// Characters of the longest status that is a message.
const STATUS_CHARS_MAX: usize = 120;
/// Letters of the shortest status that says what goes on.
const BUSY_LETTERS_MIN: usize = 4;
/// Elements around a text that may be a live region.
const LIVE_LEVELS_MAX: usize = 4;

/// Whether a `<dialog>` counts that is not open: it is not in sight, but may have been just before.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ClosedDialogs {
    Skip,
    Count,
}

/// A dialog, alert, menu or the like at or below a node. What is out of sight below it doesn't count.
pub(super) fn overlay(mirror: &Mirror, top: NodeIndex, closed: ClosedDialogs) -> Option<Subject> {
    Some(overlay_in_sight(mirror, top, closed, |nx| !is_hidden(mirror, nx))?.1)
}

/// The first dialog, alert, menu or the like at or below a node. `in_sight` tells what is to be seen below the
/// node; of the node itself it isn't asked.
pub(super) fn overlay_in_sight(
    mirror: &Mirror,
    top: NodeIndex,
    closed: ClosedDialogs,
    in_sight: impl Fn(NodeIndex) -> bool,
) -> Option<(NodeIndex, Subject)> {
    let mut at = Some(top);
    let mut looked = 0;
    while let Some(nx) = at.filter(|_| looked < LOOKED_MAX) {
        looked += 1;
        let seen = nx == top || in_sight(nx);
        if seen && let Some(kind) = kind_of(mirror, nx, closed) {
            let nx = within(mirror, nx, kind, &in_sight).unwrap_or(nx);
            if let Some(subject) = subject(mirror, nx, kind) {
                return Some((nx, subject));
            }
        }
        at = mirror.next_in_subtree(top, nx, seen);
    }
    None
}

/// What kind of overlay an element is, if it is one.
fn kind_of(mirror: &Mirror, nx: NodeIndex, closed: ClosedDialogs) -> Option<OverlayKind> {
    if !mirror.node(nx).may_be_landmark || mirror.node(nx).kind != NodeKind::Element {
        return None;
    }
    let skips_closed = || closed == ClosedDialogs::Skip && mirror.tag(nx) == "dialog" && !is_open(mirror, nx);
    match role(mirror, nx) {
        "dialog" if skips_closed() => None,
        "dialog" | "alertdialog" => Some(OverlayKind::Dialog),
        "alert" => Some(OverlayKind::Alert),
        "status" | "log" => Some(OverlayKind::Status),
        "tooltip" => Some(OverlayKind::Tooltip),
        "menu" => Some(OverlayKind::Menu),
        "listbox" if mirror.tag(nx) != "select" => Some(OverlayKind::Listbox),
        _ => kind_by_class(mirror, nx),
    }
}

/// The dialog inside an element that is a dialog only by its class: libraries wrap theirs, and the inner one has the
/// name.
fn within(
    mirror: &Mirror,
    nx: NodeIndex,
    kind: OverlayKind,
    in_sight: impl Fn(NodeIndex) -> bool,
) -> Option<NodeIndex> {
    let is_dialog = |nx: NodeIndex| matches!(role(mirror, nx), "dialog" | "alertdialog");
    let is_frame = kind == OverlayKind::Dialog && !is_dialog(nx);
    let mut inside = mirror.subtree(nx).take(LOOKED_MAX).skip(1).filter(|_| is_frame);
    inside.find(|inner| {
        mirror.node(*inner).kind == NodeKind::Element
            && is_dialog(*inner)
            && mirror.self_and_ancestors(*inner).take_while(|up| *up != nx).all(&in_sight)
    })
}

fn subject(mirror: &Mirror, nx: NodeIndex, kind: OverlayKind) -> Option<Subject> {
    let label = match kind {
        OverlayKind::Dialog => name(mirror, nx)
            .or_else(|| heading(mirror, nx))
            .unwrap_or_else(|| visible_text(mirror, nx, QUOTE_CHARS_MAX)),
        OverlayKind::Menu | OverlayKind::Listbox => name(mirror, nx).unwrap_or_default(),
        OverlayKind::Alert | OverlayKind::Status | OverlayKind::Tooltip => visible_text(mirror, nx, MESSAGE_CHARS_MAX),
    };
    let chars_max = if is_message(kind) { MESSAGE_CHARS_MAX } else { QUOTE_CHARS_MAX };
    let text = Some(one_line(&label, chars_max)).filter(|label| !label.is_empty());
    // An empty wrapper without a role is no overlay.
    let is_empty = text.is_none() && (is_message(kind) || role(mirror, nx) == "generic");
    let items = match kind {
        OverlayKind::Menu | OverlayKind::Listbox => lists::entries(mirror, nx),
        _ => Vec::new(),
    };
    (!is_empty).then_some(Subject::Overlay { overlay: kind, text, items })
}

/// True for messages that close themselves: alerts, toasts, statuses, tooltips.
pub(super) fn is_message(kind: OverlayKind) -> bool {
    matches!(kind, OverlayKind::Alert | OverlayKind::Status | OverlayKind::Tooltip)
}

/// The change of the alert or status that a text is in, with its weight: what is read out when the text changes.
/// `old` is what stood there before.
pub(super) fn live_region(mirror: &Mirror, text: NodeIndex, old: &str) -> Option<(u8, Change)> {
    for up in mirror.self_and_ancestors(text).skip(1).take(LIVE_LEVELS_MAX) {
        let Some(kind) = live_kind(mirror, up) else { continue };
        let words = visible_text(mirror, up, MESSAGE_CHARS_MAX);
        return match kind {
            _ if words.is_empty() => None,
            OverlayKind::Alert => Some((0, appeared(kind, words))),
            // The live region is a large part of the page; the changed text alone is more informative.
            _ if is_part_of_page(mirror, up, &words) => None,
            _ if words.contains(old) || old.is_empty() => Some((2, appeared(kind, words))),
            _ => Some((3, Change::Text { before: old.to_owned(), after: words, status: true })),
        };
    }
    None
}

/// An item that was put into a list which is read out, with its weight: stacks of toasts are written that way.
pub(super) fn live_item(mirror: &Mirror, item: NodeIndex) -> Option<(u8, Change)> {
    let kind = mirror.self_and_ancestors(item).skip(1).take(LIVE_LEVELS_MAX).find_map(|up| live_kind(mirror, up))?;
    let words = visible_text(mirror, item, MESSAGE_CHARS_MAX);
    (!words.is_empty()).then(|| (u8::from(kind != OverlayKind::Alert), appeared(kind, words)))
}

/// The message at, around or below what came into sight, where its class alone says that it is one, with its weight. True
/// beside it when all that came is the message.
pub(super) fn by_class(mirror: &Mirror, top: NodeIndex) -> Option<(u8, Change, bool)> {
    let around = mirror.self_and_ancestors(top).take(TONE_LEVELS_MAX).find_map(|up| Some((up, tone(mirror, up)?)));
    let below = || {
        let mut inside = mirror.subtree(top).take(TONE_NODES_MAX);
        inside.find_map(|nx| Some((nx, tone(mirror, nx).filter(|_| !is_hidden(mirror, nx))?)))
    };
    let is_whole = around.is_some();
    let (nx, tone) = around.or_else(below)?;
    let text = visible_text(mirror, nx, MESSAGE_CHARS_MAX);
    if text.ends_with('…') || !tells(&text) || holds_fields(mirror, nx) || is_out_of_sight(mirror, nx) {
        return None;
    }
    let (weight, kind) = match tone {
        Tone::Fault => (0, OverlayKind::Alert),
        Tone::Notice => (1, OverlayKind::Status),
    };
    Some((weight, appeared(kind, text), is_whole))
}

/// The roots of dialogs, alerts and toasts that a mutation brought or showed.
pub(super) fn striking(mirror: &Mirror, changes: &Changes) -> Vec<NodeIndex> {
    let shown_by_style = changes.hidden.iter().filter(|(_, hidden)| !hidden).map(|(nx, _)| *nx);
    let is_display = |attr: AttrName| super::watch::is_display(attr);
    let shown_by_attr = changes.attrs.iter().filter(|(_, attr, _)| is_display(*attr)).map(|(nx, ..)| *nx);
    let places = changes.added.iter().copied().chain(shown_by_style).chain(shown_by_attr).take(STRIKING_LOOKED_MAX);
    let is_new = |nx: NodeIndex| {
        let is_added = changes.added.contains(&nx) || changes.hidden.iter().any(|(of, _)| *of == nx);
        is_added || shows(mirror, nx, changes)
    };
    let is_striking = |nx: &NodeIndex| {
        mirror.node(*nx).attached
            && !is_out_of_sight(mirror, *nx)
            && is_new(*nx)
            && matches!(
                overlay(mirror, *nx, ClosedDialogs::Skip),
                Some(Subject::Overlay { overlay: OverlayKind::Dialog | OverlayKind::Alert, .. })
            )
    };
    let mut found: Vec<NodeIndex> = places.filter(is_striking).collect();
    found.dedup();
    found
}

/// True when a changed attribute shows an element that was hidden.
fn shows(mirror: &Mirror, nx: NodeIndex, changes: &Changes) -> bool {
    changes.attrs.iter().filter(|(of, ..)| *of == nx).any(|(_, attr, old)| {
        let told = super::attributes::attribute(mirror, nx, *attr, old.map(|old| mirror.slice(old)));
        matches!(told, Some((_, Change::Appeared { .. })))
    })
}

/// The region around a node that is read out, and what it says now: alerts, and toasts.
pub(super) fn said(mirror: &Mirror, nx: NodeIndex) -> Option<(NodeIndex, OverlayKind, String)> {
    let mut around = mirror.self_and_ancestors(nx).take(LIVE_LEVELS_MAX + 1);
    let (region, kind) = around.find_map(|up| Some((up, live_kind(mirror, up)?)))?;
    let text = visible_text(mirror, region, MESSAGE_CHARS_MAX);
    // A region that is a large part of the page says nothing by itself.
    (!(text.is_empty() || kind == OverlayKind::Status && is_part_of_page(mirror, region, &text)))
        .then_some((region, kind, text))
}

/// True for a status that is more than a message: a large part of the page, or one with fields.
fn is_part_of_page(mirror: &Mirror, region: NodeIndex, words: &str) -> bool {
    words.chars().count() > STATUS_CHARS_MAX || holds_fields(mirror, region)
}

/// The messages that were said and are gone.
pub(super) fn gone(mirror: &Mirror, said: &[Said]) -> Vec<Found> {
    let now = |region: NodeIndex| {
        if is_out_of_sight(mirror, region) { String::new() } else { visible_text(mirror, region, MESSAGE_CHARS_MAX) }
    };
    let is_gone = |said: &&Said| {
        let now = now(said.region);
        !now.contains(&said.text)
    };
    let told = |said: &Said| {
        let what = Subject::Overlay { overlay: said.kind, text: Some(said.text.clone()), items: Vec::new() };
        let weight = if said.kind == OverlayKind::Status { 2 } else { 1 };
        Found { weight, at: said.at, of: said.region, change: Change::AppearedAndDisappeared { what } }
    };
    // Of a status that counts up the first text tells what goes on.
    let is_first = |i: usize| {
        said[i].kind != OverlayKind::Status || !said[..i].iter().any(|before| before.region == said[i].region)
    };
    // Steps on the way to a number are no news.
    let tells = |said: &Said| {
        let letters = said.text.chars().filter(|c| c.is_alphabetic()).count();
        said.kind != OverlayKind::Status
            || letters >= BUSY_LETTERS_MIN && !said.text.bytes().any(|b| b.is_ascii_digit())
    };
    said.iter()
        .enumerate()
        .filter(|(i, said)| is_first(*i) && tells(said))
        .map(|(_, said)| said)
        .filter(is_gone)
        .map(told)
        .collect()
}

fn appeared(overlay: OverlayKind, text: String) -> Change {
    Change::Appeared { what: Subject::Overlay { overlay, text: Some(text), items: Vec::new() } }
}

/// How the changes of an element are read out, if they are: as an alert or as a status.
fn live_kind(mirror: &Mirror, nx: NodeIndex) -> Option<OverlayKind> {
    if mirror.node(nx).kind != NodeKind::Element {
        return None;
    }
    match (role(mirror, nx), mirror.attr(nx, AttrName::AriaLive)) {
        ("alert", _) | (_, Some("assertive")) => Some(OverlayKind::Alert),
        ("status" | "log", _) | (_, Some("polite")) => Some(OverlayKind::Status),
        _ => kind_by_class(mirror, nx).filter(|kind| *kind == OverlayKind::Alert),
    }
}

fn is_open(mirror: &Mirror, nx: NodeIndex) -> bool {
    mirror.has(nx, AttrName::Open) || mirror.has(nx, AttrName::RrOpenMode)
}

/// Toasts and modals of libraries that give them no role.
pub(crate) fn kind_by_class(mirror: &Mirror, nx: NodeIndex) -> Option<OverlayKind> {
    match landmark_class(mirror.attr(nx, AttrName::Class)?)? {
        "alert" => Some(OverlayKind::Alert),
        _ => Some(OverlayKind::Dialog),
    }
}
