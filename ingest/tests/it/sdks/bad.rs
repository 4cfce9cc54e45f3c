//! What scanners, broken proxies and pages in a loop send.

use playhead_ingest::{IngestConfig, Rate};
use serde_json::{Value, json};

use super::fixture;
use crate::app::{TestApp, gzip, zlib, zstd};

/// A body, and what its answer must say of it.
type Case = (&'static str, Vec<u8>, &'static str);

/// An application that takes bodies of at most 4 MiB, with their compression undone.
async fn small() -> TestApp {
    TestApp::with(IngestConfig { body_decoded_bytes_max: 4 << 20, ..IngestConfig::default() }).await
}

/// An id within the limit of characters can be longer than the store takes in bytes.
#[tokio::test]
async fn events_with_long_ids_are_stored_once_each() {
    let app = small().await;
    let id = "é".repeat(100);
    let error = json!([{ "uuid": id, "event": "$exception", "properties": {
        "token": app.key, "$exception_list": [{ "type": "TypeError", "value": "x is null" }],
    } }]);
    let event = json!({ "event_id": id, "message": "Lost", "level": "error", "user_feedback": 1 });
    let report = json!({ "event_id": "é".repeat(300), "comments": "It is broken" });
    let envelope = format!("{{}}\n{{\"type\":\"event\"}}\n{event}\n{{\"type\":\"user_report\"}}\n{report}\n");
    for repeated in [0, 1] {
        let answer = app.post(&format!("/ph/{}/e/", app.key), "application/json", error.to_string()).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let answer = app.envelope(envelope.clone()).await;
        assert_eq!((answer.status.as_u16(), &answer.json["rejected"]), (200, &Value::Null), "{}", answer.text);
        assert_eq!(app.bugs().await.len(), 3, "time {repeated}");
    }
}

