//! Waking those who wait for something to be committed.

use std::sync::Arc;

use tokio::sync::Notify;

use crate::Result;
use crate::engine::Tx;

/// What other nodes are told.
const JOBS: &str = "jobs";

/// Wakes the workers. Cheap to clone; clones wake the same workers.
#[derive(Clone, Default)]
pub(crate) struct Wakeups {
    jobs: Arc<Notify>,
}

impl Wakeups {
    /// Wakes one worker of each node when the transaction has been committed, which enqueued a job.
    pub(crate) fn job_enqueued(&self, tx: &Tx<'_>) -> Result<()> {
        let wakeups = self.clone();
        tx.after_commit(move || wakeups.wake());
        tx.notify(JOBS)
    }

    /// Takes note of what another node committed; `false` when it is no job.
    pub(crate) fn changed(&self, what: &str) -> bool {
        let is_job = what == JOBS;
        if is_job {
            self.wake();
        }
        is_job
    }

    /// Wakes one waiting worker of this node, or the next that waits.
    pub(crate) fn wake(&self) {
        self.jobs.notify_one();
    }

    /// What a worker waits on.
    pub(crate) fn jobs(&self) -> Arc<Notify> {
        self.jobs.clone()
    }
}
