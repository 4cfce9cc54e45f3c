//! `load crash`: a server is killed in the middle of uploads, again and again, on the same data.
//!
//! A round: the server is started, clients upload, SIGKILL comes at a random moment. It is started again
//! on what is left, whatever was under way is sent again, and it is killed or stopped. Then the store is
//! opened and compared with what the clients know. SIGKILL leaves the operating system's cache as it is:
//! this shows nothing about a loss of power.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use playhead_benches::Rng;
use playhead_benches::machine::{self, Machine};
use serde::Serialize;

use crate::ledger::Ledger;
use crate::out;
use crate::server::{self, Server};
use crate::uploads::{self, Uploader};
use crate::verify::{self, Expected, Findings};

/// Arguments of `crash`.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// How often the server is killed.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rounds: u32,
    /// Uploads of a round that is not killed earlier.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    uploads: u64,
    /// Clients at once.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=256))]
    clients: u32,
    /// Another seed is other moments and other replays.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// No further round begins after this many minutes.
    #[arg(long, default_value_t = 20)]
    minutes_max: u64,
    /// The binary to kill [default: playhead beside this program]
    #[arg(long, value_name = "FILE")]
    playhead: Option<PathBuf>,
    /// Keep the data in this folder, which must be new or empty [default: a temporary one]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Report {
    before: Machine,
    after: Machine,
    rounds: u32,
    /// Kills that came while uploads were under way.
    kills_during_uploads: u32,
    uploads_acknowledged: usize,
    uploads_cut_off: u64,
    restart_ms_max: f64,
    /// Acknowledged streams that were missing, over all rounds.
    lost: usize,
    altered: usize,
    half_published: usize,
    kept_unacknowledged: usize,
    /// What the last look found, after every job was done.
    at_the_end: Findings,
    flaws: Vec<String>,
}

/// What clients of one run of the server did.
struct Outcome {
    acknowledged: u64,
    cut_off: u64,
    killed_during_uploads: bool,
    took: Duration,
}

/// Kills the server in each round; `true` when nothing was lost.
pub(crate) async fn run(args: &Args) -> Result<bool> {
    let (binary, before, began) = (server::binary(args.playhead.as_deref())?, machine::now(), Instant::now());
    let temporary = tempfile::Builder::new().prefix("playhead-crash-").tempdir()?;
    let data = args.data.clone().unwrap_or_else(|| temporary.path().to_owned());
    let key = server::prepare(&data).await?;
    let ledger = Arc::new(Ledger::new(uploads::recordings()?, args.seed));
    let mut expected = Expected::new();
    let mut report = Report::new(before);
    let mut rng = Rng::new(args.seed);
    // Uploads a second: a guess for the first round, then what the last round showed.
    let mut rate = 150.0;
    for round in 1..=args.rounds {
        if began.elapsed() > Duration::from_secs(args.minutes_max * 60) {
            bail!("round {round} does not begin any more: {} minutes are over", args.minutes_max);
        }
        let kill_after = Duration::from_secs_f64(args.uploads as f64 / rate * (0.02 + 0.98 * rng.unit()));
        let outcome = killed(&binary, &data, &key, &ledger, args, kill_after).await?;
        if outcome.acknowledged > 20 {
            rate = outcome.acknowledged as f64 / outcome.took.as_secs_f64();
        }
        let restarted = restart(&binary, &data, &key, &ledger, rng.chance(50)).await?;
        let findings = verify::verify(&data, &ledger, &mut expected, false).await?;
        out::progress(&format!(
            "round {round}: killed after {:.2} s with {} acknowledged and {} cut off; ready again in {:.0} ms; \
             {} streams looked at, {} lost, {} altered; {} transcripts, {} half published",
            outcome.took.as_secs_f64(),
            outcome.acknowledged,
            outcome.cut_off,
            restarted.as_secs_f64() * 1e3,
            findings.streams,
            findings.lost,
            findings.altered,
            findings.transcripts,
            findings.half_published
        ));
        report.add(&outcome, restarted, &findings);
    }
    report.at_the_end = verify::verify(&data, &ledger, &mut expected, true).await?;
    report.uploads_acknowledged = ledger.acknowledged();
    report.after = machine::now();
    let end = report.at_the_end.clone();
    report.count(&end);
    out::result(args.json, &report, text)?;
    Ok(report.flaws.is_empty() && end.are_clean() && end.unpublished == 0)
}

