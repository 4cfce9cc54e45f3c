//! Runs jobs and ends them at a shutdown. As many compute at a time as the worker has threads; some more are read and
//! published meanwhile, so that no thread waits for the disk and publications share commits.

use std::time::{Duration, Instant};

use playhead_schemas::JobId;
use playhead_store::{Job, StoreError};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::jobs::{self, Ended};
use crate::worker::Worker;

/// How often [`Worker::drain`] counts the jobs that are left.
const COUNT_INTERVAL: Duration = Duration::from_millis(200);

/// How far [`Worker::drain`] has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Jobs that are done.
    pub done: u64,
    /// Jobs that were given up.
    pub dead: u64,
    /// Attempts that failed and were followed by another one.
    pub retried: u64,
    /// Jobs that are queued or running, in this process or another, as counted within the last 200 ms.
    pub left: u64,
}

impl Worker {
    /// Runs jobs until none is due, and tells `progress` after each. Failed jobs are tried again at once.
    ///
    /// # Errors
    /// When the catalog can't be asked for jobs.
    pub async fn drain(self, mut progress: impl FnMut(Progress)) -> Result<Progress, StoreError> {
        let store = self.store.clone();
        let mut pool = WorkerPool::new(self, true);
        let (mut at, mut counted_at) = (Progress::default(), None::<Instant>);
        loop {
            pool.fill().await?;
            let Some(ended) = pool.next().await else { break };
            match ended {
                Ended::Done => at.done += 1,
                Ended::Dead => at.dead += 1,
                Ended::Retried => at.retried += 1,
                Ended::Lost => {}
            }
            // Counting looks at every job that is left.
            if counted_at.is_none_or(|counted| counted.elapsed() >= COUNT_INTERVAL) {
                let jobs = store.jobs_summary().await?;
                (at.left, counted_at) = (jobs.queued + jobs.running, Some(Instant::now()));
            }
            progress(at);
        }
        let jobs = store.jobs_summary().await?;
        at.left = jobs.queued + jobs.running;
        Ok(at)
    }
}

/// The jobs that run.
struct WorkerPool {
    worker: Worker,
    /// True when failed jobs are due again at once.
    at_once: bool,
    tasks: JoinSet<(JobId, Ended)>,
    held: Vec<Job>,
}

impl WorkerPool {
    fn new(worker: Worker, at_once: bool) -> Self {
        Self { worker, at_once, tasks: JoinSet::new(), held: Vec::new() }
    }

    fn is_full(&self) -> bool {
        self.tasks.len() >= self.worker.config.jobs_max()
    }

    /// Claims jobs until every thread has one or no job is due.
    async fn fill(&mut self) -> Result<(), StoreError> {
        while !self.is_full() {
            let worker = &self.worker;
            let free = worker.config.jobs_max() - self.tasks.len();
            let claim = worker.store.claim_jobs(&worker.name, worker.now(), worker.config.lease_ms, free);
            let claimed = claim.await?;
            if claimed.is_empty() {
                return Ok(());
            }
            for job in claimed {
                self.held.push(job.clone());
                let (worker, at_once) = (worker.clone(), self.at_once);
                self.tasks.spawn(async move { (job.id, jobs::process(&worker, &job, at_once).await) });
            }
        }
        Ok(())
    }

    /// Waits for one job to end; `None` when none runs.
    async fn next(&mut self) -> Option<Ended> {
        match self.tasks.join_next().await? {
            Ok((id, ended)) => {
                self.held.retain(|job| job.id != id);
                Some(ended)
            }
            Err(error) => {
                // Its lease expires, and then it is attempted again.
                tracing::error!(%error, "the task of a job panicked");
                Some(Ended::Lost)
            }
        }
    }

    /// Lets the running jobs end within the grace time, then queues the others again.
    async fn stop(mut self) {
        let grace = Duration::from_millis(self.worker.config.stop_grace_ms);
        let all = async { while self.next().await.is_some() {} };
        if tokio::time::timeout(grace, all).await.is_err() {
            self.tasks.shutdown().await;
            for job in &self.held {
                tracing::warn!(job = %job.id, "a job did not end in time and is queued again");
                jobs::give_back(&self.worker, job).await;
            }
        }
    }
}

/// Runs jobs until `shutdown` is cancelled, then lets them end or gives them back.
pub(crate) async fn run(worker: Worker, shutdown: &CancellationToken) {
    let wakeup = worker.store.job_wakeup();
    let mut poll = interval(Duration::from_millis(worker.config.poll_ms.max(1)));
    poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut pool = WorkerPool::new(worker, false);
    while !shutdown.is_cancelled() {
        if let Err(error) = pool.fill().await {
            tracing::error!(%error, "no job could be claimed");
        }
        let (full, idle) = (pool.is_full(), pool.tasks.is_empty());
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = wakeup.notified(), if !full => {}
            _ = pool.next(), if !idle => {}
            _ = poll.tick() => {}
        }
    }
    pool.stop().await;
}
