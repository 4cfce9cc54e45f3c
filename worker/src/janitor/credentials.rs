//! Deletes credentials that ended some time ago: codes, tokens, grants, sessions, sign-in attempts, unused clients.
//! For how long each is kept after its end is the store's rule.

use playhead_schemas::EpochMs;
use playhead_store::{Store, StoreError};

/// Deletes them; gives their number.
pub(super) async fn delete_ended(store: &Store, now: EpochMs) -> Result<u64, StoreError> {
    let swept = store.delete_ended_credentials(now).await?;
    Ok(swept.clients + swept.others)
}