/// Uploads until the kill.
async fn killed(
    binary: &Path,
    data: &Path,
    key: &str,
    ledger: &Arc<Ledger>,
    args: &Args,
    kill_after: Duration,
) -> Result<Outcome> {
    let server = Server::playhead(binary, data).await?;
    let left = Arc::new(AtomicU64::new(args.uploads));
    let is_over = Arc::new(AtomicBool::new(false));
    let began = Instant::now();
    let clients: Vec<_> = (0..args.clients)
        .map(|_| {
            let uploader = Uploader::new(server.url(), key)?;
            Ok(tokio::spawn(client(uploader, ledger.clone(), left.clone(), is_over.clone())))
        })
        .collect::<Result<_>>()?;
    while began.elapsed() < kill_after && !clients.iter().all(tokio::task::JoinHandle::is_finished) {
        let rest = kill_after.saturating_sub(began.elapsed());
        tokio::time::sleep(rest.min(Duration::from_millis(5))).await;
    }
    let took = began.elapsed();
    is_over.store(true, Ordering::SeqCst);
    server.kill()?;
    let (mut acknowledged, mut cut_off) = (0, 0);
    for client in clients {
        let (kept, cut) = client.await??;
        acknowledged += kept;
        cut_off += cut;
    }
    Ok(Outcome { acknowledged, cut_off, killed_during_uploads: cut_off > 0, took })
}

/// Sends one segment after the other; gives how many were acknowledged and how many were cut off.
async fn client(
    uploader: Uploader,
    ledger: Arc<Ledger>,
    left: Arc<AtomicU64>,
    is_over: Arc<AtomicBool>,
) -> Result<(u64, u64)> {
    let mut acknowledged = 0;
    loop {
        let took_one = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if took_one.is_err() || is_over.load(Ordering::SeqCst) {
            return Ok((acknowledged, 0));
        }
        let errand = ledger.next();
        let ready = ledger.ready(&errand)?;
        let sent = uploader.send(&crate::ledger::key(errand.replay), errand.n, &ready).await;
        ledger.done(&errand, sent.is_ok());
        match sent {
            Ok(()) => acknowledged += 1,
            Err(_) if is_over.load(Ordering::SeqCst) => return Ok((acknowledged, 1)),
            Err(error) => return Err(error.context("an upload failed before the kill")),
        }
    }
}

/// Starts the server on what the kill left, sends a few segments (those that were cut off first), and
/// ends it. Gives how long it took to be ready.
async fn restart(binary: &Path, data: &Path, key: &str, ledger: &Ledger, kill: bool) -> Result<Duration> {
    let server = Server::playhead(binary, data).await?;
    let uploader = Uploader::new(server.url(), key)?;
    for _ in 0..16 {
        let errand = ledger.next();
        let sent = uploader.send(&crate::ledger::key(errand.replay), errand.n, &ledger.ready(&errand)?).await;
        ledger.done(&errand, sent.is_ok());
        sent.context("after the restart an upload was refused")?;
    }
    let ready_after = server.ready_after;
    if kill {
        server.kill()?;
    } else {
        server.stop().await?;
    }
    Ok(ready_after)
}

impl Report {
    fn new(before: Machine) -> Self {
        Self {
            before,
            after: before,
            rounds: 0,
            kills_during_uploads: 0,
            uploads_acknowledged: 0,
            uploads_cut_off: 0,
            restart_ms_max: 0.0,
            lost: 0,
            altered: 0,
            half_published: 0,
            kept_unacknowledged: 0,
            at_the_end: Findings::default(),
            flaws: Vec::new(),
        }
    }

    fn add(&mut self, outcome: &Outcome, restarted: Duration, findings: &Findings) {
        self.rounds += 1;
        self.kills_during_uploads += u32::from(outcome.killed_during_uploads);
        self.uploads_cut_off += outcome.cut_off;
        self.restart_ms_max = self.restart_ms_max.max(restarted.as_secs_f64() * 1e3);
        self.kept_unacknowledged += findings.kept_unacknowledged;
        self.count(findings);
    }

    /// What is lost stays lost, so the greatest count is the whole count.
    fn count(&mut self, findings: &Findings) {
        self.lost = self.lost.max(findings.lost);
        self.altered = self.altered.max(findings.altered);
        self.half_published = self.half_published.max(findings.half_published);
        self.flaws.extend(findings.flaws.iter().cloned());
        self.flaws.truncate(20);
    }
}

fn text(report: &Report) -> String {
    let end = &report.at_the_end;
    let mut text = format!(
        "{}; at the end {}\n\
         {} rounds, {} kills while uploads were under way, {} uploads acknowledged, {} cut off by a kill\n\
         ready again in at most {:.0} ms\n\
         acknowledged streams lost: {}\n\
         streams with other bytes: {}\n\
         replays half published: {}\n\
         at the end: {} acknowledged segments with {} streams were all looked at; {} transcripts; \
         {} closed replays without one\n",
        report.before,
        report.after,
        report.rounds,
        report.kills_during_uploads,
        report.uploads_acknowledged,
        report.uploads_cut_off,
        report.restart_ms_max,
        report.lost,
        report.altered,
        report.half_published,
        end.segments,
        end.streams,
        end.transcripts,
        end.unpublished
    );
    text.extend(report.flaws.iter().map(|flaw| format!("  {flaw}\n")));
    text
}
