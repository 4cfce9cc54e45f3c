//! Jobs of the worker: rows that are claimed, leased, retried, and given up with their error.
//!
//! A job is `queued`, `running` or `dead`; when it completes, its row is deleted. A subject has at most one running job
//! of a kind, so that an older transcription never overwrites a newer one; a job that is queued while another one runs
//! waits for it. A kind that this version does not know, because a newer node queued it, stays for that node.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use playhead_schemas::{EpochMs, JobId, ProjectId, ReplayId, ScreenshotId, text};
use serde::Serialize;
use strum::{EnumString, IntoStaticStr, VariantNames};
use tokio::sync::Notify;
use ulid::Ulid;

use crate::engine::{Row, Session, Tx, Value, values};
use crate::page::page_limit;
use crate::pictures::{self, PictureState};
use crate::shared::Wakeups;
use crate::{Page, Result, Store, StoreError};

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, EnumString, IntoStaticStr, VariantNames)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum JobKind {
    /// Transcribes a replay.
    Transcribe,
    /// Makes the renditions of a screenshot.
    Renditions,
}

/// A claimed job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What it does.
    pub kind: JobKind,
    /// The replay or the screenshot.
    pub subject: Ulid,
    /// The project that it belongs to.
    pub project: ProjectId,
    /// Which attempt this is, from 1.
    pub attempt: u32,
}

/// A job that was given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeadJob {
    /// Its id.
    pub id: JobId,
    /// What it should have done.
    pub kind: JobKind,
    /// The replay or the screenshot.
    pub subject: Ulid,
    /// The project that it belongs to.
    pub project: ProjectId,
    /// How often it was tried.
    pub attempts: u32,
    /// The last error.
    pub error: String,
    /// When it was given up.
    pub died_at: EpochMs,
}

/// How many jobs there are of each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct JobsSummary {
    /// Waiting, for a worker or for the time of their next attempt.
    pub queued: u64,
    /// Claimed.
    pub running: u64,
    /// Completed since the store was opened.
    pub done: u64,
    /// Given up.
    pub dead: u64,
}

/// Bytes of an error that are kept.
const ERROR_BYTES_MAX: usize = 4000;

const RUNNING: &str = "SELECT id, subject, kind FROM jobs WHERE state = 'running'";
const CANDIDATES: &str = "SELECT id, kind, subject, project, attempts FROM jobs
    WHERE state IN ('queued', 'running') AND due_at <= $1 AND kind = ANY($3::text[]) ORDER BY due_at, id LIMIT $2";
const CLAIM: &str = "UPDATE jobs SET state = 'running', worker = $2, attempts = attempts + 1, due_at = $3
    WHERE id = $1 AND state IN ('queued', 'running') AND due_at <= $4";
const DUE: &str = "SELECT id FROM jobs
    WHERE state IN ('queued', 'running') AND due_at <= $1 AND kind = ANY($2::text[]) LIMIT 1";
const RELEASE: &str = "UPDATE jobs SET state = 'queued', worker = NULL, due_at = $1 WHERE state = 'running'";
const RELEASE_ONE: &str =
    "UPDATE jobs SET state = 'queued', worker = NULL, attempts = attempts - 1, due_at = $2 WHERE id = $1";
const EXTEND: &str = "UPDATE jobs SET due_at = $3 WHERE id = $1 AND worker = $2 AND state = 'running'";
const COMPLETE: &str = "DELETE FROM jobs WHERE id = $1 AND worker = $2 AND state = 'running'";
/// What a worker holds under a job's id.
pub(crate) const HELD: &str =
    "SELECT kind, subject, project FROM jobs WHERE id = $1 AND worker = $2 AND state = 'running'";
