//! Sizes: of the body, of its content, of a replay, of all requests together.

use axum::body::Body;
use bytes::Bytes;
use futures::stream;
use http::Method;
use playhead_ingest::IngestConfig;

use crate::app::{MULTIPART, TestApp, UploadAnswer, gzip, multipart};

fn config() -> IngestConfig {
    IngestConfig {
        body_bytes_max: 100_000,
        body_decoded_bytes_max: 1_000_000,
        replay_bytes_max: 1_500_000,
        ..IngestConfig::default()
    }
}

fn padded(bytes: usize) -> String {
    format!("{{\"rrweb\":[\"{}\"]}}", "x".repeat(bytes - 14))
}

#[tokio::test]
async fn a_body_may_be_exactly_as_large_as_the_limit() {
    let app = TestApp::with(config()).await;
    app.put("r1", 0, padded(100_000)).await.accepted();
    let answer = app.put("r1", 1, padded(100_001)).await;
    answer.refused(413, "PAYLOAD_TOO_LARGE");
    assert!(answer.message().contains("100000 bytes"), "{}", answer.message());
    for (n, decoded, fits) in [(2, 1_000_000, true), (3, 1_000_001, false)] {
        let path = format!("/v1/replays/r1/segments/{n}");
        let packed = gzip(padded(decoded).as_bytes());
        let answer = app.put_with(&path, ("content-encoding", "gzip"), packed).await;
        if fits {
            answer.accepted();
        } else {
            answer.refused(413, "PAYLOAD_TOO_LARGE");
        }
    }
}

#[tokio::test]
async fn a_body_of_unknown_length_is_cut_off() {
    let app = TestApp::with(config()).await;
    let pieces = std::iter::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[b' '; 1000])));
    let endless = Body::from_stream(stream::iter(pieces));
    let request = app.request(Method::PUT, "/v1/replays/r1/segments/0").body(endless).unwrap();
    app.send(request).await.refused(413, "PAYLOAD_TOO_LARGE");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_refused() {
    let app = TestApp::with(config()).await;
    let pieces = [Ok(Bytes::from_static(b"{\"rrweb\":[")), Err(std::io::Error::other("reset"))];
    let broken = Body::from_stream(stream::iter(pieces));
    let request = app.request(Method::PUT, "/v1/replays/r1/segments/0").body(broken).unwrap();
    app.send(request).await.refused(400, "INVALID_INPUT");
}

#[tokio::test]
async fn a_body_in_many_pieces_is_one() {
    let app = TestApp::with(config()).await;
    let whole = padded(90_000).into_bytes();
    let pieces: Vec<_> = whole.chunks(7).map(|c| Ok::<_, std::io::Error>(Bytes::copy_from_slice(c))).collect();
    let body = Body::from_stream(stream::iter(pieces));
    let request = app.request(Method::PUT, "/v1/replays/r1/segments/0").body(body).unwrap();
    app.send(request).await.accepted();
    assert_eq!(app.stored("r1", 0, "rrweb").await, &whole[9..whole.len() - 1]);
}

#[tokio::test]
async fn the_parts_of_a_request_share_its_limit() {
    let app = TestApp::with(config()).await;
    let part = gzip(format!("[\"{}\"]", "x".repeat(600_000)).as_bytes());
    let parts = multipart(&[("rrweb", None, &part), ("console", None, &part)]);
    let answer = app.put_with("/v1/replays/r1/segments/0", MULTIPART, parts).await;
    let outcomes = [answer.accepted().outcome("rrweb"), answer.outcome("console")];
    assert_eq!(outcomes, ["accepted", "rejected"]);
}

#[tokio::test]
async fn a_replay_is_full_at_its_limit_and_other_replays_are_not() {
    let app = TestApp::with(config()).await;
    let packed = gzip(padded(900_000).as_bytes());
    let mut statuses = Vec::new();
    for path in ["/v1/replays/r1/segments/0", "/v1/replays/r1/segments/1", "/v1/replays/r2/segments/0"] {
        let answer = app.put_with(path, ("content-encoding", "gzip"), packed.clone()).await;
        statuses.push(answer.status.as_u16());
    }
    assert_eq!(statuses, [202, 413, 202]);
}

#[tokio::test]
async fn without_memory_to_decode_a_request_is_asked_to_come_back() {
    let config = IngestConfig { decoding_bytes_max: 1 << 20, decoding_wait_ms: 0, ..IngestConfig::default() };
    let app = TestApp::with(config).await;
    let packed = gzip(padded(5_000_000).as_bytes());
    let path = "/v1/replays/r1/segments/0";
    let answer = app.put_with(path, ("content-encoding", "gzip"), packed).await;
    answer.refused(429, "RATE_LIMITED");
    assert_eq!(answer.headers["retry-after"], "1");
    // What was leased is given back.
    for n in 0..5 {
        app.put("r1", n, padded(100_000)).await.accepted();
    }
}
