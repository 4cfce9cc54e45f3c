//! What every handler shares.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use playhead_cpu::{CpuPool, Priority};
use playhead_store::Store;

use crate::body::Reader;
use crate::clock::Clock;
use crate::config::IngestConfig;
use crate::controllers::health::Readiness;
use crate::integrations::flood::Flood;
use crate::memory_budget::MemoryBudget;

/// Stack of a thread that decompresses, scans and compresses, none of which recurses.
const STACK_BYTES: usize = 2 << 20;

/// The state of the upload API. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct App(Arc<Shared>);

/// What [`App`] shares.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) config: IngestConfig,
    pub(crate) clock: Clock,
    pub(crate) cpu: CpuPool,
    pub(crate) budget: MemoryBudget,
    pub(crate) flood: Flood,
    pub(crate) readiness: Readiness,
}

impl App {
    pub(crate) fn new(store: Store, config: IngestConfig, clock: Clock) -> Self {
        let wait = Duration::from_millis(config.decoding_wait_ms);
        Self(Arc::new(Shared {
            store,
            clock,
            cpu: CpuPool::new(config.cpu_threads, "playhead-ingest", STACK_BYTES, Priority::Request),
            budget: MemoryBudget::new(config.decoding_bytes_max, wait),
            flood: Flood::default(),
            readiness: Readiness::default(),
            config,
        }))
    }

    pub(crate) fn reader(&self) -> Reader<'_> {
        Reader { config: &self.config, budget: &self.budget, cpu: &self.cpu }
    }
}

impl Deref for App {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.0
    }
}