const OTHER_QUEUED: &str = "SELECT id FROM jobs WHERE subject = $1 AND kind = $2 AND state = 'queued' LIMIT 1";
const GIVE_UP: &str = "UPDATE jobs SET state = 'dead', worker = NULL, error = $2, ended_at = $3 WHERE id = $1";
const RETRY: &str = "UPDATE jobs SET state = 'queued', worker = NULL, error = $2, due_at = $3 WHERE id = $1";
const ADD: &str = "INSERT INTO jobs (id, kind, subject, project, state, attempts, due_at)
    VALUES ($1, $2, $3, $4, 'queued', 0, $5)";
const REPLAY_QUEUED: &str =
    "UPDATE replays SET transcript = 'queued' WHERE id = $1 AND transcript IN ('none', 'failed')";
const REPLAY_FAILED: &str = "UPDATE replays SET transcript = 'failed' WHERE id = $1 AND transcript = 'queued'";
const REPLAY: &str = "SELECT project FROM replays WHERE id = $1";
const SUMMARY: &str = "SELECT state, count(*) FROM jobs GROUP BY state";
const DEAD: &str = "SELECT id, kind, subject, project, attempts, error, ended_at FROM jobs
    WHERE state = 'dead' AND id > $1::text AND kind = ANY($3::text[]) ORDER BY id LIMIT $2";

/// What becomes of a job whose attempt has ended.
#[derive(Clone, Copy, Debug)]
enum Next {
    /// It is due again at this time.
    Retry(EpochMs),
    /// It is due now, and the attempt does not count.
    Release(EpochMs),
    /// It is not attempted again.
    GiveUp,
}

impl Store {
    /// Claims the job that has waited longest: queued and due, or leased to a worker whose lease expired.
    /// No two callers get the same job.
    pub async fn claim_job(&self, worker: &str, now: EpochMs, lease_ms: u64) -> Result<Option<Job>> {
        Ok(self.claim_jobs(worker, now, lease_ms, 1).await?.pop())
    }

    /// Claims up to `count` jobs in one transaction, as [`Store::claim_job`] claims one.
    pub async fn claim_jobs(&self, worker: &str, now: EpochMs, lease_ms: u64, count: usize) -> Result<Vec<Job>> {
        // Most calls find nothing, and reading costs less than a write that claims nothing.
        let due: Option<JobId> = self.find(DUE, values![now, known_kinds()], |row| row.get(0)).await?;
        if due.is_none() {
            return Ok(Vec::new());
        }
        let worker = worker.to_owned();
        self.write(move |tx| claim(tx, &worker, now, lease_ms, count)).await
    }

    /// Extends the lease of a job. `false` when the worker no longer holds it: stop working on it.
    pub async fn extend_lease(&self, job: JobId, worker: &str, now: EpochMs, lease_ms: u64) -> Result<bool> {
        let row = values![job, worker, lease_end(now, lease_ms)];
        self.write(move |tx| Ok(tx.execute(EXTEND, &row)? == 1)).await
    }

    /// Completes a job. `false` when the worker no longer holds it.
    pub async fn complete_job(&self, job: JobId, worker: &str) -> Result<bool> {
        let worker = worker.to_owned();
        let done = self.shared().jobs_completed.clone();
        self.write(move |tx| complete(tx, job, &worker, &done)).await
    }

    /// Queues a failed job again, due at `retry`, or gives it up (`None`). `false` when the worker no longer holds it.
    ///
    /// When a newer job of the same subject is queued, the failed one is completed instead: the newer one does its
    /// work.
    pub async fn fail_job(&self, job: JobId, worker: &str, error: &str, retry: Option<EpochMs>) -> Result<bool> {
        self.end_attempt(job, worker, retry.map_or(Next::GiveUp, Next::Retry), error).await
    }

    /// Queues a job again, due now, whose attempt was stopped in order and does not count. `false` when the worker no longer
    /// holds it.
    pub async fn release_job(&self, job: JobId, worker: &str, now: EpochMs) -> Result<bool> {
        self.end_attempt(job, worker, Next::Release(now), "").await
    }

