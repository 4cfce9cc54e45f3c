//! `get_replay_raw`: a recording as it was uploaded.

use playhead_schemas::{Scope, Stream};
use serde_json::{Value, json};

use crate::data;
use crate::support::TestServer;

#[tokio::test]
async fn raw_data_is_read_to_its_end() {
    let server = TestServer::new().await;
    let parts: Vec<String> =
        (0..3).map(|n| format!("[{}]\n", "{\"überall\":[1,2,\"✓\"]},".repeat(2_000 + n))).collect();
    let mut payloads: Vec<(Stream, &[u8])> = parts.iter().map(|part| (Stream::Rrweb, part.as_bytes())).collect();
    payloads.insert(1, (Stream::Console, b"[]"));
    let replay = data::upload(&server.store, server.shop, "raw", &payloads).await;
    let caller = server.caller(&[Scope::ReplayRaw]).await;
    let (mut text, mut offset, mut pages) = (String::new(), 0, 0);
    loop {
        let arguments = json!({"replay_id": replay, "stream": "rrweb", "offset": offset});
        let called = caller.call("get_replay_raw", arguments).await;
        assert!(called.tokens() <= 10_000);
        text.push_str(called.data()["untrusted"].as_str().unwrap());
        pages += 1;
        let Some(next) = called.data()["next_offset"].as_u64() else { break };
        assert!(next > offset && called.text().contains(&format!("offset {next}")));
        offset = next;
    }
    assert_eq!(text, parts.concat());
    assert!(pages > 1);
}

#[tokio::test]
async fn much_raw_data_is_given_only_when_its_size_is_acknowledged() {
    let server = TestServer::new().await;
    let raw = "{\"type\":3}\n".repeat(60_000);
    let replay = data::upload(&server.store, server.shop, "big", &[(Stream::Rrweb, raw.as_bytes())]).await;
    let caller = server.caller(&[Scope::ReplayRaw]).await;
    let arguments = |more: Value| {
        let mut arguments = json!({"replay_id": replay, "stream": "rrweb"});
        arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        arguments
    };
    let head = caller.call("get_replay_raw", arguments(json!({}))).await;
    assert_eq!(head.data()["total_bytes"], raw.len());
    assert!(head.tokens() <= 10_000);
    assert!(raw.starts_with(head.data()["untrusted"].as_str().unwrap()));

    let edge = caller.call("get_replay_raw", arguments(json!({"offset": 199_990}))).await;
    assert_eq!(edge.data()["next_offset"], 200_000);
    assert!(edge.text().contains("acknowledge_size true"), "{}", edge.text());
    for more in [
        json!({"offset": 200_000}),
        json!({"max_bytes": 1_000}),
        json!({"max_bytes": (2 << 20) + 1, "acknowledge_size": true}),
    ] {
        let refused = caller.refused("get_replay_raw", arguments(more)).await;
        assert_eq!((refused.status, refused.code.as_str()), (413, "PAYLOAD_TOO_LARGE"), "{refused:?}");
    }
    let further = caller.call("get_replay_raw", arguments(json!({"offset": 200_000, "acknowledge_size": true}))).await;
    assert!(further.tokens() <= 10_000);
    let whole =
        caller.call("get_replay_raw", arguments(json!({"acknowledge_size": true, "max_bytes": 1_000_000}))).await;
    assert_eq!(whole.data()["untrusted"], raw);
    assert_eq!(whole.data().get("next_offset"), None);
}

#[tokio::test]
async fn odd_numbers_of_bytes_are_refused_with_the_range() {
    let server = TestServer::new().await;
    let replay = data::upload(&server.store, server.shop, "small", &[(Stream::Rrweb, b"[1,2]")]).await;
    let caller = server.caller(&[Scope::ReplayRaw]).await;
    let range = "max_bytes must be a whole number from 1000 to 2097152";
    for (bytes, status, code) in [
        (json!(0), 400, "INVALID_INPUT"),
        (json!(1), 400, "INVALID_INPUT"),
        (json!(999), 400, "INVALID_INPUT"),
        (json!(-1), 400, "INVALID_INPUT"),
        (json!(1500.5), 400, "INVALID_INPUT"),
        (json!("much"), 400, "INVALID_INPUT"),
        (json!(2_097_153), 413, "PAYLOAD_TOO_LARGE"),
        (json!(4_294_967_296_u64), 413, "PAYLOAD_TOO_LARGE"),
        (json!(1e300), 413, "PAYLOAD_TOO_LARGE"),
    ] {
        for is_acknowledged in [true, false] {
            let arguments = json!({
                "replay_id": replay, "stream": "rrweb", "max_bytes": bytes, "acknowledge_size": is_acknowledged
            });
            let refused = caller.refused("get_replay_raw", arguments).await;
            assert_eq!((refused.status, refused.code.as_str()), (status, code), "{bytes}");
            assert!(refused.message.starts_with(range), "{bytes}: {}", refused.message);
        }
    }
    for bytes in [json!(1_000), json!(2_097_152), json!(1500.0), json!("1500")] {
        let arguments = json!({"replay_id": replay, "stream": "rrweb", "max_bytes": bytes, "acknowledge_size": true});
        assert_eq!(caller.call("get_replay_raw", arguments).await.data()["untrusted"], "[1,2]", "{bytes}");
    }
}
