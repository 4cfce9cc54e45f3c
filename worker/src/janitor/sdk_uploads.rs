//! Forgets by which ids SDKs of other products sent segments and events, when none of them sends the same again. For how
//! long that is known is the store's rule.

use playhead_schemas::EpochMs;
use playhead_store::{Store, StoreError};

/// Forgets them; gives the number of rows.
pub(super) async fn forget_old(store: &Store, now: EpochMs) -> Result<u64, StoreError> {
    store.forget_old_sdk_uploads(now).await
}
