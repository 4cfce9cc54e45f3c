//! `load ingest`: how many segments a server acknowledges, how long each takes, what they take on disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use playhead_benches::machine::{self, Machine};
use playhead_schemas::EpochMs;
use playhead_store::{Store, StoreConfig};
use serde::Serialize;

use crate::server::{self, Server};
use crate::stats::{Latency, Times};
use crate::uploads::{self, Ready, Uploader};
use crate::{out, verify};

/// Arguments of `ingest`.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Clients at once, one measurement for each number.
    #[arg(long, default_value = "1,8,32", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..=1024))]
    clients: Vec<u32>,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// The binary to measure [default: playhead beside this program]
    #[arg(long, value_name = "FILE")]
    playhead: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Report {
    before: Machine,
    after: Machine,
    /// Mean bytes of a segment: plain, and as it travels.
    segment_raw_bytes: u64,
    segment_body_bytes: u64,
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    clients: u32,
    seconds: f64,
    acknowledged: u64,
    per_second: f64,
    /// What a server that only puts each body into a synced folder acknowledged in the same run, and one that decompresses,
    /// checks, fingerprints, compresses and appends to one log.
    bare_put_per_second: f64,
    bare_log_per_second: f64,
    /// Processor time of the server for each acknowledged segment, transcribing meanwhile included.
    server_cpu_ms_per_segment: Option<f64>,
    raw_mb_per_second: f64,
    latency: Latency,
    errors: u64,
    first_error: Option<String>,
    replays: u64,
    transcribed_by_the_end: u64,
    server_peak_mb: Option<f64>,
    raw_bytes: u64,
    object_bytes: u64,
    catalog_bytes: u64,
    /// Objects after every replay was transcribed and compacted, per plain byte that was sent.
    stored_per_raw: f64,
    /// The same with the catalog, which holds the transcripts.
    stored_with_catalog_per_raw: f64,
}

/// What one client did.
#[derive(Default)]
struct Tally {
    times: Times,
    raw_bytes: u64,
    acknowledged: u64,
    errors: u64,
    first_error: Option<String>,
}

/// Measures each number of clients on a server and a folder of its own.
pub(crate) async fn run(args: &Args) -> Result<bool> {
    let binary = server::binary(args.playhead.as_deref())?;
    let replays = Arc::new(ready()?);
    let all = replays.iter().flatten();
    let (count, raw, body) =
        all.fold((0, 0, 0), |(n, raw, body), ready| (n + 1, raw + ready.raw_bytes, body + ready.body.len() as u64));
    let before = machine::now();
    let mut rows = Vec::new();
    for clients in &args.clients {
        out::progress(&format!("ingest: {clients} clients for {} s", args.seconds));
        rows.push(measure(&binary, &replays, *clients, Duration::from_secs(args.seconds)).await?);
    }
    let report = Report {
        before,
        after: machine::now(),
        segment_raw_bytes: raw / count,
        segment_body_bytes: body / count,
        rows,
    };
    let clean = report.rows.iter().all(|row| row.errors == 0);
    out::result(args.json, &report, table)?;
    Ok(clean)
}

fn ready() -> Result<Vec<Vec<Ready>>> {
    let one = |segments: Vec<_>| {
        let last = segments.len() - 1;
        segments.iter().enumerate().map(|(n, segment)| Ready::new(segment, n == last)).collect()
    };
    uploads::recordings()?.into_iter().map(one).collect()
}

async fn measure(binary: &Path, replays: &Arc<Vec<Vec<Ready>>>, clients: u32, length: Duration) -> Result<Row> {
    let (mut bare_put_per_second, mut bare_log_per_second) = (0.0, 0.0);
    for (kind, rate) in [("put", &mut bare_put_per_second), ("log", &mut bare_log_per_second)] {
        let folder = tempfile::Builder::new().prefix("playhead-bare-").tempdir()?;
        let server = Server::bare(kind, folder.path()).await?;
        let (tally, seconds) =
            put_load(&Uploader::of_bare(server.url())?, replays, clients, length, &Arc::default()).await?;
        anyhow::ensure!(tally.errors == 0, "the bare server failed: {:?}", tally.first_error);
        *rate = tally.acknowledged as f64 / seconds;
        server.stop().await?;
    }
    let folder = tempfile::Builder::new().prefix("playhead-load-").tempdir()?;
    let key = server::prepare(folder.path()).await?;
    let server = Server::playhead(binary, folder.path()).await?;
    let begun = Arc::default();
    let cpu_before = server.cpu_ms();
    let (tally, seconds) = put_load(&Uploader::new(server.url(), &key)?, replays, clients, length, &begun).await?;
    let server_cpu_ms_per_segment =
        cpu_before.zip(server.cpu_ms()).map(|(before, after)| (after - before) / (tally.acknowledged.max(1)) as f64);
    let server_peak_mb = server.peak_mb();
    server.stop().await?;
    let replay_count = begun.load(Ordering::Relaxed);
    let transcribed = settle(folder.path(), replay_count).await?;
    let object_bytes = bytes_under(&folder.path().join("objects"))?;
    let catalog_bytes = bytes_under(folder.path())? - object_bytes;
    let raw = tally.raw_bytes.max(1) as f64;
    Ok(Row {
        clients,
        seconds,
        acknowledged: tally.acknowledged,
        per_second: tally.acknowledged as f64 / seconds,
        bare_put_per_second,
        bare_log_per_second,
        server_cpu_ms_per_segment,
        raw_mb_per_second: raw / 1e6 / seconds,
        latency: tally.times.latency(),
        errors: tally.errors,
        first_error: tally.first_error,
        replays: replay_count,
        transcribed_by_the_end: transcribed,
        server_peak_mb,
        raw_bytes: tally.raw_bytes,
        object_bytes,
        catalog_bytes,
        stored_per_raw: object_bytes as f64 / raw,
        stored_with_catalog_per_raw: (object_bytes + catalog_bytes) as f64 / raw,
    })
}

