//! What every job and every clean-up shares.

use playhead_cpu::{CpuPool, Priority};
use playhead_schemas::EpochMs;
use playhead_schemas::clock::Clock;
use playhead_store::Store;
use playhead_transcriber::{Options, SegmentInput, Transcription};

use crate::config::WorkerConfig;

/// Stack of a thread that transcribes, in bytes. Its input is hostile; its recursion is bounded, not absent.
const STACK_BYTES: usize = 16 << 20;

/// A job that has waited for so long is put off by uploads no longer.
const BEHIND_MS: i64 = 2_000;
/// Stored bytes of a recording that is transcribed in some 50 ms: on a machine that is full, an idle thread may never
/// come to the end of a long one.
const SHORT_BYTES: u64 = 1 << 20;

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
    /// For short work that can wait a moment.
    idle: CpuPool,
    pub(crate) transcribe: Transcribe,
    pub(crate) options: Options,
    clock: Clock,
}

impl Worker {
    /// A worker with a name of its own.
    pub fn new(store: Store, config: WorkerConfig) -> Self {
        let cpu = CpuPool::new(config.threads(), "playhead-worker", STACK_BYTES, Priority::Background);
        let idle = CpuPool::new(config.threads(), "playhead-idle", STACK_BYTES, Priority::Idle);
        Self {
            store,
            config,
            name: format!("worker-{}", ulid::Ulid::generate()),
            cpu,
            idle,
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

    /// The threads to transcribe so many stored bytes on, for a job that was queued then.
    pub(crate) fn threads_for(&self, queued_at: EpochMs, stored_bytes: u64) -> &CpuPool {
        let waited_ms = self.now().0.saturating_sub(queued_at.0);
        if can_wait(waited_ms, stored_bytes) { &self.idle } else { &self.cpu }
    }

    pub(crate) fn now(&self) -> EpochMs {
        self.clock.now()
    }
}

fn can_wait(waited_ms: i64, stored_bytes: u64) -> bool {
    waited_ms < BEHIND_MS && stored_bytes <= SHORT_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_and_short_jobs_can_wait() {
        for (waited_ms, stored_bytes, want) in [
            (0, SHORT_BYTES, true),
            (BEHIND_MS - 1, 1, true),
            (BEHIND_MS, 1, false),
            (0, SHORT_BYTES + 1, false),
            (-5, 1, true),
        ] {
            assert_eq!(can_wait(waited_ms, stored_bytes), want, "{waited_ms} ms, {stored_bytes} bytes");
        }
    }
}
