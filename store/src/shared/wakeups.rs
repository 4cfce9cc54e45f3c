//! Waking those who wait for something to be committed.

use std::sync::Arc;

use tokio::sync::Notify;

/// Wakes the workers. Cheap to clone; clones wake the same workers.
#[derive(Clone, Default)]
pub(crate) struct Wakeups {
    jobs: Arc<Notify>,
}

impl Wakeups {
    /// Wakes one waiting worker, or the next that waits: to be called after the commit that enqueued a job.
    pub(crate) fn job_enqueued(&self) {
        self.jobs.notify_one();
    }

    /// What a worker waits on.
    pub(crate) fn jobs(&self) -> Arc<Notify> {
        self.jobs.clone()
    }
}
