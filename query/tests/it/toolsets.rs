//! Connections with fewer tools: what was left out is neither listed nor called, over any way in.

use playhead_schemas::Scope;
use serde_json::{Value, json};

use crate::data;
use crate::mcp::{body, request};
use crate::support::{Caller, TestServer};

async fn listed(caller: &Caller, path: &str) -> Vec<String> {
    let (status, listed) = body(caller.mcp_at(path, &request("tools/list", json!({})))).await;
    assert_eq!(status, 200, "{listed}");
    listed["result"]["tools"].as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_a_connection_left_out_is_neither_listed_nor_called() {
    let server = TestServer::new().await;
    let bug = server.store.create_bug(data::bug(server.shop, "x")).await.unwrap().0.id;
    let caller = server.caller(&Scope::ALL).await;
    let all = listed(&caller, "/mcp").await;
    assert_eq!(listed(&caller, "/mcp?toolsets=all").await, all);
    for (query, has, lacks) in [
        ("toolsets=read", "get_bug", "update_bug"),
        ("toolsets=triage", "update_bug", "get_bug"),
        ("toolsets=admin", "list_audit_log", "get_bug"),
        ("read_only=true", "get_bug", "update_bug"),
        ("read_only=true&toolsets=all", "list_audit_log", "add_comment"),
        ("read_only=true&toolsets=read,triage", "get_bug", "update_bug"),
    ] {
        let some = listed(&caller, &format!("/mcp?{query}")).await;
        assert!(some.iter().any(|name| name == has) && some.iter().all(|name| name != lacks), "{query}: {some:?}");
        let arguments = json!({"bug_id": bug, "title": "changed", "body": "x"});
        let (status, _, refused) = caller.call_at(&format!("/mcp?{query}"), lacks, arguments.clone()).await;
        let text = refused["content"][0]["text"].as_str().unwrap_or_default();
        assert!(status == 200 && text.starts_with("FORBIDDEN: ") && text.contains(lacks), "{query}: {refused}");
        let rest = server.http.post(format!("{}/v1/tools/{lacks}?{query}", server.url)).bearer_auth(&caller.secret);
        assert_eq!(rest.json(&arguments).send().await.unwrap().status(), 403, "{query}");
    }
    let by_header = caller.mcp(&request("tools/list", json!({}))).header("Playhead-Read-Only", "true");
    let (_, some) = body(by_header).await;
    assert!(!some["result"].to_string().contains("\"update_bug\""));
    assert_eq!(server.store.bug(bug).await.unwrap().title, "x", "nothing was written");
}

#[tokio::test]
async fn an_unknown_set_is_refused_with_the_known_ones() {
    let server = TestServer::new().await;
    let caller = server.reader().await;
    for path in ["/mcp?toolsets=red", "/v1/tools/list_bugs?toolsets=red"] {
        let response = caller.mcp_at(path, &json!({})).send().await.unwrap();
        assert_eq!(response.status(), 400, "{path}");
        let refused: Value = response.json().await.unwrap();
        let message = refused["message"].as_str().unwrap();
        assert!(
            message.contains("read, triage, agent, regression, admin, all") && message.contains("did you mean read?")
        );
    }
}
