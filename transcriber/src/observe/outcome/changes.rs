//! The changes that were watched, the most informative first.

use playhead_schemas::text::one_line;
use playhead_schemas::timeline::{Change, OverlayKind, Subject};

use super::attributes::attribute;
use super::overlays::{ClosedDialogs, by_class, gone, live_item, live_region, overlay};
use super::texts::{labelled, text_appeared, weighed};
use super::watch::{Found, Watch, element_text, is_content, is_display};
use super::{QUOTE_CHARS_MAX, element, is_element, lists, loading, visibility};
use crate::dom::editor::{lines_of_field, redrawn_by_keys};
use crate::dom::name::{is_masked, is_out_of_sight, name, visible_text};
use crate::dom::role::role;
use crate::dom::{AttrName, Mirror, NodeIndex, NodeKind};
use crate::observe::contents::{is_amount, label_of};
use crate::observe::draft::{ChangeList, TimedChange};

/// Changes that are reported for one action, including the count of those left out.
const TOLD_MAX: usize = 6;
/// From this many rows with changed texts on, their number is reported instead.
const ROWS_MIN: usize = 3;
/// Elements between a text and its row.
const ROW_LEVELS: usize = 8;
/// The weight of a text that became another one.
const CHANGED: u8 = 3;
/// The weight of a text that appeared.
const PLAIN: u8 = 5;
/// Elements around the target that are near it.
const NEAR_LEVELS: usize = 6;
/// Elements around a change that are looked at for nearness.
const LEVELS_MAX: usize = 64;

/// The changes to report. `target` is the rrweb id of what the action was done to, `until` when the watch
/// ended.
pub(super) fn reported(mirror: &Mirror, watch: &Watch, target: u32, until: f64) -> ChangeList {
    let mut found = watch.removed_overlays.clone();
    found.extend(added(mirror, watch));
    found.extend(changed(mirror, watch));
    found.extend(lists::changes(mirror, &watch.lists, watch.is_drag));
    found.extend(loading::change(mirror, watch, until));
    found.extend(fields(mirror, watch));
    found.extend(focus(mirror, watch));
    found.extend(come_and_gone(mirror, watch, &found));
    found.extend(watch.scrolled.map(|(y, at)| {
        let change = Change::Scrolled { y: y.round_ties_even() as i64 };
        Found { weight: 6, at, of: NodeIndex(0), change }
    }));
    without_told_messages(&mut found);
    without_editor(mirror, target, &mut found);
    // A floating label is drawn once more above its field when the field has the focus.
    let own = mirror.by_id(target).filter(|_| target > 0).and_then(|target| name(mirror, target));
    let own = own.map(text_appeared);
    found.retain(|found| found.weight != PLAIN || Some(&found.change) != own.as_ref());
    by_rows(mirror, &mut found);
    without_told_items(&mut found);
    let near = near(mirror, target);
    found.sort_by_key(|found| (found.weight, !is_near(mirror, near, found.of)));
    let mut changes: Vec<TimedChange> = Vec::new();
    for Found { change, at, .. } in found {
        if !changes.iter().any(|known| known.change == change) {
            changes.push(TimedChange { change, at, edge: None });
        }
    }
    if changes.is_empty() {
        changes.extend(replaced(mirror, watch).map(|(change, at)| TimedChange { change, at, edge: None }));
    }
    if changes.is_empty() {
        let counted = counted(mirror, watch);
        changes.extend(counted.map(|(change, at)| TimedChange { change, at, edge: None }));
    }
    let mut omitted = 0;
    if changes.len() > TOLD_MAX {
        omitted = changes.len() - TOLD_MAX + 1;
        changes.truncate(TOLD_MAX - 1);
    }
    ChangeList { reported: changes, omitted: omitted as u32 }
}

/// Leaves out what an editor draws of what is typed into it, and copies into its hidden field.
fn without_editor(mirror: &Mirror, target: u32, found: &mut Vec<Found>) {
    let editor = mirror.by_id(target).filter(|_| target > 0).and_then(|target| redrawn_by_keys(mirror, target));
    let is_drawn =
        |of: NodeIndex| editor.is_some_and(|top| mirror.self_and_ancestors(of).take(LEVELS_MAX).any(|up| up == top));
    let is_copy =
        |found: &Found| matches!(found.change, Change::Value { .. }) && lines_of_field(mirror, found.of).is_some();
    let is_text = |found: &Found| {
        matches!(
            found.change,
            Change::Text { .. }
                | Change::Appeared { what: Subject::Text { .. } }
                | Change::Disappeared { what: Subject::Text { .. } }
        )
    };
    found.retain(|found| !(is_copy(found) || is_text(found) && is_drawn(found.of)));
}

