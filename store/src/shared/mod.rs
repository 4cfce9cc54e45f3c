//! State that the nodes of one installation would share.
//!
//! One process owns the embedded catalog, so all of it is in that process's memory, and exact: what it forgets when a
//! change is committed, nobody else remembers. With several nodes each part needs an implementation of its own; no
//! other module of this crate, and no other crate, keeps such state.
//!
//! | part | what it holds | after a restart |
//! |---|---|---|
//! | `lookups` | credentials and roles that were read before | empty |
//! | `write_buffers` | audit entries, last uses and counters to write | written on close; a crash loses one second |
//! | `limiters` | how often each key and address came lately | empty: everybody has a full burst |
//! | `wakeups` | who waits for a job | empty: workers poll |
//! | `upload_batches` | uploads that wait to be recorded together | none were acknowledged |
//! | `jobs_completed` | jobs that were completed | 0 |

mod counters;
mod limiters;
mod lookups;
mod rate;
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

use crate::segments::UploadBatches;

/// Every part. See the module.
pub(crate) struct SharedState {
    pub(crate) lookups: Lookups,
    pub(crate) write_buffers: Arc<WriteBuffers>,
    pub(crate) limiters: Limiters,
    pub(crate) wakeups: Wakeups,
    pub(crate) upload_batches: UploadBatches,
    pub(crate) jobs_completed: Arc<AtomicU64>,
}
