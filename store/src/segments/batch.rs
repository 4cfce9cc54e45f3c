//! Recording uploads in batches.
//!
//! Uploads that wait for the writer are recorded together: one update of each of their replays, one append of their
//! segments, one commit. What this can't express (the same
//! part twice, a part that another batch stored first, a limit that is exceeded) makes the batch fail before it is
//! committed, and then each of its uploads is recorded by itself, by [`record`](super::put::record), which handles
//! every outcome.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::future::join_all;
use playhead_schemas::{EpochMs, ProjectId, ReplayId, Stream};
use tokio::sync::{mpsc, oneshot};
use ulid::Ulid;

use super::put::{Step, Upload, record, row, staged_row};
use super::{PutOutcome, SegmentReceipt};
use crate::engine::{Dialect, Row, Tx, Value, Writer, values};
use crate::replays::find_or_add;
use crate::shared::Wakeups;
use crate::{ReplayState, Result, StoreError, jobs};

/// Uploads in one batch at most.
const BATCH_UPLOADS_MAX: usize = 64;
/// Uploads that may wait; further callers wait.
const QUEUE_UPLOADS_MAX: usize = 256;

const GROW: &str = "UPDATE replays SET segments = segments + $2, raw_bytes = raw_bytes + $3,
    stored_bytes = stored_bytes + $4, last_segment_at = $5, state = CASE WHEN $6 = 1 THEN 'closed' ELSE state END
    WHERE id = $1 RETURNING id, state, raw_bytes";
/// The same for a whole batch: PostgreSQL is asked over a network.
const GROW_ALL: &str = "UPDATE replays r SET segments = r.segments + g.parts, raw_bytes = r.raw_bytes + g.raw_bytes,
    stored_bytes = r.stored_bytes + g.stored_bytes, last_segment_at = $5,
    state = CASE WHEN g.is_final = 1 THEN 'closed' ELSE r.state END
    FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $6::bigint[])
        AS g (id, parts, raw_bytes, stored_bytes, is_final)
    WHERE r.id = g.id RETURNING r.id, r.state, r.raw_bytes";

type Waiting = (Arc<Upload>, oneshot::Sender<Result<SegmentReceipt>>);

/// The queue of uploads to record. Cheap to clone.
#[derive(Clone)]
pub(crate) struct UploadBatches {
    queue: mpsc::Sender<Waiting>,
}

impl UploadBatches {
    /// Starts the task that records; it ends when the last `UploadBatches` is gone.
    pub(crate) fn start(writer: Arc<Writer>, wakeups: Wakeups) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE_UPLOADS_MAX);
        tokio::spawn(run(waiting, writer, wakeups));
        Self { queue }
    }

    /// Records an upload whose objects are written; returns when it is durable.
    pub(crate) async fn record(&self, upload: Arc<Upload>) -> Result<SegmentReceipt> {
        let (reply, answer) = oneshot::channel();
        self.queue.send((upload, reply)).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }
}

async fn run(mut waiting: mpsc::Receiver<Waiting>, writer: Arc<Writer>, wakeups: Wakeups) {
    let mut batch = Vec::with_capacity(BATCH_UPLOADS_MAX);
    while waiting.recv_many(&mut batch, BATCH_UPLOADS_MAX).await > 0 {
        let (uploads, replies): (Vec<_>, Vec<_>) = batch.drain(..).unzip();
        let results = match record_together(&writer, &wakeups, uploads.clone()).await {
            Ok(receipts) => receipts.into_iter().map(Ok).collect(),
            Err(_) => join_all(uploads.into_iter().map(|upload| record_alone(&writer, &wakeups, upload))).await,
        };
        for (reply, result) in replies.into_iter().zip(results) {
            // Sending fails when the caller has gone; what was recorded stays.
            let _ = reply.send(result);
        }
    }
}

async fn record_together(writer: &Writer, wakeups: &Wakeups, uploads: Vec<Arc<Upload>>) -> Result<Vec<SegmentReceipt>> {
    let wakeups = wakeups.clone();
    writer.write(move |tx| record_batch(tx, &uploads, &wakeups)).await
}

async fn record_alone(writer: &Writer, wakeups: &Wakeups, upload: Arc<Upload>) -> Result<SegmentReceipt> {
    let wakeups = wakeups.clone();
    writer.write(move |tx| record(tx, &upload, &wakeups)).await
}

/// What a batch adds to one replay.
struct Growth {
    project: ProjectId,
    parts: i64,
    raw_bytes: u64,
    stored_bytes: u64,
    is_final: bool,
    /// The lowest of the uploads' limits.
    bytes_max: u64,
}

/// The rows that a batch adds.
#[derive(Default)]
struct Rows {
    segments: Vec<Vec<Value>>,
    staged: Vec<Vec<Value>>,
}

