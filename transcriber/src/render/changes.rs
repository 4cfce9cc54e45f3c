//! Changes of the page in words. The only place that words them; nothing reads the words back.

use playhead_schemas::text::counted;
use playhead_schemas::timeline::{Change, Element, ItemKind, Outcome, OverlayKind, PageChange, Subject};

use super::phrases;
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
        Subject::Text { text } => !matches!(whole, Subject::List { .. }) && whole.text() == Some(text),
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
            let Subject::Overlay { overlay, .. } = what else { return false };
            matches!(overlay, OverlayKind::Dialog | OverlayKind::Alert)
        }
        _ => false,
    }
}

/// A change of the page in words: `dialog "Edit order" appeared`.
pub fn words(change: &Change) -> String {
    match change {
        Change::Appeared { what: Subject::List { element, item, length } } => {
            format!("{} appeared with {}", element_words(element), items(*length, *item))
        }
        Change::Appeared { what } => format!("{} appeared", subject(what)),
        Change::Disappeared { what } => format!("{} disappeared", subject(what)),
        Change::AppearedAndDisappeared { what } => format!("{} appeared and disappeared", subject(what)),
        Change::Text { before, after, status } if is_masked(before) || is_masked(after) => {
            format!("a {}text became another one (masked)", if *status { "status " } else { "" })
        }
        Change::Text { before, after, status } => {
            let status = if *status { "status " } else { "" };
            format!("{status}\"{before}\" became \"{after}\"")
        }
        Change::Value { element, value, masked, by_script } => {
            let by = if *by_script { " by a script" } else { "" };
            let what = match value.as_str() {
                "" => format!("cleared{by}"),
                _ if *masked => format!("became another value{by} (masked)"),
                value => format!("became \"{value}\"{by}"),
            };
            format!("{} {what}", element_words(element))
        }
        Change::Invalid { element, message } => {
            let why = message.as_ref().map_or_else(String::new, |message| format!(": \"{message}\""));
            format!("{} marked invalid{why}", element_words(element))
        }
        Change::Enabled { element, enabled } => state(element, if *enabled { "enabled" } else { "disabled" }),
        Change::Expanded { element, expanded } => state(element, if *expanded { "expanded" } else { "collapsed" }),
        Change::Toggled { element, on } => state(element, if *on { "on" } else { "off" }),
        Change::Selected { element } => state(element, "selected"),
        Change::Busy { element } => state(element, "loading"),
        Change::ListLength { .. } => list_length(change),
        Change::RowTexts { rows } => format!("{} other values", counted(*rows, "row shows", "rows show")),
        Change::Loading { ms, ended: true } => format!("loading for {}", phrases::duration(*ms)),
        Change::Loading { ms, ended: false } => format!("still loading after {}", phrases::duration(*ms)),
        Change::Scrolled { y } => format!("page scrolled to y {y}"),
        Change::FocusMoved { element } => format!("focus moved to {}", element_words(element)),
        Change::Elements { added: 0, removed } => format!("{} disappeared", counted(*removed, "element", "elements")),
        Change::Elements { added, removed: 0 } => format!("{} appeared", counted(*added, "element", "elements")),
        Change::Elements { added, removed } => {
            format!("{} appeared, {removed} disappeared", counted(*added, "element", "elements"))
        }
    }
}

fn list_length(change: &Change) -> String {
    let Change::ListLength { list, item, added, removed, length, removed_item } = change else { return String::new() };
    let of = |preposition: &str| list.as_ref().map_or_else(String::new, |list| format!(" {preposition} \"{list}\""));
    match (*added, *removed) {
        (added, 0) if added >= *length => format!("{} appeared{}", items(added, *item), of("in")),
        (added, 0) => format!("{} appeared{}, now {length}", items(added, *item), of("in")),
        (0, removed) => {
            let left = if *length == 0 { "now empty".to_owned() } else { format!("now {length}") };
            let what = match removed_item {
                Some(name) => format!("{} \"{name}\"", item_nouns(*item).0),
                None => items(removed, *item),
            };
            format!("{what} disappeared{}, {left}", of("from"))
        }
        (added, removed) if added == removed => format!("{} drawn anew{}", items(added, *item), of("in")),
        (added, removed) => {
            let was = (length + removed).saturating_sub(added);
            let list = list.as_ref().map_or_else(String::new, |list| format!("\"{list}\" "));
            format!("{list}now {} (was {was})", items(*length, *item))
        }
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

fn subject(what: &Subject) -> String {
    match what {
        Subject::Overlay { overlay, text } => named(overlay_noun(*overlay), text.as_deref()),
        Subject::Element { element } | Subject::List { element, .. } => element_words(element),
        Subject::Text { text } if is_masked(text) => "a masked text".to_owned(),
        Subject::Text { text } => format!("\"{text}\""),
    }
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

fn state(element: &Element, state: &str) -> String {
    format!("{} {state}", element_words(element))
}

fn element_words(element: &Element) -> String {
    named(&element.role, element.name.as_deref())
}

fn named(what: &str, name: Option<&str>) -> String {
    match name {
        Some(name) if is_masked(name) => format!("{what} (masked)"),
        Some(name) => format!("{what} \"{name}\""),
        None => what.to_owned(),
    }
}
