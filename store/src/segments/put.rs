//! Storing an upload: what is already stored is answered from the catalog. Of what is new, small parts are staged in the
//! catalog, with the commit that acknowledges them; larger ones become objects first.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::future::try_join_all;
use playhead_schemas::limits::SEGMENT_NO_MAX;
use playhead_schemas::{EpochMs, ErrorCode, ReplayId, SegmentNo, Stream};
use ulid::Ulid;

use super::{PutOutcome, SegmentPart, SegmentPut, SegmentReceipt};
use crate::engine::{Row, Session, Tx, Value, values};
use crate::objects::ObjectKey;
use crate::replays::{ReplayRow, find_or_add, full_key};
use crate::shared::Wakeups;
use crate::{ReplayState, Result, Store, StoreError, jobs};

/// Characters of an SDK's name for a window.
const WINDOW_CHARS_MAX: usize = 64;

const REPLAY: &str = "SELECT id, state, raw_bytes FROM replays WHERE full_key = $1";
const STORED: &str = "SELECT n, stream, sha256 FROM segments WHERE replay = $1 AND n = $2";
const ADD: &str = "INSERT INTO segments
    (replay, n, stream, window_name, raw_bytes, stored_bytes, sha256, received_at, object, first_byte,
        stored_check)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    ON CONFLICT (replay, n, stream) DO NOTHING RETURNING n";
const GROW: &str = "UPDATE replays SET segments = segments + $2, raw_bytes = raw_bytes + $3,
    stored_bytes = stored_bytes + $4, last_segment_at = $5, state = $6 WHERE id = $1";
const CLOSE: &str = "UPDATE replays SET state = 'closed' WHERE id = $1";

/// An upload whose objects are written.
#[derive(Debug)]
pub(crate) struct Upload {
    pub(super) put: Arc<SegmentPut>,
    /// One for each part.
    pub(super) steps: Vec<Step>,
    /// The replay, if it existed when the catalog was read.
    pub(super) replay: Option<ReplayId>,
}

/// A part that is being stored: its outcome, or the object that was written for it.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Decided(PutOutcome),
    /// Its object is written, its row is not.
    Written {
        /// The object's key.
        object: String,
    },
    /// It is written together with its row.
    Staged,
}

impl Store {
    /// Stores an upload: first the objects, then all rows in one transaction, which uploads that arrive at the same
    /// time share. Idempotent by (replay, number, stream).
    ///
    /// The final segment, or any accepted one of a closed replay, enqueues a transcription in the same transaction.
    ///
    /// # Errors
    /// What was wrong with a single part is its outcome. `Invalid`, `NotFound` (no such project) and `Conflict` (the
    /// project is archived) concern the whole call; after any other error the upload may be repeated.
    pub async fn put_segment(&self, put: SegmentPut) -> Result<SegmentReceipt> {
        check(&put)?;
        let put = Arc::new(put);
        let stored_parts = {
            let put = put.clone();
            self.read(move |s| read_stored(s, &put)).await?
        };
        if let Some(receipt) = stored_parts.receipt(&put) {
            return Ok(receipt);
        }
        let writes =
            put.parts.iter().zip(stored_parts.decided).map(|(part, decided)| self.write_piece(&put, part, decided));
        let steps = try_join_all(writes).await?;
        let upload = Arc::new(Upload { put, steps, replay: stored_parts.replay.map(|(id, _)| id) });
        let receipt = self.shared().upload_batches.record(upload.clone()).await?;
        self.delete_unnamed(&upload.steps, &receipt).await;
        Ok(receipt)
    }

    async fn write_piece(&self, put: &SegmentPut, part: &SegmentPart, decided: Option<PutOutcome>) -> Result<Step> {
        if let Some(outcome) = decided {
            return Ok(Step::Decided(outcome));
        }
        if part.payload.stored_bytes() <= self.stage_bytes_max() {
            return Ok(Step::Staged);
        }
        let content = &part.payload.fingerprint;
        let (project, replay, upload) = (put.project, &put.replay, Ulid::generate());
        let key = ObjectKey::Piece { project, replay, n: put.n, stream: part.stream, content, upload };
        let object = self.objects().put(&key, part.payload.zstd.clone()).await?;
        Ok(Step::Written { object })
    }

