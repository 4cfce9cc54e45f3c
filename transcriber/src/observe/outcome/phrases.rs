//! The changes that were watched as phrases, the weightiest first.

use playhead_schemas::text::one_line;

use super::attributes::attribute;
use super::landmarks::{landmark, live_item, live_region};
use super::watch::{Phrase, Watch, is_content, wording};
use super::{QUOTE_CHARS_MAX, is_element, lists, loading};
use crate::dom::name::{is_out_of_sight, name, visible_text};
use crate::dom::role::role;
use crate::dom::{AttrName, Mirror, NodeKind, Nx};
use crate::observe::target::is_masked;

/// Phrases about one action.
const PHRASES_MAX: usize = 6;
/// Rows with changed texts from which on they are told by their number.
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

/// The changes as phrases with their times. `target` is the rrweb id of what the action was done to, `until`
/// when the watch ended.
pub(super) fn phrases(mirror: &Mirror, watch: &Watch, target: u32, until: f64) -> Vec<(String, f64)> {
    let mut found = watch.phrases.clone();
    found.extend(added(mirror, watch));
    found.extend(changed(mirror, watch));
    found.extend(lists::phrases(mirror, &watch.lists));
    found.extend(loading::phrase(mirror, watch, until));
    found.extend(fields(mirror, watch));
    found.extend(focus(mirror, watch));
    found.extend(watch.scrolled.map(|(y, at)| {
        let text = format!("page scrolled to y {y:.0}");
        Phrase { weight: 6, at, of: Nx(0), text }
    }));
    refused_once(&mut found);
    // Labels that float above a field when it has the focus are drawn once more there.
    let own = mirror.by_id(target).filter(|_| target > 0).and_then(|target| name(mirror, target));
    let own = own.map(|own| format!("\"{own}\" appeared"));
    found.retain(|phrase| phrase.weight != PLAIN || Some(&phrase.text) != own.as_ref());
    by_rows(mirror, &mut found);
    let near = near(mirror, target);
    found.sort_by_key(|phrase| (phrase.weight, !is_near(mirror, near, phrase.of)));
    let mut out: Vec<(String, f64)> = Vec::new();
    for phrase in found {
        if !out.iter().any(|(known, _)| *known == phrase.text) {
            out.push((phrase.text, phrase.at));
        }
    }
    if out.is_empty() {
        out.extend(counted(mirror, watch));
    }
    if out.len() > PHRASES_MAX {
        let more = out.len() - PHRASES_MAX + 1;
        out.truncate(PHRASES_MAX - 1);
        out.push((format!("and {more} more changes"), until));
    }
    out
}

/// Leaves out the message of a refused field that stands alone as well.
fn refused_once(found: &mut Vec<Phrase>) {
    let why = |text: &str| text.split_once(" marked invalid: ").map(|(_, why)| format!("{why} appeared"));
    let told: Vec<String> = found.iter().filter_map(|phrase| why(&phrase.text)).collect();
    found.retain(|phrase| !told.iter().any(|told| phrase.text.strip_prefix("alert ").unwrap_or(&phrase.text) == told));
}

/// Tells texts that changed in many rows of one table by their number.
fn by_rows(mirror: &Mirror, found: &mut Vec<Phrase>) {
    let row_of = |phrase: &Phrase| {
        let of = Some(phrase.of).filter(|_| phrase.weight == CHANGED)?;
        mirror.lineage(of).take(ROW_LEVELS).find(|up| is_element(mirror, *up) && role(mirror, *up) == "row")
    };
    let mut rows: Vec<(Nx, Nx, f64)> = found
        .iter()
        .filter_map(|phrase| row_of(phrase).and_then(|row| Some((mirror.parent(row)?, row, phrase.at))))
        .collect();
    rows.sort_by_key(|(table, row, _)| (*table, *row));
    rows.dedup_by_key(|(_, row, _)| *row);
    for rows in rows.chunk_by(|a, b| a.0 == b.0).filter(|rows| rows.len() >= ROWS_MIN) {
        let (table, at) = (rows[0].0, rows.iter().map(|(.., at)| *at).fold(f64::INFINITY, f64::min));
        found.retain(|phrase| row_of(phrase).is_none_or(|row| mirror.parent(row) != Some(table)));
        let text = format!("{} rows show other values", rows.len());
        found.push(Phrase { weight: CHANGED, at, of: table, text });
    }
}

