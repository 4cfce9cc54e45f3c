//! What calls leave behind.

use playhead_schemas::{ErrorCode, Scope};
use playhead_store::AuditQuery;
use serde_json::json;

use crate::data::{clicks, transcribed};
use crate::support::{Caller, TestServer};

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

    let id_of = async |caller: &Caller| server.store.token_by_secret(&caller.secret).await.unwrap().unwrap().id;
    let (known, strange) = (id_of(&caller).await, id_of(&stranger).await);
    let entries = server.store.audit_entries(AuditQuery::default(), None, 10).await.unwrap().items;
    let entries: Vec<_> = entries.into_iter().map(|(_, entry)| entry).collect();
    // Entries of one millisecond have no order.
    let mut noted: Vec<_> = entries
        .iter()
        .map(|entry| {
            (
                entry.tool.as_deref().unwrap_or_default(),
                entry.principal.clone(),
                entry.project,
                entry.subject.clone(),
                entry.code,
            )
        })
        .collect();
    noted.sort_by_key(|entry| (entry.0, entry.4.map(ErrorCode::as_str)));
    let (known_name, strange_name, subject) =
        (format!("token {known}"), format!("token {strange}"), Some(bug.to_string()));
    assert_eq!(
        noted,
        [
            ("(unknown)", known_name.clone(), None, None, Some(ErrorCode::NotFound)),
            ("get_bug", known_name.clone(), Some(server.shop), subject.clone(), None),
            ("get_bug", strange_name, None, subject, Some(ErrorCode::NotFound)),
            ("get_bug_cookies", known_name.clone(), None, None, Some(ErrorCode::Forbidden)),
            ("list_bugs", known_name, None, None, None),
        ]
    );
    let listed = entries.iter().find(|entry| entry.tool.as_deref() == Some("list_bugs")).unwrap();
    assert_eq!(listed.client_name.as_deref(), Some("modern-client"));
    assert_eq!(listed.client_version.as_deref(), Some("2"));
    let tokens = server.store.tokens(server.workspace, None, 10).await.unwrap().items;
    let used = tokens.iter().find(|token| token.id == known).unwrap();
    assert!(used.last_used_at.is_some());
    assert_eq!(used.last_client.as_deref(), Some("modern-client 2"));
}

/// The program of a call is the one that the call itself names, else the one of its handshake, else its user agent.
#[tokio::test]
async fn the_program_of_a_call_is_named() {
    let server = TestServer::new().await;
    let caller = server.reader().await;
    let client = json!({"name": "Claude Code", "version": "2.1"});
    let initialize = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client,
    }});
    let call = json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "list_projects"}});
    let call = |agent: &'static str| caller.mcp(&call).header("User-Agent", agent).send();
    call("before/1").await.unwrap();
    caller.mcp(&initialize).header("User-Agent", "shared-agent/1").send().await.unwrap();
    call("shared-agent/1").await.unwrap();
    call("another/3 (x)").await.unwrap();
    let elsewhere = server.reader().await;
    let body = json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "list_projects"}});
    elsewhere.mcp(&body).header("User-Agent", "shared-agent/1").send().await.unwrap();
    caller.modern("tools/call", json!({"name": "list_projects"})).send().await.unwrap();
    let entries = server.store.audit_entries(AuditQuery::default(), None, 10).await.unwrap().items;
    let mut named: Vec<String> = entries
        .iter()
        .map(|(_, entry)| format!("{} {}", entry.client_name.as_ref().unwrap(), entry.client_version.as_ref().unwrap()))
        .collect();
    named.sort_unstable();
    assert_eq!(named, ["Claude Code 2.1", "another 3", "before 1", "modern-client 2", "shared-agent 1"]);
}
