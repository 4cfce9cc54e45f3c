//! One application for each test: a store in its own folder, the routes, a clock to move.

use std::io::Write;

use axum::Router;
use axum::body::Body;
use http::{Method, Request};
use playhead_ingest::{Clock, IngestConfig};
use playhead_schemas::EpochMs;
use playhead_store::{JobsSummary, Project, Store, StoreConfig};
use playhead_web::testing::{self, Answer};
use playhead_worker::{Progress, Worker, WorkerConfig};
use tempfile::TempDir;

const HOUR_MS: i64 = 3_600_000;

/// A running application. Dropping it fails the test when jobs were left behind.
pub(crate) struct TestApp {
    pub(crate) store: Store,
    pub(crate) router: Router,
    pub(crate) clock: Clock,
    pub(crate) project: Project,
    /// An ingest key of the project, for every origin.
    pub(crate) key: String,
    pub(crate) dir: TempDir,
}

impl TestApp {
    pub(crate) async fn new() -> Self {
        Self::with(IngestConfig::default()).await
    }

    pub(crate) async fn with(config: IngestConfig) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(StoreConfig::for_tests(dir.path())).await.unwrap();
        // The store stamps rows with the machine's time. This clock stands ahead of it for as long as
        // any test takes, so that every job is due at once.
        let clock = Clock::manual(EpochMs::now().plus_ms(HOUR_MS));
        let workspace = store.default_workspace().await.unwrap().id;
        let project = store.create_project(workspace, "shop", "Shop").await.unwrap();
        let (_, secret) = store.create_ingest_key(project.id, "test", Vec::new()).await.unwrap();
        let router = playhead_ingest::router_with_clock(store.clone(), config, clock.clone());
        let key = secret.expose().to_owned();
        Self { store, router, clock, project, key, dir }
    }

    /// A key that only these origins may use.
    pub(crate) async fn key_for(&self, origins: &[&str]) -> String {
        let origins = origins.iter().map(|&origin| origin.to_owned()).collect();
        let made = self.store.create_ingest_key(self.project.id, "origins", origins).await;
        made.unwrap().1.expose().to_owned()
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> http::request::Builder {
        Request::builder().method(method).uri(path).header("authorization", format!("Bearer {}", self.key))
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        testing::send(&self.router, request).await
    }

    /// Puts a JSON body as a segment.
    pub(crate) async fn put(&self, replay: &str, n: u32, body: impl Into<Body>) -> Answer {
        let path = format!("/v1/replays/{replay}/segments/{n}");
        self.send(self.request(Method::PUT, &path).body(body.into()).unwrap()).await
    }

    /// Puts a body with a header.
    pub(crate) async fn put_with(&self, path: &str, header: (&str, &str), body: impl Into<Body>) -> Answer {
        let request = self.request(Method::PUT, path).header(header.0, header.1);
        self.send(request.body(body.into()).unwrap()).await
    }

    pub(crate) fn worker(&self) -> Worker {
        self.worker_with(WorkerConfig { threads: 2, ..WorkerConfig::default() })
    }

    pub(crate) fn worker_with(&self, config: WorkerConfig) -> Worker {
        Worker::new(self.store.clone(), config).with_clock(self.clock.clone())
    }

    /// Works until no job is due.
    pub(crate) async fn drain(&self) -> Progress {
        self.worker().drain(|_| ()).await.unwrap()
    }

    pub(crate) async fn jobs(&self) -> JobsSummary {
        self.store.jobs_summary().await.unwrap()
    }

    /// The payload of a stored stream, decompressed.
    pub(crate) async fn stored(&self, replay: &str, n: u32, stream: &str) -> Vec<u8> {
        let key = replay.parse().unwrap();
        let replay = self.store.replay_by_key(self.project.id, &key).await.unwrap().unwrap();
        let segments = self.store.segments(replay.id).await.unwrap();
        let found = segments.iter().find(|s| s.n.0 == n && s.stream.as_str() == stream);
        let bytes = self.store.read_segment(found.expect("no such segment")).await.unwrap();
        zstd::decode_all(&bytes[..]).unwrap()
    }

    /// True when the project has a replay of that name.
    pub(crate) async fn has_replay(&self, replay: &str) -> bool {
        let key = replay.parse().unwrap();
        self.store.replay_by_key(self.project.id, &key).await.unwrap().is_some()
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let store = self.store.clone();
        let look = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                let jobs = store.jobs_summary().await.unwrap();
                store.close().await;
                jobs
            })
        });
        let jobs = look.join().unwrap();
        let left = jobs.queued + jobs.running;
        assert!(left == 0, "jobs were left behind: {jobs:?}");
    }
}

/// What an answer to an upload says.
pub(crate) trait UploadAnswer {
    /// The outcome of a stream.
    fn outcome(&self, stream: &str) -> &str;
}

impl UploadAnswer for Answer {
    fn outcome(&self, stream: &str) -> &str {
        let streams = self.json["streams"].as_array().map_or(&[][..], Vec::as_slice);
        let mut found = streams.iter().filter(|row| row["stream"] == stream);
        let outcome = found.next().map_or("none", |row| row["outcome"].as_str().unwrap());
        assert!(found.next().is_none(), "two outcomes for {stream}: {}", self.json);
        outcome
    }
}

/// rrweb events that a transcriber reads.
pub(crate) fn events() -> String {
    let t = 1_795_193_955_508u64;
    let meta = r#"{"href":"https://shop.example/","width":1280,"height":720}"#;
    let node = r#"{"type":0,"id":1,"childNodes":[]}"#;
    format!(
        "[{{\"type\":4,\"timestamp\":{t},\"data\":{meta}}},\
         {{\"type\":2,\"timestamp\":{},\"data\":{{\"node\":{node},\"initialOffset\":{{\"top\":0,\"left\":0}}}}}}]",
        t + 5
    )
}

pub(crate) fn body() -> String {
    format!("{{\"rrweb\":{}}}", events())
}

pub(crate) fn gzip(raw: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(raw).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zlib(raw: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(raw).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn deflate(raw: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(raw).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zstd(raw: &[u8]) -> Vec<u8> {
    zstd::encode_all(raw, 3).unwrap()
}

pub(crate) const MULTIPART: (&str, &str) = ("content-type", "multipart/form-data; boundary=BoundarY");

/// A multipart body; a file name is given where there is one.
pub(crate) fn multipart(parts: &[(&str, Option<&str>, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file, bytes) in parts {
        let file = file.map_or(String::new(), |file| format!("; filename=\"{file}\""));
        body.extend_from_slice(
            format!("--BoundarY\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n").as_bytes(),
        );
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--BoundarY--\r\n");
    body
}
