//! The pure core: the bytes of a replay in, a [`Timeline`] with its
//! defects and its summary out.
//!
//! ```text
//! decode -> dom -> observe -> merge -> signals -> failures -> render
//! ```
//!
//! Never here: I/O, clocks, tokio, a failure because of content, a dependence on hash order.
//! The same bytes give the same output.

mod assemble;
mod causes;
mod console;
mod contrast;
mod coverage;
mod decode;
mod defects;
mod dialects;
mod dom;
mod failures;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzz;
mod lenient;
mod merge;
mod network;
mod observe;
mod options;
mod passing;
mod recorded;
pub mod render;
mod scrub;
mod settle;
mod signals;
mod trackers;

pub use options::{Options, OptionsError, THRESHOLD_MS_MAX, VitalLimits};

use playhead_schemas::timeline::Timeline;
use playhead_schemas::{SegmentNo, Stream};

/// One stream of one segment, as it was stored.
#[derive(Clone, Copy, Debug)]
pub struct SegmentInput<'a> {
    /// Its number in the replay.
    pub n: SegmentNo,
    /// What it carries.
    pub stream: Stream,
    /// The window that it was uploaded for, when the SDK said so.
    pub window: Option<&'a str>,
    /// Its bytes: zstd, gzip, zlib or plain JSON, told apart by their first bytes.
    pub bytes: &'a [u8],
}

/// What a replay became.
#[derive(Clone, Debug)]
pub struct Transcription {
    /// The ordered moments, failures, defects and coverage.
    pub timeline: Timeline,
    /// The summary as text, at most [`SUMMARY_BYTES_MAX`](playhead_schemas::limits::SUMMARY_BYTES_MAX) bytes.
    pub summary: String,
}

/// Transcribes one replay. Never fails on content and never panics: what can't be read is a defect.
pub fn transcribe(segments: &[SegmentInput<'_>], options: &Options) -> Transcription {
    let mut timeline = assemble::timeline(segments, options);
    let summary = render::summary(&timeline, playhead_schemas::limits::SUMMARY_BYTES_MAX);
    // Lines have the notes; a timeline that was stored has none.
    timeline.moments.iter_mut().for_each(|moment| moment.note = None);
    Transcription { timeline, summary }
}
