//! The values of all settings, with their defaults.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use playhead_dashboard::DashboardConfig;
use playhead_ingest::IngestConfig;
use playhead_oauth::OAuthConfig;
use playhead_query::QueryConfig;
use playhead_schemas::limits;
use playhead_store::StoreConfig;
use playhead_transcriber::Options;
use playhead_worker::WorkerConfig;

use super::field::LogFormat;

const DEMO_FOLDER: &str = "playhead-demo";

/// Every setting, resolved. What belongs to one crate is kept in its configuration, whose own default is the default of
/// the setting.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) listen: SocketAddr,
    pub(crate) public_url: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) admin_email: Option<String>,
    pub(crate) trusted_proxies: usize,
    pub(crate) connections_max: usize,
    pub(crate) connections_per_address_max: usize,
    pub(crate) client_stall_ms_max: u64,
    pub(crate) client_bytes_per_second_min: u64,
    pub(crate) head_ms_max: u64,
    pub(crate) head_bytes_max: usize,
    pub(crate) refusals_per_minute: u32,
    pub(crate) shutdown_grace_ms: u64,
    pub(crate) log: Option<String>,
    pub(crate) log_format: LogFormat,
    pub(crate) store: StoreConfig,
    pub(crate) ingest: IngestConfig,
    pub(crate) worker: WorkerConfig,
    /// As the settings give them. [`Settings::options`] are what a transcription takes.
    pub(crate) transcriber: Options,
    pub(crate) tools: QueryConfig,
    pub(crate) oauth: OAuthConfig,
    pub(crate) pages: DashboardConfig,
    /// The same values as text with their origins, in the order of the declarations.
    pub(crate) rows: Vec<Row>,
}

/// One setting as it was resolved.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Its name in the file.
    pub(crate) key: &'static str,
    /// Its value; empty when it is left out.
    pub(crate) value: String,
    /// Where the value came from.
    pub(crate) origin: Origin,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 4600)),
            public_url: None,
            url: None,
            admin_email: None,
            trusted_proxies: 0,
            connections_max: 1024,
            connections_per_address_max: 256,
            client_stall_ms_max: 30_000,
            client_bytes_per_second_min: 1024,
            head_ms_max: 15_000,
            head_bytes_max: 64 << 10,
            refusals_per_minute: limits::AUTH_FAILURES_PER_MINUTE,
            shutdown_grace_ms: 10_000,
            log: None,
            log_format: LogFormat::Text,
            store: StoreConfig::new("playhead-data"),
            ingest: IngestConfig::default(),
            worker: WorkerConfig::default(),
            transcriber: Options::default(),
            tools: QueryConfig::default(),
            oauth: OAuthConfig::default(),
            pages: DashboardConfig::default(),
            rows: Vec::new(),
        }
    }
}

impl Settings {
    /// The data folder.
    pub(crate) fn data(&self) -> &Path {
        &self.store.data_dir
    }

    /// How replays are transcribed. What was accepted is transcribed whole.
    pub(crate) fn options(&self) -> Options {
        let replay_bytes_max = usize::try_from(self.ingest.replay_bytes_max).unwrap_or(usize::MAX);
        let given = self.transcriber.clone();
        Options {
            replay_bytes_max: given.replay_bytes_max.max(replay_bytes_max),
            segment_bytes_max: given.segment_bytes_max.max(replay_bytes_max),
            ..given
        }
    }
}

/// The folder of a demo without `--data`: in the user's folder for application data. `None` when there is no such.
pub(crate) fn demo_folder() -> Option<PathBuf> {
    let of_variable = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let data = of_variable("XDG_DATA_HOME").or_else(|| {
        let beneath = if cfg!(target_os = "macos") { "Library/Application Support" } else { ".local/share" };
        Some(of_variable("HOME")?.join(beneath))
    })?;
    Some(data.join(DEMO_FOLDER))
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Nobody gave it.
    Default,
    /// A line of this file.
    File(PathBuf),
    /// An environment variable of this name.
    Environment(String),
    /// A flag of this name.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}
