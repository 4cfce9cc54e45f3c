//! What every job and every clean-up shares.

use playhead_cpu::{CpuPool, Priority};
use playhead_schemas::EpochMs;
use playhead_schemas::clock::Clock;
use playhead_store::Store;
use playhead_transcriber::{Options, SegmentInput, Transcription};

use crate::config::WorkerConfig;

/// Stack of a thread that transcribes, in bytes. Its input is hostile; its recursion is bounded, not absent.
const STACK_BYTES: usize = 16 << 20;

/// Makes a transcription of a replay's segments; [`playhead_transcriber::transcribe`] except in tests.
pub type Transcribe = fn(&[SegmentInput<'_>], &Options) -> Transcription;

/// A worker over a store. Cheap to clone; clones share its name and its threads.
#[derive(Clone, Debug)]
pub struct Worker {
    pub(crate) store: Store,
    pub(crate) config: WorkerConfig,
    /// What its leases are held under. No two workers have the same name.
    pub(crate) name: String,
    pub(crate) cpu: CpuPool,
    pub(crate) transcribe: Transcribe,
    pub(crate) options: Options,
    clock: Clock,
}

impl Worker {
    /// A worker with a name of its own.
    pub fn new(store: Store, config: WorkerConfig) -> Self {
        let cpu = CpuPool::new(config.threads(), "playhead-worker", STACK_BYTES, Priority::Background);
        Self {
            store,
            config,
            name: format!("worker-{}", ulid::Ulid::generate()),
            cpu,
            transcribe: playhead_transcriber::transcribe,
            options: Options::default(),
            clock: Clock::system(),
        }
    }

    /// With another clock. Only the times that the catalog compares follow it; pauses are real.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// With other thresholds and limits of transcriptions.
    #[must_use]
    pub fn with_options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// With another transcriber.
    #[must_use]
    pub fn with_transcriber(mut self, transcribe: Transcribe) -> Self {
        self.transcribe = transcribe;
        self
    }

    pub(crate) fn now(&self) -> EpochMs {
        self.clock.now()
    }
}