    async fn end_attempt(&self, job: JobId, worker: &str, next: Next, error: &str) -> Result<bool> {
        let (worker, error) = (worker.to_owned(), text::prefix(error, ERROR_BYTES_MAX).to_owned());
        let (wakeups, done) = (self.shared().wakeups.clone(), self.shared().jobs_completed.clone());
        self.write(move |tx| {
            let Some((kind, subject, _)) = held(tx.query_one(HELD, &values![job, worker.as_str()])?)? else {
                return Ok(false);
            };
            let superseded = tx.query_one(OTHER_QUEUED, &values![subject, <&str>::from(kind)])?.is_some();
            match next {
                _ if superseded => {
                    complete(tx, job, &worker, &done)?;
                }
                Next::Retry(due) => {
                    tx.execute(RETRY, &values![job, error.as_str(), due])?;
                }
                Next::Release(now) => {
                    tx.execute(RELEASE_ONE, &values![job, now])?;
                }
                Next::GiveUp => {
                    tx.execute(GIVE_UP, &values![job, error.as_str(), EpochMs::now()])?;
                    give_up(tx, kind, subject)?;
                }
            }
            wakeups.job_enqueued(tx)?;
            Ok(true)
        })
        .await
    }

    /// Enqueues the transcription of a replay. `false` when one is already queued.
    pub async fn enqueue_transcribe(&self, replay: ReplayId) -> Result<bool> {
        let wakeups = self.shared().wakeups.clone();
        self.write(move |tx| {
            let row = tx.query_one(REPLAY, &values![replay])?.ok_or(StoreError::NotFound("replay"))?;
            enqueue_transcribe(tx, replay, row.get(0)?, EpochMs::now(), &wakeups)
        })
        .await
    }

    /// How many jobs there are of each state.
    pub async fn jobs_summary(&self) -> Result<JobsSummary> {
        let done = self.shared().jobs_completed.load(Ordering::Relaxed);
        let mut summary = JobsSummary { done, ..JobsSummary::default() };
        for (state, count) in self.list_long(SUMMARY, [], |row| Ok((row.get::<String>(0)?, row.get(1)?))).await? {
            match state.as_str() {
                "queued" => summary.queued = count,
                "running" => summary.running = count,
                _ => summary.dead += count,
            }
        }
        Ok(summary)
    }

    /// The jobs that were given up, oldest first.
    pub async fn dead_jobs(&self, after: Option<JobId>, limit: u32) -> Result<Page<DeadJob, JobId>> {
        let after = after.map_or(Ulid::from(0u128), |id| id.0);
        let params = values![after, page_limit(limit) + 1, known_kinds()];
        Ok(Page::from_rows(self.list(DEAD, params, dead_job).await?, limit, |job| job.id))
    }

    /// Is notified (one permit) when a job was enqueued. Jobs that become due, or whose lease expires, notify nobody:
    /// poll for those.
    pub fn job_wakeup(&self) -> Arc<Notify> {
        self.shared().wakeups.jobs()
    }
}

/// Queues every claimed job again, due now. For the start of the one process that has a catalog: whoever claimed them has
/// ended. An attempt that was broken off counts as one.
pub(crate) fn release_all(session: &dyn Session) -> Result<()> {
    let released = session.execute(RELEASE, &values![EpochMs::now()])?;
    if released > 0 {
        tracing::info!(released, "jobs of a process that did not stop in order are queued again");
    }
    Ok(())
}

/// Enqueues the transcription of a replay, unless one is queued already.
pub(crate) fn enqueue_transcribe(
    tx: &Tx<'_>,
    replay: ReplayId,
    project: ProjectId,
    now: EpochMs,
    wakeups: &Wakeups,
) -> Result<bool> {
    let kind = JobKind::Transcribe;
    if tx.query_one(OTHER_QUEUED, &values![replay, <&str>::from(kind)])?.is_some() {
        return Ok(false);
    }
    enqueue(tx, kind, replay.0, project, now, wakeups)?;
    tx.execute(REPLAY_QUEUED, &values![replay])?;
    Ok(true)
}

