//! What a capture has and has not, and where that makes a moment uncertain.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the capture has and has not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// Events that were read.
    pub events: u64,
    /// Events that were passed over, each counted in a defect.
    pub events_skipped: u64,
    /// Full snapshots that were read.
    pub snapshots: u32,
    /// True when changes came before the first full snapshot.
    pub starts_without_snapshot: bool,
    /// Segment numbers that never came.
    pub missing_segments: Vec<u32>,
    /// Where console lines came from.
    pub console: Source,
    /// Where requests came from.
    pub network: Source,
    /// True when values or texts were masked by the recorder.
    pub masked: bool,
    /// Elements that the recorder was told to leave out.
    pub blocked_elements: u32,
    /// True when a limit cut the input short.
    pub truncated: bool,
    /// True when the recorder had been running before its first snapshot here: the beginning was not kept.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub evicted: bool,
    /// Events that came later than their times say; they were put in their places.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub out_of_order: u32,
    /// Windows of which no full snapshot was recorded: what was done there is known, on what is not.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub windows_without_snapshot: u32,
    /// Times in which nothing was recorded though something may have happened. At most 100.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<Gap>,
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// A time in which nothing was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// From then on, milliseconds from the replay's start.
    pub from_ms: u64,
    /// Until then, milliseconds from the replay's start.
    pub to_ms: u64,
    /// Why.
    pub reason: GapReason,
}

/// Why nothing was recorded for a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GapReason {
    /// A segment never came.
    MissingSegment,
    /// The recorder was paused.
    Paused,
}

/// Why what a moment says may be incomplete or wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// No snapshot of its page had come: its target is unknown.
    NoSnapshot,
    /// Something is missing between the last snapshot and it: its target may be another one.
    AfterGap,
    /// Something is missing right after it: its outcome may be another one.
    BeforeGap,
    /// It was done in a part of the page that the recorder left out.
    Blocked,
    /// The recording ended so soon after it that nothing can be said of its outcome.
    CutShort,
    /// When it happened is not known: its own time is missing or of another clock.
    TimeUnknown,
    /// It seems to have had no effect, but requests were not recorded.
    NetworkUnknown,
}

/// Where the entries of a stream came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// None were captured: silence proves nothing.
    #[default]
    None,
    /// From plugin or custom events in the recording.
    Recording,
    /// From a payload of their own.
    Payload,
    /// From both, merged.
    Both,
}
