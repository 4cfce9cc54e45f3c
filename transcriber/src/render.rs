//! Timelines as text. The only place that makes text of moments.

use playhead_schemas::timeline::Timeline;

/// What the user did, what failed and where, in at most `bytes_max` bytes.
pub fn summary(_timeline: &Timeline, _bytes_max: usize) -> String {
    String::new()
}

/// Every moment, a line each.
pub fn detailed(_timeline: &Timeline) -> String {
    String::new()
}
