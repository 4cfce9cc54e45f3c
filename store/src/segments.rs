//! Segments: the uploaded pieces of a replay.

use bytes::Bytes;
use playhead_schemas::{EpochMs, ErrorCode, ProjectId, ReplayId, ReplayKey, SegmentNo, Stream};
use serde::Serialize;

use crate::store::pending;
use crate::{ReplayState, Result, Sealed, Store};

/// One stream of an uploaded segment.
#[derive(Clone, Debug)]
pub struct SegmentPart {
    /// Which stream.
    pub stream: Stream,
    /// The window (tab) that it was recorded in, by the SDK's name for it.
    pub window: Option<String>,
    /// The payload.
    pub sealed: Sealed,
}

/// An uploaded segment: one number, one to three streams.
#[derive(Clone, Debug)]
pub struct SegmentPut {
    /// The project of the ingest key.
    pub project: ProjectId,
    /// The replay; its row is made when the key is new.
    pub replay: ReplayKey,
    /// The segment's number.
    pub n: SegmentNo,
    /// Its streams. A stream that is named twice is `Invalid`.
    pub parts: Vec<SegmentPart>,
    /// True when the SDK says that this is the last one.
    pub is_final: bool,
    /// The most that the replay may hold before compression, in bytes.
    pub replay_bytes_max: u64,
}

/// What became of one stream of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PutOutcome {
    /// Stored; it survives a crash from now on.
    Accepted,
    /// The same bytes were already stored under the same number.
    Duplicate,
    /// Not stored: why, and in words.
    Rejected(ErrorCode, String),
}

/// What became of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentReceipt {
    /// The replay's id.
    pub replay: ReplayId,
    /// One outcome for each part, in the order of the parts.
    pub outcomes: Vec<(Stream, PutOutcome)>,
    /// The replay's state afterwards.
    pub state: ReplayState,
}

/// A stored payload: one stream of one segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SegmentMeta {
    /// The replay.
    pub replay: ReplayId,
    /// The segment's number.
    pub n: SegmentNo,
    /// The stream.
    pub stream: Stream,
    /// The window that it was recorded in, by the SDK's name for it.
    pub window: Option<String>,
    /// Bytes before compression.
    pub raw_bytes: u64,
    /// Bytes as stored.
    pub stored_bytes: u64,
    /// When it came.
    pub received_at: EpochMs,
}

impl Store {
    /// Stores an upload: first the objects, then all rows in one transaction that is shared with other uploads
    /// of the same moment. Idempotent by (replay, number, stream).
    ///
    /// The final segment, or any accepted one of a closed replay, enqueues a transcription in the same transaction.
    ///
    /// # Errors
    /// Outcomes carry what was wrong with single parts. `Invalid` and `NotFound` (no such project) concern the
    /// whole call; after any other error the upload may be repeated.
    pub async fn put_segment(&self, put: SegmentPut) -> Result<SegmentReceipt> {
        let _ = put;
        pending()
    }

    /// The payloads of a replay, ordered by number, then stream.
    pub async fn segments(&self, replay: ReplayId) -> Result<Vec<SegmentMeta>> {
        let _ = replay;
        pending()
    }

    /// The bytes of a payload: one complete zstd frame.
    pub async fn read_segment(&self, segment: &SegmentMeta) -> Result<Bytes> {
        let _ = segment;
        pending()
    }

    /// Joins the payloads of a closed replay into one object of independent zstd frames; the catalog switches in
    /// one transaction, and the pieces are deleted after it. `false` when there was nothing to do.
    pub async fn compact_replay(&self, replay: ReplayId) -> Result<bool> {
        let _ = replay;
        pending()
    }
}
