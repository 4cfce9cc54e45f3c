//! Runs of moments in a few words: what a transcript shows in place of lines that it leaves out.
//!
//! The summary folds when a replay is transcribed, an answer folds when it is asked for; both do it
//! here, from the little that is kept of each moment for it.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::clock::offset_label;
use crate::text::{counted, one_line};
use crate::{MomentId, MomentKind};

/// Characters of a place in a fold.
const PLACE_CHARS_MAX: usize = 60;
/// Targets and values of one kind that a fold names, and the characters of each.
const TOLD_MAX: usize = 4;
const TOLD_CHARS_MAX: usize = 48;
/// Kinds of moments that a fold names; the rest are counted together.
const KINDS_MAX: usize = 6;

/// What a fold needs to know of a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step<'a> {
    /// Its id.
    pub id: MomentId,
    /// When it began, milliseconds from the replay's start.
    pub t_ms: u64,
    /// What it was.
    pub kind: MomentKind,
    /// Where in the page it was done, such as `dialog "Edit order"` ([`crate::Moment::place`]).
    pub place: Option<&'a str>,
    /// What it was done to or with, such as `button "Save"` or `"Lamp" into textbox "Name"`; empty when that is not to be
    /// said.
    pub told: String,
}

/// A run as one line, ids first as in every line: `m20–m31 00:12.4–00:15.0 12 clicks in grid "Orders"`.
/// With `more` it goes on from a moment of the same kind: `12 more clicks ..`. Empty for no step.
pub fn line(run: &[Step<'_>], more: bool) -> String {
    let [first, .., last] = run else {
        return run
            .first()
            .map_or_else(String::new, |step| format!("{} {} {}", step.id, offset_label(step.t_ms), words(run, more)));
    };
    let (from, to) = (offset_label(first.t_ms), offset_label(last.t_ms));
    format!("{} {from}–{to} {}", span(first.id, last.id), words(run, more))
}

/// The ids of a run: `m20–m31`, or `m20` alone.
pub fn span(first: MomentId, last: MomentId) -> String {
    if first == last { first.to_string() } else { format!("{first}–{last}") }
}

/// What a run holds, actions first: `12 clicks in grid "Orders", 3 requests`.
pub fn words(run: &[Step<'_>], more: bool) -> String {
    let mut kinds: Vec<(MomentKind, Vec<&Step<'_>>)> = Vec::new();
    for step in run {
        match kinds.iter_mut().find(|(kind, _)| *kind == step.kind) {
            Some((_, steps)) => steps.push(step),
            None => kinds.push((step.kind, vec![step])),
        }
    }
    kinds.sort_by_key(|(kind, _)| !kind.is_action());
    let rest: usize = kinds.iter().skip(KINDS_MAX).map(|(_, steps)| steps.len()).sum();
    let mut out = String::new();
    for (i, (kind, steps)) in kinds.iter().take(KINDS_MAX).enumerate() {
        let (one, many) = nouns(*kind);
        let comma = if i > 0 { ", " } else { "" };
        let word = if more && i == 0 { "more " } else { "" };
        let noun = if steps.len() == 1 { one } else { many };
        let told = told_words(steps);
        // What is named needs no place.
        let places: Vec<Option<&str>> = steps.iter().map(|step| step.place.filter(|_| told.is_empty())).collect();
        let _ = write!(out, "{comma}{} {word}{noun}{}{}", steps.len(), place_words(&places), told);
    }
    if rest > 0 {
        let _ = write!(out, ", {}", counted(rest as u64, "other moment", "other moments"));
    }
    out
}

/// ` (button "Save", link "Orders", ..)`: what steps of one kind were done to, each once; nothing when none tells it.
fn told_words(steps: &[&Step<'_>]) -> String {
    let mut told: Vec<&str> = Vec::new();
    for step in steps.iter().filter(|step| !step.told.is_empty()) {
        if !told.contains(&step.told.as_str()) {
            told.push(&step.told);
        }
    }
    let named: Vec<String> = told.iter().take(TOLD_MAX).map(|told| one_line(told, TOLD_CHARS_MAX)).collect();
    match told.len() {
        0 => String::new(),
        count => format!(" ({}{})", named.join("; "), if count > TOLD_MAX { "; .." } else { "" }),
    }
}

/// ` in grid "Orders"`, ` in 5 items`, or nothing when there is no common answer.
fn place_words(places: &[Option<&str>]) -> String {
    let mut distinct: BTreeSet<&str> = BTreeSet::new();
    for place in places {
        let Some(place) = place else { return String::new() };
        distinct.insert(place);
    }
    let named = |place: &str| {
        let preposition = if place.starts_with("heading ") { "under" } else { "in" };
        format!("{preposition} {}", one_line(place, PLACE_CHARS_MAX))
    };
    let mut few = distinct.iter().copied();
    match (few.next(), few.next(), few.next()) {
        (None, ..) => String::new(),
        (Some(one), None, _) => format!(" {}", named(one)),
        (Some(one), Some(other), None) => format!(" {} and {}", named(one), named(other)),
        (Some(one), ..) => {
            let role = |place: &str| place.split(' ').next().unwrap_or_default().to_owned();
            let common = role(one);
            let same = !common.is_empty() && distinct.iter().all(|place| role(place) == common);
            let noun = if same { format!("{common}s") } else { "places".to_owned() };
            format!(" in {} {noun}", distinct.len())
        }
    }
}

fn nouns(kind: MomentKind) -> (&'static str, &'static str) {
    match kind {
        MomentKind::PageLoad => ("page load", "page loads"),
        MomentKind::Navigate => ("navigation", "navigations"),
        MomentKind::Click => ("click", "clicks"),
        MomentKind::DoubleClick => ("double click", "double clicks"),
        MomentKind::ContextMenu => ("context menu", "context menus"),
        MomentKind::Input => ("input", "inputs"),
        MomentKind::Select => ("choice", "choices"),
        MomentKind::Check => ("box set", "boxes set"),
        MomentKind::Scroll => ("scroll", "scrolls"),
        MomentKind::Resize => ("resize", "resizes"),
        MomentKind::Drag => ("drag", "drags"),
        MomentKind::Touch => ("tap", "taps"),
        MomentKind::Tab => ("tab change", "tab changes"),
        MomentKind::Media => ("media event", "media events"),
        MomentKind::Console => ("console line", "console lines"),
        MomentKind::Error => ("error", "errors"),
        MomentKind::Request => ("request", "requests"),
        MomentKind::Notice => ("notice", "notices"),
        MomentKind::Idle => ("pause", "pauses"),
        MomentKind::Custom => ("custom event", "custom events"),
        MomentKind::Annotation => ("annotation", "annotations"),
        MomentKind::Key => ("key press", "key presses"),
        MomentKind::ValueSet => ("value set", "values set"),
        MomentKind::Browser => ("browser event", "browser events"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run<'a>(from: u32, steps: &[(MomentKind, Option<&'a str>)]) -> Vec<Step<'a>> {
        let step = |(id, (kind, place)): (u32, &(MomentKind, Option<&'a str>))| Step {
            id: MomentId(id),
            t_ms: u64::from(id) * 100,
            kind: *kind,
            place: *place,
            told: String::new(),
        };
        (from..).zip(steps).map(step).collect()
    }

    #[test]
    fn runs_are_said_with_their_ids_and_place() {
        use MomentKind::{Check, Click, Console, Input, Request};
        let grid = Some("grid \"Orders\"");
        for (steps, more, want) in [
            (vec![(Click, grid); 12], true, "m20–m31 00:02.0–00:03.1 12 more clicks in grid \"Orders\""),
            (vec![(Click, grid)], false, "m20 00:02.0 1 click in grid \"Orders\""),
            (
                vec![(Request, None), (Input, Some("form \"A\"")), (Input, Some("form \"B\"")), (Request, None)],
                false,
                "m20–m23 00:02.0–00:02.3 2 inputs in form \"A\" and in form \"B\", 2 requests",
            ),
            (
                vec![(Click, Some("row \"1\"")), (Click, Some("row \"2\"")), (Click, Some("row \"3\""))],
                false,
                "m20–m22 00:02.0–00:02.2 3 clicks in 3 rows",
            ),
            (
                vec![(Click, Some("row \"1\"")), (Click, None), (Check, grid), (Console, None)],
                false,
                "m20–m23 00:02.0–00:02.3 2 clicks, 1 box set in grid \"Orders\", 1 console line",
            ),
            (vec![], false, ""),
        ] {
            assert_eq!(line(&run(20, &steps), more), want);
        }
    }

    #[test]
    fn a_fold_of_everything_stays_short() {
        let steps: Vec<_> = MomentKind::ALL.into_iter().map(|kind| (kind, None)).collect();
        let text = line(&run(1, &steps), false);
        let others = format!(", {} other moments", MomentKind::ALL.len() - KINDS_MAX);
        assert!(text.ends_with(&others) && text.len() < 200, "{text}");
    }
}