/// Leaves out the message of a refused field that appeared by itself as well.
fn without_told_messages(found: &mut Vec<Found>) {
    let message = |found: &Found| match &found.change {
        Change::Invalid { message, .. } => message.clone(),
        _ => None,
    };
    let told: Vec<String> = found.iter().filter_map(message).collect();
    let says = |what: &Subject| match what {
        Subject::Text { text } | Subject::Overlay { overlay: OverlayKind::Alert, text: Some(text), .. } => {
            told.contains(text)
        }
        _ => false,
    };
    found.retain(|found| !matches!(&found.change, Change::Appeared { what } if says(what)));
}

/// Leaves out the names of added items that are told as messages.
fn without_told_items(found: &mut [Found]) {
    let message = |found: &Found| match &found.change {
        Change::Appeared { what: Subject::Overlay { text, .. } } => text.clone(),
        _ => None,
    };
    let told: Vec<String> = found.iter().filter_map(message).collect();
    for found in found.iter_mut() {
        if let Change::ListLength { added_items, .. } = &mut found.change {
            added_items.retain(|name| !told.contains(name));
        }
    }
}

/// Replaces texts that changed in many rows of one table by the number of rows.
fn by_rows(mirror: &Mirror, found: &mut Vec<Found>) {
    let row_of = |found: &Found| {
        let of = Some(found.of).filter(|_| found.weight == CHANGED)?;
        mirror.self_and_ancestors(of).take(ROW_LEVELS).find(|up| is_element(mirror, *up) && role(mirror, *up) == "row")
    };
    let mut rows: Vec<(NodeIndex, NodeIndex, f64)> = found
        .iter()
        .filter_map(|found| row_of(found).and_then(|row| Some((mirror.parent(row)?, row, found.at))))
        .collect();
    rows.sort_by_key(|(table, row, _)| (*table, *row));
    rows.dedup_by_key(|(_, row, _)| *row);
    for rows in rows.chunk_by(|a, b| a.0 == b.0).filter(|rows| rows.len() >= ROWS_MIN) {
        let (table, at) = (rows[0].0, rows.iter().map(|(.., at)| *at).fold(f64::INFINITY, f64::min));
        found.retain(|found| row_of(found).is_none_or(|row| mirror.parent(row) != Some(table)));
        let change = Change::RowTexts { rows: rows.len() as u32 };
        found.push(Found { weight: CHANGED, at, of: table, change });
    }
}

/// The element that holds what is near the target.
fn near(mirror: &Mirror, target: u32) -> Option<NodeIndex> {
    let target = mirror.by_id(target).filter(|_| target > 0)?;
    mirror
        .self_and_ancestors(target)
        .take(NEAR_LEVELS)
        .take_while(|up| is_element(mirror, *up) && !matches!(mirror.tag(*up), "body" | "html" | "main"))
        .last()
}

fn is_near(mirror: &Mirror, near: Option<NodeIndex>, nx: NodeIndex) -> bool {
    near.is_some_and(|near| mirror.self_and_ancestors(nx).take(LEVELS_MAX).any(|up| up == near))
}

/// What was put into the page and is to be seen there.
fn added(mirror: &Mirror, watch: &Watch) -> Vec<Found> {
    let seen = |nx: NodeIndex| mirror.node(nx).attached && !is_out_of_sight(mirror, nx);
    let told = |(nx, at): &(NodeIndex, f64)| {
        let message = by_class(mirror, *nx).filter(|_| is_content(mirror, *nx, mirror.parent(*nx)));
        let is_whole = message.as_ref().is_some_and(|(.., is_whole)| *is_whole);
        let whole = if is_whole { None } else { appeared(mirror, watch, *nx) };
        let found = message.map(|(weight, change, _)| (weight, change)).into_iter().chain(whole);
        found.map(|(weight, change)| Found { weight, at: *at, of: *nx, change }).collect::<Vec<_>>()
    };
    watch.added.iter().filter(|(nx, _)| seen(*nx)).flat_map(told).collect()
}

