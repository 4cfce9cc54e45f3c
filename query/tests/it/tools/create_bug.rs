//! `create_bug`: a bug filed by hand, once for each key.

use playhead_query::QueryConfig;
use playhead_schemas::Scope;
use serde_json::json;

use crate::support::{Form, TestServer};

#[tokio::test]
async fn a_key_files_one_bug_over_a_restart() {
    let server = TestServer::new().await;
    let caller = server.caller(&[Scope::BugsRead, Scope::BugsWrite]).await;
    let draft = json!({
        "project": "shop", "title": "Cart empties", "description": "1. Open\n2. Wait", "priority": "high",
        "tags": ["cart"], "release": "1.4.2", "page_url": "https://shop.example/cart", "idempotency_key": "k-1"
    });
    let first = caller.text("create_bug", draft.clone()).await;
    let typed = caller.call_in(Form::Structured, "create_bug", draft.clone()).await;
    let server = server.reopened(QueryConfig::default()).await;
    let caller = server.bearing(&caller.secret);
    let bug = typed.data()["id"].clone();
    caller.call("update_bug", json!({"bug_id": bug, "status": "closed"})).await;
    assert_eq!(caller.text("create_bug", draft.clone()).await.text(), first.text(), "the same answer");
    let listed = caller.call("list_bugs", json!({"project": "shop"})).await;
    assert_eq!(listed.data()["bugs"].as_array().unwrap().len(), 1);
    let read = caller.call("get_bug", json!({"bug_id": bug})).await;
    let report = &read.data()["untrusted"];
    assert_eq!(
        (&report["title"], &report["release"], &report["tags"]),
        (&json!("Cart empties"), &json!("1.4.2"), &json!(["cart"]))
    );
    assert!(report["reporter"].as_str().unwrap().starts_with("test, token "), "{report}");
    let mut other = draft;
    other["title"] = json!("Another");
    let refused = caller.refused("create_bug", other).await;
    assert_eq!((refused.status, refused.code.as_str()), (409, "CONFLICT"));
    assert!(refused.message.contains("idempotency_key"), "{refused:?}");
}

#[tokio::test]
async fn the_only_project_need_not_be_named() {
    let server = TestServer::new().await;
    let bound = server.caller_like(|new| new.bound_project = Some(server.shop)).await;
    let (status, _, filed) = bound.call_at("/p/shop/mcp", "create_bug", json!({"title": "x"})).await;
    assert_eq!((status, &filed["isError"]), (200, &json!(false)), "{filed}");
    let one = server.caller_of(&[Scope::BugsWrite], Some(vec![server.other])).await;
    assert_eq!(one.call("create_bug", json!({"title": "x"})).await.data()["project"], json!(server.other));
    server.store.archive_project(server.other).await.unwrap();
    assert_eq!(one.refused("create_bug", json!({"title": "x"})).await.code, "CONFLICT");
}
