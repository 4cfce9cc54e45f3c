//! The clock that ingest and worker read: the machine's, or one that a test sets.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use playhead_schemas::EpochMs;

/// Where `now` comes from. Cheap to clone; clones of a manual clock show the same time.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stands at `at` until it is moved.
    pub fn manual(at: EpochMs) -> Self {
        Self(Some(Arc::new(AtomicI64::new(at.0))))
    }

    /// The time.
    pub fn now(&self) -> EpochMs {
        match &self.0 {
            None => EpochMs::now(),
            Some(at) => EpochMs(at.load(Ordering::SeqCst)),
        }
    }

    /// Moves a manual clock forward. A machine's clock can't be moved: nothing happens.
    pub fn advance_ms(&self, ms: i64) {
        if let Some(at) = &self.0 {
            at.fetch_add(ms, Ordering::SeqCst);
        }
    }
}
