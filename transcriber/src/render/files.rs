//! Runs of the files that a page is made of, as one line: scripts, styles, images, fonts that came as they should.
//!
//! In: moments of a timeline. Out: the line of a run. Never in it: what failed, what took long, and what a program asked
//! for.

use std::fmt::Write;

use playhead_schemas::alias::Line;
use playhead_schemas::text::counted;
use playhead_schemas::timeline::{Moment, Signal};

use super::phrases;

/// Files that are folded, at least.
const RUN_MIN: usize = 3;

/// The kinds of files, with their nouns.
const KINDS: [(&str, &str, &str); 6] = [
    ("script", "script", "scripts"),
    ("stylesheet", "style sheet", "style sheets"),
    ("image", "image", "images"),
    ("font", "font", "fonts"),
    ("media", "media file", "media files"),
    ("manifest", "manifest", "manifests"),
];

/// `3 images`; the word itself for other kinds.
pub(super) fn counted_kind(kind: &str, count: u64) -> String {
    match KINDS.iter().find(|(known, ..)| *known == kind) {
        Some((_, one, many)) => counted(count, one, many),
        None => counted(count, "request for data", "requests for data"),
    }
}

/// True for a file that a page is made of.
pub(super) fn is_file(resource: Option<&str>) -> bool {
    KINDS.iter().any(|(kind, ..)| Some(*kind) == resource)
}

/// How many of the first moments are files of one window that are told together; 0 when the first is not.
pub(super) fn run(moments: &[Moment]) -> usize {
    let Some(first) = moments.first() else { return 0 };
    let run = moments.iter().take_while(|moment| kind(moment).is_some() && moment.window == first.window).count();
    if run >= RUN_MIN { run } else { 0 }
}

/// The kind of a file that came as it should, by its place among the kinds.
fn kind(moment: &Moment) -> Option<usize> {
    let request = moment.request.as_ref()?;
    let is_slow = moment.signals.contains(&Signal::SlowRequest);
    let is_well = request.went_well() && !is_slow && moment.doubts.is_empty();
    let resource = request.resource.as_deref().filter(|_| is_well)?;
    KINDS.iter().position(|(kind, ..)| *kind == resource)
}

/// A run as one line.
pub(super) fn line(run: &[Moment]) -> Line<'_> {
    let mut counts = [0u64; KINDS.len()];
    run.iter().filter_map(kind).for_each(|kind| counts[kind] += 1);
    let mut told: Vec<(u64, usize)> = counts.iter().copied().zip(0..).filter(|(count, _)| *count > 0).collect();
    told.sort_by_key(|(count, kind)| (std::cmp::Reverse(*count), *kind));
    let words: Vec<String> = told.iter().map(|(count, kind)| counted(*count, KINDS[*kind].1, KINDS[*kind].2)).collect();
    let mut statuses: Vec<u16> = run.iter().filter_map(|moment| moment.request.as_ref()?.status).collect();
    statuses.sort_unstable();
    statuses.dedup();
    let mut text = run.first().map_or_else(String::new, phrases::window);
    text.push_str(&words.join(", "));
    let _ = match statuses[..] {
        [one] => write!(text, ": all {one}"),
        _ => write!(text, ": all came ({})", statuses.iter().map(u16::to_string).collect::<Vec<_>>().join(", ")),
    };
    phrases::run_line(run, text)
}
