//! A Playhead server in this process: one store, the routers, the worker.
//!
//! `serve` and `demo` run one until they are told to stop. Other commands run one for as long as they take when no server
//! has the data folder. Either way it writes `server.json`, so that further commands find it.

mod config;
mod file;
mod first_run;
mod listen;
mod starting;
mod taken;
mod takeover;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use playhead_access::oauth::Issuer;
use playhead_oauth::OAuth;
use playhead_schemas::EpochMs;
use playhead_store::{Store, StoreError, UpgradeProgress};
use playhead_worker::Worker;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::exit::{Exit, Failure};
use crate::progress::Progress;
use crate::settings::Settings;
pub(crate) use config::query_config;
pub(crate) use file::{LocalSecret, Role, ServerFile};
pub(crate) use first_run::administrator;
pub(crate) use starting::Starting;

/// Files that a server opens besides its connections: databases, objects, requests of its own.
const FILES_BESIDE_CONNECTIONS: u64 = 512;

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    store: Store,
    file: ServerFile,
    data: PathBuf,
    grace: Grace,
    stop: CancellationToken,
    http: JoinHandle<()>,
    worker: JoinHandle<()>,
}

/// Shows how far the takeover of an older version's data folder is.
fn upgrade_progress() -> impl Fn(UpgradeProgress) + Send + 'static {
    let shown: Mutex<Option<Progress>> = Mutex::new(None);
    move |at| {
        let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown
            .get_or_insert_with(|| Progress::new("taking over the catalog of an older version", at.total))
            .set(at.done);
        if at.done == at.total {
            shown.take().into_iter().for_each(|shown| shown.finish());
        }
    }
}

impl Server {
    /// Opens the store and begins to serve on `listen`.
    ///
    /// # Errors
    /// [`Exit::Unavailable`] when another process has the data folder; see [`is_locked`].
    pub(crate) async fn start(settings: &Settings, listen: SocketAddr, role: Role) -> anyhow::Result<Self> {
        let data = settings.data().to_owned();
        make_private_folder(&data).with_context(|| format!("{} can't be created", data.display()))?;
        let listener = match TcpListener::bind(listen).await {
            Ok(listener) => listener,
            Err(error) => return Err(taken::explain(error, listen).await),
        };
        let url = format!("http://{}", reachable(listener.local_addr()?));
        let public_url = issuer(settings.public_url.as_deref().unwrap_or(&url))?;
        let store = Store::open_reporting(settings.store.clone(), upgrade_progress()).await.map_err(|error| {
            let exit = match error {
                StoreError::Locked { .. } => Exit::Unavailable,
                _ => Exit::Failed,
            };
            Failure::wrap(error.into(), exit, "the store can't be opened")
        })?;
        let (pid, secret, started_at_ms) = (std::process::id(), LocalSecret::new(), EpochMs::now());
        let mut file =
            ServerFile { url, public_url: public_url.clone(), pid, role, secret, started_at_ms, folder: None };
        if let Err(error) = file.write(&data) {
            store.close().await;
            return Err(error);
        }
        let stop = CancellationToken::new();
        let grace = Grace::from_settings(settings);
        raise_file_limit(settings.connections_max);
        let limits = listen::Limits {
            connections_max: settings.connections_max,
            connections_per_address_max: settings.connections_per_address_max,
            has_proxies: settings.trusted_proxies > 0,
            patience: listen::Patience {
                stall_max: Duration::from_millis(settings.client_stall_ms_max),
                bytes_per_second_min: settings.client_bytes_per_second_min,
            },
            head_time_max: Duration::from_millis(settings.head_ms_max),
            head_bytes_max: settings.head_bytes_max,
            grace: Duration::from_millis(settings.shutdown_grace_ms),
        };
        let oauth = OAuth::new(store.clone(), config::oauth_config(settings, &public_url))?;
        let router = router(&store, settings, &file.secret, &public_url)
            .merge(oauth.router())
            .merge(playhead_dashboard::router(store.clone(), oauth, config::dashboard_config(settings)));
        let http = tokio::spawn(listen::serve(listener, router, limits, stop.clone()));
        let worker = Worker::new(store.clone(), settings.worker.clone()).with_options(settings.options());
        let worker = tokio::spawn(worker.run(stop.clone()));
        tracing::info!(url = %file.url, data = %data.display(), "serving");
        Ok(Self { store, file, data, grace, stop, http, worker })
    }

    /// How commands of this machine reach it.
    pub(crate) fn file(&self) -> &ServerFile {
        &self.file
    }

