//! `load flood`: tiny segments of one page, as fast as it can send them, to a server with its usual rates: what is taken, how
//! the rest is refused, what it costs, and whether what was acknowledged is there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use playhead_benches::machine::{self, Machine};
use playhead_store::{Store, StoreConfig};
use serde::Serialize;

use crate::out;
use crate::server::{self, PROJECT, Server};
use crate::uploads::{Reply, Uploader};

const REPLAY: &str = "flood";

/// Arguments of `flood`.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Segments that the page has.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    segments: u32,
    /// Requests at once; a browser opens six connections.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u32).range(1..=256))]
    clients: u32,
    /// Seconds after which no more is sent.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=600))]
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
    machine: Machine,
    seconds: f64,
    sent: u32,
    acknowledged: usize,
    /// Refused with a time to come again.
    told_to_wait: u32,
    /// Any other answer, by its status; 0 where there was none.
    others: BTreeMap<u16, u32>,
    /// Acknowledged segments that are not in the store.
    lost: usize,
    server_cpu_ms: Option<f64>,
    server_peak_mb: Option<f64>,
}

/// What one client was answered.
#[derive(Default)]
struct Tally {
    acknowledged: Vec<u32>,
    told_to_wait: u32,
    others: BTreeMap<u16, u32>,
}

/// Floods a server of its own; true when every answer was one that a page can use, and nothing is lost.
pub(crate) async fn run(args: &Args) -> Result<bool> {
    let binary = server::binary(args.playhead.as_deref())?;
    let folder = tempfile::Builder::new().prefix("playhead-flood-").tempdir()?;
    let key = server::prepare(folder.path()).await?;
    let server = Server::with_usual_rates(&binary, folder.path()).await?;
    out::progress(&format!("flood: {} segments, at most {} s", args.segments, args.seconds));
    let (next, began) = (Arc::new(AtomicU32::new(0)), Instant::now());
    let until = began + Duration::from_secs(args.seconds);
    let uploader = Uploader::new(server.url(), &key)?;
    let mut clients = Vec::new();
    for _ in 0..args.clients {
        clients.push(tokio::spawn(send(uploader.again()?, Arc::clone(&next), args.segments, until)));
    }
    let mut all = Tally::default();
    for client in clients {
        let Tally { acknowledged, told_to_wait, others } = client.await?;
        all.acknowledged.extend(acknowledged);
        all.told_to_wait += told_to_wait;
        others.into_iter().for_each(|(status, count)| *all.others.entry(status).or_default() += count);
    }
    let (seconds, server_cpu_ms, server_peak_mb) = (began.elapsed().as_secs_f64(), server.cpu_ms(), server.peak_mb());
    server.stop().await?;
    let report = Report {
        machine: machine::now(),
        seconds,
        sent: next.load(Ordering::Relaxed).min(args.segments),
        acknowledged: all.acknowledged.len(),
        told_to_wait: all.told_to_wait,
        lost: lost(folder.path(), &all.acknowledged).await?,
        others: all.others,
        server_cpu_ms,
        server_peak_mb,
    };
    out::result(args.json, &report, text)?;
    Ok(report.lost == 0 && report.others.is_empty())
}

async fn send(uploader: Uploader, next: Arc<AtomicU32>, segments: u32, until: Instant) -> Tally {
    let mut tally = Tally::default();
    while Instant::now() < until {
        let n = next.fetch_add(1, Ordering::Relaxed);
        if n >= segments {
            break;
        }
        let event =
            format!("{{\"type\":5,\"data\":{{\"tag\":\"tick\"}},\"timestamp\":{}}}", 1_796_000_000_000 + u64::from(n));
        match uploader.ask(REPLAY, n, format!("{{\"rrweb\":[{event}]}}")).await {
            Reply::Kept => tally.acknowledged.push(n),
            Reply::Wait => tally.told_to_wait += 1,
            Reply::Other(status) => *tally.others.entry(status).or_default() += 1,
        }
    }
    tally
}

/// How many of these numbers the store of a server that has ended does not have.
async fn lost(data: &Path, acknowledged: &[u32]) -> Result<usize> {
    let store = Store::open(StoreConfig::new(data)).await?;
    let workspace = store.default_workspace().await?.id;
    let project = store.project_by_slug(workspace, PROJECT).await?.context("the project is gone")?.id;
    let replay = store.replay_by_key(project, &REPLAY.parse()?).await?.context("the replay is gone")?;
    let kept: BTreeSet<u32> = store.segments(replay.id).await?.iter().map(|segment| segment.n.0).collect();
    store.close().await;
    Ok(acknowledged.iter().filter(|n| !kept.contains(n)).count())
}

fn text(report: &Report) -> String {
    let others: Vec<String> = report.others.iter().map(|(status, count)| format!("{count} with {status}")).collect();
    let others = if others.is_empty() { "none".to_owned() } else { others.join(", ") };
    format!(
        "{}\n{} segments in {:.1} s: {} acknowledged, of which {} are lost; {} told when to come again; other answers: {others}\n\
         the server took {:.0} ms of processor time and {:.0} MB at most",
        report.machine,
        report.sent,
        report.seconds,
        report.acknowledged,
        report.lost,
        report.told_to_wait,
        report.server_cpu_ms.unwrap_or(f64::NAN),
        report.server_peak_mb.unwrap_or(f64::NAN),
    )
}
