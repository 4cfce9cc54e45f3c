//! Settings: each declared once, with four places to give it and one order of precedence.
//!
//! In: flags, the environment, a file. Out: [`Settings`], and for `playhead config` where each value came from. A flag
//! wins over the environment, the environment over the file, the file over the default. What is not declared is an
//! error, so that a misspelt setting is not ignored. Never here: secrets. `PLAYHEAD_TOKEN` and `PLAYHEAD_INGEST_KEY` are
//! read from the environment where they are used and are never printed.

mod declared;
mod field;
mod flags;
mod kind;
mod reference;
mod sources;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use playhead_dashboard::DashboardConfig;
use playhead_ingest::IngestConfig;
use playhead_oauth::OAuthConfig;
use playhead_query::QueryConfig;
use playhead_store::StoreConfig;
use playhead_transcriber::Options;
use playhead_worker::WorkerConfig;

use crate::exit::{Exit, Failure};
pub(crate) use field::LogFormat;
pub(crate) use flags::{Flags, TargetFlags};
pub(crate) use reference::markdown;
pub(crate) use sources::Origin;
use sources::Sources;

/// The API token that commands send to a server, when `PLAYHEAD_URL` names one.
pub(crate) const TOKEN_VARIABLE: &str = "PLAYHEAD_TOKEN";
/// The ingest key that `import` sends; without it, import creates one for itself.
pub(crate) const INGEST_KEY_VARIABLE: &str = "PLAYHEAD_INGEST_KEY";

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
    pub(crate) head_ms_max: u64,
    pub(crate) head_bytes_max: usize,
    pub(crate) refusals_per_minute: u32,
    pub(crate) shutdown_grace_ms: u64,
    pub(crate) audit_days: u32,
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
            head_ms_max: 15_000,
            head_bytes_max: 64 << 10,
            refusals_per_minute: 120,
            shutdown_grace_ms: 10_000,
            audit_days: 90,
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
    /// Resolves every setting from the process's environment, the file and `flags`.
    pub(crate) fn resolve(flags: &Flags, file: Option<PathBuf>) -> anyhow::Result<Self> {
        let environment =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Self::resolve_from(flags, file, environment).map_err(|error| Failure::error(Exit::Usage, format!("{error:#}")))
    }

    fn resolve_from(
        flags: &Flags,
        file: Option<PathBuf>,
        environment: impl Iterator<Item = (String, String)>,
    ) -> anyhow::Result<Self> {
        let sources = Sources::read(flags, file, environment)?;
        let mut settings = Self::default();
        let mut rows = Vec::new();
        for setting in declared::all() {
            let given = sources.find(setting);
            if let Some((origin, text)) = &given {
                setting.set(&mut settings, text).map_err(|expected| {
                    anyhow::anyhow!("{origin}: `{}` is {text:?}; it must be {expected}", setting.key)
                })?;
            }
            let origin = given.map_or(Origin::Default, |(origin, _)| origin);
            rows.push(Row { key: setting.key, value: setting.value(&settings), origin });
        }
        settings.rows = rows;
        settings.check()?;
        Ok(settings)
    }

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

    /// Thresholds that contradict each other are refused here, with the origin of the one to change.
    fn check(&self) -> anyhow::Result<()> {
        self.options().check().map_err(|error| {
            let row = self.rows.iter().find(|row| row.key == error.name);
            let place = row.map(|row| format!("{}: ", row.origin)).unwrap_or_default();
            anyhow::anyhow!("{place}{error}")
        })
    }
}

#[cfg(test)]
mod tests;