#[tokio::test]
async fn broken_envelopes_are_answered_200_and_told() {
    let app = small().await;
    let item = |header: &str, payload: &[u8]| {
        let mut body = format!("{{}}\n{header}\n").into_bytes();
        body.extend_from_slice(payload);
        body
    };
    let id = "ab".repeat(16);
    let recording = |payload: &[u8]| {
        let mut body =
            format!("{{\"event_id\":\"{id}\"}}\n{{\"type\":\"replay_recording\",\"length\":{}}}\n", payload.len())
                .into_bytes();
        body.extend_from_slice(payload);
        body
    };
    let with_header = |packed: Vec<u8>| [b"{\"segment_id\":0}\n".to_vec(), packed].concat();
    let bomb = zlib(&vec![b' '; 5 << 20]);
    let deep = "[".repeat(100_000);
    let many = format!("{{\"a\":[{}{{}}]}}", "{\"\":0},".repeat(60_000));
    let cases: Vec<Case> = vec![
        ("nothing", Vec::new(), "bad_envelope_header"),
        ("a scanner", b"GET /admin HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(), "bad_envelope_header"),
        ("bytes", vec![0xff; 10_000], "bad_envelope_header"),
        ("an unknown kind", item("{\"type\":\"otel_log\"}", b"{}"), "\"unused\":{\"otel_log\":1}"),
        ("a wrong length", item("{\"type\":\"session\",\"length\":4000000000}", b"{}"), "wrong_length"),
        ("an event that is no object", item("{\"type\":\"event\"}", b"[1]"), "not a JSON object"),
        ("an event that breaks off", item("{\"type\":\"event\"}", b"{\"a\":"), "not a JSON object"),
        ("an event of many objects", item("{\"type\":\"event\"}", many.as_bytes()), "too large or too deep"),
        ("an event without an end of nesting", item("{\"type\":\"event\"}", deep.as_bytes()), "not a JSON object"),
        ("a recording of nobody", item("{\"type\":\"replay_recording\",\"length\":2}", b"[]"), "which replay"),
        ("a recording that is none", recording(b"not json"), "not valid JSON"),
        ("a recording that breaks off", recording(&with_header(zlib(b"[1,2,3,4,5,6,7,8]")[..9].to_vec())), "rejected"),
        ("a lying compression", recording(&with_header([&[0x78, 0x9c][..], &[0xff; 100]].concat())), "rejected"),
        ("a bomb", recording(&with_header(bomb)), "larger than"),
        ("a feedback without words", item("{\"type\":\"feedback\"}", b"{\"contexts\":{}}"), "no message"),
        (
            "thousands of items",
            format!("{{}}\n{}", "{\"type\":\"x\"}\n{}\n".repeat(50_000)).into_bytes(),
            "too_many_items",
        ),
        (
            "a giant header",
            item(&format!("{{\"type\":\"event\",\"a\":\"{}\"}}", "x".repeat(100_000)), b"{}"),
            "bad_item_header",
        ),
    ];
    for (what, body, says) in cases {
        let answer = app.envelope(body).await;
        assert_eq!(answer.status, 200, "{what}: {}", answer.text);
        assert!(answer.text.contains(says), "{what}: {}", answer.text);
        assert!(answer.text.len() < 20_000, "{what}");
        assert_eq!(answer.json["accepted"], json!({}), "{what}: {}", answer.text);
        assert_eq!(answer.header("access-control-allow-origin"), "http://shop.test", "{what}");
    }
    assert!(!app.has_replay(&id).await);
    assert!(app.bugs().await.is_empty());
}

#[tokio::test]
async fn broken_items_cost_themselves() {
    let app = TestApp::new().await;
    let good = fixture("sentry-error");
    let items = good.splitn(2, |b| *b == b'\n').nth(1).unwrap().to_vec();
    let body = [&b"{}\nnonsense\n{\"type\":\"event\"}\n{broken\n"[..], &items].concat();
    let answer = app.envelope(body).await;
    assert_eq!(answer.json["accepted"]["error"], 1, "{}", answer.text);
    assert_eq!(answer.json["rejected_count"], 1, "{}", answer.text);
    assert_eq!(answer.json["defects"]["bad_item_header"], 1, "{}", answer.text);
    app.drain().await;
}

#[tokio::test]
async fn a_segment_that_is_too_large_does_not_end_the_recording() {
    let app = TestApp::with(IngestConfig { body_bytes_max: 4096, ..IngestConfig::default() }).await;
    let answer = app.envelope(fixture("sentry-replay-0")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.text.contains("larger than 4 KiB"), "{}", answer.text);
    let full = TestApp::with(IngestConfig { replay_bytes_max: 20_000, ..IngestConfig::default() }).await;
    full.envelope(fixture("sentry-replay-0")).await;
    let answer = full.envelope(fixture("sentry-replay-2")).await;
    assert_eq!((answer.status.as_u16(), &answer.json["rejected_count"]), (200, &json!(1)), "{}", answer.text);
    full.drain().await;
}

/// An SDK that may read a 4xx or 5xx stops recording; one that may not read the answer sends the segment again.
#[tokio::test]
async fn under_pressure_the_answer_can_not_be_read() {
    let app =
        TestApp::with(IngestConfig { rate_per_key: Rate { per_second: 0.001, burst: 1 }, ..IngestConfig::default() })
            .await;
    assert_eq!(app.envelope(fixture("sentry-error")).await.status, 200);
    let busy = app.envelope(fixture("sentry-replay-0")).await;
    assert_eq!(busy.status, 503);
    assert_eq!(busy.header("access-control-allow-origin"), "");
    assert_eq!(busy.header("x-sentry-rate-limits"), "");
    let busy = app.post(&format!("/ph/{}/s/", app.key), "text/plain", fixture("posthog-snapshot")).await;
    assert_eq!(busy.status, 503);
    assert_eq!(busy.header("access-control-allow-origin"), "http://shop.test");
    assert!(busy.header("access-control-expose-headers").contains("retry-after"));
    assert!(!busy.header("retry-after").is_empty());
    app.drain().await;
}

#[tokio::test]
async fn a_store_that_is_closed_acknowledges_nothing() {
    let mut app = TestApp::new().await;
    app.envelope("{}\n").await;
    app.post(&format!("/ph/{}/s/", app.key), "", "[]").await;
    app.store.close().await;
    let answer = app.envelope(fixture("sentry-replay-0")).await;
    assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-origin")), (503, ""));
    let answer = app.post(&format!("/ph/{}/s/", app.key), "", fixture("posthog-snapshot")).await;
    assert_eq!(answer.status, 503);
    app.store = playhead_store::Store::open(playhead_store::StoreConfig::for_tests(app.dir.path())).await.unwrap();
}

#[tokio::test]
async fn broken_batches_are_refused_and_keep_what_is_whole() {
    let app = small().await;
    let path = format!("/ph/{}/s/", app.key);
    let snapshot =
        json!({"uuid": "u", "event": "$snapshot", "properties": {"$session_id": "s1", "$snapshot_data": [1]}});
    for (what, body, status, says) in [
        ("nothing", Vec::new(), 400, "no events"),
        ("a scanner", b"<?php echo 1;".to_vec(), 400, "no events"),
        ("base64 of nothing known", b"data=AAAA".to_vec(), 400, "no events"),
        ("a broken gzip", gzip(b"[1]")[..12].to_vec(), 400, "gzip"),
        ("too many", format!("[{}1]", "1,".repeat(3000)).into_bytes(), 413, "more than 2000 events"),
        ("other things", b"[1,\"a\",null,{}]".to_vec(), 200, "\"rejected_count\":4"),
        ("a snapshot of nobody", b"{\"event\":\"$snapshot\",\"properties\":{}}".to_vec(), 200, "no $snapshot_data"),
        (
            "broken data",
            b"{\"event\":\"$snapshot\",\"properties\":{\"$session_id\":\"s\",\"$snapshot_data\":\"[1,\"}}".to_vec(),
            200,
            "not valid JSON",
        ),
        ("a list that breaks off", format!("[{snapshot},{{\"event\":").into_bytes(), 200, "breaks_off"),
        ("compressed twice", gzip(&gzip(b"[1]")), 400, "no events"),
    ] {
        let answer = app.post(&path, "text/plain", body).await;
        assert_eq!(answer.status.as_u16(), status, "{what}: {}", answer.text);
        assert!(answer.text.contains(says), "{what}: {}", answer.text);
        assert_eq!(answer.header("access-control-allow-origin"), "http://shop.test", "{what}");
    }
    assert!(app.has_replay("s1").await);
    assert!(!app.has_replay("s").await);
    let bomb = gzip(&vec![b' '; 5 << 20]);
    assert_eq!(app.post(&path, "text/plain", bomb).await.status, 413);
    app.close_idle().await;
}

#[tokio::test]
async fn tiny_segments_by_the_thousand_are_kept_and_numbered() {
    let app = TestApp::new().await;
    let path = format!("/ph/{}/s/", app.key);
    let event = |n: u32| {
        json!({"uuid": format!("u{n}"), "event": "$snapshot", "properties": {"$session_id": "s1", "$window_id": "w",
            "$snapshot_data": [{"type": 5, "data": {"tag": "t"}, "timestamp": 1_796_000_000_000_u64 + u64::from(n)}]}})
    };
    for from in [0, 300] {
        let batch: Vec<Value> = (from..from + 300).map(event).collect();
        let answer = app.post(&path, "", zstd(json!(batch).to_string().as_bytes())).await;
        assert_eq!(answer.json["accepted"]["snapshot"], 300, "{}", answer.text);
        // They count against the rate of the key.
        app.clock.advance_ms(5000);
    }
    let numbers: Vec<u32> = app.segments("s1").await.into_iter().map(|(n, ..)| n).collect();
    assert_eq!(numbers, (0..600).collect::<Vec<u32>>());
    app.close_idle().await;
}
