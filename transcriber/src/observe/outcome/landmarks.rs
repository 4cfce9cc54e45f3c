//! Dialogs, alerts, toasts, menus: what a person notices when it comes or goes.

use playhead_schemas::text::one_line;

use super::QUOTE_CHARS_MAX;
use crate::dom::context::heading;
use crate::dom::name::{is_hidden, name, visible_text};
use crate::dom::role::role;
use crate::dom::tree::landmark_class;
use crate::dom::{AttrName, Mirror, NodeKind, Nx};

/// Nodes of an added tree that are looked through for dialogs and alerts.
const LOOKED_MAX: usize = 600;
/// Elements around a text that may be a live region.
const LIVE_LEVELS_MAX: usize = 4;

/// A dialog, alert, menu or the like at or below a node, as a phrase. What is out of sight below it doesn't count.
pub(super) fn landmark(mirror: &Mirror, top: Nx, verb: &str) -> Option<String> {
    Some(landmark_in_sight(mirror, top, verb, |nx| !is_hidden(mirror, nx))?.1)
}

/// The first dialog, alert, menu or the like at or below a node, and the phrase about it. `in_sight` tells what
/// is to be seen below the node; of the node itself it isn't asked.
pub(super) fn landmark_in_sight(
    mirror: &Mirror,
    top: Nx,
    verb: &str,
    in_sight: impl Fn(Nx) -> bool,
) -> Option<(Nx, String)> {
    let mut at = Some(top);
    let mut looked = 0;
    while let Some(nx) = at.filter(|_| looked < LOOKED_MAX) {
        looked += 1;
        let seen = nx == top || in_sight(nx);
        if seen && let Some(kind) = kind_of(mirror, nx, verb) {
            let nx = within(mirror, nx, kind, &in_sight).unwrap_or(nx);
            if let Some(phrase) = words(mirror, nx, kind, verb) {
                return Some((nx, phrase));
            }
        }
        at = mirror.walk_on(top, nx, seen);
    }
    None
}

/// What a person would call an element that comes and goes, if it is such a one.
fn kind_of(mirror: &Mirror, nx: Nx, verb: &str) -> Option<&'static str> {
    if !mirror.node(nx).notable || mirror.node(nx).kind != NodeKind::Element {
        return None;
    }
    match role(mirror, nx) {
        "dialog" if mirror.tag(nx) == "dialog" && verb == "appeared" && !is_open(mirror, nx) => None,
        "dialog" | "alertdialog" => Some("dialog"),
        "alert" => Some("alert"),
        "status" | "log" => Some("status"),
        "tooltip" => Some("tooltip"),
        "menu" => Some("menu"),
        "listbox" if mirror.tag(nx) != "select" => Some("list of options"),
        _ => by_class(mirror, nx),
    }
}

/// The dialog that stands in a frame which only its class tells: libraries wrap theirs, and the inner one has the name.
fn within(mirror: &Mirror, nx: Nx, kind: &str, in_sight: impl Fn(Nx) -> bool) -> Option<Nx> {
    let is_dialog = |nx: Nx| matches!(role(mirror, nx), "dialog" | "alertdialog");
    let is_frame = kind == "dialog" && !is_dialog(nx);
    let mut inside = mirror.subtree(nx).take(LOOKED_MAX).skip(1).filter(|_| is_frame);
    inside.find(|inner| {
        mirror.node(*inner).kind == NodeKind::Element
            && is_dialog(*inner)
            && mirror.lineage(*inner).take_while(|up| *up != nx).all(&in_sight)
    })
}

fn words(mirror: &Mirror, nx: Nx, kind: &str, verb: &str) -> Option<String> {
    let label = match kind {
        "dialog" => name(mirror, nx)
            .or_else(|| heading(mirror, nx))
            .unwrap_or_else(|| visible_text(mirror, nx, QUOTE_CHARS_MAX)),
        "menu" | "list of options" => name(mirror, nx).unwrap_or_default(),
        _ => visible_text(mirror, nx, QUOTE_CHARS_MAX),
    };
    let label = one_line(&label, QUOTE_CHARS_MAX);
    if label.is_empty() {
        // A frame without a role and with nothing to be seen in it is none.
        let is_empty = matches!(kind, "alert" | "status" | "tooltip") || role(mirror, nx) == "generic";
        return (!is_empty).then(|| format!("{kind} {verb}"));
    }
    Some(format!("{kind} \"{label}\" {verb}"))
}

/// The alert or status that a text is in, as a phrase: what is read out when the text changes. `old` is what
/// stood there before.
pub(super) fn live_region(mirror: &Mirror, text: Nx, old: &str) -> Option<(u8, String)> {
    for up in mirror.lineage(text).skip(1).take(LIVE_LEVELS_MAX) {
        let Some(kind) = live_kind(mirror, up) else { continue };
        let words = visible_text(mirror, up, QUOTE_CHARS_MAX);
        return match kind {
            _ if words.is_empty() => None,
            "alert" => Some((0, format!("alert \"{words}\" appeared"))),
            // A whole part of the page that is read out; the text alone tells more.
            _ if words.ends_with('…') => None,
            _ if words.contains(old) || old.is_empty() => Some((2, format!("status \"{words}\" appeared"))),
            _ => Some((3, format!("status \"{old}\" became \"{words}\""))),
        };
    }
    None
}

/// An item that was put into a list which is read out, as a phrase: stacks of toasts are written that way.
pub(super) fn live_item(mirror: &Mirror, item: Nx) -> Option<(u8, String)> {
    let kind = mirror.lineage(item).skip(1).take(LIVE_LEVELS_MAX).find_map(|up| live_kind(mirror, up))?;
    let words = visible_text(mirror, item, QUOTE_CHARS_MAX);
    (!words.is_empty()).then(|| (u8::from(kind != "alert"), format!("{kind} \"{words}\" appeared")))
}

/// Says how the changes of an element are read out, if they are.
fn live_kind(mirror: &Mirror, nx: Nx) -> Option<&'static str> {
    match (role(mirror, nx), mirror.attr(nx, AttrName::AriaLive)) {
        ("alert", _) | (_, Some("assertive")) => Some("alert"),
        ("status" | "log", _) | (_, Some("polite")) => Some("status"),
        _ => by_class(mirror, nx).filter(|kind| *kind == "alert"),
    }
}

fn is_open(mirror: &Mirror, nx: Nx) -> bool {
    mirror.has(nx, AttrName::Open) || mirror.has(nx, AttrName::RrOpenMode)
}

/// Toasts and modals of libraries that give them no role.
pub(super) fn by_class(mirror: &Mirror, nx: Nx) -> Option<&'static str> {
    landmark_class(mirror.attr(nx, AttrName::Class)?)
}
