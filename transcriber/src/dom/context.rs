//! Where in the page an element stands: the dialog, row, list item, form or heading that a person
//! would name to tell two equal buttons apart.

use playhead_schemas::text::one_line;

use super::name::{name, visible_text};
use super::role::role;
use super::{AttrName, Mirror, NodeKind, Nx};

/// Characters of a context's own name.
const CHARS_MAX: usize = 60;
/// Nodes that are looked at for a heading.
const NODES_MAX: usize = 400;

/// The nearest named surrounding, such as `dialog "Edit order"` or `row "Order 178"`.
pub(crate) fn within(mirror: &Mirror, nx: Nx) -> Option<String> {
    for up in mirror.lineage(nx).skip(1).take(64) {
        if mirror.node(up).kind != NodeKind::Element {
            return None;
        }
        let kind = match role(mirror, up) {
            r @ ("dialog" | "alertdialog" | "row" | "form" | "listitem" | "tabpanel" | "toolbar" | "menu"
            | "article" | "group" | "region" | "radiogroup" | "treeitem") => r,
            _ => continue,
        };
        let label = match kind {
            "row" => row_label(mirror, up),
            "listitem" | "article" => heading(mirror, up).or_else(|| short_text(mirror, up)),
            _ => explicit(mirror, up).or_else(|| heading(mirror, up)),
        };
        if let Some(label) = label {
            let kind = match kind {
                "alertdialog" => "dialog",
                "listitem" => "item",
                other => other,
            };
            return Some(format!("{kind} \"{}\"", one_line(&label, CHARS_MAX)));
        }
    }
    None
}

fn explicit(mirror: &Mirror, nx: Nx) -> Option<String> {
    name(mirror, nx)
}

/// The first header cell of a row, else its first cell with text.
fn row_label(mirror: &Mirror, row: Nx) -> Option<String> {
    let cells = || mirror.children(row).take(64);
    cells()
        .find(|cell| matches!(role(mirror, *cell), "rowheader"))
        .into_iter()
        .chain(cells().filter(|cell| matches!(role(mirror, *cell), "cell" | "gridcell" | "columnheader")))
        .map(|cell| visible_text(mirror, cell, CHARS_MAX))
        .find(|text| !text.is_empty())
        .or_else(|| mirror.attr(row, AttrName::AriaLabel).map(str::to_owned))
}

/// The first heading below an element.
pub(crate) fn heading(mirror: &Mirror, nx: Nx) -> Option<String> {
    mirror
        .subtree(nx)
        .skip(1)
        .take(NODES_MAX)
        .find(|node| matches!(role(mirror, *node), "heading") || mirror.tag(*node) == "legend")
        .map(|heading| visible_text(mirror, heading, CHARS_MAX))
        .filter(|text| !text.is_empty())
}

fn short_text(mirror: &Mirror, nx: Nx) -> Option<String> {
    let text = visible_text(mirror, nx, CHARS_MAX);
    (!text.is_empty() && text.chars().count() <= CHARS_MAX / 2).then_some(text)
}