/// The element that holds what is near the target.
fn near(mirror: &Mirror, target: u32) -> Option<Nx> {
    let target = mirror.by_id(target).filter(|_| target > 0)?;
    mirror
        .lineage(target)
        .take(NEAR_LEVELS)
        .take_while(|up| is_element(mirror, *up) && !matches!(mirror.tag(*up), "body" | "html" | "main"))
        .last()
}

fn is_near(mirror: &Mirror, near: Option<Nx>, nx: Nx) -> bool {
    near.is_some_and(|near| mirror.lineage(nx).take(LEVELS_MAX).any(|up| up == near))
}

/// What was put into the page and is to be seen there.
fn added(mirror: &Mirror, watch: &Watch) -> Vec<Phrase> {
    let seen = |nx: Nx| mirror.node(nx).attached && !is_out_of_sight(mirror, nx);
    let told = |(nx, at): &(Nx, f64)| {
        let (weight, text) = appeared(mirror, watch, *nx)?;
        Some(Phrase { weight, at: *at, of: *nx, text })
    };
    watch.added.iter().filter(|(nx, _)| seen(*nx)).filter_map(told).collect()
}

/// Attributes, hiding and showing, texts.
fn changed(mirror: &Mirror, watch: &Watch) -> Vec<Phrase> {
    let mut found = Vec::new();
    for (nx, attr, old, at) in watch.attrs.iter().filter(|(nx, ..)| mirror.node(*nx).attached) {
        if *attr == AttrName::AriaHidden && is_covered(mirror, watch, *nx) {
            continue;
        }
        let told = attribute(mirror, *nx, *attr, old.as_deref());
        found.extend(told.map(|(weight, text)| Phrase { weight, at: *at, of: *nx, text }));
    }
    for (nx, hidden, at) in &watch.hidden {
        if mirror.node(*nx).attached && mirror.node(*nx).style_hidden == *hidden {
            let verb = if *hidden { "went" } else { "appeared" };
            let told = landmark(mirror, *nx, verb).map(|phrase| (1, phrase)).or_else(|| {
                let text = visible_text(mirror, *nx, QUOTE_CHARS_MAX);
                (!text.is_empty() && !*hidden).then(|| (4, format!("\"{text}\" appeared")))
            });
            found.extend(told.map(|(weight, text)| Phrase { weight, at: *at, of: *nx, text }));
        }
    }
    for (nx, old, at) in &watch.texts {
        let now = one_line(mirror.text(*nx), QUOTE_CHARS_MAX);
        let shown = || is_content(mirror, *nx, mirror.parent(*nx)) && !is_out_of_sight(mirror, *nx);
        if mirror.node(*nx).attached && now != *old && !now.is_empty() && shown() {
            let (weight, text) = live_region(mirror, *nx, old).unwrap_or_else(|| match old.is_empty() {
                true => (4, format!("\"{now}\" appeared")),
                false => (CHANGED, format!("\"{old}\" became \"{now}\"")),
            });
            found.push(Phrase { weight, at: *at, of: *nx, text });
        }
    }
    found
}

/// True for what is taken from assistive technology only because something else was opened over it, or given back
/// because that went: it was in sight all the time.
fn is_covered(mirror: &Mirror, watch: &Watch, nx: Nx) -> bool {
    let came = mirror.attr(nx, AttrName::AriaHidden) == Some("true");
    let other = |of: Nx| !mirror.lineage(of).take(LEVELS_MAX).any(|up| up == nx);
    if came {
        return watch.added.iter().any(|(of, _)| mirror.node(*of).attached && other(*of) && is_opened(mirror, *of))
            || watch.hidden.iter().any(|(of, hidden, _)| !hidden && other(*of) && is_opened(mirror, *of));
    }
    watch.phrases.iter().any(|phrase| phrase.text.ends_with(" went") && other(phrase.of))
        || watch.hidden.iter().any(|(of, hidden, _)| *hidden && other(*of) && is_opened(mirror, *of))
}

