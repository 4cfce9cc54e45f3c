//! Failed authentications, counted by network address.

use std::net::IpAddr;
use std::sync::Arc;

use playhead_schemas::EpochMs;

use crate::rate::{Limiter, Rate};

/// Addresses that are counted at the same time; those unused for the longest time are forgotten first.
const ADDRESSES_MAX: usize = 100_000;

/// How often an address may fail before it has to wait. One limiter serves all surfaces of a server: clones share their
/// counts.
///
/// An unknown secret costs a look-up, so an address that failed too often gets none. A credential that is in memory needs
/// no look-up and keeps working from the same address: neighbours behind one router don't lock each other out.
#[derive(Clone, Debug)]
pub struct AuthFailureLimiter(Arc<Limiter<IpAddr>>);

impl AuthFailureLimiter {
    /// So many refusals a minute from one address, also all at once.
    pub fn per_minute(refusals: u32) -> Self {
        let rate = Rate { per_second: f64::from(refusals) / 60.0, burst: refusals };
        Self(Arc::new(Limiter::new(rate, ADDRESSES_MAX)))
    }

    /// Whether something may be looked up for `address`; else the seconds to wait. An unknown address is not counted.
    ///
    /// # Errors
    /// The seconds after which to try again.
    pub fn admit(&self, address: Option<IpAddr>, now: EpochMs) -> Result<(), u32> {
        address.map_or(Ok(()), |address| self.0.peek(&address, now))
    }

    /// Counts a refusal.
    ///
    /// # Errors
    /// The seconds after which to try again, when there were too many: the answer then says this instead of the reason.
    pub fn refused(&self, address: Option<IpAddr>, now: EpochMs) -> Result<(), u32> {
        address.map_or(Ok(()), |address| self.0.check(address, now))
    }
}

impl Default for AuthFailureLimiter {
    /// 120 a minute.
    fn default() -> Self {
        Self::per_minute(120)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn an_address_is_refused_so_often_and_then_waits() {
        let auth_failures = AuthFailureLimiter::per_minute(2);
        let (here, there) = (Some(Ipv4Addr::LOCALHOST.into()), Some(Ipv4Addr::BROADCAST.into()));
        let at = |ms: i64| EpochMs(1_000_000 + ms);
        for _ in 0..2 {
            assert_eq!((auth_failures.admit(here, at(0)), auth_failures.refused(here, at(0))), (Ok(()), Ok(())));
        }
        assert_eq!((auth_failures.admit(here, at(0)), auth_failures.refused(here, at(0))), (Err(30), Err(30)));
        assert_eq!((auth_failures.admit(there, at(0)), auth_failures.admit(None, at(0))), (Ok(()), Ok(())));
        assert_eq!(auth_failures.clone().admit(here, at(29_999)), Err(1), "clones count together");
        assert_eq!(auth_failures.admit(here, at(30_000)), Ok(()));
    }
}
