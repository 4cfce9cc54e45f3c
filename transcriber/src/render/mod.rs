//! Timelines as text. The only place that makes text of moments.
//!
//! In: a finished timeline. Out: a line a moment, a summary, a detailed transcript. The same timeline
//! gives the same text. Never here: facts that the timeline doesn't hold.

mod aside;
pub(crate) mod line;
mod summary;
pub(crate) mod words;

pub use summary::summary;

use playhead_schemas::clock::offset_label;
use playhead_schemas::timeline::{Moment, Timeline};

/// One moment with its id and time, as it stands in a transcript: `m17 00:12.4 click button "Pay now" ..`.
pub fn moment_line(moment: &Moment) -> String {
    format!("{} {} {}", moment.id, offset_label(moment.t_ms), moment.text)
}

/// Every moment, a line each, after a head that says what was recorded and what is missing.
pub fn detailed(timeline: &Timeline) -> String {
    let mut out = words::head(timeline);
    for moment in &timeline.moments {
        out.push_str(&moment_line(moment));
        out.push('\n');
    }
    out
}
