//! Changes of the page in words. The only place that words them; nothing reads the words back.

use std::fmt::Write;

use playhead_schemas::text::counted;
use playhead_schemas::timeline::{Change, Element, ItemKind, Outcome, OverlayKind, PageChange, Shown, Subject};

use super::phrases;
use super::text::Text;
use crate::dom::name::is_masked;

/// The changes of an outcome that are worth a word: a text that is told as that of an alert or a dialog is not told
/// by itself as well.
pub(crate) fn reported(outcome: &Outcome) -> impl Iterator<Item = &PageChange> {
    let changes = &outcome.changes;
    let repeats = |i: usize| changes[..i].iter().any(|before| includes(&before.change, &changes[i].change));
    changes.iter().enumerate().filter(move |(i, _)| !repeats(*i)).map(|(_, change)| change)
}

/// True when what `whole` tells includes what `part` tells.
fn includes(whole: &Change, part: &Change) -> bool {
    let same_text = |whole: &Subject, part: &Subject| match part {
        // The texts of messages are kept longer than others.
        Subject::Text { text } => {
            let whole = whole.text().filter(|_| !matches!(whole, Subject::List { .. }));
            whole.is_some_and(|whole| {
                whole == text || text.strip_suffix('…').is_some_and(|head| whole.starts_with(head))
            })
        }
        _ => false,
    };
    match (whole, part) {
        (Change::Appeared { what: whole }, Change::Appeared { what: part })
        | (Change::Disappeared { what: whole }, Change::Disappeared { what: part }) => same_text(whole, part),
        (
            Change::Text { before, after, status: true },
            Change::Text { before: part_before, after: part_after, status: false },
        ) => (before, after) == (part_before, part_after),
        _ => false,
    }
}

/// True for what a short line tells of an action: a dialog, an alert, a refused field.
pub(crate) fn is_striking(change: &Change) -> bool {
    match change {
        Change::Invalid { .. } => true,
        Change::Appeared { what } | Change::Disappeared { what } | Change::AppearedAndDisappeared { what } => {
            let Subject::Overlay { overlay, text, .. } = what else { return false };
            let is_told = *overlay == OverlayKind::Status && text.is_some();
            is_told || matches!(overlay, OverlayKind::Dialog | OverlayKind::Alert)
        }
        _ => false,
    }
}

/// The text of an alert that appeared.
pub(crate) fn alert(change: &Change) -> Option<&String> {
    match change {
        Change::Appeared { what: Subject::Overlay { overlay: OverlayKind::Alert, text, .. } }
        | Change::AppearedAndDisappeared { what: Subject::Overlay { overlay: OverlayKind::Alert, text, .. } } => {
            text.as_ref()
        }
        _ => None,
    }
}

/// True for a change that says something by itself: more than that something was drawn anew, moved or counted.
pub(crate) fn tells(change: &Change) -> bool {
    !matches!(
        change,
        Change::Elements { .. }
            | Change::Scrolled { .. }
            | Change::FocusMoved { .. }
            | Change::Busy { .. }
            | Change::Loading { ended: true, .. }
    ) && !matches!(change, Change::ListLength { added, removed, .. } if added == removed)
}

/// A change of the page in words: `dialog "Edit order" appeared`.
pub fn words(change: &Change) -> String {
    Text::written(|out| write(out, change))
}

