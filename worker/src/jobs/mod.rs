//! One job, from its claim to its end.
//!
//! In: a claimed job. Out: how it ended, which is in the catalog by then. While a job is computed its lease is renewed;
//! when the lease is lost, the computation is dropped and nothing of it is published.

mod compact;
mod pictures;
mod transcribe;

use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use playhead_store::{Job, JobKind, StoreError};

use crate::error::JobError;
use crate::worker::Worker;

/// How a job ended for this worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Its result is published.
    Done,
    /// It will be attempted again.
    Retried,
    /// It was given up; its row has the error.
    Dead,
    /// Another worker has the job.
    Lost,
}

/// Computes a job while holding its lease, and records how it ended. A failed job is due again at once if `at_once`
/// is true, else after a pause.
pub(crate) async fn process(worker: &Worker, job: &Job, at_once: bool) -> Ended {
    // An attempt that fails is the last one at the limit; only those that a crash broke off come to more.
    if job.attempt > worker.config.attempts_max {
        return fail(worker, job, &JobError::BrokenOff(job.attempt - 1), at_once).await;
    }
    let outcome = tokio::select! {
        outcome = work(worker, job) => outcome,
        () = hold(worker, job) => Err(JobError::Lost),
    };
    match outcome {
        Ok(()) => Ended::Done,
        Err(JobError::Lost) => {
            tracing::warn!(job = %job.id, "the job went to another worker");
            Ended::Lost
        }
        Err(error) => fail(worker, job, &error, at_once).await,
    }
}

// Boxed: the compiler can't see through the store's futures that this one may change threads.
fn work<'a>(worker: &'a Worker, job: &'a Job) -> BoxFuture<'a, Result<(), JobError>> {
    match job.kind {
        JobKind::Transcribe => transcribe::run(worker, job).boxed(),
        JobKind::Renditions => pictures::run(worker, job).boxed(),
    }
}

/// Renews the lease for as long as it is polled; returns when the job is lost.
async fn hold(worker: &Worker, job: &Job) {
    let lease_ms = worker.config.lease_ms;
    loop {
        tokio::time::sleep(Duration::from_millis((lease_ms / 3).max(1))).await;
        match worker.store.extend_lease(job.id, &worker.name, worker.now(), lease_ms).await {
            Ok(true) => {}
            Ok(false) => return,
            // The lease may still hold; the next renewal tells.
            Err(error) => tracing::warn!(job = %job.id, %error, "a lease could not be renewed"),
        }
    }
}

async fn fail(worker: &Worker, job: &Job, error: &JobError, at_once: bool) -> Ended {
    let gives_up = error.is_final() || job.attempt >= worker.config.attempts_max;
    let pause_ms = if at_once { 0 } else { worker.config.pause_ms(job.attempt, rand::random()) };
    let retry = worker.now().plus_ms(i64::try_from(pause_ms).unwrap_or(i64::MAX));
    let text = error.chain();
    tracing::error!(
        job = %job.id, kind = ?job.kind, subject = %job.subject, attempt = job.attempt,
        gives_up, error = text, "a job failed"
    );
    let retry = (!gives_up).then_some(retry);
    record(worker.store.fail_job(job.id, &worker.name, &text, retry).await, gives_up)
}

/// Queues a job again, due at once for any worker; the attempt does not count.
pub(crate) async fn give_back(worker: &Worker, job: &Job) {
    let _ = record(worker.store.release_job(job.id, &worker.name, worker.now()).await, false);
}

fn record(result: Result<bool, StoreError>, gives_up: bool) -> Ended {
    match result {
        Ok(true) if gives_up => Ended::Dead,
        Ok(true) => Ended::Retried,
        Ok(false) => Ended::Lost,
        Err(error) => {
            // Its lease expires, and then it is attempted again.
            tracing::error!(%error, "the end of a job could not be recorded");
            Ended::Lost
        }
    }
}