fn record_batch(tx: &Tx<'_>, uploads: &[Arc<Upload>], wakeups: &Wakeups) -> Result<Vec<SegmentReceipt>> {
    let now = EpochMs::now();
    let mut replays = BTreeMap::new();
    let mut parts = BTreeSet::new();
    let mut rows = Rows::default();
    let mut ids = Vec::with_capacity(uploads.len());
    for upload in uploads {
        let id = replay_of(tx, upload, now)?;
        add(upload, id, now, &mut replays, &mut parts, &mut rows)?;
        ids.push(id);
    }
    let states = grow(tx, &replays, now)?;
    tx.append("segments", &rows.segments)?;
    tx.append("staged_segments", &rows.staged)?;
    for (id, state) in &states {
        if *state == ReplayState::Closed {
            jobs::enqueue_transcribe(tx, *id, replays[id].project, now, wakeups)?;
        }
    }
    Ok(uploads.iter().zip(ids).map(|(upload, id)| receipt(upload, id, states[&id])).collect())
}

fn replay_of(tx: &Tx<'_>, upload: &Upload, now: EpochMs) -> Result<ReplayId> {
    match upload.replay {
        Some(id) => Ok(id),
        None => Ok(find_or_add(tx, upload.put.project, &upload.put.replay, now)?.id),
    }
}

fn add(
    upload: &Upload,
    id: ReplayId,
    now: EpochMs,
    replays: &mut BTreeMap<ReplayId, Growth>,
    parts: &mut BTreeSet<(ReplayId, u32, Stream)>,
    rows: &mut Rows,
) -> Result<()> {
    let put = &upload.put;
    let (project, bytes_max) = (put.project, put.replay_bytes_max);
    let growth = replays.entry(id).or_insert(Growth {
        project,
        parts: 0,
        raw_bytes: 0,
        stored_bytes: 0,
        is_final: false,
        bytes_max,
    });
    growth.is_final |= put.is_final;
    growth.bytes_max = growth.bytes_max.min(bytes_max);
    let before = growth.parts;
    for (part, step) in put.parts.iter().zip(&upload.steps) {
        let object = match step {
            Step::Decided(_) => continue,
            Step::Written { object } => Some(object.as_str()),
            Step::Staged => None,
        };
        if !parts.insert((id, put.n.0, part.stream)) {
            return Err(not_batchable("the same part is in the batch twice"));
        }
        let payload = &part.payload;
        growth.parts += 1;
        growth.raw_bytes += payload.raw_bytes();
        growth.stored_bytes += payload.stored_bytes();
        rows.segments.push(row(id, put.n, part, object, now));
        if object.is_none() {
            rows.staged.push(staged_row(id, put.n, part));
        }
    }
    if growth.parts == before { Err(not_batchable("an upload has no new part")) } else { Ok(()) }
}

/// Adds to the replays' sums and returns their states.
fn grow(tx: &Tx<'_>, replays: &BTreeMap<ReplayId, Growth>, now: EpochMs) -> Result<BTreeMap<ReplayId, ReplayState>> {
    let mut states = BTreeMap::new();
    for row in grown(tx, replays, now)? {
        let id = row.get(0)?;
        if replays.get(&id).is_none_or(|g| row.get(2).is_ok_and(|bytes: u64| bytes > g.bytes_max)) {
            return Err(not_batchable("a replay exceeds its limit"));
        }
        states.insert(id, row.parsed(1)?);
    }
    if states.len() == replays.len() { Ok(states) } else { Err(not_batchable("a replay does not exist")) }
}

/// Id, state and bytes of each replay.
fn grown(tx: &Tx<'_>, replays: &BTreeMap<ReplayId, Growth>, now: EpochMs) -> Result<Vec<Row>> {
    if tx.dialect() == Dialect::Postgres {
        let ints = |of: fn(&Growth) -> i64| -> Vec<i64> { replays.values().map(of).collect() };
        let size = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
        let (raw, stored) =
            (replays.values().map(|g| size(g.raw_bytes)), replays.values().map(|g| size(g.stored_bytes)));
        let (raw, stored): (Vec<i64>, Vec<i64>) = (raw.collect(), stored.collect());
        let ids: Vec<Ulid> = replays.keys().map(|id| id.0).collect();
        return tx.change(GROW_ALL, &values![ids, ints(|g| g.parts), raw, stored, now, ints(|g| g.is_final.into())]);
    }
    let mut rows = Vec::with_capacity(replays.len());
    for (id, g) in replays {
        let params = values![*id, g.parts, g.raw_bytes, g.stored_bytes, now, i64::from(g.is_final)];
        rows.extend(tx.change(GROW, &params)?);
    }
    Ok(rows)
}

fn receipt(upload: &Upload, replay: ReplayId, state: ReplayState) -> SegmentReceipt {
    let outcomes = upload.put.parts.iter().zip(&upload.steps).map(|(part, step)| match step {
        Step::Decided(outcome) => (part.stream, outcome.clone()),
        Step::Written { .. } | Step::Staged => (part.stream, PutOutcome::Accepted),
    });
    SegmentReceipt { replay, outcomes: outcomes.collect(), state }
}

/// An error that callers never see: it makes the uploads of the batch be recorded one by one.
fn not_batchable(why: &'static str) -> StoreError {
    StoreError::engine("record a batch", why)
}
