//! `list_audit_log`: who called what, newest first.

use playhead_schemas::Scope;
use serde_json::json;

use crate::support::TestServer;

#[tokio::test]
async fn calls_are_listed_by_what_became_of_them() {
    let server = TestServer::new().await;
    let caller = server.caller(&Scope::ALL).await;
    caller.call("list_bugs", json!({"project": "shop"})).await;
    caller.refused("list_bugs", json!({"project": "nowhere"})).await;
    for (arguments, want) in [
        (json!({"tool": "list_bugs"}), vec!["NOT_FOUND", "done"]),
        (json!({"refused": true}), vec!["NOT_FOUND"]),
        (json!({"project": "shop", "tool": "list_bugs"}), vec!["done"]),
        (json!({"principal": "token nobody"}), vec![]),
    ] {
        let called = caller.text("list_audit_log", arguments.clone()).await;
        let text = called.text();
        assert_eq!(text.matches(" list_bugs ").count(), want.len(), "{arguments}: {text}");
        assert!(want.iter().all(|word| text.contains(word)), "{arguments}: {text}");
    }
}