/// Writes a change of the page in words.
pub(crate) fn write(out: &mut Text, change: &Change) {
    match change {
        Change::Appeared { what: Subject::List { element, item, length, columns, items: first } } => {
            write_element(out, element);
            let _ = write!(out, " appeared with {}", items(*length, *item));
            if columns.is_empty() && *item != ItemKind::Row {
                write_names(out, first)
            } else {
                write_table(out, columns, first)
            }
        }
        Change::Appeared { what: what @ Subject::Overlay { items, .. } } => {
            write_subject(out, what, "appeared");
            write_names(out, items);
        }
        Change::Appeared { what } => write_subject(out, what, "appeared"),
        Change::Disappeared { what } => write_subject(out, what, left(what)),
        Change::AppearedAndDisappeared { what } => write_subject(out, what, "appeared and disappeared"),
        Change::Text { before, after, status } if is_masked(before) || is_masked(after) => {
            out.push(if *status { "a status text" } else { "a text" });
            out.push(" became another one (masked)");
        }
        Change::Text { before, after, status } => {
            out.push(if *status { "status " } else { "" });
            out.quote(before);
            out.push(" became ");
            out.quote(after);
        }
        Change::Value { .. } => write_value(out, change),
        Change::Invalid { element, message } => write_invalid(out, element, message.as_deref()),
        Change::Enabled { element, enabled } => {
            write_state(out, element, if *enabled { "enabled" } else { "disabled" })
        }
        Change::Expanded { element, expanded } => {
            write_state(out, element, if *expanded { "expanded" } else { "collapsed" });
        }
        Change::Toggled { element, on } => write_state(out, element, if *on { "on" } else { "off" }),
        Change::Selected { element } => write_state(out, element, "selected"),
        Change::Busy { element } => write_state(out, element, "loading"),
        Change::ListLength { .. } => write_list_length(out, change),
        Change::Moved { list, item, name, place, length } => {
            write_named(out, item_nouns(*item).0, Some(name));
            let _ = write!(out, " moved to place {place} of {length}");
            write_list(out, " in ", list.as_deref());
        }
        Change::Replaced { before, after } => {
            write_element(out, before);
            out.push(" became ");
            write_element(out, after);
        }
        Change::FocusMoved { element } => {
            out.push("focus moved to ");
            write_element(out, element);
        }
        Change::RowTexts { .. } | Change::Loading { .. } | Change::Scrolled { .. } | Change::Elements { .. } => {
            write_count(out, change);
        }
    }
}

/// Writes one thing that a page shows: `heading "Orders"`, `alert "Payment declined"`.
pub(crate) fn write_shown(out: &mut Text, shown: &Shown) {
    match shown {
        Shown::Heading { text } => write_named(out, "heading", Some(text)),
        Shown::Current { element } => {
            write_element(out, element);
            out.push(" marked as current");
        }
        Shown::Text { text } => out.quote(text),
        Shown::Count { text } => out.quote(text),
        Shown::Value { label, value } => write_named(out, label, Some(value)),
        Shown::Choice { element, value } => {
            write_element(out, element);
            out.push(" set to ");
            out.quote(value);
        }
        Shown::Table { name, columns, row } => {
            write_named(out, "table", name.as_deref());
            write_table(out, columns, row);
        }
        Shown::List { name, items, length } => {
            write_named(out, "list", name.as_deref());
            if *length as usize > items.len() {
                let _ = write!(out, " of {length}");
            }
            write_names(out, items);
        }
        Shown::Picture { name } => write_named(out, "picture", Some(name)),
        Shown::Message { overlay, text } => write_named(out, overlay_noun(*overlay), Some(text)),
        Shown::Invalid { element, message } => {
            write_invalid(out, element, message.as_deref());
        }
    }
}

/// Writes the columns and the first row of a table.
fn write_table(out: &mut Text, columns: &[String], row: &[String]) {
    if !columns.is_empty() {
        out.push(" with columns ");
        out.quote(&columns.join(" | "));
    }
    if !row.is_empty() {
        out.push(if columns.is_empty() { " with first row " } else { ", first row " });
        out.quote(&row.join(" | "));
    }
}

/// Writes the names of what something holds.
fn write_names(out: &mut Text, names: &[String]) {
    for (i, name) in names.iter().enumerate() {
        out.push(if i == 0 { ": " } else { ", " });
        out.quote(name);
    }
}

fn write_invalid(out: &mut Text, element: &Element, message: Option<&str>) {
    write_state(out, element, "marked invalid");
    match message {
        Some(message) if is_masked(message) => out.push(" (message masked)"),
        Some(message) => {
            out.push(": ");
            out.quote(message);
        }
        None => {}
    }
}

/// What became of something that is no longer there: dialogs are closed.
fn left(what: &Subject) -> &'static str {
    match what {
        Subject::Overlay { overlay: OverlayKind::Dialog, .. } => "closed",
        _ => "disappeared",
    }
}

