//! Dialogs, alerts, toasts, menus: what a person notices when it comes or goes.

use playhead_schemas::text::one_line;

use super::QUOTE_CHARS_MAX;
use crate::dom::context::heading;
use crate::dom::name::{name, visible_text};
use crate::dom::role::role;
use crate::dom::tree::landmark_class;
use crate::dom::{AttrName, Mirror, NodeKind, Nx};

/// Nodes of an added tree that are looked through for dialogs and alerts.
const LOOKED_MAX: usize = 600;
/// Elements around a text that may be a live region.
const LIVE_LEVELS_MAX: usize = 4;

/// A dialog, alert, menu or the like at or below a node, as a phrase.
pub(super) fn landmark(mirror: &Mirror, top: Nx, verb: &str) -> Option<String> {
    for nx in mirror.subtree(top).take(LOOKED_MAX) {
        if !mirror.node(nx).notable || mirror.node(nx).kind != NodeKind::Element {
            continue;
        }
        let kind = match role(mirror, nx) {
            "dialog" if mirror.tag(nx) == "dialog" && verb == "appeared" && !is_open(mirror, nx) => continue,
            "dialog" | "alertdialog" => "dialog",
            "alert" => "alert",
            "status" | "log" => "status",
            "tooltip" => "tooltip",
            "menu" => "menu",
            "listbox" if mirror.tag(nx) != "select" => "list of options",
            _ => match by_class(mirror, nx) {
                Some(kind) => kind,
                None => continue,
            },
        };
        let label = match kind {
            "dialog" => name(mirror, nx)
                .or_else(|| heading(mirror, nx))
                .unwrap_or_else(|| visible_text(mirror, nx, QUOTE_CHARS_MAX)),
            "menu" | "list of options" => name(mirror, nx).unwrap_or_default(),
            _ => visible_text(mirror, nx, QUOTE_CHARS_MAX),
        };
        let label = one_line(&label, QUOTE_CHARS_MAX);
        if label.is_empty() {
            if matches!(kind, "alert" | "status" | "tooltip") {
                continue;
            }
            return Some(format!("{kind} {verb}"));
        }
        return Some(format!("{kind} \"{label}\" {verb}"));
    }
    None
}

/// The alert or status that a text is in, as a phrase: what is read out when the text changes. `old` is what
/// stood there before.
pub(super) fn live_region(mirror: &Mirror, text: Nx, old: &str) -> Option<(u8, String)> {
    for up in mirror.lineage(text).skip(1).take(LIVE_LEVELS_MAX) {
        let kind = match (role(mirror, up), mirror.attr(up, AttrName::AriaLive)) {
            ("alert", _) | (_, Some("assertive")) => "alert",
            ("status" | "log", _) | (_, Some("polite")) => "status",
            _ => match by_class(mirror, up) {
                Some("alert") => "alert",
                _ => continue,
            },
        };
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

fn is_open(mirror: &Mirror, nx: Nx) -> bool {
    mirror.has(nx, AttrName::Open) || mirror.has(nx, AttrName::RrOpenMode)
}

/// Toasts and modals of libraries that give them no role.
pub(super) fn by_class(mirror: &Mirror, nx: Nx) -> Option<&'static str> {
    landmark_class(mirror.attr(nx, AttrName::Class)?)
}