/// True for a dialog, menu or list of options.
fn is_opened(mirror: &Mirror, nx: Nx) -> bool {
    landmark(mirror, nx, "")
        .is_some_and(|phrase| ["dialog", "menu", "list of options"].iter().any(|kind| phrase.starts_with(kind)))
}

/// What is notable about an added tree.
fn appeared(mirror: &Mirror, watch: &Watch, nx: Nx) -> Option<(u8, String)> {
    if !is_content(mirror, nx, mirror.parent(nx)) {
        return None;
    }
    if let Some(phrase) = landmark(mirror, nx, "appeared") {
        return Some((0, phrase));
    }
    if mirror.node(nx).kind == NodeKind::Element {
        if mirror.tag(nx) == "iframe" {
            return None;
        }
        match role(mirror, nx) {
            "listitem" => return live_item(mirror, nx).filter(|_| !is_again(watch, &wording(mirror, nx))),
            "row" | "option" | "treeitem" | "rowgroup" | "article" => return None,
            _ => {}
        }
        if let Some(whole) = lists::whole(mirror, nx) {
            return Some((2, whole));
        }
    }
    let text = wording(mirror, nx);
    if text.is_empty() {
        return None;
    }
    let plain = || (!is_again(watch, &text)).then(|| (PLAIN, format!("\"{text}\" appeared")));
    live_region(mirror, nx, "").or_else(plain)
}

/// True for a text that went and came again: what is drawn anew is no news.
fn is_again(watch: &Watch, text: &str) -> bool {
    watch.gone.iter().any(|(gone, _)| gone == text)
}

/// Fields that got another value, not from the user.
fn fields(mirror: &Mirror, watch: &Watch) -> Vec<Phrase> {
    let told = |field: &super::watch::Field| {
        let label = name(mirror, field.nx).map_or_else(String::new, |name| format!(" \"{name}\""));
        let what = format!("{}{label}", role(mirror, field.nx));
        let by = if field.by_script { " by a script" } else { "" };
        let text = match field.value.as_str() {
            "" => format!("{what} cleared{by}"),
            value if is_masked(value) => format!("{what} became another value{by} (masked)"),
            value => format!("{what} became \"{value}\"{by}"),
        };
        Phrase { weight: 3, at: field.at, of: field.nx, text }
    };
    watch.fields.iter().filter(|field| mirror.node(field.nx).attached).map(told).collect()
}

/// Where the page moved the focus.
fn focus(mirror: &Mirror, watch: &Watch) -> Option<Phrase> {
    let (id, at) = watch.focus?;
    let nx = mirror.by_id(id).filter(|nx| is_element(mirror, *nx) && mirror.node(*nx).attached)?;
    if matches!(mirror.tag(nx), "body" | "html") {
        return None;
    }
    let label = name(mirror, nx).map(|name| format!(" \"{name}\""))?;
    Some(Phrase { weight: 6, at, of: nx, text: format!("focus moved to {}{label}", role(mirror, nx)) })
}

/// How much changed, when nothing can be said about it.
fn counted(mirror: &Mirror, watch: &Watch) -> Option<(String, f64)> {
    let elements = |n: usize| if n == 1 { "1 element".to_owned() } else { format!("{n} elements") };
    let added = watch.added.iter().filter(|(nx, _)| is_content(mirror, *nx, mirror.parent(*nx)));
    let at = added.clone().next().map_or(watch.removed.1, |(_, at)| *at);
    let text = match (added.count(), watch.removed.0 as usize) {
        (0, 0) => return None,
        (0, _) if !watch.gone.is_empty() => {
            return watch.gone.first().map(|(text, at)| (format!("\"{text}\" went"), *at));
        }
        (0, removed) => format!("{} went", elements(removed)),
        (added, 0) => format!("{} appeared", elements(added)),
        (added, removed) => format!("{} appeared, {removed} went", elements(added)),
    };
    Some((text, at))
}