    /// Deletes the objects of parts that were not accepted after all, because another call came first: no row will ever
    /// name them. What a crash leaves is swept (`sweep.rs`).
    async fn delete_unnamed(&self, steps: &[Step], receipt: &SegmentReceipt) {
        for (step, (_, outcome)) in steps.iter().zip(&receipt.outcomes) {
            if let (Step::Written { object }, PutOutcome::Duplicate | PutOutcome::Rejected(..)) = (step, outcome)
                && let Err(error) = self.objects().delete(object).await
            {
                tracing::warn!(%error, "an object that no row names was left behind");
            }
        }
    }
}

fn check(put: &SegmentPut) -> Result<()> {
    let streams: BTreeSet<Stream> = put.parts.iter().map(|p| p.stream).collect();
    let windows_fit = put.parts.iter().flat_map(|p| &p.window).all(|w| w.chars().count() <= WINDOW_CHARS_MAX);
    let wrong = if put.n.0 > SEGMENT_NO_MAX {
        format!("segment numbers go from 0 to {SEGMENT_NO_MAX}")
    } else if streams.len() != put.parts.len() {
        "a segment has each stream once at most".into()
    } else if put.parts.is_empty() && !put.is_final {
        "a segment has at least one stream, unless it is final".into()
    } else if !windows_fit {
        format!("a window's name has at most {WINDOW_CHARS_MAX} characters")
    } else {
        return Ok(());
    };
    Err(StoreError::Invalid(wrong))
}

/// What is already stored, before anything is written.
struct StoredParts {
    replay: Option<(ReplayId, ReplayState)>,
    decided: Vec<Option<PutOutcome>>,
}

impl StoredParts {
    /// The receipt, when there is nothing to write.
    fn receipt(&self, put: &SegmentPut) -> Option<SegmentReceipt> {
        let (replay, state) = self.replay?;
        if put.is_final && state == ReplayState::Open {
            return None;
        }
        let outcomes = put.parts.iter().zip(&self.decided).map(|(p, d)| d.clone().map(|d| (p.stream, d)));
        Some(SegmentReceipt { replay, outcomes: outcomes.collect::<Option<_>>()?, state })
    }
}

fn read_stored(session: &dyn Session, put: &SegmentPut) -> Result<StoredParts> {
    let found = session.query_one(REPLAY, &values![full_key(put.project, &put.replay)])?;
    let (replay, raw_bytes, stored) = match &found {
        None => (None, 0, Vec::new()),
        Some(row) => {
            let id: ReplayId = row.get(0)?;
            (Some((id, row.parsed(1)?)), row.get(2)?, session.query(STORED, &values![id, put.n])?)
        }
    };
    let mut total = raw_bytes;
    let decided = put.parts.iter().map(|part| decide(part, &stored, &mut total, put.replay_bytes_max));
    Ok(StoredParts { replay, decided: decided.collect::<Result<_>>()? })
}

/// The outcome of a part by what is already stored; `None` means that it may be stored, and is added to `total`.
fn decide(part: &SegmentPart, stored: &[Row], total: &mut u64, bytes_max: u64) -> Result<Option<PutOutcome>> {
    for row in stored {
        if row.parsed::<Stream>(1)? == part.stream {
            return Ok(Some(compare(part, &row.get::<Vec<u8>>(2)?)));
        }
    }
    let grown = total.saturating_add(part.payload.raw_bytes());
    if grown > bytes_max {
        return Ok(Some(PutOutcome::Rejected(
            ErrorCode::PayloadTooLarge,
            format!("the replay would have {grown} bytes and may have {bytes_max}; end it and begin another"),
        )));
    }
    *total = grown;
    Ok(None)
}

fn compare(part: &SegmentPart, stored: &[u8]) -> PutOutcome {
    if part.payload.fingerprint.0 == stored {
        PutOutcome::Duplicate
    } else {
        let stream = part.stream;
        let text = format!("other {stream} bytes are stored under this number; use the next number for new ones");
        PutOutcome::Rejected(ErrorCode::Conflict, text)
    }
}

