//! Running a worker for as long as its process serves.

use tokio_util::sync::CancellationToken;

use crate::{Worker, janitor, pool};

impl Worker {
    /// Runs jobs and clean-ups until `shutdown` is cancelled, then lets what runs end, or gives it back after
    /// [`stop_grace_ms`](crate::WorkerConfig::stop_grace_ms).
    pub async fn run(self, shutdown: CancellationToken) {
        tokio::join!(pool::run(self.clone(), &shutdown), janitor::run(&self, &shutdown));
    }
}
