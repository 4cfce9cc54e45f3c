//! Timelines as text. The only place that makes text of moments.
//!
//! In: a finished timeline. Out: a line a moment, a summary, a detailed transcript. The same timeline
//! gives the same text. Never here: facts that the timeline doesn't hold.

pub(crate) mod action;
pub(crate) mod changes;
pub(crate) mod evidence;
mod files;
pub(crate) mod line;
mod outcome;
pub(crate) mod phrases;
mod recorder;
mod remarks;
mod runs;
mod short;
mod summary;
#[cfg(test)]
mod tests;
mod text;
mod vitals;

pub use changes::words as change_words;
pub use summary::summary;

use std::borrow::Cow;

use playhead_schemas::alias::{self, Line};
use playhead_schemas::clock::offset_label;
use playhead_schemas::timeline::{Failure, FailureKind, Moment, Timeline};

/// Failures that the last lines name.
const FOUND_MAX: usize = 40;

/// One moment with its id and time, as it stands in a transcript: `m17 00:12.4 click button "Pay now" ..`.
pub fn moment_line(moment: &Moment) -> String {
    alias_line(moment).to_string()
}

/// Every moment, a line each but for runs of the page's own files and the web vitals of a page, after a head that says what was recorded and what is missing. What is long
/// and repeated is named where it first stands ([`alias`]).
pub fn detailed(timeline: &Timeline) -> String {
    let lines: Vec<Line<'_>> = runs::folded(&timeline.moments);
    let shortened = alias::shorten(&lines);
    let mut out = phrases::head(timeline);
    if shortened.has_names {
        out.push_str(alias::LEGEND);
        out.push('\n');
    }
    for line in shortened.lines {
        out.push_str(&line);
        out.push('\n');
    }
    out.push_str(&found(&timeline.failures));
    out
}

/// The last line: what failed, by the moments that show it.
fn found(failures: &[Failure]) -> String {
    let (slow, failed): (Vec<_>, Vec<_>) =
        failures.iter().partition(|failure| failure.kind == FailureKind::SlowRequest);
    let named = |title: &str, failures: &[&Failure]| {
        let ids: Vec<String> = failures.iter().take(FOUND_MAX).map(|failure| failure.moment.to_string()).collect();
        let more = if failures.len() > FOUND_MAX { ", .." } else { "" };
        format!("{title} ({}): {}{more}.\n", failures.len(), ids.join(", "))
    };
    let mut out = if failed.is_empty() { "No failure was found.\n".to_owned() } else { named("What failed", &failed) };
    if !slow.is_empty() {
        out.push_str(&named("Slow", &slow));
    }
    out
}

fn alias_line(moment: &Moment) -> Line<'_> {
    let prefix = format!("{} {} ", moment.id, offset_label(moment.t_ms));
    Line { prefix, text: Cow::Borrowed(&moment.text), units: &moment.units }
}