/// Sums of the accepted parts.
#[derive(Default)]
struct Growth {
    parts: u32,
    raw_bytes: u64,
    stored_bytes: u64,
}

/// Records one upload, whatever other calls stored meanwhile.
pub(super) fn record(tx: &Tx<'_>, upload: &Upload, wakeups: &Wakeups) -> Result<SegmentReceipt> {
    let Upload { put, steps, .. } = upload;
    let now = EpochMs::now();
    let row = find_or_add(tx, put.project, &put.replay, now)?;
    let mut growth = Growth::default();
    let mut outcomes = Vec::with_capacity(steps.len());
    for (part, step) in put.parts.iter().zip(steps) {
        let outcome = match step {
            Step::Decided(outcome) => outcome.clone(),
            Step::Written { object } => record_part(tx, put, part, Some(object), &row, &mut growth, now)?,
            Step::Staged => record_part(tx, put, part, None, &row, &mut growth, now)?,
        };
        outcomes.push((part.stream, outcome));
    }
    let state = if put.is_final { ReplayState::Closed } else { row.state };
    if growth.parts > 0 {
        let Growth { parts, raw_bytes, stored_bytes } = growth;
        tx.execute(GROW, &values![row.id, parts, raw_bytes, stored_bytes, now, <&str>::from(state)])?;
    } else if state != row.state {
        tx.execute(CLOSE, &values![row.id])?;
    }
    let has_segments = growth.parts > 0 || row.raw_bytes > 0;
    if state == ReplayState::Closed && has_segments && (growth.parts > 0 || state != row.state) {
        jobs::enqueue_transcribe(tx, row.id, put.project, now, wakeups)?;
    }
    Ok(SegmentReceipt { replay: row.id, outcomes, state })
}

fn record_part(
    tx: &Tx<'_>,
    put: &SegmentPut,
    part: &SegmentPart,
    object: Option<&str>,
    replay: &ReplayRow,
    growth: &mut Growth,
    now: EpochMs,
) -> Result<PutOutcome> {
    let payload = &part.payload;
    let mut total = replay.raw_bytes.saturating_add(growth.raw_bytes);
    if total.saturating_add(payload.raw_bytes()) > put.replay_bytes_max {
        // Over the limit, unless another call stored the same part since the catalog was read.
        let stored = tx.query(STORED, &values![replay.id, put.n])?;
        if let Some(outcome) = decide(part, &stored, &mut total, put.replay_bytes_max)? {
            return Ok(outcome);
        }
    }
    let added = tx.change(ADD, &row(replay.id, put.n, part, object, now))?;
    if added.is_empty() {
        let stored = tx.query(STORED, &values![replay.id, put.n])?;
        let found = decide(part, &stored, &mut total, u64::MAX)?;
        return found.ok_or_else(|| StoreError::engine("find the segment that was in the way", "it is gone"));
    }
    if object.is_none() {
        tx.append("staged_segments", &[staged_row(replay.id, put.n, part)])?;
    }
    growth.parts += 1;
    growth.raw_bytes += payload.raw_bytes();
    growth.stored_bytes += payload.stored_bytes();
    Ok(PutOutcome::Accepted)
}

/// A row of the table `segments`, as the insert and the appender take it.
pub(super) fn row(
    replay: ReplayId,
    n: SegmentNo,
    part: &SegmentPart,
    object: Option<&str>,
    now: EpochMs,
) -> Vec<Value> {
    let payload = &part.payload;
    values![
        replay,
        n,
        part.stream.as_str(),
        part.window.as_deref(),
        payload.raw_bytes(),
        payload.stored_bytes(),
        &payload.fingerprint.0[..],
        now,
        object,
        0i64,
        &payload.check.0[..]
    ]
    .to_vec()
}

/// A row of the table `staged_segments`, as the appender takes it.
pub(super) fn staged_row(replay: ReplayId, n: SegmentNo, part: &SegmentPart) -> Vec<Value> {
    values![replay, n, part.stream.as_str(), &part.payload.zstd[..]].to_vec()
}
