//! How often something may happen: requests with a key, uploads from an address, failed authentications.

use std::net::IpAddr;

use playhead_schemas::{EpochMs, KeyId};

use super::rate::{Limiter, Rate};
use crate::{Result, Store};

/// What is counted against a rate. Each is counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RateSubject {
    /// Requests with one ingest key.
    IngestKey(KeyId),
    /// Uploads from one network address.
    UploadAddress(IpAddr),
}

/// The buckets. A flood of addresses never pushes out the bucket of a key: each kind has its own memory.
pub(crate) struct Limiters {
    ingest_keys: Limiter<KeyId>,
    upload_addresses: Limiter<IpAddr>,
    auth_failures: Limiter<IpAddr>,
}

impl Limiters {
    /// Limiters that remember at most `buckets_max` keys and addresses of each kind.
    pub(crate) fn new(buckets_max: usize) -> Self {
        Self {
            ingest_keys: Limiter::new(buckets_max),
            upload_addresses: Limiter::new(buckets_max),
            auth_failures: Limiter::new(buckets_max),
        }
    }
}

impl Store {
    /// Counts one event of `subject` against `rate`. Never waits.
    ///
    /// # Errors
    /// The seconds until the next event is allowed, when it came too soon.
    pub fn check_rate(&self, subject: RateSubject, rate: Rate, now: EpochMs) -> Result<(), u32> {
        let limiters = &self.shared().limiters;
        match subject {
            RateSubject::IngestKey(id) => limiters.ingest_keys.check(id, rate, now),
            RateSubject::UploadAddress(address) => limiters.upload_addresses.check(address, rate, now),
        }
    }

    /// Whether a credential may be looked up for a request from `address`, of which at most `per_minute` requests a
    /// minute may fail to authenticate, all of them at once if need be. All surfaces of a server count together. An
    /// unknown address (`None`) is not counted.
    ///
    /// A look-up is what a request without a valid credential costs, so an address with too many failures gets none.
    /// A credential that is known without a look-up ([`Store::cached_token`]) is let in from the same address:
    /// neighbours behind one router don't lock each other out.
    ///
    /// # Errors
    /// The seconds to wait.
    pub fn admit_address(&self, address: Option<IpAddr>, per_minute: u32, now: EpochMs) -> Result<(), u32> {
        let failures = &self.shared().limiters.auth_failures;
        address.map_or(Ok(()), |address| failures.peek(&address, Rate::per_minute(per_minute), now))
    }

    /// Counts a failed authentication of a request from `address`. See [`Store::admit_address`].
    ///
    /// # Errors
    /// The seconds to wait, when there were too many: to be told instead of why the request was refused.
    pub fn count_auth_failure(&self, address: Option<IpAddr>, per_minute: u32, now: EpochMs) -> Result<(), u32> {
        let failures = &self.shared().limiters.auth_failures;
        address.map_or(Ok(()), |address| failures.check(address, Rate::per_minute(per_minute), now))
    }
}
