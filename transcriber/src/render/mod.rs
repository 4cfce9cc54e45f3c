//! Timelines as text. The only place that makes text of moments.
//!
//! In: a finished timeline. Out: a line a moment, a summary, a detailed transcript. The same timeline
//! gives the same text. Never here: facts that the timeline doesn't hold.

pub(crate) mod changes;
pub(crate) mod line;
pub(crate) mod phrases;
mod remarks;
mod summary;
#[cfg(test)]
mod tests;

pub use changes::words as change_words;
pub use summary::summary;

use playhead_schemas::alias;
use playhead_schemas::clock::offset_label;
use playhead_schemas::timeline::{Moment, Timeline};

/// One moment with its id and time, as it stands in a transcript: `m17 00:12.4 click button "Pay now" ..`.
pub fn moment_line(moment: &Moment) -> String {
    format!("{} {} {}", moment.id, offset_label(moment.t_ms), moment.text)
}

/// Every moment, a line each, after a head that says what was recorded and what is missing. What is long
/// and repeated is named where it first stands ([`alias`]).
pub fn detailed(timeline: &Timeline) -> String {
    let mut lines: Vec<String> = timeline.moments.iter().map(moment_line).collect();
    let mut out = phrases::head(timeline);
    if alias::shorten(&mut lines) {
        out.push_str(alias::LEGEND);
        out.push('\n');
    }
    for line in lines {
        out.push_str(&line);
        out.push('\n');
    }
    out
}