/// Enqueues a job.
pub(crate) fn enqueue(
    tx: &Tx<'_>,
    kind: JobKind,
    subject: Ulid,
    project: ProjectId,
    now: EpochMs,
    wakeups: &Wakeups,
) -> Result<()> {
    tx.execute(ADD, &values![JobId::new(), <&str>::from(kind), subject, project, now])?;
    wakeups.job_enqueued(tx)
}

/// Completes a job that `worker` holds, and deletes its row; `false` when `worker` does not hold it.
pub(crate) fn complete(tx: &Tx<'_>, job: JobId, worker: &str, done: &Arc<AtomicU64>) -> Result<bool> {
    let held = tx.execute(COMPLETE, &values![job, worker])? == 1;
    if held {
        let done = done.clone();
        tx.after_commit(move || {
            done.fetch_add(1, Ordering::Relaxed);
        });
    }
    Ok(held)
}

/// What a worker holds under a job's id: kind, subject and project.
pub(crate) type Held = (JobKind, Ulid, ProjectId);

/// Reads a row of [`HELD`].
pub(crate) fn held(row: Option<Row>) -> Result<Option<Held>> {
    row.map(|row| Ok((row.parsed(0)?, row.get(1)?, row.get(2)?))).transpose()
}

fn claim(tx: &Tx<'_>, worker: &str, now: EpochMs, lease_ms: u64, count: usize) -> Result<Vec<Job>> {
    let mut running = BTreeSet::new();
    for row in tx.query(RUNNING, &[])? {
        running.insert((row.get::<Ulid>(1)?, row.get::<String>(2)?, row.get::<JobId>(0)?));
    }
    let mut claimed = Vec::new();
    // Each running job holds back at most one queued job, and each claimed one may do so too.
    let candidates = tx.query(CANDIDATES, &values![now, (running.len() + 2 * count) as u64, known_kinds()])?;
    for row in &candidates {
        if claimed.len() == count {
            break;
        }
        let candidate = job(row)?;
        let kind = <&str>::from(candidate.kind);
        let held_back = running
            .iter()
            .any(|(subject, other, id)| *subject == candidate.subject && kind == other && *id != candidate.id);
        if !held_back && tx.execute(CLAIM, &values![candidate.id, worker, lease_end(now, lease_ms), now])? == 1 {
            running.insert((candidate.subject, kind.to_owned(), candidate.id));
            claimed.push(Job { attempt: candidate.attempt + 1, ..candidate });
        }
    }
    Ok(claimed)
}

fn give_up(tx: &Tx<'_>, kind: JobKind, subject: Ulid) -> Result<()> {
    match kind {
        JobKind::Transcribe => tx.execute(REPLAY_FAILED, &values![subject]).map(drop),
        JobKind::Renditions => pictures::set_state(tx, ScreenshotId(subject), PictureState::Failed),
    }
}

/// The kinds that this version can run.
fn known_kinds() -> Value {
    Value::Texts(JobKind::VARIANTS.iter().map(|&kind| kind.to_owned()).collect())
}

fn lease_end(now: EpochMs, lease_ms: u64) -> EpochMs {
    now.plus_ms(i64::try_from(lease_ms).unwrap_or(i64::MAX))
}

fn job(row: &Row) -> Result<Job> {
    Ok(Job { id: row.get(0)?, kind: row.parsed(1)?, subject: row.get(2)?, project: row.get(3)?, attempt: row.get(4)? })
}

fn dead_job(row: &Row) -> Result<DeadJob> {
    Ok(DeadJob {
        id: row.get(0)?,
        kind: row.parsed(1)?,
        subject: row.get(2)?,
        project: row.get(3)?,
        attempts: row.get(4)?,
        error: row.get::<Option<String>>(5)?.unwrap_or_default(),
        died_at: row.get(6)?,
    })
}

#[cfg(test)]
mod tests;
