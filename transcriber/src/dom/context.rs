//! The context of an element in the page: the dialog, row, list item, form or heading that a person would name to
//! distinguish two equal buttons.
//!
//! In: the mirror and an element. Out: its surroundings with their names. Never here: selectors.

use playhead_schemas::text::one_line;

use super::name::{is_hidden, is_masked, name, visible_text};
use super::role::role;
use super::{AttrName, Mirror, NodeIndex, NodeKind};

/// Characters of a context's own name.
const CHARS_MAX: usize = 60;
/// Nodes that are visited to find a heading.
const NODES_MAX: usize = 400;

/// Surroundings that are named beside the nearest one.
const AROUND_MAX: usize = 3;
/// Ancestors that are visited.
const LEVELS_MAX: usize = 64;
/// Elements before one that are visited to find its heading.
const BEFORE_MAX: usize = 300;
/// Days of a week and its number.
const DAYS_MAX: usize = 8;
/// How deep below such an element the heading may be.
const HEADING_LEVELS_MAX: usize = 4;

/// The surroundings of an element.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// The nearest named surrounding, such as `dialog "Edit order"` or `row "Order 178"`.
    pub(crate) within: Option<String>,
    /// The surroundings of that one, from the inside out, and the heading above all of it.
    pub(crate) around: Vec<String>,
    /// The rrweb id of the form around it, or of a dialog that is used as one; 0 for none.
    pub(crate) form: u32,
    /// The recorder left out its content.
    pub(crate) blocked: bool,
}

/// The surroundings of an element, through frames and shadow roots.
pub(crate) fn place(mirror: &Mirror, nx: NodeIndex) -> Place {
    let mut place = Place { blocked: mirror.node(nx).blocked, ..Place::default() };
    let mut kinds: Vec<&str> = Vec::new();
    let (mut left_document, mut in_dialog) = (false, false);
    for up in mirror.self_and_ancestors(nx).skip(1).take(LEVELS_MAX) {
        if mirror.node(up).kind != NodeKind::Element {
            left_document = true;
            continue;
        }
        place.blocked |= mirror.node(up).blocked;
        let kind = role(mirror, up);
        // A dialog is submitted as a whole, by a button that may be outside of the form in it.
        let is_dialog = matches!(kind, "dialog" | "alertdialog");
        let own = !left_document && !in_dialog && (is_dialog || place.form == 0 && kind == "form");
        in_dialog |= own && is_dialog;
        // A frame in a form is one of its fields, such as a field for card numbers.
        if own || left_document && kind == "form" {
            place.form = mirror.node(up).id;
        }
        let first = place.within.is_none() && !left_document;
        if kinds.contains(&kind) || !(first && is_place(kind) || is_landmark(kind)) || place.around.len() >= AROUND_MAX
        {
            continue;
        }
        let Some(label) = label_of(mirror, up, kind).filter(|label| !is_masked(label)) else { continue };
        kinds.push(kind);
        let shown = match kind {
            "alertdialog" => "dialog",
            "listitem" => "item",
            "iframe" => "frame",
            "columnheader" => "column",
            other => other,
        };
        let words = format!("{shown} \"{}\"", one_line(&label, CHARS_MAX));
        if first && is_place(kind) {
            place.within = Some(words);
        } else {
            place.around.push(words);
        }
    }
    place.around.extend(
        heading_before(mirror, nx)
            .filter(|text| !is_masked(text))
            .filter(|text| {
                let quoted = format!("\"{text}\"");
                !place.within.iter().chain(&place.around).any(|known| known.ends_with(&quoted))
            })
            .map(|text| format!("heading \"{text}\"")),
    );
    place.around.truncate(AROUND_MAX);
    place
}

/// True for a role of surroundings that distinguish two equal buttons.
fn is_place(role: &str) -> bool {
    matches!(
        role,
        "dialog"
            | "alertdialog"
            | "row"
            | "columnheader"
            | "form"
            | "listitem"
            | "tabpanel"
            | "toolbar"
            | "menu"
            | "article"
            | "group"
            | "region"
            | "radiogroup"
            | "treeitem"
    )
}

/// True for a role of a part of the page.
fn is_landmark(role: &str) -> bool {
    matches!(
        role,
        "dialog"
            | "alertdialog"
            | "form"
            | "table"
            | "grid"
            | "treegrid"
            | "list"
            | "listbox"
            | "tree"
            | "tabpanel"
            | "row"
            | "listitem"
            | "article"
            | "region"
            | "navigation"
            | "iframe"
    )
}

fn label_of(mirror: &Mirror, nx: NodeIndex, role: &str) -> Option<String> {
    match role {
        "row" => row_label(mirror, nx),
        "listitem" | "article" => heading(mirror, nx).or_else(|| short_text(mirror, nx)),
        // The labels of its buttons are no part of a column's name.
        "columnheader" => {
            Some(visible_text(mirror, nx, CHARS_MAX)).filter(|text| !text.is_empty()).or_else(|| explicit(mirror, nx))
        }
        // Their content names their parts and not them.
        "table" | "grid" | "treegrid" | "list" | "listbox" | "tree" | "navigation" | "iframe" => explicit(mirror, nx),
        "form" => explicit(mirror, nx).or_else(|| heading_of_form(mirror, nx)),
        _ => explicit(mirror, nx).or_else(|| heading(mirror, nx)),
    }
}

