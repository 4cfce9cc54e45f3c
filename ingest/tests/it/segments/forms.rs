//! Addresses, forms, beacons.

use axum::body::Body;
use http::{Method, Request};

use crate::app::{MULTIPART, TestApp, body, multipart};

#[tokio::test]
async fn post_with_a_key_in_the_query_is_what_a_beacon_sends() {
    let app = TestApp::new().await;
    let path = format!("/v1/replays/r1/segments/0?final=1&window=tab-2&key={}", app.key);
    let request = Request::post(path)
        .header("content-type", "text/plain;charset=UTF-8")
        .header("origin", "https://shop.example")
        .body(Body::from(body()));
    let answer = app.send(request.unwrap()).await;
    assert_eq!(answer.accepted().json["state"], "closed");
    assert_eq!(answer.headers["access-control-allow-origin"], "https://shop.example");
    let replay = app.store.replay_by_key(app.project.id, &"r1".parse().unwrap()).await.unwrap();
    let segments = app.store.segments(replay.unwrap().id).await.unwrap();
    assert_eq!(segments[0].window.as_deref(), Some("tab-2"));
    app.drain().await;
}

#[tokio::test]
async fn a_window_in_the_query_is_percent_decoded() {
    let app = TestApp::new().await;
    let path = "/v1/replays/r1/segments/0?window=caf%C3%A9%20tab%2F2&final=1";
    app.send(app.request(Method::POST, path).body(Body::from(body())).unwrap()).await.accepted();
    let replay = app.store.replay_by_key(app.project.id, &"r1".parse().unwrap()).await.unwrap();
    let segments = app.store.segments(replay.unwrap().id).await.unwrap();
    assert_eq!(segments[0].window.as_deref(), Some("café tab/2"));
    app.drain().await;
}

#[tokio::test]
async fn the_key_may_stand_in_a_header_of_its_own() {
    let app = TestApp::new().await;
    let request = Request::put("/v1/replays/r1/segments/0").header("X-Playhead-Key", &app.key);
    app.send(request.body(Body::from(body())).unwrap()).await.accepted();
}

#[tokio::test]
async fn bad_addresses_and_flags_are_named() {
    let app = TestApp::new().await;
    for (path, want) in [
        ("/v1/replays/a%2Fb/segments/0", "replay key"),
        ("/v1/replays/%ff/segments/0", "UTF-8"),
        ("/v1/replays/r1/segments/-1", "segment number"),
        ("/v1/replays/r1/segments/100000", "segment number"),
        ("/v1/replays/r1/segments/1.5", "segment number"),
        ("/v1/replays/r1/segments/0?final=perhaps", "final"),
    ] {
        let request = app.request(Method::PUT, path).body(Body::from(body())).unwrap();
        let answer = app.send(request).await;
        answer.refused(400, "INVALID_INPUT");
        assert!(answer.message().contains(want), "{path}: {}", answer.message());
    }
}

#[tokio::test]
async fn forms_that_are_not_known_are_refused() {
    let app = TestApp::new().await;
    let path = "/v1/replays/r1/segments/0";
    for kind in ["application/x-www-form-urlencoded", "image/png", "application/msgpack"] {
        let answer = app.put_with(path, ("content-type", kind), body()).await;
        answer.refused(400, "INVALID_INPUT");
    }
    let cut = multipart(&[("rrweb", None, b"[]")]);
    let answer = app.put_with(path, MULTIPART, cut[..cut.len() - 20].to_vec()).await;
    answer.refused(400, "INVALID_INPUT");
    let no_boundary = ("content-type", "multipart/form-data");
    app.put_with(path, no_boundary, cut).await.refused(400, "INVALID_INPUT");
}

#[tokio::test]
async fn a_request_without_streams_is_refused_and_unknown_names_are_told() {
    let app = TestApp::new().await;
    app.put("r1", 0, "{}").await.refused(400, "INVALID_INPUT");
    app.put("r1", 0, "").await.refused(400, "INVALID_INPUT");
    app.put("r1", 0, r#"{"rrweb":null}"#).await.refused(400, "INVALID_INPUT");
    let answer = app.put("r1", 0, r#"{"rrweb":[],"consol":[]}"#).await;
    assert_eq!(answer.accepted().json["ignored"], serde_json::json!(["consol"]));
}

#[tokio::test]
async fn other_methods_are_refused_as_json() {
    let app = TestApp::new().await;
    let request = app.request(Method::GET, "/v1/replays/r1/segments/0").body(Body::empty());
    app.send(request.unwrap()).await.refused(405, "INVALID_INPUT");
}

#[tokio::test]
async fn request_ids_are_kept_or_made() {
    let app = TestApp::new().await;
    let path = "/v1/replays/r1/segments/0";
    let answer = app.put_with(path, ("x-request-id", "sdk-42_a"), body()).await;
    assert_eq!(answer.headers["x-request-id"], "sdk-42_a");
    let answer = app.put_with(path, ("x-request-id", "no spaces please"), body()).await;
    assert_eq!(answer.headers["x-request-id"].len(), 26);
}
