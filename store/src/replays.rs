//! Replays: their rows and their states.

use playhead_schemas::{BugId, EpochMs, ProjectId, ReplayId, ReplayKey};
use serde::Serialize;

use crate::store::pending;
use crate::{Result, Store};

/// Whether a replay still grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ReplayState {
    /// More segments are expected.
    Open,
    /// The final segment came, or none came for a while. A late segment is still taken.
    Closed,
}

/// What there is to read of a replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TranscriptState {
    /// Nothing yet, and nothing asked for.
    None,
    /// A first transcript is on its way.
    Queued,
    /// There is a transcript, perhaps with a newer one on its way.
    Ready,
    /// Transcribing was given up; the dead job says why.
    Failed,
}

/// One recording of one browser session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Replay {
    /// Its id.
    pub id: ReplayId,
    /// The project that it belongs to.
    pub project: ProjectId,
    /// The name that the SDK gave it.
    pub key: ReplayKey,
    /// Whether it still grows.
    pub state: ReplayState,
    /// When its row was made.
    pub created_at: EpochMs,
    /// When its last segment came; `None` while it has none.
    pub last_segment_at: Option<EpochMs>,
    /// How many payloads it has (one for each segment number and stream).
    pub segments: u32,
    /// Its payloads before compression, in bytes.
    pub raw_bytes: u64,
    /// Its payloads as stored, in bytes.
    pub stored_bytes: u64,
    /// What there is to read of it.
    pub transcript: TranscriptState,
}

/// Which replays to transcribe again. Conditions are joined by and.
#[derive(Clone, Debug, Default)]
pub struct ReprocessFilter {
    /// Of this project.
    pub project: Option<ProjectId>,
    /// Made at this time or later.
    pub since: Option<EpochMs>,
    /// Of this bug.
    pub bug: Option<BugId>,
    /// Transcribed by an older version than this, or not at all; `None` means all.
    pub below_version: Option<u32>,
}

impl Store {
    /// The replay of an id.
    pub async fn replay(&self, id: ReplayId) -> Result<Replay> {
        let _ = id;
        pending()
    }

    /// The replay of an SDK's key, if there is one.
    pub async fn replay_by_key(&self, project: ProjectId, key: &ReplayKey) -> Result<Option<Replay>> {
        let _ = (project, key);
        pending()
    }

    /// Closes up to `limit` open replays that have segments and got none for `idle_ms`, and enqueues their
    /// transcription. Gives those that it closed.
    pub async fn close_idle_replays(&self, now: EpochMs, idle_ms: u64, limit: u32) -> Result<Vec<ReplayId>> {
        let _ = (now, idle_ms, limit);
        pending()
    }

    /// The replays to transcribe again, oldest first. Replays without segments are left out.
    pub async fn replays_matching(
        &self,
        filter: ReprocessFilter,
        after: Option<ReplayId>,
        limit: u32,
    ) -> Result<Vec<ReplayId>> {
        let _ = (filter, after, limit);
        pending()
    }
}
