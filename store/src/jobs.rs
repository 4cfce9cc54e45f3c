//! Jobs of the worker: rows that are claimed, leased, retried, and given up with their error.

use std::sync::Arc;

use playhead_schemas::{EpochMs, JobId, ProjectId, ReplayId};
use serde::Serialize;
use tokio::sync::Notify;
use ulid::Ulid;

use crate::store::pending;
use crate::{Page, Result, Store};

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
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
    /// Completed; the count goes back when old ones are swept.
    pub done: u64,
    /// Given up.
    pub dead: u64,
}

impl Store {
    /// Claims the job that waits longest: queued and due, or leased to a worker whose lease ran out.
    /// No two callers get the same job.
    pub async fn claim_job(&self, worker: &str, now: EpochMs, lease_ms: u64) -> Result<Option<Job>> {
        let _ = (worker, now, lease_ms);
        pending()
    }

    /// Holds a job for longer. `false` when the worker no longer holds it: stop working on it.
    pub async fn extend_lease(&self, job: JobId, worker: &str, now: EpochMs, lease_ms: u64) -> Result<bool> {
        let _ = (job, worker, now, lease_ms);
        pending()
    }

    /// Completes a job. `false` when the worker no longer holds it.
    pub async fn complete_job(&self, job: JobId, worker: &str) -> Result<bool> {
        let _ = (job, worker);
        pending()
    }

    /// Puts a job back until `retry`, or gives it up (`None`). `false` when the worker no longer holds it.
    pub async fn fail_job(&self, job: JobId, worker: &str, error: &str, retry: Option<EpochMs>) -> Result<bool> {
        let _ = (job, worker, error, retry);
        pending()
    }

    /// Enqueues the transcription of a replay. `false` when one is already queued.
    pub async fn enqueue_transcribe(&self, replay: ReplayId) -> Result<bool> {
        let _ = replay;
        pending()
    }

    /// How many jobs there are of each state.
    pub async fn jobs_summary(&self) -> Result<JobsSummary> {
        pending()
    }

    /// The jobs that were given up, oldest first.
    pub async fn dead_jobs(&self, after: Option<JobId>, limit: u32) -> Result<Page<DeadJob, JobId>> {
        let _ = (after, limit);
        pending()
    }

    /// Is notified (one permit) whenever a job was enqueued. Jobs that become due or lose their lease notify
    /// nobody: look for those now and then.
    pub fn job_wakeup(&self) -> Arc<Notify> {
        Arc::new(Notify::new())
    }
}
