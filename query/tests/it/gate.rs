//! What each endpoint lets in, and what a refusal leaves behind. The order of the checks is in `order.rs`.

use playhead_schemas::{Actor, AgentId, Role, Scope};
use playhead_store::AuditQuery;
use serde_json::{Value, json};

use crate::data;
use crate::support::TestServer;

/// The code of a refusal: of a typed result, of a result as text, or of the body of an HTTP answer.
pub(crate) fn code(body: &Value) -> &str {
    let text = || body["content"][0]["text"].as_str().filter(|_| body["isError"] == true)?.split_once(':');
    let typed = body["structuredContent"]["code"].as_str().or(body["code"].as_str());
    typed.or_else(|| Some(text()?.0)).unwrap_or("none")
}

#[tokio::test]
async fn a_removed_member_and_a_taken_role_bite_on_the_next_call() {
    let server = TestServer::new().await;
    let (bug, _) = server.store.create_bug(data::bug(server.shop, "ours")).await.unwrap();
    let (ann, root) = (server.member().await, server.member().await);
    let agent = server.store.create_agent(server.workspace, "fixer").await.unwrap().id;
    server.store.set_member_admin(root, true).await.unwrap();
    for actor in [Actor::Member(ann), Actor::Agent(agent)] {
        let caller = server.caller_like(|new| new.actor = Some(actor)).await;
        let get = async || caller.call_at("/mcp", "get_bug", json!({"bug_id": bug.id})).await;
        let set = async |role| server.store.set_role(server.shop, actor, role).await.unwrap();
        assert_eq!(code(&get().await.2), "FORBIDDEN", "no role yet");
        assert!(caller.tools().await.is_empty());
        set(Some(Role::Viewer)).await;
        assert_eq!(get().await.2["isError"], false);
        let listed: Vec<String> = caller.tools().await.iter().map(|tool| tool["name"].to_string()).collect();
        assert!(listed.len() > 5 && !listed.contains(&"\"get_bug_cookies\"".to_owned()), "{listed:?}");
        let listed = caller.call("list_bugs", json!({})).await;
        assert_eq!(listed.data()["bugs"].as_array().unwrap().len(), 1);
        set(None).await;
        assert_eq!(code(&get().await.2), "FORBIDDEN");
        set(Some(Role::Owner)).await;
        match actor {
            Actor::Member(id) => drop(server.store.disable_member(id).await.unwrap()),
            Actor::Agent(id) => drop(server.store.disable_agent(id).await.unwrap()),
        }
        let (status, challenge, body) = get().await;
        assert_eq!((status, code(&body)), (401, "UNAUTHENTICATED"));
        assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
        assert_eq!(caller.refused("list_bugs", json!({})).await.status, 401);
        let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
        assert_eq!(caller.mcp(&list).send().await.unwrap().status(), 401, "nor is anything listed");
    }
    let nobody = server.caller_like(|new| new.actor = Some(Actor::Agent(AgentId::new()))).await;
    assert_eq!(nobody.call_at("/mcp", "list_bugs", json!({})).await.0, 401);
}

#[tokio::test]
async fn a_token_is_good_for_its_endpoint_alone() {
    let server = TestServer::new().await;
    let (bug, _) = server.store.create_bug(data::bug(server.shop, "ours")).await.unwrap();
    let (foreign, _) = server.store.create_bug(data::bug(server.other, "theirs")).await.unwrap();
    let bound = server.caller_like(|new| new.bound_project = Some(server.shop)).await;
    let whole = server.caller(&Scope::ALL).await;
    let only_shop = server.caller_of(&Scope::ALL, Some(vec![server.shop])).await;
    for (what, caller, path, want) in [
        ("a bound token at its project", &bound, "/p/shop/mcp", 200),
        ("at another", &bound, "/p/other/mcp", 401),
        ("at one that is not there", &bound, "/p/nowhere/mcp", 401),
        ("at the workspace", &bound, "/mcp", 401),
        ("a workspace's token at the workspace", &whole, "/mcp", 200),
        ("at a project", &whole, "/p/shop/mcp", 401),
        ("at a project that is not there", &whole, "/p/nowhere/mcp", 401),
        ("one that is limited to the project", &only_shop, "/p/shop/mcp", 401),
        ("nobody", &server.bearing(""), "/p/nowhere/mcp", 401),
    ] {
        let (status, challenge, _) = caller.call_at(path, "list_bugs", json!({})).await;
        assert_eq!(status, want, "{what}");
        let metadata = format!("resource_metadata=\"{}/.well-known/oauth-protected-resource{path}\"", server.url);
        assert!(want == 200 || challenge.contains(&metadata), "{what}: {challenge}");
    }
    assert_eq!(bound.refused_status("list_bugs").await, 401, "nor over REST");
    assert_eq!(server.http.post(format!("{}/p/a%2Fb/mcp", server.url)).send().await.unwrap().status(), 404);

    let seen = bound.call_at("/p/shop/mcp", "list_bugs", json!({})).await.2;
    let text = seen["content"][0]["text"].as_str().unwrap();
    assert!(text.starts_with("1 bug, ") && text.contains(&bug.id.to_string()), "{text}");
    assert_eq!(code(&bound.call_at("/p/shop/mcp", "get_bug", json!({"bug_id": foreign.id})).await.2), "NOT_FOUND");
}

