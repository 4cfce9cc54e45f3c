//! State that the nodes of one installation share, or would share.
//!
//! One process owns the embedded catalog, so all of it is in that process's memory, and exact: what it forgets when a
//! change is committed, nobody else remembers. With PostgreSQL, a transaction that changes what nodes remember says so
//! with NOTIFY, and every node LISTENs: what a node forgets, all forget within milliseconds of the commit. A node that does
//! not hear the others remembers nothing until it does; when the network drops its packets in silence, it notices
//! within 10 seconds. No other module of this crate, and no other crate, keeps such state.
//!
//! | part | what it holds | after a restart | with several nodes |
//! |---|---|---|---|
//! | `lookups` | credentials and roles that were read before | empty | forgotten on every node |
//! | `write_buffers` | audit entries, last uses and counters to write | written on close; a crash loses one second | each node writes its own; quotas are summed up once a second, so they may be exceeded by what the other nodes count meanwhile |
//! | `limiters` | how often each key and address came lately | empty: everybody has a full burst | of each node: N nodes let up to N times a rate through |
//! | `wakeups` | who waits for a job | empty: workers poll | a worker of every node is woken, one gets the job |
//! | `upload_batches` | uploads that wait to be recorded together | none were acknowledged | of each node |
//! | `jobs_completed` | jobs that were completed | 0 | of each node |
//!
//! Timelines in memory ([`crate::results`]) need no such care: a generation never changes, and which one is read, the
//! catalog says each time.

mod counters;
mod limiters;
mod lookups;
mod rate;
#[cfg(test)]
mod suite;
mod wakeups;
mod write_buffers;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

pub use counters::{Counted, Counter};
pub use limiters::RateSubject;
pub use rate::Rate;

pub(crate) use counters::Counters;
pub(crate) use limiters::Limiters;
pub(crate) use lookups::{Lookup, Lookups};
pub(crate) use wakeups::Wakeups;
pub(crate) use write_buffers::WriteBuffers;

use tokio::sync::Semaphore;

use crate::segments::UploadBatches;

/// Every part. See the module.
pub(crate) struct SharedState {
    pub(crate) lookups: Lookups,
    pub(crate) write_buffers: Arc<WriteBuffers>,
    pub(crate) limiters: Limiters,
    pub(crate) wakeups: Wakeups,
    pub(crate) upload_batches: UploadBatches,
    pub(crate) jobs_completed: Arc<AtomicU64>,
    /// Places for searches.
    pub(crate) searches: Arc<Semaphore>,
}

/// Searches of an embedded catalog that run at the same time; others wait. Each gathers the bugs of its words first: some
/// 35 MB for two words that most of 100,000 bugs have.
pub(crate) const EMBEDDED_SEARCHES_MAX: usize = 1;