/// Attributes, hiding and showing, texts.
fn changed(mirror: &Mirror, watch: &Watch) -> Vec<Found> {
    let mut found = Vec::new();
    for (nx, attr, old, at) in watch.attrs.iter().filter(|(nx, ..)| mirror.node(*nx).attached) {
        if *attr == AttrName::AriaHidden && is_covered(mirror, watch, *nx) {
            continue;
        }
        let Some((weight, mut change)) = attribute(mirror, *nx, *attr, old.as_deref()) else { continue };
        let mut at = *at;
        // What was out of sight at first, and is so again, came and went.
        let first = watch.attrs.iter().find(|(of, known, ..)| (of, known) == (nx, attr));
        if let Some((.., first_old, first_at)) = first.filter(|_| is_display(*attr))
            && *first_at < at
            && attribute(mirror, *nx, *attr, first_old.as_deref()).is_none()
        {
            (change, at) = (and_appeared(change), *first_at);
        }
        found.push(Found { weight, at, of: *nx, change });
    }
    for (nx, hidden, at) in &watch.hidden {
        if mirror.node(*nx).attached && mirror.node(*nx).style_hidden == *hidden {
            let Some((weight, mut change)) = shown_by_style(mirror, *nx, !hidden) else { continue };
            let mut at = *at;
            if let Some((_, false, first_at)) = watch.hidden.iter().find(|(of, ..)| of == nx)
                && *hidden
            {
                (change, at) = (and_appeared(change), *first_at);
            }
            found.push(Found { weight, at, of: *nx, change });
        }
    }
    for (nx, old, at) in &watch.texts {
        let now = one_line(mirror.text(*nx), QUOTE_CHARS_MAX);
        let shown = || is_content(mirror, *nx, mirror.parent(*nx)) && !is_out_of_sight(mirror, *nx);
        if mirror.node(*nx).attached && now != *old && !now.is_empty() && shown() {
            let by_class = || by_class(mirror, *nx).map(|(weight, change, _)| (weight, change));
            let live = live_region(mirror, *nx, old).or_else(by_class);
            let (weight, change) = live.unwrap_or_else(|| match old.is_empty() {
                true => weighed(labelled(mirror, *nx, now), 4),
                false => {
                    let label = if is_amount(&now) && is_amount(old) { label_of(mirror, *nx) } else { None };
                    let with =
                        |text: &str| label.as_ref().map_or_else(|| text.to_owned(), |label| format!("{label} {text}"));
                    (CHANGED, Change::Text { before: with(old), after: with(&now), status: false })
                }
            });
            found.push(Found { weight, at: *at, of: *nx, change });
        }
    }
    found
}

/// A change of what appeared first: what disappeared then came and went.
fn and_appeared(change: Change) -> Change {
    match change {
        Change::Disappeared { what } => Change::AppearedAndDisappeared { what },
        other => other,
    }
}

/// Messages that were read out and are gone, where nothing else tells them.
fn come_and_gone(mirror: &Mirror, watch: &Watch, found: &[Found]) -> Vec<Found> {
    let text = |change: &Change| match change {
        Change::Appeared { what } | Change::Disappeared { what } | Change::AppearedAndDisappeared { what } => {
            what.text().map(str::to_owned)
        }
        _ => None,
    };
    let told: Vec<String> = found.iter().filter_map(|found| text(&found.change)).collect();
    let is_told = |gone: &Found| text(&gone.change).is_some_and(|gone| told.iter().any(|told| told.contains(&gone)));
    let mut gone = gone(mirror, &watch.said);
    gone.retain(|gone| !is_told(gone));
    gone
}

fn shown_by_style(mirror: &Mirror, nx: NodeIndex, visible: bool) -> Option<(u8, Change)> {
    let closed = if visible { ClosedDialogs::Skip } else { ClosedDialogs::Count };
    if let Some(subject) = overlay(mirror, nx, closed) {
        return Some((1, visibility(subject, visible)));
    }
    let text = visible_text(mirror, nx, QUOTE_CHARS_MAX);
    (!text.is_empty() && visible).then(|| (4, text_appeared(text)))
}

/// True for what is taken from assistive technology only because something else was opened over it, or given back
/// because that was closed: it was in sight all the time.
fn is_covered(mirror: &Mirror, watch: &Watch, nx: NodeIndex) -> bool {
    let hides = mirror.attr(nx, AttrName::AriaHidden) == Some("true");
    let other = |of: NodeIndex| !mirror.self_and_ancestors(of).take(LEVELS_MAX).any(|up| up == nx);
    if hides {
        return watch.added.iter().any(|(of, _)| mirror.node(*of).attached && other(*of) && is_opened(mirror, *of))
            || watch.hidden.iter().any(|(of, hidden, _)| !hidden && other(*of) && is_opened(mirror, *of));
    }
    watch.removed_overlays.iter().any(|removed| other(removed.of))
        || watch.hidden.iter().any(|(of, hidden, _)| *hidden && other(*of) && is_opened(mirror, *of))
}

