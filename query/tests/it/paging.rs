//! Cursors are good for their own list only.

use playhead_query::QueryConfig;
use serde_json::{Value, json};

use crate::data::{clicks, publish, transcribed};
use crate::support::TestServer;

#[tokio::test]
async fn cursors_are_good_for_their_own_call_only() {
    let server = TestServer::new().await;
    let (bug, replay) = transcribed(&server.store, server.shop, &clicks(500), "s").await;
    let (other_bug, _) = transcribed(&server.store, server.shop, &clicks(500), "s").await;
    let caller = server.reader().await;
    let detailed = |bug, more: Value| {
        let mut arguments = json!({"bug_id": bug, "verbosity": "detailed", "max_tokens": 3_000});
        arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        arguments
    };
    let first = caller.call("get_replay_transcript", detailed(bug, json!({}))).await;
    let cursor = first.cursor().unwrap().to_owned();
    let mut forged = cursor.clone().into_bytes();
    let middle = cursor.len() / 2;
    forged[middle] = if forged[middle] == b'A' { b'B' } else { b'A' };
    let forged = String::from_utf8(forged).unwrap();
    let list = caller.call("list_bugs", json!({"limit": 1})).await;
    let foreign = list.cursor().unwrap();
    let elsewhere = server.reader().await;
    for (what, caller, arguments, part) in [
        ("forged", &caller, detailed(bug, json!({"cursor": forged})), "not one that this server gave"),
        ("garbage", &caller, detailed(bug, json!({"cursor": "x"})), "not one that this server gave"),
        ("another tool", &caller, detailed(bug, json!({"cursor": foreign})), "another call"),
        ("another bug", &caller, detailed(other_bug, json!({"cursor": cursor})), "another call"),
        ("another filter", &caller, detailed(bug, json!({"cursor": cursor, "from": 1})), "another call"),
        ("another token", &elsewhere, detailed(bug, json!({"cursor": cursor})), "another call"),
    ] {
        let refused = caller.refused("get_replay_transcript", arguments).await;
        assert_eq!((refused.status, refused.code.as_str()), (400, "INVALID_INPUT"), "{what}");
        assert!(refused.message.contains("cursor") && refused.message.contains(part), "{what}: {}", refused.message);
        assert!(refused.action.contains("without cursor") || refused.action.contains("leave cursor out"), "{what}");
    }
    // A size is no filter: the page may have another one.
    let mut larger = detailed(bug, json!({"cursor": cursor}));
    larger["max_tokens"] = json!(20_000);
    caller.call("get_replay_transcript", larger).await;

    publish(&server.store, replay, &clicks(500), "again").await;
    let stale = caller.refused("get_replay_transcript", detailed(bug, json!({"cursor": cursor}))).await;
    assert!(stale.message.contains("stale"), "{}", stale.message);
}

#[tokio::test]
async fn cursors_outlive_a_restart() {
    let server = TestServer::new().await;
    transcribed(&server.store, server.shop, &clicks(1), "s").await;
    transcribed(&server.store, server.shop, &clicks(1), "s").await;
    let caller = server.reader().await;
    let cursor = caller.call("list_bugs", json!({"limit": 1})).await.cursor().unwrap().to_owned();
    let server = server.reopened(QueryConfig::default()).await;
    let caller = server.bearing(&caller.secret);
    let next = caller.call("list_bugs", json!({"limit": 1, "cursor": cursor})).await;
    assert_eq!(next.data()["bugs"].as_array().unwrap().len(), 1);
}
