//! Who may call what.

use playhead_schemas::{BugId, CommentId, EpochMs, ReplayId, Scope, ScreenshotId};
use playhead_store::NewToken;
use serde_json::{Value, json};

use crate::data::{self, clicks, transcribed};
use crate::support::TestServer;

#[tokio::test]
async fn without_a_live_token_there_is_nothing() {
    let server = TestServer::new().await;
    let token = |expires_at| NewToken {
        workspace: server.workspace,
        projects: None,
        scopes: vec![Scope::BugsRead],
        label: "test".into(),
        expires_at,
        actor: None,
        bound_project: None,
    };
    let (_, expired) = server.store.create_token(token(Some(EpochMs(1)))).await.unwrap();
    let (revoked, revoked_secret) = server.store.create_token(token(None)).await.unwrap();
    let caller = server.bearing(revoked_secret.expose());
    assert_eq!(caller.rest("list_projects", json!({})).await.0, 200);
    server.store.revoke_token(revoked.id).await.unwrap();

    let live = server.reader().await;
    let (_, key) = server.store.create_ingest_key(server.shop, "web", Vec::new()).await.unwrap();
    let cases = [
        ("nothing", None, String::new()),
        ("an unknown token", Some("Bearer pht_unknown".to_owned()), String::new()),
        ("an ingest key, which may only write", Some(format!("Bearer {}", key.expose())), String::new()),
        ("an expired token", Some(format!("Bearer {}", expired.expose())), String::new()),
        ("a revoked token", Some(format!("Bearer {}", revoked_secret.expose())), String::new()),
        ("another scheme", Some(format!("Basic {}", live.secret)), String::new()),
        ("a token in the query", None, format!("?access_token={0}&token={0}", live.secret)),
    ];
    for (what, header, query) in cases {
        for (method, path) in
            [("POST", "/mcp"), ("GET", "/mcp"), ("GET", "/v1/tools"), ("POST", "/v1/tools/list_projects")]
        {
            let mut request = server.http.request(method.parse().unwrap(), format!("{}{path}{query}", server.url));
            if let Some(header) = &header {
                request = request.header("Authorization", header);
            }
            let response = request.body("{}").send().await.unwrap();
            assert_eq!(response.status(), 401, "{what}: {method} {path}");
            let challenge = response.headers()["www-authenticate"].to_str().unwrap().to_owned();
            let way = if path == "/mcp" { "Bearer resource_metadata=\"" } else { "Bearer realm=\"playhead\"" };
            assert!(challenge.starts_with(way), "{challenge}");
            let presented = header.as_ref().is_some_and(|header| header.starts_with("Bearer"));
            assert_eq!(challenge.contains("error=\"invalid_token\""), presented, "{what}: {challenge}");
            let body: Value = response.json().await.unwrap();
            assert_eq!(body["code"], "UNAUTHENTICATED");
        }
    }
}

/// The tools that need the scope `bugs:write`.
const WRITING: [&str; 5] = ["create_bug", "update_bug", "add_comment", "edit_comment", "delete_comment"];

#[tokio::test]
async fn tools_outside_the_scopes_are_not_listed_and_say_what_they_need() {
    let server = TestServer::new().await;
    let (bug, _) = transcribed(&server.store, server.shop, &clicks(1), "s").await;
    let all: Vec<Value> = server.caller(&Scope::ALL).await.tools().await;
    for (scopes, missing) in [
        (vec![Scope::BugsRead], [&["get_bug_cookies", "get_replay_raw", "list_audit_log"][..], &WRITING].concat()),
        (vec![Scope::BugsRead, Scope::CookiesRead], [&["get_replay_raw", "list_audit_log"][..], &WRITING].concat()),
        (vec![Scope::BugsRead, Scope::CookiesRead, Scope::ReplayRaw], [&["list_audit_log"][..], &WRITING].concat()),
        (vec![Scope::BugsRead, Scope::BugsWrite, Scope::CookiesRead, Scope::ReplayRaw], vec!["list_audit_log"]),
    ] {
        let caller = server.caller(&scopes).await;
        let listed = caller.tools().await;
        let want: Vec<Value> =
            all.iter().filter(|tool| !missing.contains(&tool["name"].as_str().unwrap())).cloned().collect();
        assert_eq!(listed, want, "the same order for everybody");
        for tool in missing {
            let refused = caller.refused(tool, json!({"bug_id": bug, "stream": "rrweb"})).await;
            let scope = match tool {
                "get_bug_cookies" => "cookies:read",
                "get_replay_raw" => "replay:raw",
                "list_audit_log" => "admin",
                _ => "bugs:write",
            };
            assert_eq!((refused.status, refused.code.as_str()), (403, "FORBIDDEN"));
            assert!(refused.message.contains(scope) && refused.action.contains(scope), "{refused:?}");
        }
    }
    let nothing = server.caller(&[]).await;
    assert!(nothing.tools().await.is_empty());
    assert_eq!(nothing.refused("list_bugs", json!({})).await.code, "FORBIDDEN");
}