/// The heading of a form. A legend names its group of fields and not the form around it.
fn heading_of_form(mirror: &Mirror, nx: NodeIndex) -> Option<String> {
    first_text(mirror, nx, |node| is_heading(mirror, node))
}

/// The heading of an element: the last one before it in the same document.
fn heading_before(mirror: &Mirror, nx: NodeIndex) -> Option<String> {
    let mut looked = 0;
    for up in mirror.self_and_ancestors(nx).take(LEVELS_MAX) {
        if mirror.node(up).kind == NodeKind::Document {
            return None;
        }
        let mut before = mirror.prev(up);
        while let Some(sibling) = before {
            looked += 1;
            if looked > BEFORE_MAX {
                return None;
            }
            if let Some(found) = last_heading(mirror, sibling, HEADING_LEVELS_MAX, &mut looked) {
                return Some(visible_text(mirror, found, CHARS_MAX)).filter(|text| !text.is_empty());
            }
            before = mirror.prev(sibling);
        }
    }
    None
}

/// The last heading at or below an element, not deeper than some levels.
fn last_heading(mirror: &Mirror, nx: NodeIndex, levels: usize, looked: &mut usize) -> Option<NodeIndex> {
    *looked += 1;
    if mirror.node(nx).kind != NodeKind::Element || *looked > BEFORE_MAX || is_hidden(mirror, nx) {
        return None;
    }
    if is_heading(mirror, nx) {
        return Some(nx);
    }
    let mut child = if levels > 0 { mirror.last_child(nx) } else { None };
    while let Some(at) = child {
        if let Some(found) = last_heading(mirror, at, levels - 1, looked) {
            return Some(found);
        }
        child = mirror.prev(at);
    }
    None
}

/// True for a heading. A quick check, because nearly all elements are none.
fn is_heading(mirror: &Mirror, nx: NodeIndex) -> bool {
    let tag = mirror.tag(nx);
    (tag.len() == 2 && tag.starts_with('h') || mirror.has(nx, AttrName::Role)) && role(mirror, nx) == "heading"
}

fn explicit(mirror: &Mirror, nx: NodeIndex) -> Option<String> {
    name(mirror, nx)
}

/// The first header cell of a row, else its first cell with text.
pub(crate) fn row_label(mirror: &Mirror, row: NodeIndex) -> Option<String> {
    let cells = || mirror.children(row).take(64);
    if is_head(mirror, row) || is_week(mirror, row) {
        return None;
    }
    cells()
        .find(|cell| matches!(role(mirror, *cell), "rowheader"))
        .into_iter()
        .chain(cells().filter(|cell| matches!(role(mirror, *cell), "cell" | "gridcell" | "columnheader")))
        .map(|cell| visible_text(mirror, cell, CHARS_MAX))
        .find(|text| !text.is_empty())
        .or_else(|| mirror.attr(row, AttrName::AriaLabel).map(str::to_owned))
}

/// A row of column headers: none of them names it.
fn is_head(mirror: &Mirror, row: NodeIndex) -> bool {
    let mut cells =
        mirror.children(row).take(64).filter(|cell| mirror.node(*cell).kind == NodeKind::Element).peekable();
    cells.peek().is_some() && cells.all(|cell| role(mirror, cell) == "columnheader")
}

/// A row of seven days of a month.
fn is_week(mirror: &Mirror, row: NodeIndex) -> bool {
    let cells: Vec<NodeIndex> =
        mirror.children(row).filter(|cell| mirror.node(*cell).kind == NodeKind::Element).take(DAYS_MAX + 1).collect();
    let is_day = |cell: &NodeIndex| {
        let text = visible_text(mirror, *cell, 3);
        text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    (7..=DAYS_MAX).contains(&cells.len()) && cells.iter().all(is_day)
}

/// The first heading below an element.
pub(crate) fn heading(mirror: &Mirror, nx: NodeIndex) -> Option<String> {
    first_text(mirror, nx, |node| is_heading(mirror, node) || mirror.tag(node) == "legend")
}

/// The text of the first such element below one.
fn first_text(mirror: &Mirror, nx: NodeIndex, is_it: impl Fn(NodeIndex) -> bool) -> Option<String> {
    let found = mirror.subtree(nx).skip(1).take(NODES_MAX).find(|node| is_it(*node))?;
    Some(visible_text(mirror, found, CHARS_MAX)).filter(|text| !text.is_empty())
}

fn short_text(mirror: &Mirror, nx: NodeIndex) -> Option<String> {
    let text = visible_text(mirror, nx, CHARS_MAX);
    (!text.is_empty() && text.chars().count() <= CHARS_MAX / 2).then_some(text)
}
