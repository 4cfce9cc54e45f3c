//! The same again, other bytes, the last one, late ones.

use axum::body::Body;
use futures::future::join_all;
use http::Method;
use playhead_store::TranscriptState;
use serde_json::json;

use crate::app::{TestApp, UploadAnswer, body, events};

#[tokio::test]
async fn a_segment_is_stored_as_it_came() {
    let app = TestApp::new().await;
    let answer = app.put("r1", 0, body()).await;
    assert_eq!(answer.accepted().outcome("rrweb"), "accepted");
    assert_eq!(answer.json["state"], "open");
    assert_eq!(answer.json["segment"], 0);
    assert_eq!(app.stored("r1", 0, "rrweb").await, events().into_bytes());
    assert_eq!(app.jobs().await.queued, 0);
}

#[tokio::test]
async fn the_same_again_is_a_duplicate_and_other_bytes_are_a_conflict() {
    let app = TestApp::new().await;
    app.put("r1", 3, body()).await.accepted();
    let again = app.put("r1", 3, body()).await;
    assert_eq!(again.accepted().outcome("rrweb"), "duplicate");
    let other = app.put("r1", 3, r#"{"rrweb":[1]}"#).await;
    assert_eq!(other.refused(409, "CONFLICT").outcome("rrweb"), "rejected");
    assert_eq!(app.stored("r1", 3, "rrweb").await, events().into_bytes());
    // A stream that is new under a known number is one of its own.
    let mixed = app.put("r1", 3, r#"{"rrweb":[1],"console":[]}"#).await;
    assert_eq!(mixed.accepted().outcome("rrweb"), "rejected");
    assert_eq!(mixed.outcome("console"), "accepted");
    let replay = app.store.replay_by_key(app.project.id, &"r1".parse().unwrap()).await.unwrap();
    assert_eq!(replay.unwrap().segments, 2);
}

#[tokio::test]
async fn concurrent_uploads_of_one_segment_count_once() {
    let app = TestApp::new().await;
    let answers = join_all((0..12).map(|_| app.put("r1", 0, body()))).await;
    let count = |what: &str| answers.iter().filter(|a| a.accepted().outcome("rrweb") == what).count();
    assert_eq!((count("accepted"), count("duplicate")), (1, 11));

    let racing = join_all((0..12).map(|n| app.put("r2", 0, format!("{{\"rrweb\":[{n}]}}")))).await;
    let won = racing.iter().filter(|a| a.status == 202).count();
    let lost = racing.iter().filter(|a| a.json["error"]["code"] == "CONFLICT").count();
    assert_eq!((won, lost), (1, 11));
}

#[tokio::test]
async fn the_final_segment_closes_and_is_transcribed() {
    let app = TestApp::new().await;
    app.put("r1", 0, body()).await.accepted();
    let last = app.put("r1", 1, r#"{"console":[],"final":true}"#).await;
    assert_eq!(last.accepted().json["state"], "closed");
    assert_eq!(app.jobs().await.queued, 1);
    assert_eq!(app.drain().await.done, 1);
    let replay = app.store.replay_by_key(app.project.id, &"r1".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(replay.transcript, TranscriptState::Ready);
    assert!(app.store.transcript(replay.id).await.unwrap().is_some());
}

#[tokio::test]
async fn a_goodbye_without_streams_closes() {
    for (path, body) in [
        ("/v1/replays/r1/segments/1?final=1", ""),
        ("/v1/replays/r1/segments/1", r#"{"final":true}"#),
        ("/v1/replays/r1/segments/1?final=true", "{}"),
    ] {
        let app = TestApp::new().await;
        app.put("r1", 0, crate::app::body()).await.accepted();
        let answer = app.send(app.request(Method::POST, path).body(Body::from(body)).unwrap()).await;
        assert_eq!(answer.accepted().json["state"], "closed", "{path}");
        assert_eq!(answer.json["streams"], json!([]));
        assert_eq!(app.drain().await.done, 1);
    }
}

#[tokio::test]
async fn a_late_segment_has_the_replay_transcribed_again() {
    let app = TestApp::new().await;
    app.put("r1", 1, r#"{"rrweb":[],"final":true}"#).await.accepted();
    assert_eq!(app.drain().await.done, 1);
    let late = app.put("r1", 0, body()).await;
    assert_eq!(late.accepted().json["state"], "closed");
    assert_eq!(app.jobs().await.queued, 1);
    // The same again changes nothing, so nothing is to be done.
    app.drain().await;
    app.put("r1", 0, body()).await.accepted();
    assert_eq!(app.jobs().await.queued, 0);
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_restart() {
    let mut app = TestApp::new().await;
    app.put("r1", 0, r#"{"rrweb":[1,2,3],"final":true}"#).await.accepted();
    app.store.close().await;
    let config = playhead_store::StoreConfig::for_tests(app.dir.path());
    app.store = playhead_store::Store::open(config).await.unwrap();
    assert_eq!(app.stored("r1", 0, "rrweb").await, b"[1,2,3]");
    assert_eq!(app.drain().await.done, 1);
}
