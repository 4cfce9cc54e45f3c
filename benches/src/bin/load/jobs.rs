//! `load jobs`: what a job costs beside its transcription, and how soon a transcript follows the last segment.
//!
//! In: recordings of `testdata`, each several times, put into a store of this process. Out: transcribing alone and
//! transcribing as a worker does it (claimed, read, published, compacted), in turns on as many threads; then, one replay at
//! a time, from the acknowledgement of its last segment to its transcript. Nothing here goes over HTTP.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use playhead_benches::cases::Segment;
use playhead_benches::machine::{self, Machine};
use playhead_schemas::{ProjectId, ReplayId, SegmentNo, Stream, limits};
use playhead_store::{CompressedPayload, SegmentMeta, SegmentPart, SegmentPut, Store, StoreConfig};
use playhead_transcriber::{Options, SegmentInput, Transcription, transcribe};
use playhead_worker::{Worker, WorkerConfig};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::stats::{Latency, Times};
use crate::{out, server, uploads};

/// Arguments of `jobs`.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Replays in the store.
    #[arg(long, default_value_t = 600, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    replays: u32,
    /// How often each way is measured; the medians count.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=99))]
    rounds: u32,
    /// Replays that are uploaded one at a time.
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    single: u32,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Report {
    before: Machine,
    after: Machine,
    replays: u32,
    /// Each a median over the rounds.
    alone_per_second: f64,
    reprocess_per_second: f64,
    alone_cpu_ms: f64,
    reprocess_cpu_ms: f64,
    /// From the acknowledgement of the last segment to the transcript, without the transcription itself.
    published_after: Latency,
    /// The transcriptions in it.
    transcription: Latency,
}

/// Wall and processor time of one pass over all replays.
#[derive(Clone, Copy)]
struct Pass {
    seconds: f64,
    cpu_ms: f64,
}

/// A replay as it is read from the store.
type Stored = Vec<(SegmentMeta, Bytes)>;

/// Nanoseconds of the transcriptions since it was last emptied.
static TRANSCRIBING_NS: AtomicU64 = AtomicU64::new(0);

/// Measures on a store of its own.
pub(crate) async fn run(args: &Args) -> Result<bool> {
    let folder = tempfile::Builder::new().prefix("playhead-jobs-").tempdir()?;
    server::prepare(folder.path()).await?;
    let store = Store::open(StoreConfig::new(folder.path())).await?;
    let workspace = store.default_workspace().await?.id;
    let project = store.project_by_slug(workspace, server::PROJECT).await?.context("the project is gone")?.id;
    let (before, recordings) = (machine::now(), uploads::recordings()?);
    out::progress(&format!("jobs: {} replays are uploaded", args.replays));
    let mut replays = Vec::new();
    for i in 0..args.replays {
        replays.push(upload(&store, project, &format!("r{i}"), &recordings[i as usize % recordings.len()]).await?);
    }
    drain(&store).await?;
    let mut stored = Vec::new();
    for replay in &replays {
        stored.push(store.read_replay(*replay).await?);
    }
    let stored = Arc::new(stored);
    let (mut alone, mut reprocess) = (Vec::new(), Vec::new());
    for round in 1..=args.rounds {
        out::progress(&format!("jobs: round {round}"));
        alone.push(transcribe_alone(stored.clone()).await?);
        for replay in &replays {
            store.enqueue_transcribe(*replay).await?;
        }
        reprocess.push(measured(async { drain(&store).await.map(drop) }).await?);
    }
    out::progress("jobs: one replay at a time");
    let (published_after, transcription) = single(&store, project, &recordings, args.single).await?;
    store.close().await;
    let per_second = |passes: &[Pass]| f64::from(args.replays) / median(passes.iter().map(|pass| pass.seconds));
    let cpu_ms = |passes: &[Pass]| median(passes.iter().map(|pass| pass.cpu_ms)) / f64::from(args.replays);
    let report = Report {
        before,
        after: machine::now(),
        replays: args.replays,
        alone_per_second: per_second(&alone),
        reprocess_per_second: per_second(&reprocess),
        alone_cpu_ms: cpu_ms(&alone),
        reprocess_cpu_ms: cpu_ms(&reprocess),
        published_after,
        transcription,
    };
    out::result(args.json, &report, text)?;
    Ok(true)
}

