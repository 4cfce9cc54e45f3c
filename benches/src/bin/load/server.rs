//! The real binary as a process of its own: started, watched, stopped or killed.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use playhead_benches::machine;
use playhead_store::{Store, StoreConfig};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// How long a server may take to be ready. After a kill it reads its log first.
const START_TIME_MAX: Duration = Duration::from_secs(60);
/// How long a server may take to end when it is asked to.
const STOP_TIME_MAX: Duration = Duration::from_secs(60);

/// A server process. Dropped, it is killed.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    url: String,
    /// From the start of the process to its line that says that it is ready.
    pub(crate) ready_after: Duration,
}

/// The binary to start: the named one, or `playhead` beside this program.
pub(crate) fn binary(named: Option<&Path>) -> Result<PathBuf> {
    let path = match named {
        Some(path) => path.to_owned(),
        None => std::env::current_exe()?.with_file_name("playhead"),
    };
    if !path.is_file() {
        bail!("{} is not there: run `cargo build --release` first, or name it with --playhead", path.display());
    }
    Ok(path)
}

impl Server {
    /// Starts `playhead serve` on a data folder, as it is without settings.
    pub(crate) async fn with_usual_rates(binary: &Path, data: &Path) -> Result<Self> {
        Self::start(serve(binary, data)).await
    }

    /// Starts `playhead serve` on a data folder, with rates that no client here reaches.
    pub(crate) async fn playhead(binary: &Path, data: &Path) -> Result<Self> {
        let mut command = serve(binary, data);
        for rate in
            ["KEY_REQUESTS_PER_SECOND", "KEY_REQUESTS_BURST", "ADDRESS_REQUESTS_PER_SECOND", "ADDRESS_REQUESTS_BURST"]
        {
            command.env(format!("PLAYHEAD_{rate}"), "1000000");
        }
        Self::start(command).await
    }

    /// Starts this program as a bare server that writes to a folder.
    pub(crate) async fn bare(kind: &str, data: &Path) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["serve-bare", kind, "--data"]).arg(data);
        Self::start(command).await
    }

    /// The processor time that it took so far, in milliseconds, where that is known.
    pub(crate) fn cpu_ms(&self) -> Option<f64> {
        machine::cpu_ms_of(&self.child.id().to_string())
    }

    /// Starts a program that says on standard output, as JSON, at which `url` it is ready. Its standard input
    /// stays open for as long as this lives.
    pub(crate) async fn start(mut command: Command) -> Result<Self> {
        let began = Instant::now();
        let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let child = spawned.with_context(|| format!("{} can't be started", command.get_program().display()))?;
        let mut server = Self { child, url: String::new(), ready_after: Duration::ZERO };
        let stdout = server.child.stdout.take().context("a server without standard output")?;
        let line = tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            BufReader::new(stdout).read_line(&mut line).map(|_| line)
        });
        let line = tokio::time::timeout(START_TIME_MAX, line).await.context("the server does not get ready")???;
        let said: Value = serde_json::from_str(&line).with_context(|| format!("the server ended or said {line:?}"))?;
        server.url = said["url"].as_str().context("the server names no url")?.to_owned();
        server.ready_after = began.elapsed();
        Ok(server)
    }

    /// Where it answers.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The most memory that it had, in MB, where that is known.
    pub(crate) fn peak_mb(&self) -> Option<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok().map(|kb| kb * 1024.0 / 1e6)
    }

    /// Ends it with SIGKILL: nothing of it runs any more.
    pub(crate) fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks it to end, with SIGTERM and the end of its input, and waits until it has.
    pub(crate) async fn stop(mut self) -> Result<()> {
        drop(self.child.stdin.take());
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).context("a process without id")?;
        kill_process(pid, Signal::TERM)?;
        let began = Instant::now();
        while self.child.try_wait()?.is_none() {
            if began.elapsed() > STOP_TIME_MAX {
                bail!("the server does not end");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn serve(binary: &Path, data: &Path) -> Command {
    let mut command = Command::new(binary);
    command.args(["serve", "--json", "--listen", "127.0.0.1:0", "--log", "warn", "--data"]).arg(data);
    command
}

/// Makes a store with one project in a folder and gives an ingest key of it.
pub(crate) async fn prepare(data: &Path) -> Result<String> {
    let store = Store::open(StoreConfig::new(data)).await?;
    let project = store.create_project(store.default_workspace().await?.id, PROJECT, "Load").await?;
    let (_, secret) = store.create_ingest_key(project.id, "load", Vec::new()).await?;
    store.close().await;
    Ok(secret.expose().to_owned())
}

/// The project of [`prepare`].
pub(crate) const PROJECT: &str = "load";