    /// How clients reach it.
    pub(crate) fn public_url(&self) -> &str {
        &self.file.public_url
    }

    /// Its data folder.
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// Its store.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// Waits for a part of the server to end by itself, which none should.
    pub(crate) async fn failed(&mut self) -> anyhow::Error {
        let (part, result) = tokio::select! {
            result = &mut self.http => ("the HTTP server", result),
            result = &mut self.worker => ("the worker", result),
        };
        match result {
            Ok(()) => anyhow::anyhow!("{part} ended by itself"),
            Err(error) => anyhow::Error::new(error).context(format!("{part} failed")),
        }
    }

    /// Stops: takes no new requests, lets the running ones and the worker's jobs end, closes the store.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        tokio::join!(end("http", self.http, self.grace.http), end("worker", self.worker, self.grace.worker));
        self.store.close().await;
        self.file.remove(&self.data);
        tracing::info!("stopped");
    }
}

/// How long the parts of a server may take to stop. Each ends by itself within the grace of its setting.
#[derive(Clone, Copy, Debug)]
struct Grace {
    http: Duration,
    worker: Duration,
}

impl Grace {
    /// What a part may take after its grace: the worker gives back the jobs that did not end.
    const MARGIN: Duration = Duration::from_secs(10);

    fn from_settings(settings: &Settings) -> Self {
        let within = |grace_ms| Duration::from_millis(grace_ms) + Self::MARGIN;
        Self { http: within(settings.shutdown_grace_ms), worker: within(settings.worker.stop_grace_ms) }
    }
}

/// Waits for a part to end. Aborting one that does not is safe: what was acknowledged is durable, and a job that was not
/// finished is claimed again after its lease.
async fn end(part: &str, mut task: JoinHandle<()>, time_max: Duration) {
    if !task.is_finished() && tokio::time::timeout(time_max, &mut task).await.is_err() {
        tracing::warn!(part, "did not stop in time; it is cut off");
        task.abort();
    }
}

/// True when an error says that another process has the data folder.
pub(crate) fn is_locked(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(StoreError::Locked { .. }))
}

fn router(store: &Store, settings: &Settings, secret: &LocalSecret, public_url: &str) -> Router {
    let ingest = config::ingest_config(settings);
    let api = config::api_config(settings, secret);
    playhead_ingest::router(store.clone(), ingest)
        .merge(playhead_api::router(store.clone(), api))
        .merge(playhead_query::router(store.clone(), query_config(settings, public_url)))
}

/// The public URL in its normal form: what tokens are issued by, and for, is compared letter by letter.
fn issuer(public_url: &str) -> anyhow::Result<String> {
    let issuer = Issuer::parse(public_url).with_context(|| format!("--public-url {public_url} can't be used"))?;
    Ok(issuer.as_str().to_owned())
}

/// The address under which this machine reaches a listener: loopback when it listens on every interface.
fn reachable(local: SocketAddr) -> SocketAddr {
    let ip = match local.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, local.port())
}

/// Lets the process open as many files as its connections need, as far as the system allows that.
fn raise_file_limit(connections_max: usize) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let wanted = (connections_max + listen::WAITING_MAX) as u64 + FILES_BESIDE_CONNECTIONS;
    let now = getrlimit(Resource::Nofile);
    let (Some(current), maximum) = (now.current, now.maximum) else { return };
    if current >= wanted {
        return;
    }
    let raised = maximum.map_or(wanted, |maximum| wanted.min(maximum));
    if setrlimit(Resource::Nofile, Rlimit { current: Some(raised.max(current)), maximum }).is_err() || raised < wanted {
        tracing::warn!(
            files = raised,
            wanted,
            "the process may open fewer files than its connections need: raise the limit (ulimit -n) or lower \
             connections_max"
        );
    }
}

/// Creates the data folder, open to its owner only: it holds recordings and cookies of users.
fn make_private_folder(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_worker_has_its_own_grace_whatever_that_of_requests_is() {
        let mut settings = Settings { shutdown_grace_ms: 1, ..Settings::default() };
        settings.worker.stop_grace_ms = 600_000;
        let grace = Grace::from_settings(&settings);
        assert!(grace.worker > Duration::from_millis(600_000) && grace.http < Duration::from_secs(60), "{grace:?}");
    }

    #[test]
    fn every_interface_is_reached_through_loopback() {
        for (local, want) in [("0.0.0.0:80", "127.0.0.1:80"), ("[::]:80", "[::1]:80"), ("10.0.0.7:80", "10.0.0.7:80")] {
            assert_eq!(super::reachable(local.parse().unwrap()), want.parse().unwrap());
        }
    }
}
