//! Compressed bodies and parts: complete, truncated, lying, exploding.

use crate::app::{MULTIPART, TestApp, UploadAnswer, body, deflate, events, gzip, multipart, zlib, zstd};
use playhead_ingest::IngestConfig;

const PATH: &str = "/v1/replays/r1/segments/0";

fn every_encoding(raw: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("gzip", gzip(raw)),
        ("deflate", zlib(raw)),
        ("deflate", deflate(raw)),
        ("zstd", zstd(raw)),
        ("identity", raw.to_vec()),
    ]
}

#[tokio::test]
async fn the_same_body_in_every_encoding_is_the_same_segment() {
    let app = TestApp::new().await;
    let encoded = every_encoding(body().as_bytes());
    for (i, (name, bytes)) in encoded.into_iter().enumerate() {
        let answer = app.put_with(PATH, ("content-encoding", name), bytes).await;
        let want = if i == 0 { "accepted" } else { "duplicate" };
        assert_eq!(answer.accepted().outcome("rrweb"), want, "{name}");
    }
    assert_eq!(app.stored("r1", 0, "rrweb").await, events().into_bytes());
}

#[tokio::test]
async fn a_beacon_may_be_compressed_without_saying_so() {
    let app = TestApp::new().await;
    for bytes in [gzip(body().as_bytes()), zstd(body().as_bytes())] {
        let answer = app.put_with(PATH, ("content-type", "text/plain"), bytes).await;
        answer.accepted();
    }
}

#[tokio::test]
async fn truncated_bodies_are_refused_and_leave_nothing() {
    let app = TestApp::new().await;
    for (name, bytes) in every_encoding(body().as_bytes()) {
        for keep in [1, bytes.len() / 2, bytes.len() - 1] {
            let cut = bytes[..keep].to_vec();
            let answer = app.put_with(PATH, ("content-encoding", name), cut).await;
            answer.refused(400, "INVALID_INPUT");
            if name != "identity" {
                assert!(answer.message().contains("cut off"), "{name}: {}", answer.message());
            }
        }
    }
    assert!(!app.has_replay("r1").await);
}

#[tokio::test]
async fn encodings_that_lie_are_refused() {
    let app = TestApp::new().await;
    for name in ["gzip", "deflate", "zstd"] {
        let answer = app.put_with(PATH, ("content-encoding", name), body()).await;
        answer.refused(400, "INVALID_INPUT");
    }
    for name in ["br", "gzip, gzip", "compress", "x"] {
        let answer = app.put_with(PATH, ("content-encoding", name), gzip(body().as_bytes())).await;
        answer.refused(400, "INVALID_INPUT");
        assert!(answer.message().contains("not supported"), "{}", answer.message());
    }
    let mixed = app.put_with(PATH, ("content-encoding", "gzip"), zstd(body().as_bytes())).await;
    mixed.refused(400, "INVALID_INPUT");
    assert!(!app.has_replay("r1").await);
}

#[tokio::test]
async fn parts_may_be_compressed_each_by_itself() {
    let app = TestApp::new().await;
    let network = br#"{"log":{"entries":[]}}"#;
    let parts = multipart(&[
        ("rrweb", Some("events.json.gz"), &gzip(events().as_bytes())),
        ("console", None, b"[]"),
        ("network", Some("n.zst"), &zstd(network)),
        ("window", None, b"w-7"),
        ("final", None, b"true"),
    ]);
    let answer = app.put_with(PATH, MULTIPART, parts).await;
    assert_eq!(answer.accepted().json["state"], "closed");
    for stream in ["rrweb", "console", "network"] {
        assert_eq!(answer.outcome(stream), "accepted", "{stream}");
    }
    assert_eq!(app.stored("r1", 0, "rrweb").await, events().into_bytes());
    assert_eq!(app.stored("r1", 0, "network").await, network);
    app.drain().await;
}

#[tokio::test]
async fn a_compressed_multipart_body_is_decoded_too() {
    let app = TestApp::new().await;
    let parts = multipart(&[("rrweb", None, events().as_bytes())]);
    let request =
        app.request(http::Method::PUT, PATH).header(MULTIPART.0, MULTIPART.1).header("content-encoding", "gzip");
    let answer = app.send(request.body(gzip(&parts).into()).unwrap()).await;
    assert_eq!(answer.accepted().outcome("rrweb"), "accepted");
}

#[tokio::test]
async fn packed_and_sentry_payloads_pass() {
    let app = TestApp::new().await;
    let raw = events().into_bytes();
    let sentry = [b"{\"segment_id\":0}\n".to_vec(), zlib(&raw)].concat();
    // rrweb's packer: one character for each byte of zlib.
    let packed: String = zlib(&raw).iter().map(|&b| char::from(b)).collect();
    for (n, part, want) in [
        (0, sentry, [b"{\"segment_id\":0}\n".to_vec(), raw.clone()].concat()),
        (1, zlib(&raw), raw.clone()),
        (2, packed.clone().into_bytes(), raw.clone()),
        (3, gzip(&zlib(&raw)), raw.clone()),
    ] {
        let path = format!("/v1/replays/r1/segments/{n}");
        let answer = app.put_with(&path, MULTIPART, multipart(&[("rrweb", None, &part)])).await;
        assert_eq!(answer.accepted().outcome("rrweb"), "accepted", "{n}");
        assert_eq!(app.stored("r1", n, "rrweb").await, want, "{n}");
    }
    for (n, text) in [(4, packed), (5, events())] {
        let body = serde_json::json!({ "rrweb": text }).to_string();
        app.put("r1", n, body).await.accepted();
        assert_eq!(app.stored("r1", n, "rrweb").await, raw, "{n}");
    }
}

#[tokio::test]
async fn a_bomb_is_cut_off_by_each_encoding() {
    let config =
        IngestConfig { body_decoded_bytes_max: 1 << 20, decoding_bytes_max: 32 << 20, ..IngestConfig::default() };
    let app = TestApp::with(config).await;
    let bomb = vec![b' '; 24 << 20];
    for (name, bytes) in every_encoding(&bomb) {
        if name == "identity" {
            continue;
        }
        let answer = app.put_with(PATH, ("content-encoding", name), bytes.clone()).await;
        answer.refused(413, "PAYLOAD_TOO_LARGE");
        assert!(answer.message().contains("1 MiB"), "{}", answer.message());
        // As a part, it costs only itself.
        let parts = multipart(&[("rrweb", None, &bytes), ("console", None, b"[]")]);
        if name != "deflate" || bytes.starts_with(b"\x78") {
            let answer = app.put_with(PATH, MULTIPART, parts).await;
            assert_eq!(answer.accepted().outcome("rrweb"), "rejected", "{name}");
        }
    }
}

#[tokio::test]
async fn a_bomb_of_a_gigabyte_does_not_fill_the_memory() {
    let app = TestApp::new().await;
    let mut encoder = ::zstd::Encoder::new(Vec::new(), 1).unwrap();
    let zeros = vec![b'0'; 1 << 20];
    for _ in 0..1024 {
        std::io::Write::write_all(&mut encoder, &zeros).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    assert!(bomb.len() < 1 << 20);
    let before = peak_memory_kib();
    let answer = app.put_with(PATH, ("content-encoding", "zstd"), bomb).await;
    answer.refused(413, "PAYLOAD_TOO_LARGE");
    if let (Some(before), Some(after)) = (before, peak_memory_kib()) {
        assert!(after - before < 400 << 10, "memory grew by {} KiB", after - before);
    }
}

/// The most memory that this process ever had resident, where the system tells.
fn peak_memory_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
