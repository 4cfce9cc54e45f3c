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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use playhead_store::{AuditEntry, AuditQuery, StoreConfig};

    use super::*;

    #[tokio::test]
    async fn entries_are_kept_for_their_days_and_no_longer() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(StoreConfig::new(folder.path())).await.unwrap();
        for days in [0, 6, 8, 100] {
            store.audit(AuditEntry {
                at: EpochMs::now().plus_ms(-days * DAY_MS),
                workspace: None,
                principal: format!("{days} days ago"),
                client_name: None,
                client_version: None,
                action: "tools/call".to_owned(),
                tool: None,
                project: None,
                subject: None,
                code: None,
                duration_ms: 0,
            });
        }
        assert_eq!(store.audit_entries(AuditQuery::default(), None, 10).await.unwrap().items.len(), 4);
        let stop = CancellationToken::new();
        stop.cancel();
        clean_until(store.clone(), 7, stop).await;
        let kept = store.audit_entries(AuditQuery::default(), None, 10).await.unwrap().items;
        let mut kept: Vec<_> = kept.into_iter().map(|(_, entry)| entry.principal).collect();
        kept.sort();
        assert_eq!(kept, ["0 days ago", "6 days ago"]);
        store.close().await;
    }
}
