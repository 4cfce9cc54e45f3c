//! Flaws of the input: data, not errors.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A flaw of the input that was skipped: data, not an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Defect {
    /// What kind of flaw.
    pub code: DefectCode,
    /// How often.
    pub count: u32,
    /// The first case, in words.
    pub detail: String,
}

/// Kinds of flaws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DefectCode {
    /// A payload that could not be decompressed to its end.
    BadCompression,
    /// A payload or line that is not JSON.
    BadJson,
    /// An event that is not of a known shape.
    BadEvent,
    /// An event type or source that is not known.
    UnknownEvent,
    /// An event without a usable time.
    BadTimestamp,
    /// Events that came in another order than their times.
    OutOfOrder,
    /// Changes before the first full snapshot.
    NoSnapshot,
    /// A change of a node that is not there.
    UnknownNode,
    /// A node under itself or under a node that can't hold it.
    BadTree,
    /// A segment number that never came.
    MissingSegment,
    /// An escape of half a character.
    LoneSurrogate,
    /// A limit was reached; what is past it was left out.
    LimitReached,
    /// A field of an event that could not be decoded.
    BadField,
}
