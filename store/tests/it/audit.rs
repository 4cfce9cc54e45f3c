use playhead_schemas::{EpochMs, ErrorCode};
use playhead_store::{AuditEntry, AuditQuery};

use crate::support::TestStore;

#[tokio::test]
async fn entries_are_kept_and_paged_newest_first() {
    let t = TestStore::new().await;
    let entry = |i: i64| AuditEntry {
        at: EpochMs(i),
        workspace: None,
        principal: "token x".into(),
        client_name: Some("cursor".into()),
        client_version: Some(i.to_string()),
        action: "tools/call".into(),
        tool: Some("get_bug".into()),
        project: Some(t.project),
        subject: None,
        code: (i == 2).then_some(ErrorCode::NotFound),
        duration_ms: 3,
    };
    // One at a time, so that each has a millisecond of its own or is written before the next.
    for i in 0..3 {
        t.store.audit(entry(i));
        assert_eq!(t.store.audit_entries(AuditQuery::default(), None, 10).await.unwrap().items.len() as i64, i + 1);
    }
    t.store.audit(entry(3));
    let want: Vec<_> = (0..4).map(entry).collect();
    let t = t.reopen().await; // closing writes what waits
    let first = t.store.audit_entries(AuditQuery::default(), None, 3).await.unwrap();
    let rest = t.store.audit_entries(AuditQuery::default(), first.next, 3).await.unwrap();
    let mut all: Vec<_> = first.items.into_iter().chain(rest.items).map(|(_, entry)| entry).collect();
    all.sort_by_key(|e| e.at);
    assert_eq!(all, want);
    assert_eq!(rest.next, None);
}

#[tokio::test]
async fn entries_are_filtered_and_forgotten() {
    let t = TestStore::new().await;
    let workspace = t.store.default_workspace().await.unwrap().id;
    let entry = |at: i64, tool: &str, code: Option<ErrorCode>, in_project: bool| AuditEntry {
        at: EpochMs(at),
        workspace: Some(workspace),
        principal: format!("token {tool}"),
        client_name: Some("cursor".into()),
        client_version: None,
        action: "tools/call".into(),
        tool: Some(tool.into()),
        project: in_project.then_some(t.project),
        subject: None,
        code,
        duration_ms: 3,
    };
    t.store.audit(entry(10, "a", None, true));
    t.store.audit(entry(20, "b", Some(ErrorCode::Forbidden), false));
    t.store.audit(entry(30, "c", Some(ErrorCode::NotFound), true));
    let all = AuditQuery::default;
    for (query, want) in [
        (all(), vec!["a", "b", "c"]),
        (AuditQuery { workspace: Some(workspace), ..all() }, vec!["a", "b", "c"]),
        (AuditQuery { workspace: Some(playhead_schemas::WorkspaceId::new()), ..all() }, vec![]),
        (AuditQuery { projects: Some(vec![t.project]), ..all() }, vec!["a", "c"]),
        (AuditQuery { projects: Some(vec![]), ..all() }, vec![]),
        (AuditQuery { principal: Some("token b".into()), ..all() }, vec!["b"]),
        (AuditQuery { client_name: Some("cursor".into()), tool: Some("a".into()), ..all() }, vec!["a"]),
        (AuditQuery { code: Some(ErrorCode::NotFound), ..all() }, vec!["c"]),
        (AuditQuery { refused: true, ..all() }, vec!["b", "c"]),
        (AuditQuery { since: Some(EpochMs(20)), until: Some(EpochMs(30)), ..all() }, vec!["b"]),
    ] {
        let asked = format!("{query:?}");
        let found = t.store.audit_entries(query, None, 10).await.unwrap().items;
        let mut tools: Vec<_> = found.iter().filter_map(|(_, entry)| entry.tool.as_deref()).collect();
        tools.sort_unstable();
        assert_eq!(tools, want, "{asked}");
    }
    assert_eq!(t.store.delete_audit_entries(EpochMs(30)).await.unwrap(), 2);
    assert_eq!(t.store.audit_entries(all(), None, 10).await.unwrap().items.len(), 1);
}
