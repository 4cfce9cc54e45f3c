//! What a recording lacks: missing segments, and times in which nothing was recorded.
//!
//! In: segment numbers, and the times of the first and last event of each. Out: gaps. Never here: why a segment is
//! missing.

use playhead_schemas::limits::SIDE_SEGMENT_NO_MIN;
use playhead_schemas::timeline::{Gap, GapReason};

use crate::SegmentInput;

/// The most missing segments that are listed.
const MISSING_MAX: usize = 1000;
/// The most gaps that are listed.
const GAPS_MAX: usize = 100;

/// A time in which nothing was recorded, epoch milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Lapse {
    pub(crate) from: f64,
    pub(crate) to: f64,
    pub(crate) reason: GapReason,
}

/// The numbers below that of the last segment of the recording that were not uploaded.
pub(crate) fn missing(segments: &[SegmentInput<'_>]) -> Vec<u32> {
    let own = segments.iter().map(|segment| segment.n.0).filter(|n| *n < SIDE_SEGMENT_NO_MIN);
    let mut seen: Vec<u32> = own.collect();
    seen.sort_unstable();
    seen.dedup();
    let Some(last) = seen.last().copied() else { return Vec::new() };
    (0..last).filter(|n| seen.binary_search(n).is_err()).take(MISSING_MAX).collect()
}

/// The times that missing segments would cover: from the last event before them to the first one after.
///
/// `spans` are the number and the first and last time of each segment with events, sorted by number.
pub(crate) fn lapses(missing: &[u32], spans: &[(u32, f64, f64)]) -> Vec<Lapse> {
    let mut lapses: Vec<Lapse> = Vec::new();
    for pair in spans.windows(2) {
        let [(before, _, from), (after, to, _)] = [pair[0], pair[1]];
        let next = missing.partition_point(|n| *n <= before);
        if missing.get(next).is_some_and(|n| *n < after) && from < to {
            lapses.push(Lapse { from, to, reason: GapReason::MissingSegment });
        }
    }
    lapses
}

/// The gaps as a timeline lists them, relative to its start.
pub(crate) fn gaps(lapses: &[Lapse], started_at: f64) -> Vec<Gap> {
    let offset = |at: f64| (at - started_at).max(0.0) as u64;
    let mut gaps: Vec<Gap> =
        lapses.iter().map(|l| Gap { from_ms: offset(l.from), to_ms: offset(l.to), reason: l.reason }).collect();
    gaps.sort_by_key(|gap| (gap.from_ms, gap.to_ms, gap.reason));
    gaps.dedup();
    gaps.truncate(GAPS_MAX);
    gaps
}
