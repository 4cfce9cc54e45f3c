use playhead_schemas::{EpochMs, ErrorCode};
use playhead_store::AuditEntry;

use crate::support::TestStore;

#[tokio::test]
async fn entries_are_kept_and_paged_newest_first() {
    let t = TestStore::new().await;
    let entry = |i: i64| AuditEntry {
        at: EpochMs(i),
        principal: "token x".into(),
        client: Some("cursor".into()),
        action: "tool get_bug".into(),
        project: Some(t.project),
        subject: None,
        code: (i == 2).then_some(ErrorCode::NotFound),
        duration_ms: 3,
    };
    // One at a time, so that each has a millisecond of its own or is written before the next.
    for i in 0..3 {
        t.store.audit(entry(i));
        assert_eq!(t.store.audit_entries(None, 10).await.unwrap().items.len() as i64, i + 1);
    }
    t.store.audit(entry(3));
    let want: Vec<_> = (0..4).map(entry).collect();
    let t = t.reopen().await; // closing writes what waits
    let first = t.store.audit_entries(None, 3).await.unwrap();
    let rest = t.store.audit_entries(first.next, 3).await.unwrap();
    let mut all = [first.items, rest.items].concat();
    all.sort_by_key(|e| e.at);
    assert_eq!(all, want);
    assert_eq!(rest.next, None);
}
