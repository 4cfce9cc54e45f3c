//! Replays: their rows and their states.

use playhead_schemas::{BugId, EpochMs, ProjectId, ReplayId, ReplayKey};
use serde::Serialize;
use strum::{EnumString, IntoStaticStr};

use crate::engine::{Row, Tx, values};
use crate::{Result, Store, StoreError, jobs};

/// Whether more segments of a replay are expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum ReplayState {
    /// More segments are expected.
    Open,
    /// The final segment came, or none came for a while. A late segment is still accepted.
    Closed,
}

/// Whether a replay has a transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum TranscriptState {
    /// None, and none is queued.
    None,
    /// The first one is queued or being made.
    Queued,
    /// There is one. A newer one may be queued or being made.
    Ready,
    /// Transcribing was given up; the dead job has the error.
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
    /// Whether more segments are expected.
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
    /// Whether it has a transcript.
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

const BY_ID: &str = "SELECT id, project, replay_key, state, created_at, last_segment_at, segments, raw_bytes,
    stored_bytes, transcript FROM replays WHERE id = $1";
const BY_KEY: &str = "SELECT id, project, replay_key, state, created_at, last_segment_at, segments, raw_bytes,
    stored_bytes, transcript FROM replays WHERE full_key = $1";
const PROJECT: &str = "SELECT archived_at FROM projects WHERE id = $1";
const ADD: &str = "INSERT INTO replays (id, project, replay_key, full_key, state, created_at, segments, raw_bytes,
    stored_bytes, transcript) VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, $7)";
const IDLE: &str = "SELECT id, project FROM replays
    WHERE state = 'open' AND last_segment_at <= $1 ORDER BY last_segment_at, id LIMIT $2";
const CLOSE: &str = "UPDATE replays SET state = 'closed' WHERE id = ANY($1::text[])";
const MATCHING: &str = "SELECT r.id FROM replays r LEFT JOIN transcripts t ON t.replay = r.id
    WHERE r.segments > 0 AND r.id > $1::text AND r.id >= $2::text
      AND ($3::text IS NULL OR r.project = $3::text)
      AND ($4::text IS NULL OR r.id IN (SELECT replay FROM bugs WHERE id = $4::text))
      AND ($5::bigint IS NULL OR t.version IS NULL OR t.version < $5::bigint)
    ORDER BY r.id LIMIT $6";

/// The most replays that one call closes or lists.
const REPLAYS_MAX: u32 = 10_000;

impl Store {
    /// The replay of an id.
    pub async fn replay(&self, id: ReplayId) -> Result<Replay> {
        self.find(BY_ID, values![id], replay).await?.ok_or(StoreError::NotFound("replay"))
    }

    /// The replay of an SDK's key, if there is one.
    pub async fn replay_by_key(&self, project: ProjectId, key: &ReplayKey) -> Result<Option<Replay>> {
        self.find(BY_KEY, values![full_key(project, key)], replay).await
    }

    /// Closes up to `limit` open replays that have segments and got none for `idle_ms`, and enqueues their
    /// transcription. Returns the replays that it closed.
    pub async fn close_idle_replays(&self, now: EpochMs, idle_ms: u64, limit: u32) -> Result<Vec<ReplayId>> {
        let since = now.plus_ms(-i64::try_from(idle_ms).unwrap_or(i64::MAX));
        let limit = limit.min(REPLAYS_MAX);
        let wakeups = self.shared().wakeups.clone();
        self.write(move |tx| {
            let idle = tx.query(IDLE, &values![since, limit])?;
            if idle.is_empty() {
                return Ok(Vec::new());
            }
            let mut closed = Vec::with_capacity(idle.len());
            for row in &idle {
                let (id, project): (ReplayId, ProjectId) = (row.get(0)?, row.get(1)?);
                jobs::enqueue_transcribe(tx, id, project, now, &wakeups)?;
                closed.push(id);
            }
            tx.execute(CLOSE, &values![closed.iter().map(|id| id.0).collect::<Vec<_>>()])?;
            Ok(closed)
        })
        .await
    }

    /// The replays to transcribe again, oldest first. Replays without segments are left out.
    pub async fn replays_matching(
        &self,
        filter: ReprocessFilter,
        after: Option<ReplayId>,
        limit: u32,
    ) -> Result<Vec<ReplayId>> {
        let nil = ReplayId(ulid::Ulid::from(0u128));
        let since = filter.since.map_or(nil, ReplayId::floor_of);
        let limit = limit.min(REPLAYS_MAX);
        let params = values![after.unwrap_or(nil), since, filter.project, filter.bug, filter.below_version, limit];
        self.list_long(MATCHING, params, |row| row.get(0)).await
    }
}

/// A replay's row, found or added by a transaction.
pub(crate) struct ReplayRow {
    pub(crate) id: ReplayId,
    pub(crate) state: ReplayState,
    pub(crate) raw_bytes: u64,
}

/// The replay of a key. Its row is added when the key is new.
///
/// # Errors
/// For a new key: `NotFound` if there is no such project, `Conflict` if it is archived.
pub(crate) fn find_or_add(tx: &Tx<'_>, project: ProjectId, key: &ReplayKey, now: EpochMs) -> Result<ReplayRow> {
    let full_key = full_key(project, key);
    if let Some(row) = tx.query_one(BY_KEY, &values![full_key.as_str()])? {
        let found = replay(&row)?;
        return Ok(ReplayRow { id: found.id, state: found.state, raw_bytes: found.raw_bytes });
    }
    let row = tx.query_one(PROJECT, &values![project])?.ok_or(StoreError::NotFound("project"))?;
    if row.get::<Option<EpochMs>>(0)?.is_some() {
        return Err(StoreError::Conflict("the project is archived and takes no uploads".into()));
    }
    let id = ReplayId::new();
    let (state, transcript) = (ReplayState::Open, TranscriptState::None);
    tx.execute(ADD, &values![id, project, key.as_str(), full_key, <&str>::from(state), now, <&str>::from(transcript)])?;
    Ok(ReplayRow { id, state, raw_bytes: 0 })
}

/// Project and key in one text: the value of the catalog's unique column.
pub(crate) fn full_key(project: ProjectId, key: &ReplayKey) -> String {
    format!("{project}/{key}")
}

fn replay(row: &Row) -> Result<Replay> {
    Ok(Replay {
        id: row.get(0)?,
        project: row.get(1)?,
        key: row.parsed(2)?,
        state: row.parsed(3)?,
        created_at: row.get(4)?,
        last_segment_at: row.get(5)?,
        segments: row.get(6)?,
        raw_bytes: row.get(7)?,
        stored_bytes: row.get(8)?,
        transcript: row.parsed(9)?,
    })
}
