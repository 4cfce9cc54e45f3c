//! What the upload routes answer.

use playhead_schemas::{BugId, ReplayId, ReplayKey, SegmentNo, Stream};
use playhead_store::ReplayState;
use schemars::JsonSchema;
use serde::Serialize;

use playhead_web::{ErrorDetail, Problem};

/// What became of one part of a request. Every part has exactly one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "outcome", rename_all = "lowercase")]
pub(crate) enum PartStatus {
    /// Stored; it survives a crash from now on.
    Accepted,
    /// The same bytes were already stored under the same number.
    Duplicate,
    /// Not stored.
    Rejected {
        /// Why, and what to do.
        error: Problem,
    },
}

/// What became of one stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct StreamReport {
    /// Which stream.
    pub(crate) stream: Stream,
    #[serde(flatten)]
    pub(crate) outcome: PartStatus,
}

/// Whether a replay still grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    /// More segments are expected.
    Open,
    /// It will be transcribed; a late segment is still taken, and has it transcribed again.
    Closed,
}

impl From<ReplayState> for State {
    fn from(state: ReplayState) -> Self {
        match state {
            ReplayState::Open => Self::Open,
            ReplayState::Closed => Self::Closed,
        }
    }
}

/// What became of a segment. Given when at least one stream is stored, or when there was none to store.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SegmentAnswer {
    /// The replay, by the SDK's name.
    pub(crate) replay: ReplayKey,
    /// The replay, by the server's name.
    pub(crate) replay_id: ReplayId,
    /// The segment's number.
    pub(crate) segment: SegmentNo,
    /// The replay's state now.
    pub(crate) state: State,
    /// One outcome for each stream of the request.
    pub(crate) streams: Vec<StreamReport>,
    /// Names in the request that mean nothing to this server; at most 16.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) ignored: Vec<String>,
}

/// What became of a bug report.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct BugAnswer {
    /// The bug's id.
    pub(crate) bug: BugId,
    /// True when the same `client_id` had already made this bug; nothing was stored then.
    pub(crate) duplicate: bool,
    /// One outcome for each screenshot, in the order of the request.
    pub(crate) screenshots: Vec<FileReport>,
    /// One outcome for each attachment, in the order of the request.
    pub(crate) attachments: Vec<FileReport>,
    /// Fields that were left out because they were not valid. The rest of the bug is kept.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) rejected: Vec<FieldReport>,
    /// Names in the request that mean nothing to this server; at most 16.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) ignored: Vec<String>,
}

/// What became of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct FileReport {
    /// Its place in the request, from 0.
    pub(crate) index: usize,
    #[serde(flatten)]
    pub(crate) outcome: PartStatus,
}

/// A field that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct FieldReport {
    /// Its name.
    pub(crate) field: &'static str,
    /// Why, and what to do.
    pub(crate) error: Problem,
}

/// The body of every refusal, for the OpenAPI document: [`playhead_web::ApiError`] writes it.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is read")]
pub(crate) struct ErrorBody {
    /// What was wrong.
    error: ErrorDetail,
    /// What became of each stream of the request, when the refusal concerns single streams.
    streams: Option<Vec<StreamReport>>,
}