#[tokio::test]
async fn things_of_another_project_are_as_good_as_missing() {
    let server = TestServer::new().await;
    let (bug, replay) = transcribed(&server.store, server.shop, &clicks(3), "s").await;
    let screenshot = server.store.screenshots(bug).await.unwrap()[0].id;
    let stranger = server.caller_of(&Scope::ALL, Some(vec![server.other])).await;
    let owner = server.caller_of(&Scope::ALL, Some(vec![server.shop])).await;
    let comment = owner.call("add_comment", json!({"bug_id": bug, "body": "x"})).await.data()["id"].clone();
    let (no_bug, no_replay, no_screenshot) = (BugId::new(), ReplayId::new(), ScreenshotId::new());
    for (tool, foreign, missing) in [
        ("get_bug", json!({"bug_id": bug}), json!({"bug_id": no_bug})),
        ("get_bug_context", json!({"bug_id": bug}), json!({"bug_id": no_bug})),
        ("get_bug_media", json!({"bug_id": bug}), json!({"bug_id": no_bug})),
        ("list_comments", json!({"bug_id": bug}), json!({"bug_id": no_bug})),
        ("list_bug_activity", json!({"bug_id": bug}), json!({"bug_id": no_bug})),
        ("update_bug", json!({"bug_id": bug, "title": "x"}), json!({"bug_id": no_bug, "title": "x"})),
        ("add_comment", json!({"bug_id": bug, "body": "x"}), json!({"bug_id": no_bug, "body": "x"})),
        (
            "edit_comment",
            json!({"comment_id": comment, "body": "y"}),
            json!({"comment_id": CommentId::new(), "body": "y"}),
        ),
        ("create_bug", json!({"project": "shop", "title": "x"}), json!({"project": "no-such", "title": "x"})),
        ("list_project_members", json!({"project": "shop"}), json!({"project": "no-such"})),
        ("get_bug_cookies", json!({"bug_id": bug}), json!({"bug_id": no_bug})),
        ("generate_fix_prompt", json!({"bug_id": bug}), json!({"bug_id": no_bug})),
        ("get_replay_transcript", json!({"bug_id": bug}), json!({"bug_id": no_bug})),
        ("get_replay_transcript", json!({"replay_id": replay}), json!({"replay_id": no_replay})),
        (
            "get_replay_moments",
            json!({"replay_id": replay, "ids": ["m1"]}),
            json!({"replay_id": no_replay, "ids": ["m1"]}),
        ),
        (
            "get_replay_raw",
            json!({"replay_id": replay, "stream": "rrweb"}),
            json!({"replay_id": no_replay, "stream": "rrweb"}),
        ),
        ("get_screenshot", json!({"screenshot_id": screenshot}), json!({"screenshot_id": no_screenshot})),
        ("list_bugs", json!({"project": "shop"}), json!({"project": "no-such"})),
        ("list_bugs", json!({"project": server.shop}), json!({"project": server.shop.to_string().replace('0', "1")})),
    ] {
        assert_eq!(owner.rest(tool, foreign.clone()).await.0, 200, "{tool}");
        let refused = stranger.refused(tool, foreign).await;
        assert_eq!((refused.status, refused.code.as_str()), (404, "NOT_FOUND"), "{tool}");
        assert_eq!(refused, stranger.refused(tool, missing).await, "{tool}");
    }
    for tool in ["list_bugs", "search_bugs"] {
        let called =
            stranger.call(tool, if tool == "list_bugs" { json!({}) } else { json!({"query": "coupon"}) }).await;
        assert_eq!(called.data()["bugs"], json!([]), "{tool}");
    }
    let projects = stranger.call("list_projects", json!({})).await;
    assert_eq!(projects.data()["projects"].as_array().unwrap().len(), 1);
    assert!(!projects.text().contains(&server.shop.to_string()));
}

#[tokio::test]
async fn a_token_of_no_project_sees_none() {
    let server = TestServer::new().await;
    server.store.create_bug(data::bug(server.shop, "hidden")).await.unwrap();
    let caller = server.caller_of(&[Scope::BugsRead], Some(Vec::new())).await;
    assert_eq!(caller.call("list_bugs", json!({})).await.data()["bugs"], json!([]));
    assert_eq!(caller.call("list_projects", json!({})).await.data()["projects"], json!([]));
}
