//! The worker: claims jobs, computes them, publishes what came out.
//!
//! In: rows of the job table. Out: transcripts and renditions, each published in one transaction, or
//! the error that a job died of. Never here: HTTP; a job that two workers finish; a job that is lost
//! when the process ends.

mod config;
mod error;
mod job;
mod pool;
mod renditions;
mod transcribe;

use playhead_schemas::EpochMs;
use playhead_store::{Store, StoreError};
use playhead_transcriber::{Options, SegmentInput, Transcription};
use tokio_util::sync::CancellationToken;

pub use config::WorkerConfig;
pub use pool::Progress;

use crate::clock::Clock;
use crate::cpu::Cpu;

/// Stack of a thread that transcribes. Its input is hostile; its recursion is bounded, not absent.
const STACK_BYTES: usize = 16 << 20;
/// Replays that one sweep closes in one transaction.
const SWEEP_ROWS: u32 = 100;

/// Makes a transcription of a replay's segments; [`playhead_transcriber::transcribe`] but for tests.
pub type Transcribe = fn(&[SegmentInput<'_>], &Options) -> Transcription;

/// A worker over a store.
#[derive(Clone, Debug)]
pub struct Worker {
    store: Store,
    config: WorkerConfig,
    clock: Clock,
    /// What its leases are held under; no two workers have the same.
    name: String,
    cpu: Cpu,
    transcribe: Transcribe,
    options: Options,
}

/// Works until `shutdown` is cancelled, then finishes or gives back what it holds.
pub async fn run(store: Store, config: WorkerConfig, shutdown: CancellationToken) {
    Worker::new(store, config).run(shutdown).await;
}

/// Works until no job is due, and tells `progress` after each. Failed jobs are tried again at once.
///
/// # Errors
/// When the catalog can't be asked for jobs.
pub async fn drain(store: Store, config: WorkerConfig, progress: impl FnMut(Progress)) -> Result<Progress, StoreError> {
    Worker::new(store, config).drain(progress).await
}

impl Worker {
    /// A worker with a name of its own.
    pub fn new(store: Store, config: WorkerConfig) -> Self {
        let cpu = Cpu::new(config.threads(), "playhead-worker", STACK_BYTES);
        Self {
            store,
            config,
            clock: Clock::system(),
            name: format!("worker-{}", ulid::Ulid::generate()),
            cpu,
            transcribe: playhead_transcriber::transcribe,
            options: Options::default(),
        }
    }

    /// With another clock. Only what the catalog is told follows it; pauses are real.
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

    /// See [`run`].
    pub async fn run(self, shutdown: CancellationToken) {
        pool::run(self, shutdown).await;
    }

    /// See [`drain`].
    ///
    /// # Errors
    /// When the catalog can't be asked for jobs.
    pub async fn drain(self, progress: impl FnMut(Progress)) -> Result<Progress, StoreError> {
        pool::drain(self, progress).await
    }

    /// Closes the replays that got no segment for a while; gives their number.
    ///
    /// # Errors
    /// When the catalog fails.
    pub async fn close_idle(&self) -> Result<usize, StoreError> {
        let mut closed = 0;
        loop {
            let now = self.now();
            let idle_ms = self.config.idle_close_ms;
            let some = self.store.close_idle_replays(now, idle_ms, SWEEP_ROWS).await?;
            closed += some.len();
            if some.len() < SWEEP_ROWS as usize {
                return Ok(closed);
            }
        }
    }

    fn now(&self) -> EpochMs {
        self.clock.now()
    }
}
