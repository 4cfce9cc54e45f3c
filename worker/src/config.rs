//! The settings of the worker and of its clean-ups.

use serde::{Deserialize, Serialize};

/// How the worker behaves. Every field has a default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WorkerConfig {
    /// How many jobs run at the same time, and how many threads compute. Default 0: one for each processor.
    pub threads: usize,
    /// How long the lease of a job lasts, in milliseconds. Default 60 s. It is renewed after a third of that; after a
    /// crash, another worker can claim the job when the lease has expired.
    pub lease_ms: u64,
    /// How many times a job is attempted before it is given up. Default 5.
    pub attempts_max: u32,
    /// The pause after the first failed attempt, in milliseconds; it doubles with each attempt. Default 2 s.
    pub retry_ms: u64,
    /// The longest pause between two attempts, in milliseconds. Default 5 min.
    pub retry_ms_max: u64,
    /// How often the worker polls for jobs that became due (retries) or whose lease expired, in milliseconds. Default
    /// 2 s. It is woken for new jobs.
    pub poll_ms: u64,
    /// How long running jobs may go on at a shutdown, in milliseconds; then they are queued again. Default 20 s.
    pub stop_grace_ms: u64,
    /// The periodic clean-ups.
    pub janitor: JanitorConfig,
}

impl Default for WorkerConfig {
    fn default() -> Self {
        Self {
            threads: 0,
            lease_ms: 60_000,
            attempts_max: 5,
            retry_ms: 2_000,
            retry_ms_max: 300_000,
            poll_ms: 2_000,
            stop_grace_ms: 20_000,
            janitor: JanitorConfig::default(),
        }
    }
}

/// When the janitor sweeps, and for how long things are kept. Every field has a default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JanitorConfig {
    /// A replay without a final segment is closed this long after its last one, in milliseconds. Default 5 min.
    pub idle_close_ms: u64,
    /// How often idle replays are looked for, in milliseconds. Default 15 s.
    pub idle_sweep_ms: u64,
    /// How often ended credentials and forgotten temporary keys are looked for, in milliseconds. Default 15 min.
    pub credentials_sweep_ms: u64,
    /// For how many days audit entries are kept. Default 90.
    pub audit_days: u32,
    /// How often old audit entries are looked for, in milliseconds. Default 1 h.
    pub audit_sweep_ms: u64,
    /// How often uploaded pieces without a row are looked for, in milliseconds. Default 1 h.
    pub pieces_sweep_ms: u64,
}

impl Default for JanitorConfig {
    fn default() -> Self {
        Self {
            idle_close_ms: 300_000,
            idle_sweep_ms: 15_000,
            credentials_sweep_ms: 15 * 60_000,
            audit_days: 90,
            audit_sweep_ms: 3_600_000,
            pieces_sweep_ms: 3_600_000,
        }
    }
}

impl WorkerConfig {
    /// `threads` with its default filled in.
    pub(crate) fn threads(&self) -> usize {
        match self.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            n => n,
        }
    }

    /// Jobs that are held at the same time: those that compute, and as many again that are read or published, and two.
    pub(crate) fn jobs_max(&self) -> usize {
        2 * self.threads() + 2
    }

    /// The pause after attempt number `attempt` (from 1). `jitter` is from 0 to 1 and spreads the attempts of jobs that
    /// failed together over half the pause.
    pub(crate) fn pause_ms(&self, attempt: u32, jitter: f64) -> u64 {
        let doubled = self.retry_ms.saturating_mul(1 << attempt.saturating_sub(1).min(32));
        let pause = doubled.min(self.retry_ms_max);
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let spread = (pause as f64 / 2.0 * jitter.clamp(0.0, 1.0)) as u64;
        pause - pause / 2 + spread
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit() {
        let config = WorkerConfig { retry_ms: 1000, retry_ms_max: 10_000, ..WorkerConfig::default() };
        for (attempt, jitter, want) in [
            (1, 1.0, 1000),
            (1, 0.0, 500),
            (2, 1.0, 2000),
            (4, 1.0, 8000),
            (5, 1.0, 10_000),
            (5, 0.5, 7500),
            (u32::MAX, 1.0, 10_000),
        ] {
            assert_eq!(config.pause_ms(attempt, jitter), want, "attempt {attempt}");
        }
        let at_once = WorkerConfig { retry_ms: 0, ..config };
        assert_eq!(at_once.pause_ms(3, 0.7), 0);
    }
}
