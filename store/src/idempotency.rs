//! Requests that may be repeated: the same key gives what the first request made, for 24 hours and over a restart.
//!
//! A key is found and remembered in the transaction of what it stands for. Keys that are older are deleted by the next
//! one that is remembered.

use playhead_schemas::EpochMs;
use playhead_schemas::limits::IDEMPOTENCY_MS;
use ulid::Ulid;

use crate::engine::{Tx, values};
use crate::payload::fingerprint;
use crate::{Result, StoreError};

const FIND: &str = "SELECT request_sha256, subject FROM idempotency_keys WHERE full_key = $1 AND made_at > $2";
const ADD: &str = "INSERT INTO idempotency_keys (full_key, request_sha256, subject, made_at) VALUES ($1, $2, $3, $4)";
const FORGET: &str = "DELETE FROM idempotency_keys WHERE made_at <= $1";

/// A key with which a request may be repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    full_key: String,
    request_sha256: [u8; 32],
}

impl IdempotencyKey {
    /// The key that `author` gave for `request`, a text that holds all that is asked for. Keys of others, and of requests
    /// of another kind, are other keys.
    pub fn new(author: &str, kind: &str, key: &str, request: &str) -> Self {
        // No text of a catalog can hold NUL.
        let key = key.replace('\0', "\u{fffd}");
        Self { full_key: format!("{author}/{kind}/{key}"), request_sha256: fingerprint(request.as_bytes()).0 }
    }
}

/// What an earlier request with this key made.
///
/// # Errors
/// `KeyReused` when that request asked for something else.
pub(crate) fn find(tx: &Tx<'_>, key: &IdempotencyKey, now: EpochMs) -> Result<Option<Ulid>> {
    let since = now.plus_ms(-IDEMPOTENCY_MS);
    let Some(row) = tx.query_one(FIND, &values![key.full_key.as_str(), since])? else { return Ok(None) };
    if row.get::<Vec<u8>>(0)? != key.request_sha256 {
        return Err(StoreError::KeyReused);
    }
    row.get(1).map(Some)
}

/// Remembers what a request with this key made, and forgets keys that are too old.
pub(crate) fn remember(tx: &Tx<'_>, key: &IdempotencyKey, subject: Ulid, now: EpochMs) -> Result<()> {
    tx.execute(FORGET, &values![now.plus_ms(-IDEMPOTENCY_MS)])?;
    tx.execute(ADD, &values![key.full_key.as_str(), &key.request_sha256[..], subject, now]).map(drop)
}
