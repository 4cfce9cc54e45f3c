//! Closes the replays that got no segment for a while: a browser that was shut never sends a final one.

use playhead_schemas::EpochMs;
use playhead_store::{Store, StoreError};

use crate::config::JanitorConfig;

/// Replays that are closed in one transaction.
const BATCH_ROWS: u32 = 100;

/// Closes them, which enqueues their transcriptions; gives their number.
pub(super) async fn close(store: &Store, config: &JanitorConfig, now: EpochMs) -> Result<u64, StoreError> {
    let mut closed = 0;
    loop {
        let batch = store.close_idle_replays(now, config.idle_close_ms, BATCH_ROWS).await?;
        closed += batch.len() as u64;
        if batch.len() < BATCH_ROWS as usize {
            return Ok(closed);
        }
    }
}
