//! A store for one test.

use playhead_schemas::EpochMs;
use playhead_schemas::{
    ErrorCode, Moment, MomentId, MomentKind, ProjectId, ReplayId, SegmentNo, Stream, Timeline, WindowNo,
};
use playhead_store::{
    CompressedPayload, Job, JobKind, NewBug, PutOutcome, SegmentPart, SegmentPut, SegmentReceipt, Store, StoreConfig,
};

/// A store in a temporary folder, deleted with it.
pub(crate) struct TestStore {
    pub(crate) store: Store,
    pub(crate) project: ProjectId,
    pub(crate) dir: tempfile::TempDir,
}

/// Small settings: a test needs no gigabyte.
pub(crate) fn config(dir: &std::path::Path) -> StoreConfig {
    StoreConfig { readers: 2, results_memory_mib: 256, results_threads: 1, ..StoreConfig::for_tests(dir) }
}

impl TestStore {
    pub(crate) async fn new() -> Self {
        Self::staging(64 * 1024).await
    }

    /// A store that stages segments of at most so many bytes.
    pub(crate) async fn staging(stage_bytes_max: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(StoreConfig { stage_bytes_max, ..config(dir.path()) }).await.unwrap();
        let workspace = store.default_workspace().await.unwrap().id;
        let project = store.create_project(workspace, "shop", "Shop").await.unwrap().id;
        Self { store, project, dir }
    }

    /// The same data, opened again.
    pub(crate) async fn reopen(self) -> Self {
        self.store.close().await;
        let store = Store::open(config(self.dir.path())).await.unwrap();
        Self { store, ..self }
    }

    pub(crate) fn segment(&self, replay: &str, n: u32, parts: &[(Stream, &str)]) -> SegmentPut {
        let part = |(stream, raw): &(Stream, &str)| SegmentPart {
            stream: *stream,
            window: None,
            payload: CompressedPayload::from_raw(raw.as_bytes()).unwrap(),
        };
        SegmentPut {
            project: self.project,
            replay: replay.parse().unwrap(),
            n: SegmentNo(n),
            parts: parts.iter().map(part).collect(),
            is_final: false,
            replay_bytes_max: 1 << 20,
        }
    }

    /// Uploads one rrweb payload.
    pub(crate) async fn put(&self, replay: &str, n: u32, raw: &str) -> SegmentReceipt {
        self.store.put_segment(self.segment(replay, n, &[(Stream::Rrweb, raw)])).await.unwrap()
    }

    /// A closed replay with one payload, whose transcription waits.
    pub(crate) async fn closed_replay(&self, key: &str) -> ReplayId {
        let put = SegmentPut { is_final: true, ..self.segment(key, 0, &[(Stream::Rrweb, "[]")]) };
        self.store.put_segment(put).await.unwrap().replay
    }

    pub(crate) async fn claim(&self, worker: &str) -> Option<Job> {
        self.store.claim_job(worker, EpochMs::now(), 60_000).await.unwrap()
    }

    /// Claims the transcription of `replay` and publishes `timeline`.
    pub(crate) async fn publish(&self, replay: ReplayId, timeline: &Timeline, summary: &str) {
        self.store.enqueue_transcribe(replay).await.unwrap();
        let job = self.claim("publisher").await.unwrap();
        assert_eq!((job.kind, job.subject), (JobKind::Transcribe, replay.0));
        self.store.publish_transcript(replay, job.id, "publisher", timeline, summary, 5).await.unwrap();
    }

    pub(crate) fn bug(&self, title: &str) -> NewBug {
        NewBug {
            project: self.project,
            client_id: None,
            title: title.into(),
            description: String::new(),
            reporter: Default::default(),
            page: Default::default(),
            system: Default::default(),
            metadata: Default::default(),
            tags: Vec::new(),
            priority: Default::default(),
            cookies: Vec::new(),
            replay: None,
            screenshots: Vec::new(),
            attachments: Vec::new(),
        }
    }
}

/// A moment of which a test only needs these.
pub(crate) fn moment(id: u32, kind: MomentKind, t_ms: u64, end_ms: u64) -> Moment {
    Moment {
        id: MomentId(id),
        t_ms,
        end_ms,
        window: WindowNo(1),
        kind,
        count: 1,
        text: format!("{kind} {id}"),
        ..Moment::default()
    }
}

/// A timeline of `count` clicks, one a second.
pub(crate) fn clicks(count: u32) -> Timeline {
    let moments = (1..=count).map(|id| moment(id, MomentKind::Click, u64::from(id) * 1000, u64::from(id) * 1000));
    Timeline { moments: moments.collect(), ..Timeline::default() }
}

pub(crate) fn rejected(code: ErrorCode) -> impl Fn(&PutOutcome) -> bool {
    move |outcome| matches!(outcome, PutOutcome::Rejected(c, why) if *c == code && !why.is_empty())
}

/// What a stored frame holds.
pub(crate) fn decompressed(frame: &[u8]) -> String {
    String::from_utf8(zstd::bulk::decompress(frame, 1 << 24).unwrap()).unwrap()
}
