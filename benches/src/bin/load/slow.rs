//! `load slow`: clients that announce what they never send, and that never read what they asked for, hold connections; a
//! good client and questions about health go on meanwhile, and are compared with how they were before.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use playhead_benches::machine::{self, Machine};
use serde::Serialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::out;
use crate::server::{self, Server};
use crate::stats::{Latency, Times};
use crate::uploads::{self, Ready, Uploader};

/// Pause between two requests of a client that is measured.
const PAUSE: Duration = Duration::from_millis(20);
/// How long a client that does not read holds its connection.
const DEAF_TIME: Duration = Duration::from_secs(40);
/// A request that takes longer counts as failed.
const CALL_TIME_MAX: Duration = Duration::from_secs(5);
/// Time between two bytes of a slow client.
const BYTE_PAUSE: Duration = Duration::from_secs(3);
/// Time below which a latency is not compared: on a machine that the clients share it is noise.
const NOISE_MS: f64 = 50.0;

/// Arguments of `slow`.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Slow clients at once.
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    clients: u32,
    /// How long they attack, in seconds; the time before, without them, is a fifth of it.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(5..=3600))]
    seconds: u64,
    /// The binary to attack [default: playhead beside this program]
    #[arg(long, value_name = "FILE")]
    playhead: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Report {
    machine: Machine,
    clients: u32,
    seconds: u64,
    before: Served,
    meanwhile: Served,
    /// Connections that the slow clients opened.
    opened: u64,
    server_peak_mb: Option<f64>,
    holds: bool,
}

/// How those who are no attackers were served.
#[derive(Serialize)]
struct Served {
    health: Latency,
    uploads: Latency,
    failed: u64,
}

/// What a slow client does.
#[derive(Clone, Copy)]
enum Slowness {
    /// Announces a form, and sends a part of it.
    Form,
    /// Announces a large upload, and sends a byte now and then.
    Upload,
    /// Never ends the head of its request.
    Head,
    /// Asks again and again, and reads nothing.
    Deaf,
}

/// Attacks a server of its own.
pub(crate) async fn run(args: &Args) -> Result<bool> {
    let binary = server::binary(args.playhead.as_deref())?;
    let data = tempfile::tempdir()?;
    let key = server::prepare(data.path()).await?;
    let server = Server::playhead(&binary, data.path()).await?;
    let recordings = uploads::recordings()?;
    let segment = recordings.first().and_then(|segments| segments.first()).context("testdata is empty")?;
    let ready = Ready::new(segment, false)?;

    out::progress("a good client alone");
    let before = measure(server.url(), &key, &ready, "before", Duration::from_secs(args.seconds.div_ceil(5))).await?;
    out::progress(&format!("the same beside {} slow clients", args.clients));
    let (stop, opened) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let address = server.url().trim_start_matches("http://").to_owned();
    let mut attack = JoinSet::new();
    for n in 0..args.clients {
        let kind = [Slowness::Form, Slowness::Upload, Slowness::Head, Slowness::Deaf][n as usize % 4];
        attack.spawn(be_slow(kind, address.clone(), key.clone(), stop.clone(), opened.clone()));
    }
    let meanwhile = measure(server.url(), &key, &ready, "meanwhile", Duration::from_secs(args.seconds)).await?;
    stop.store(true, Ordering::Relaxed);
    attack.shutdown().await;

    let holds = meanwhile.failed == 0
        && [(before.health, meanwhile.health), (before.uploads, meanwhile.uploads)]
            .iter()
            .all(|(idle, loaded)| loaded.p99_ms <= (2.0 * idle.p99_ms).max(NOISE_MS));
    let report = Report {
        machine: machine::now(),
        clients: args.clients,
        seconds: args.seconds,
        before,
        meanwhile,
        opened: opened.load(Ordering::Relaxed),
        server_peak_mb: server.peak_mb(),
        holds,
    };
    server.stop().await?;
    out::result(args.json, &report, text)?;
    Ok(holds)
}