/// True for a dialog, menu or list of options.
fn is_opened(mirror: &Mirror, nx: NodeIndex) -> bool {
    let found = overlay(mirror, nx, ClosedDialogs::Count);
    found.is_some_and(|what| {
        let Subject::Overlay { overlay, .. } = what else { return false };
        matches!(overlay, OverlayKind::Dialog | OverlayKind::Menu | OverlayKind::Listbox)
    })
}

/// What is may_be_landmark about an added tree.
fn appeared(mirror: &Mirror, watch: &Watch, nx: NodeIndex) -> Option<(u8, Change)> {
    if !is_content(mirror, nx, mirror.parent(nx)) {
        return None;
    }
    if let Some(what) = overlay(mirror, nx, ClosedDialogs::Skip) {
        return Some((0, Change::Appeared { what }));
    }
    if mirror.node(nx).kind == NodeKind::Element {
        if mirror.tag(nx) == "iframe" {
            return None;
        }
        match role(mirror, nx) {
            "listitem" => return live_item(mirror, nx).filter(|_| !is_redrawn(watch, &element_text(mirror, nx))),
            "row" | "option" | "treeitem" | "rowgroup" | "article" => return None,
            _ => {}
        }
        if let Some(whole) = lists::whole(mirror, nx) {
            return Some((2, whole));
        }
    }
    let text = element_text(mirror, nx);
    if text.is_empty() {
        return None;
    }
    live_region(mirror, nx, "")
        .or_else(|| (!is_redrawn(watch, &text)).then(|| weighed(labelled(mirror, nx, text), PLAIN)))
}

/// True for a text that was removed and added again: redrawing is no change.
fn is_redrawn(watch: &Watch, text: &str) -> bool {
    watch.removed_texts.iter().any(|(removed, _)| removed == text)
}

/// Fields that got another value, not from the user.
fn fields(mirror: &Mirror, watch: &Watch) -> Vec<Found> {
    let told = |field: &super::watch::Field| {
        let change = Change::Value {
            element: element(mirror, field.nx, name(mirror, field.nx)),
            masked: is_masked(&field.value),
            value: field.value.clone(),
            by_script: field.by_script,
        };
        Found { weight: 3, at: field.at, of: field.nx, change }
    };
    watch.fields.iter().filter(|field| mirror.node(field.nx).attached).map(told).collect()
}

/// Where the page moved the focus.
fn focus(mirror: &Mirror, watch: &Watch) -> Option<Found> {
    let (id, at) = watch.focus?;
    let nx = mirror.by_id(id).filter(|nx| is_element(mirror, *nx) && mirror.node(*nx).attached)?;
    if matches!(mirror.tag(nx), "body" | "html") {
        return None;
    }
    let element = element(mirror, nx, Some(name(mirror, nx)?));
    Some(Found { weight: 6, at, of: nx, change: Change::FocusMoved { element } })
}

/// The one element that was replaced by another one at its place.
fn replaced(mirror: &Mirror, watch: &Watch) -> Option<(Change, f64)> {
    let (from, before, at) = watch.removed_element.as_ref()?;
    let is_here =
        |nx: &NodeIndex| mirror.node(*nx).attached && is_element(mirror, *nx) && mirror.parent(*nx) == Some(*from);
    let mut added = watch.added.iter().map(|(nx, _)| *nx).filter(is_here);
    let after = added.next().filter(|_| watch.removed.0 == 1)?;
    let after = element(mirror, after, name(mirror, after));
    (added.next().is_none() && after.name.is_some() && after != *before)
        .then(|| (Change::Replaced { before: before.clone(), after }, *at))
}

/// How much changed, when nothing else can be said about it.
fn counted(mirror: &Mirror, watch: &Watch) -> Option<(Change, f64)> {
    let added = watch.added.iter().filter(|(nx, _)| is_content(mirror, *nx, mirror.parent(*nx)));
    let at = added.clone().next().map_or(watch.removed.1, |(_, at)| *at);
    match (added.count() as u32, watch.removed.0) {
        (0, 0) => None,
        (0, _) if !watch.removed_texts.is_empty() => {
            let (text, at) = watch.removed_texts.first()?;
            Some((Change::Disappeared { what: Subject::Text { text: text.clone() } }, *at))
        }
        (added, removed) => Some((Change::Elements { added, removed }, at)),
    }
}
