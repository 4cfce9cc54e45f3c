//! The worker: runs jobs, and every periodic clean-up.
//!
//! ```text
//! job table -> claim (a lease) -> transcribe | make renditions -> publish, complete -> compact
//! schedule  -> janitor: close idle replays, delete expired credentials, revoke forgotten keys, delete old audit entries
//! ```
//!
//! In: rows of the job table, and the time. Out: transcripts and renditions, each published in one transaction, or
//! the error that a job was given up with. Never here: HTTP; a job that two workers complete; a job that is lost when
//! the process ends.
//!
//! - `worker.rs`: what all jobs share; `pool.rs`: how many run at a time, and how they end at a shutdown
//! - `jobs/`: one file per kind of job, and the lease around it
//! - `janitor/`: one file per clean-up, and their one schedule

mod config;
mod error;
mod janitor;
mod jobs;
mod pool;
mod run;
mod worker;

pub use config::{JanitorConfig, WorkerConfig};
pub use janitor::{Sweep, TEMPORARY_KEY_LABEL};
pub use pool::Progress;
pub use worker::{Transcribe, Worker};