/// Uploads with so many clients, each with connections of its own, and tells what they did in how many seconds.
async fn put_load(
    uploader: &Uploader,
    replays: &Arc<Vec<Vec<Ready>>>,
    clients: u32,
    length: Duration,
    begun: &Arc<AtomicU64>,
) -> Result<(Tally, f64)> {
    let began = Instant::now();
    let running: Vec<_> = (0..clients)
        .map(|_| Ok(tokio::spawn(client(uploader.again()?, replays.clone(), begun.clone(), began + length))))
        .collect::<Result<_>>()?;
    let mut tally = Tally::default();
    for client in running {
        tally.absorb(client.await?);
    }
    Ok((tally, began.elapsed().as_secs_f64()))
}

/// Uploads whole replays, one segment after the other, until the time is over.
async fn client(uploader: Uploader, replays: Arc<Vec<Vec<Ready>>>, begun: Arc<AtomicU64>, until: Instant) -> Tally {
    let mut tally = Tally::default();
    while Instant::now() < until {
        let i = begun.fetch_add(1, Ordering::Relaxed);
        let replay = format!("load-{i}");
        for (n, ready) in replays[i as usize % replays.len()].iter().enumerate() {
            if Instant::now() >= until {
                break;
            }
            let sent = Instant::now();
            match uploader.send(&replay, n, ready).await {
                Ok(()) => {
                    tally.times.push(sent.elapsed());
                    tally.acknowledged += 1;
                    tally.raw_bytes += ready.raw_bytes;
                }
                Err(error) => {
                    tally.errors += 1;
                    tally.first_error.get_or_insert_with(|| format!("{error:#}"));
                }
            }
        }
    }
    tally
}

impl Tally {
    fn absorb(&mut self, other: Self) {
        self.times.absorb(other.times);
        self.raw_bytes += other.raw_bytes;
        self.acknowledged += other.acknowledged;
        self.errors += other.errors;
        self.first_error = self.first_error.take().or(other.first_error);
    }
}

/// Finishes the transcriptions that the server had not come to. Gives how many of `replays` it had finished.
async fn settle(data: &Path, replays: u64) -> Result<u64> {
    let store = Store::open(StoreConfig::new(data)).await?;
    // Replays whose last segment did not come any more are closed too.
    let tomorrow = EpochMs::now().plus_ms(86_400_000);
    while !store.close_idle_replays(tomorrow, 0, 100).await?.is_empty() {}
    verify::drain(&store).await?;
    // Jobs that are done have no row; their count is this process's own: what the server had left over.
    let jobs = store.jobs_summary().await?;
    store.close().await;
    Ok(replays.saturating_sub(jobs.done + jobs.dead))
}

fn bytes_under(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.metadata()?;
        bytes += if kind.is_dir() { bytes_under(&entry.path())? } else { kind.len() };
    }
    Ok(bytes)
}

fn table(report: &Report) -> String {
    let mut text = format!(
        "{}; at the end {}; the clients run on the same machine\n\
         a segment has {} bytes plain and {} as it travels, on average\n\n\
         | clients | segments/s | of bare put | of bare log | server CPU ms each | MB/s plain | p50 ms | p99 ms | max ms | errors | transcribed meanwhile | server MB | stored/raw | with catalog |\n\
         |---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
        report.before, report.after, report.segment_raw_bytes, report.segment_body_bytes
    );
    for row in &report.rows {
        text.push_str(&format!(
            "| {} | {:.0} | {:.2} | {:.2} | {:.2} | {:.1} | {:.1} | {:.1} | {:.0} | {} | {} of {} | {:.0} | {:.3} | {:.3} |\n",
            row.clients,
            row.per_second,
            row.per_second / row.bare_put_per_second,
            row.per_second / row.bare_log_per_second,
            row.server_cpu_ms_per_segment.unwrap_or(f64::NAN),
            row.raw_mb_per_second,
            row.latency.p50_ms,
            row.latency.p99_ms,
            row.latency.max_ms,
            row.errors,
            row.transcribed_by_the_end,
            row.replays,
            row.server_peak_mb.unwrap_or(f64::NAN),
            row.stored_per_raw,
            row.stored_with_catalog_per_raw
        ));
        text.extend(row.first_error.iter().map(|error| format!("\nthe first error: {error}\n")));
    }
    text
}