fn text(report: &Report) -> String {
    let line = |name: &str, served: &Served| {
        format!(
            "{name}: health p50 {:.1} p99 {:.1} ms, uploads p50 {:.1} p99 {:.1} ms, {} failed\n",
            served.health.p50_ms, served.health.p99_ms, served.uploads.p50_ms, served.uploads.p99_ms, served.failed
        )
    };
    let peak = report.server_peak_mb.map_or_else(String::new, |mb| format!(", peak memory {mb:.0} MB"));
    format!(
        "{}{}{} slow clients opened {} connections in {} s{peak}: {}",
        line("alone", &report.before),
        line("beside slow clients", &report.meanwhile),
        report.clients,
        report.opened,
        report.seconds,
        if report.holds { "holds" } else { "does not hold" }
    )
}

/// A good client, and questions about health on connections of their own, for some time.
async fn measure(url: &str, key: &str, ready: &Ready, replay: &str, time: Duration) -> Result<Served> {
    let until = Instant::now() + time;
    let health = tokio::spawn(ask_health(url.to_owned(), until));
    let uploader = Uploader::new(url, key)?;
    let (mut times, mut failed, mut n) = (Times::default(), 0, 0);
    while Instant::now() < until {
        let began = Instant::now();
        match tokio::time::timeout(CALL_TIME_MAX, uploader.send(replay, n, ready)).await {
            Ok(Ok(())) => times.push(began.elapsed()),
            Ok(Err(_)) | Err(_) => failed += 1,
        }
        n += 1;
        tokio::time::sleep(PAUSE).await;
    }
    let (health, unanswered) = health.await??;
    Ok(Served { health: health.latency(), uploads: times.latency(), failed: failed + unanswered })
}

async fn ask_health(url: String, until: Instant) -> Result<(Times, u64)> {
    let http = reqwest::Client::builder().timeout(CALL_TIME_MAX).pool_max_idle_per_host(0).no_proxy().build()?;
    let (mut times, mut failed) = (Times::default(), 0);
    for path in ["healthz", "readyz"].iter().cycle() {
        if Instant::now() >= until {
            break;
        }
        let began = Instant::now();
        match http.get(format!("{url}/{path}")).send().await {
            Ok(answer) if answer.status().is_success() => times.push(began.elapsed()),
            Ok(_) | Err(_) => failed += 1,
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok((times, failed))
}

/// Holds a connection for as long as the server lets it, and opens the next one.
async fn be_slow(kind: Slowness, address: String, key: String, stop: Arc<AtomicBool>, opened: Arc<AtomicU64>) {
    while !stop.load(Ordering::Relaxed) {
        if let Ok(stream) = TcpStream::connect(&address).await {
            opened.fetch_add(1, Ordering::Relaxed);
            // It ends with an error when the server has had enough, which is what is wanted of it.
            let _ = hold(kind, stream, &key).await;
        }
        // A real client that was cut off needs a moment, too.
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

async fn hold(kind: Slowness, mut stream: TcpStream, key: &str) -> std::io::Result<()> {
    let head = match kind {
        Slowness::Form => {
            "POST /token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                           Content-Length: 100\r\n\r\ngrant"
                .to_owned()
        }
        Slowness::Upload => format!(
            "PUT /v1/replays/slow/segments/0 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n\
             Content-Type: application/json\r\nContent-Length: 16000000\r\n\r\n{{"
        ),
        Slowness::Head => "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Never: ".to_owned(),
        Slowness::Deaf => "GET /v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(200),
    };
    stream.write_all(head.as_bytes()).await?;
    if matches!(kind, Slowness::Deaf) {
        tokio::time::sleep(DEAF_TIME).await;
        return Ok(());
    }
    let mut byte = [0];
    loop {
        match tokio::time::timeout(BYTE_PAUSE, stream.read(&mut byte)).await {
            Ok(Ok(0)) | Ok(Err(_)) => return Ok(()),
            Ok(Ok(_)) => {}
            Err(_) => stream.write_all(b" ").await?,
        }
    }
}