/// Puts every segment of a recording, the last one as the final one.
async fn upload(store: &Store, project: ProjectId, key: &str, segments: &[Segment]) -> Result<ReplayId> {
    let mut replay = None;
    for (n, segment) in segments.iter().enumerate() {
        let part = |(stream, bytes): (&Stream, &Vec<u8>)| -> Result<SegmentPart> {
            Ok(SegmentPart { stream: *stream, window: None, payload: CompressedPayload::from_raw(bytes)? })
        };
        let put = SegmentPut {
            project,
            replay: key.parse()?,
            n: SegmentNo(u32::try_from(n)?),
            parts: segment.iter().map(part).collect::<Result<_>>()?,
            is_final: n + 1 == segments.len(),
            replay_bytes_max: limits::REPLAY_BYTES_MAX,
        };
        replay = Some(store.put_segment(put).await?.replay);
    }
    replay.context("a recording without segments")
}

async fn drain(store: &Store) -> Result<()> {
    let ended = Worker::new(store.clone(), WorkerConfig::default()).drain(|_| {}).await?;
    ensure!(ended.dead == 0, "{} jobs failed", ended.dead);
    Ok(())
}

/// Every replay once, on as many threads as the worker has.
async fn transcribe_alone(stored: Arc<Vec<Stored>>) -> Result<Pass> {
    measured(async {
        let run = move || {
            let (next, threads) = (AtomicUsize::new(0), machine::now().processors);
            std::thread::scope(|scope| {
                for _ in 0..threads {
                    scope.spawn(|| {
                        while let Some(replay) = stored.get(next.fetch_add(1, Ordering::Relaxed)) {
                            std::hint::black_box(transcribe(&inputs(replay), &Options::default()));
                        }
                    });
                }
            });
        };
        Ok(tokio::task::spawn_blocking(run).await?)
    })
    .await
}

fn inputs(replay: &Stored) -> Vec<SegmentInput<'_>> {
    replay
        .iter()
        .map(|(meta, bytes)| SegmentInput { n: meta.n, stream: meta.stream, window: meta.window.as_deref(), bytes })
        .collect()
}

async fn measured(work: impl Future<Output = Result<()>>) -> Result<Pass> {
    let (began, cpu) = (Instant::now(), machine::cpu_ms());
    work.await?;
    Ok(Pass { seconds: began.elapsed().as_secs_f64(), cpu_ms: machine::cpu_ms() - cpu })
}

/// Uploads replays one after the other beside a worker, and waits for each transcript.
async fn single(
    store: &Store,
    project: ProjectId,
    recordings: &[Vec<Segment>],
    count: u32,
) -> Result<(Latency, Latency)> {
    let shutdown = CancellationToken::new();
    let worker = Worker::new(store.clone(), WorkerConfig::default()).with_transcriber(timed);
    let worker = tokio::spawn(worker.run(shutdown.clone()));
    let (mut after, mut transcription) = (Times::default(), Times::default());
    for i in 0..count {
        TRANSCRIBING_NS.store(0, Ordering::SeqCst);
        let segments = &recordings[i as usize % recordings.len()];
        let replay = upload(store, project, &format!("single-{i}"), segments).await?;
        let acknowledged = Instant::now();
        while store.transcript(replay).await?.is_none() {
            ensure!(acknowledged.elapsed() < Duration::from_secs(60), "a replay gets no transcript");
            // Finer than the runtime's clock, which has steps of a millisecond.
            tokio::task::spawn_blocking(|| std::thread::sleep(Duration::from_micros(100))).await?;
        }
        let took = acknowledged.elapsed();
        let computing = Duration::from_nanos(TRANSCRIBING_NS.load(Ordering::SeqCst));
        after.push(took.saturating_sub(computing));
        transcription.push(computing);
        // The compaction that follows belongs to nobody's wait.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    shutdown.cancel();
    worker.await?;
    Ok((after.latency(), transcription.latency()))
}

fn timed(inputs: &[SegmentInput<'_>], options: &Options) -> Transcription {
    let began = Instant::now();
    let made = transcribe(inputs, options);
    TRANSCRIBING_NS.fetch_add(u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX), Ordering::SeqCst);
    made
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn text(report: &Report) -> String {
    let Latency { count, p50_ms, p99_ms, max_ms } = report.published_after;
    format!(
        "{}; at the end {}\n\
         {} replays, all transcribed again: {:.0} a second, transcribing alone {:.0} a second: {:.2} of it\n\
         processor time of a replay: {:.2} ms, transcribing alone {:.2} ms: {:.2} ms beside it\n\
         last segment acknowledged to transcript, without transcribing ({:.1} ms by the median), {count} replays one \
         at a time: p50 {p50_ms:.2} ms, p99 {p99_ms:.2} ms, at most {max_ms:.1} ms\n",
        report.before,
        report.after,
        report.replays,
        report.reprocess_per_second,
        report.alone_per_second,
        report.reprocess_per_second / report.alone_per_second,
        report.reprocess_cpu_ms,
        report.alone_cpu_ms,
        report.reprocess_cpu_ms - report.alone_cpu_ms,
        report.transcription.p50_ms
    )
}
