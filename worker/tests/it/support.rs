//! A store with one project, a clock to move, and workers over both.

use std::time::Duration;

use playhead_schemas::clock::Clock;
use playhead_schemas::{EpochMs, ReplayId, SegmentNo, Stream};
use playhead_store::{
    CompressedPayload, JobsSummary, Project, Replay, SegmentPart, SegmentPut, Store, StoreConfig, TranscriptState,
};
use playhead_worker::{Progress, Worker, WorkerConfig};
use tempfile::TempDir;

const HOUR_MS: i64 = 3_600_000;

/// What a test needs. Dropping it fails the test when jobs were left behind.
pub(crate) struct TestApp {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) project: Project,
    pub(crate) dir: TempDir,
}

impl TestApp {
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        // No staging: some tests take the objects away.
        let config = StoreConfig { stage_bytes_max: 0, ..StoreConfig::for_tests(dir.path()) };
        let store = Store::open(config).await.unwrap();
        // The store stamps rows with the machine's time. This clock stands ahead of it for as long as
        // any test takes, so that every job is due at once.
        let clock = Clock::manual(EpochMs::now().plus_ms(HOUR_MS));
        let workspace = store.default_workspace().await.unwrap().id;
        let project = store.create_project(workspace, "shop", "Shop").await.unwrap();
        Self { store, clock, project, dir }
    }

    /// Uploads one payload of a replay.
    pub(crate) async fn put(&self, replay: &str, n: u32, stream: Stream, raw: &str) -> ReplayId {
        self.upload(replay, n, &[(stream, raw)], false).await
    }

    /// Uploads a segment; a final one closes the replay.
    pub(crate) async fn upload(&self, replay: &str, n: u32, parts: &[(Stream, &str)], is_final: bool) -> ReplayId {
        let part = |(stream, raw): &(Stream, &str)| SegmentPart {
            stream: *stream,
            window: None,
            payload: CompressedPayload::from_raw(raw.as_bytes()).unwrap(),
        };
        let put = SegmentPut {
            project: self.project.id,
            replay: replay.parse().unwrap(),
            n: SegmentNo(n),
            parts: parts.iter().map(part).collect(),
            is_final,
            replay_bytes_max: 1 << 20,
        };
        self.store.put_segment(put).await.unwrap().replay
    }

    /// Uploads a replay whole.
    pub(crate) async fn upload_final(&self, replay: &str) -> ReplayId {
        self.upload(replay, 0, &[(Stream::Rrweb, &events())], true).await
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

    pub(crate) async fn replay(&self, replay: &str) -> Replay {
        let key = replay.parse().unwrap();
        self.store.replay_by_key(self.project.id, &key).await.unwrap().unwrap()
    }

    pub(crate) async fn transcript_state(&self, replay: ReplayId) -> TranscriptState {
        self.store.replay(replay).await.unwrap().transcript
    }

    /// The payload of a stored stream, decompressed.
    pub(crate) async fn stored(&self, replay: &str, n: u32, stream: Stream) -> Vec<u8> {
        let segments = self.store.segments(self.replay(replay).await.id).await.unwrap();
        let found = segments.iter().find(|s| s.n.0 == n && s.stream == stream);
        let bytes = self.store.read_segment(found.expect("no such segment")).await.unwrap();
        zstd::decode_all(&bytes[..]).unwrap()
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

/// Waits until `ready` says so.
pub(crate) async fn wait_for<F: Future<Output = bool>>(mut ready: impl FnMut() -> F) {
    let limit = tokio::time::Instant::now() + Duration::from_secs(60);
    while !ready().await {
        assert!(tokio::time::Instant::now() < limit, "it never came");
        tokio::task::yield_now().await;
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
