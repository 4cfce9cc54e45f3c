//! Deletes audit entries that are older than they are kept.

use playhead_schemas::EpochMs;
use playhead_store::{Store, StoreError};

use crate::config::JanitorConfig;

const DAY_MS: i64 = 86_400_000;

/// Deletes the entries that are older than `audit_days` at `now`; gives their number.
pub(super) async fn delete_old(store: &Store, config: &JanitorConfig, now: EpochMs) -> Result<u64, StoreError> {
    store.delete_audit_entries(now.plus_ms(-i64::from(config.audit_days) * DAY_MS)).await
}
