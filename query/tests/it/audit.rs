//! What calls leave behind.

use playhead_schemas::{ErrorCode, Scope};
use serde_json::json;

use crate::data::{clicks, transcribed};
use crate::support::TestServer;

#[tokio::test]
async fn each_call_is_noted_with_its_outcome() {
    let server = TestServer::new().await;
    let (bug, _) = transcribed(&server.store, server.shop, &clicks(1), "s").await;
    let caller = server.reader().await;
    let stranger = server.caller_of(&[Scope::BugsRead], Some(vec![server.other])).await;
    caller.call("get_bug", json!({"bug_id": bug})).await;
    caller.refused("get_bug_cookies", json!({"bug_id": bug})).await;
    stranger.refused("get_bug", json!({"bug_id": bug})).await;
    caller.refused("steal\u{202e}_everything", json!({})).await;
    let response = caller.modern("tools/call", json!({"name": "list_bugs", "arguments": {}})).send().await.unwrap();
    assert_eq!(response.status(), 200);

    let tokens = server.store.tokens(server.workspace, None, 10).await.unwrap().items;
    let mut entries = server.store.audit_entries(None, 10).await.unwrap().items;
    entries.reverse();
    let name = |at: usize| format!("token {}", tokens[at].id);
    let noted: Vec<_> = entries
        .iter()
        .map(|entry| (entry.principal.clone(), entry.action.as_str(), entry.project, entry.subject.clone(), entry.code))
        .collect();
    let subject = Some(bug.to_string());
    assert_eq!(
        noted,
        [
            (name(0), "tool get_bug", Some(server.shop), subject.clone(), None),
            (name(0), "tool get_bug_cookies", None, None, Some(ErrorCode::Forbidden)),
            (name(1), "tool get_bug", None, subject, Some(ErrorCode::NotFound)),
            (name(0), "tool (unknown)", None, None, Some(ErrorCode::NotFound)),
            (name(0), "tool list_bugs", None, None, None),
        ]
    );
    assert_eq!(entries[4].client.as_deref(), Some("modern-client 2"));
    let tokens = server.store.tokens(server.workspace, None, 10).await.unwrap().items;
    assert!(tokens[0].last_used_at.is_some());
    assert_eq!(tokens[0].last_client.as_deref(), Some("modern-client 2"));
}
