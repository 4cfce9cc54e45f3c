//! Jobs: done, retried, given up, resumed after a crash, given back at a shutdown.

use std::sync::atomic::{AtomicU32, Ordering};

use playhead_schemas::Stream;
use playhead_store::{JobKind, TranscriptState};
use playhead_transcriber::{Options, SegmentInput, Transcription, transcribe};
use playhead_worker::WorkerConfig;
use tokio_util::sync::CancellationToken;

use crate::support::{TestApp, events, wait_for};

/// Deletes every stored payload.
fn lose_objects(app: &TestApp) -> u32 {
    let mut lost = 0;
    let mut folders = vec![app.dir.path().join("objects")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                std::fs::remove_file(path).unwrap();
                lost += 1;
            }
        }
    }
    lost
}

#[tokio::test]
async fn many_replays_are_transcribed_and_told() {
    let app = TestApp::new().await;
    for n in 0..7 {
        app.upload_final(&format!("r{n}")).await;
    }
    let mut told = Vec::new();
    let end = app.worker().drain(|progress| told.push(progress)).await.unwrap();
    assert_eq!((end.done, end.dead, end.left), (7, 0, 0));
    assert_eq!(told.iter().map(|p| p.done).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(app.jobs().await.done, 7);
}

#[tokio::test]
async fn segments_are_readable_after_they_were_compacted() {
    let app = TestApp::new().await;
    app.put("r1", 0, Stream::Rrweb, &events()).await;
    let replay = app.upload_final("r1b").await;
    app.upload("r1", 1, &[(Stream::Console, "[]"), (Stream::Network, "{}")], true).await;
    app.drain().await;
    assert_eq!(app.stored("r1", 0, Stream::Rrweb).await, events().into_bytes());
    assert_eq!(app.stored("r1", 1, Stream::Network).await, b"{}");
    // A late segment joins what was compacted.
    app.put("r1b", 5, Stream::Console, "[1]").await;
    app.drain().await;
    assert_eq!(app.store.segments(replay).await.unwrap().len(), 2);
    assert_eq!(app.stored("r1b", 0, Stream::Rrweb).await, events().into_bytes());
}

#[tokio::test]
async fn a_job_that_keeps_failing_is_given_up_with_its_error() {
    let app = TestApp::new().await;
    let replay = app.upload_final("r1").await;
    // A folder where the payload was: reading it fails, and not because it is gone.
    let objects = app.dir.path().join("objects");
    std::fs::rename(&objects, app.dir.path().join("moved")).unwrap();
    std::fs::write(&objects, b"in the way").unwrap();
    let config = WorkerConfig { threads: 1, attempts_max: 3, ..WorkerConfig::default() };
    let worker = app.worker_with(config);
    let end = worker.drain(|_| ()).await.unwrap();
    assert_eq!((end.done, end.retried, end.dead), (0, 2, 1));
    let dead = app.store.dead_jobs(None, 10).await.unwrap().items;
    assert_eq!((dead[0].attempts, dead[0].kind), (3, JobKind::Transcribe));
    assert!(!dead[0].error.is_empty());
    assert_eq!(app.transcript_state(replay).await, TranscriptState::Failed);

    // When the cause is gone, reprocessing brings it back.
    std::fs::remove_file(&objects).unwrap();
    std::fs::rename(app.dir.path().join("moved"), &objects).unwrap();
    assert!(app.store.enqueue_transcribe(replay).await.unwrap());
    assert_eq!(app.drain().await.done, 1);
    assert_eq!(app.transcript_state(replay).await, TranscriptState::Ready);
}

#[tokio::test]
async fn payloads_that_are_gone_are_not_tried_again() {
    let app = TestApp::new().await;
    app.upload_final("r1").await;
    assert_eq!(lose_objects(&app), 1);
    let end = app.drain().await;
    assert_eq!((end.retried, end.dead), (0, 1));
}

static CALLS: AtomicU32 = AtomicU32::new(0);

fn fails_once(segments: &[SegmentInput<'_>], options: &Options) -> Transcription {
    assert!(CALLS.fetch_add(1, Ordering::SeqCst) > 0, "the first call panics");
    transcribe(segments, options)
}

#[tokio::test]
async fn a_panic_costs_one_attempt() {
    let app = TestApp::new().await;
    app.upload_final("r1").await;
    let end = app.worker().with_transcriber(fails_once).drain(|_| ()).await.unwrap();
    assert_eq!((end.done, end.retried, end.dead), (1, 1, 0));
}

static PANICS: AtomicU32 = AtomicU32::new(0);

fn always_panics(_: &[SegmentInput<'_>], _: &Options) -> Transcription {
    PANICS.fetch_add(1, Ordering::SeqCst);
    panic!("always")
}

#[tokio::test]
async fn a_retry_waits_for_its_time() {
    let app = TestApp::new().await;
    app.upload_final("r1").await;
    let config = WorkerConfig { threads: 1, retry_ms: 60_000, poll_ms: 1, ..WorkerConfig::default() };
    let failing = app.worker_with(config).with_transcriber(always_panics);
    let stop = CancellationToken::new();
    let running = tokio::spawn(failing.run(stop.clone()));
    wait_for(|| async { PANICS.load(Ordering::SeqCst) == 1 && app.jobs().await.queued == 1 }).await;
    stop.cancel();
    running.await.unwrap();
    assert_eq!(app.drain().await.done, 0, "the job is not due yet");
    app.clock.advance_ms(60_001);
    assert_eq!(app.drain().await.done, 1);
}

#[tokio::test]
async fn a_job_of_a_crashed_worker_is_taken_over_after_its_lease() {
    let app = TestApp::new().await;
    let replay = app.upload_final("r1").await;
    let job = app.store.claim_job("crashed", app.clock.now(), 60_000).await.unwrap().unwrap();
    assert_eq!(app.drain().await.done, 0, "the lease still holds");
    app.clock.advance_ms(60_001);
    assert_eq!(app.drain().await.done, 1);
    // The worker that was believed dead comes back: it can't publish over the other.
    let timeline = playhead_schemas::Timeline::default();
    let late = app.store.publish_transcript(replay, job.id, "crashed", &timeline, "", 0).await;
    assert_eq!(late.unwrap_err().code(), playhead_schemas::ErrorCode::Conflict);
    assert!(!app.store.complete_job(job.id, "crashed").await.unwrap());
}

#[tokio::test]
async fn a_job_that_ends_its_process_again_and_again_is_given_up() {
    let app = TestApp::new().await;
    let replay = app.upload_final("r1").await;
    let config = WorkerConfig { threads: 1, attempts_max: 2, ..WorkerConfig::default() };
    for _ in 0..2 {
        let job = app.store.claim_job("crashed", app.clock.now(), 60_000).await.unwrap();
        assert!(job.is_some());
        app.clock.advance_ms(60_001);
    }
    let end = app.worker_with(config).drain(|_| ()).await.unwrap();
    assert_eq!((end.done, end.retried, end.dead), (0, 0, 1));
    let dead = app.store.dead_jobs(None, 10).await.unwrap().items;
    assert!(dead[0].error.contains("each of 2 attempts"), "{}", dead[0].error);
    assert_eq!(app.transcript_state(replay).await, TranscriptState::Failed);
}

fn never_ends(_: &[SegmentInput<'_>], _: &Options) -> Transcription {
    loop {
        std::thread::park();
    }
}

#[tokio::test]
async fn a_job_that_outlives_the_grace_is_given_back() {
    let app = TestApp::new().await;
    app.upload_final("r1").await;
    let config = WorkerConfig { threads: 1, stop_grace_ms: 1, ..WorkerConfig::default() };
    let worker = app.worker_with(config).with_transcriber(never_ends);
    let stop = CancellationToken::new();
    let running = tokio::spawn(worker.run(stop.clone()));
    wait_for(|| async { app.jobs().await.running == 1 }).await;
    stop.cancel();
    running.await.unwrap();
    let jobs = app.jobs().await;
    assert_eq!((jobs.queued, jobs.running), (1, 0));
    let job = app.store.claim_job("next", app.clock.now(), 60_000).await.unwrap().unwrap();
    assert_eq!(job.attempt, 1, "an attempt that was stopped in order does not count");
    app.clock.advance_ms(60_001);
    assert_eq!(app.drain().await.done, 1);
}
