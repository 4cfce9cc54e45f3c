//! The memory that all requests together may hold.
//!
//! A request leases what it is about to allocate, before it allocates. When there is nothing left it
//! waits for a short time and is then refused: two requests that wait for each other both end.

use std::sync::Arc;
use std::time::Duration;

use playhead_schemas::ErrorCode;
use playhead_web::Problem;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes of one permit.
const UNIT_BYTES: u64 = 64 << 10;

/// A bounded amount of memory.
#[derive(Clone, Debug)]
pub(crate) struct MemoryBudget {
    units: Arc<Semaphore>,
    wait: Duration,
}

/// There was no memory to lease in time.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Exhausted;

/// A request's share of a budget; given back when dropped.
#[derive(Debug)]
pub(crate) struct Lease {
    budget: MemoryBudget,
    held: Option<OwnedSemaphorePermit>,
    bytes: u64,
}

impl From<Exhausted> for Problem {
    fn from(_: Exhausted) -> Self {
        Self::new(
            ErrorCode::RateLimited,
            "the server is decoding as much as it may hold in memory",
            "send the request again after the seconds of Retry-After",
        )
    }
}

impl MemoryBudget {
    /// A budget of `bytes_max`, of which every lease waits at most `wait` for more.
    pub(crate) fn new(bytes_max: u64, wait: Duration) -> Self {
        let units = usize::try_from(bytes_max.div_ceil(UNIT_BYTES)).unwrap_or(usize::MAX);
        Self { units: Arc::new(Semaphore::new(units.clamp(1, Semaphore::MAX_PERMITS))), wait }
    }

    /// A lease of nothing.
    pub(crate) fn lease(&self) -> Lease {
        Lease { budget: self.clone(), held: None, bytes: 0 }
    }
}

impl Lease {
    /// Leases `more` bytes on top of what is held.
    pub(crate) async fn grow(&mut self, more: u64) -> Result<(), Exhausted> {
        let bytes = self.bytes.saturating_add(more);
        let units = u32::try_from(bytes.div_ceil(UNIT_BYTES).saturating_sub(self.units())).map_err(|_| Exhausted)?;
        if units > 0 {
            let wanted = self.budget.units.clone().acquire_many_owned(units);
            let permit =
                tokio::time::timeout(self.budget.wait, wanted).await.map_err(|_| Exhausted)?.map_err(|_| Exhausted)?;
            match &mut self.held {
                Some(held) => held.merge(permit),
                None => self.held = Some(permit),
            }
        }
        self.bytes = bytes;
        Ok(())
    }

    /// Takes over what `other` holds.
    pub(crate) fn join(&mut self, mut other: Lease) {
        self.bytes += other.bytes;
        match (&mut self.held, other.held.take()) {
            (Some(held), Some(permit)) => held.merge(permit),
            (None, taken @ Some(_)) => self.held = taken,
            (_, None) => {}
        }
    }

    fn units(&self) -> u64 {
        self.held.as_ref().map_or(0, |held| held.num_permits() as u64)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn leases_are_bounded_and_given_back() {
        let budget = MemoryBudget::new(10 * UNIT_BYTES, Duration::ZERO);
        let (mut first, mut second) = (budget.lease(), budget.lease());
        first.grow(1).await.unwrap();
        first.grow(UNIT_BYTES - 1).await.unwrap();
        assert_eq!(first.units(), 1);
        first.grow(5 * UNIT_BYTES).await.unwrap();
        second.grow(4 * UNIT_BYTES).await.unwrap();
        assert_eq!(second.grow(1).await, Err(Exhausted));
        drop(first);
        second.grow(6 * UNIT_BYTES).await.unwrap();
        assert_eq!(budget.lease().grow(1).await, Err(Exhausted));
    }
}
