//! What is kept for a time only: the audit log.

use std::time::Duration;

use playhead_schemas::EpochMs;
use playhead_store::Store;
use tokio_util::sync::CancellationToken;

const DAY_MS: i64 = 86_400_000;
/// How often old entries are looked for.
const EVERY: Duration = Duration::from_secs(3600);

/// Removes audit entries that are older than `days`, at the start and every hour, until `stop`.
pub(crate) async fn clean_until(store: Store, days: u32, stop: CancellationToken) {
    loop {
        let before = EpochMs::now().plus_ms(-i64::from(days) * DAY_MS);
        match store.forget_audit_entries(before).await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "audit entries past their time were removed"),
            Err(error) => tracing::warn!(%error, "old audit entries can't be removed; the next round tries again"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}