#[tokio::test]
async fn a_bound_endpoint_asks_for_no_project() {
    let server = TestServer::new().await;
    let bound = server.caller_like(|new| new.bound_project = Some(server.shop)).await;
    let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    let listed: Value = bound.mcp_at("/p/shop/mcp", &list).send().await.unwrap().json().await.unwrap();
    let tools = listed["result"]["tools"].as_array().unwrap();
    assert!(tools.len() > 10);
    assert!(tools.iter().all(|tool| tool["inputSchema"]["properties"].get("project").is_none()), "{listed}");
    let whole = server.caller(&Scope::ALL).await.tools().await;
    assert!(whole.iter().any(|tool| tool["inputSchema"]["properties"].get("project").is_some()));
    for project in ["shop", "other"] {
        let (_, _, body) = bound.call_at("/p/shop/mcp", "list_bugs", json!({"project": project})).await;
        assert_eq!(code(&body), "INVALID_INPUT", "{body}");
    }
}

#[tokio::test]
async fn headers_have_no_say_in_the_audience() {
    let server = TestServer::new().await;
    let bound = server.caller_like(|new| new.bound_project = Some(server.shop)).await;
    let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    for (header, value) in [
        ("Host", "localhost:1"),
        ("X-Forwarded-Host", "evil.example.com"),
        ("X-Forwarded-Proto", "https"),
        ("Forwarded", "host=evil.example.com"),
        ("X-Original-URL", "/p/shop/mcp"),
    ] {
        let response = bound.mcp(&list).header(header, value).send().await.unwrap();
        assert_eq!(response.status(), 401, "{header}");
        let challenge = response.headers()["www-authenticate"].to_str().unwrap();
        assert!(challenge.contains(&format!("\"{}/.well-known/", server.url)), "{header}: {challenge}");
    }
}

#[tokio::test]
async fn a_cursor_of_another_principal_is_refused() {
    let server = TestServer::new().await;
    for title in ["one", "two"] {
        server.store.create_bug(data::bug(server.shop, title)).await.unwrap();
    }
    let (ann, bob) = (server.reader().await, server.reader().await);
    let first = ann.call("list_bugs", json!({"limit": 1})).await;
    let next = json!({"limit": 1, "cursor": first.cursor().unwrap()});
    let refused = bob.refused("list_bugs", next.clone()).await;
    assert_eq!((refused.code.as_str(), refused.status), ("INVALID_INPUT", 400));
    ann.call("list_bugs", next).await;
}

#[tokio::test]
async fn refusals_are_noted_and_secrets_are_not() {
    let server = TestServer::new().await;
    let bound = server.caller_like(|new| new.bound_project = Some(server.shop)).await;
    let reader = server.reader().await;
    let secret = "hunter2-hunter2";
    bound.call_at("/mcp", "get_bug", json!({})).await;
    reader.call_at("/mcp", "get_bug_cookies", json!({"bug_id": secret})).await;
    reader.call_at("/mcp", "search_bugs", json!({"query": secret})).await;
    reader.call_at(&format!("/mcp?token={}", reader.secret), "no_such_tool", json!({"x": secret})).await;
    let entries = server.store.audit_entries(AuditQuery::default(), None, 10).await.unwrap().items;
    let mut codes: Vec<_> = entries.iter().map(|(_, entry)| entry.code.map_or("done", |code| code.as_str())).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["FORBIDDEN", "NOT_FOUND", "UNAUTHENTICATED", "done"]);
    let all = format!("{entries:?}");
    for hidden in [secret, &reader.secret, &bound.secret, "no_such_tool"] {
        assert!(!all.contains(hidden), "{hidden} in {all}");
    }

    let admin = server.caller(&Scope::ALL).await;
    let listed = admin.call("list_audit_log", json!({"refused": true})).await;
    assert_eq!(listed.data()["untrusted"].as_array().unwrap().len(), 3);
    let paged = admin.call("list_audit_log", json!({"refused": true, "limit": 2})).await;
    let rest = json!({"refused": true, "limit": 2, "cursor": paged.cursor().unwrap()});
    assert_eq!(admin.call("list_audit_log", rest).await.data()["untrusted"].as_array().unwrap().len(), 1);
    let of_shop = server.caller_of(&Scope::ALL, Some(vec![server.shop])).await;
    let listed = of_shop.call("list_audit_log", json!({})).await;
    assert_eq!(listed.data()["untrusted"], json!([]), "nothing was done in that project");
    reader.refused("list_audit_log", json!({})).await;
}