/// Changes of which only numbers are told.
fn write_count(out: &mut Text, change: &Change) {
    let elements = |count: u32| counted(count, "element", "elements");
    let _ = match change {
        Change::RowTexts { rows } => write!(out, "{} other values", counted(*rows, "row shows", "rows show")),
        Change::Loading { ms, ended: true } => write!(out, "loading for {}", phrases::duration(*ms)),
        Change::Loading { ms, ended: false } => write!(out, "still loading after {}", phrases::duration(*ms)),
        Change::Scrolled { y } => write!(out, "page scrolled to y {y}"),
        Change::Elements { added: 0, removed } => write!(out, "{} disappeared", elements(*removed)),
        Change::Elements { added, removed: 0 } => write!(out, "{} appeared", elements(*added)),
        Change::Elements { added, removed } => write!(out, "{} appeared, {removed} disappeared", elements(*added)),
        _ => Ok(()),
    };
}

fn write_value(out: &mut Text, change: &Change) {
    let Change::Value { element, value, masked, by_script } = change else { return };
    let by = if *by_script { " by a script" } else { "" };
    write_element(out, element);
    match value.as_str() {
        "" => out.push(" cleared"),
        _ if *masked => out.push(" became another value"),
        value => {
            out.push(" became ");
            out.quote(value);
        }
    }
    out.push(by);
    if *masked && !value.is_empty() {
        out.push(" (masked)");
    }
}

fn write_list_length(out: &mut Text, change: &Change) {
    let Change::ListLength { list, item, added, removed, length, removed_item, added_items } = change else { return };
    let (added, removed, length) = (*added, *removed, *length);
    match (added, removed) {
        (added, 0) => {
            let _ = write!(out, "{} appeared", items(added, *item));
            write_list(out, " in ", list.as_deref());
            if added < length {
                let _ = write!(out, ", now {length}");
            }
            write_names(out, added_items);
        }
        (0, removed) => {
            match removed_item {
                Some(name) => write_named(out, item_nouns(*item).0, Some(name)),
                None => out.push(&items(removed, *item)),
            }
            out.push(" disappeared");
            write_list(out, " from ", list.as_deref());
            let _ = if length == 0 { write!(out, ", now empty") } else { write!(out, ", now {length}") };
        }
        (added, removed) if added == removed => {
            let _ = write!(out, "{} drawn anew", items(added, *item));
            write_list(out, " in ", list.as_deref());
        }
        (added, removed) => {
            let was = (length + removed).saturating_sub(added);
            write_list(out, "", list.as_deref());
            let space = if list.is_some() { " " } else { "" };
            let _ = write!(out, "{space}now {} (was {was})", items(length, *item));
        }
    }
}

fn write_list(out: &mut Text, preposition: &str, list: Option<&str>) {
    if let Some(list) = list {
        out.push(preposition);
        out.quote(list);
    }
}

fn items(count: u32, item: ItemKind) -> String {
    let (one, many) = item_nouns(item);
    counted(count, one, many)
}

fn item_nouns(item: ItemKind) -> (&'static str, &'static str) {
    match item {
        ItemKind::Row => ("row", "rows"),
        ItemKind::Item => ("item", "items"),
        ItemKind::Option => ("option", "options"),
        ItemKind::Treeitem => ("treeitem", "treeitems"),
        ItemKind::Article => ("article", "articles"),
    }
}

fn write_subject(out: &mut Text, what: &Subject, state: &str) {
    match what {
        Subject::Overlay { overlay, text, .. } => write_named(out, overlay_noun(*overlay), text.as_deref()),
        Subject::Element { element } | Subject::List { element, .. } => write_element(out, element),
        Subject::Text { text } if is_masked(text) => out.push("a masked text"),
        Subject::Text { text } => out.quote(text),
    }
    out.push(" ");
    out.push(state);
}

fn overlay_noun(overlay: OverlayKind) -> &'static str {
    match overlay {
        OverlayKind::Dialog => "dialog",
        OverlayKind::Alert => "alert",
        OverlayKind::Status => "status",
        OverlayKind::Tooltip => "tooltip",
        OverlayKind::Menu => "menu",
        OverlayKind::Listbox => "list of options",
    }
}

fn write_state(out: &mut Text, element: &Element, state: &str) {
    write_element(out, element);
    out.push(" ");
    out.push(state);
}

fn write_element(out: &mut Text, element: &Element) {
    write_named(out, &element.role, element.name.as_deref());
}

fn write_named(out: &mut Text, what: &str, name: Option<&str>) {
    out.push(what);
    match name {
        Some(name) if is_masked(name) => out.push(" (masked)"),
        Some(name) => {
            out.push(" ");
            out.quote(name);
        }
        None => {}
    }
}
