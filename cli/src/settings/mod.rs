//! Settings: one list, four places to give each, one order of precedence.
//!
//! In: flags, the environment, a file. Out: [`Settings`], and for `playhead config` where each
//! value came from. A flag wins over the environment, the environment over the file, the file over
//! the default. Secrets are not settings: `PLAYHEAD_TOKEN` and `PLAYHEAD_INGEST_KEY` are read from
//! the environment where they are used and are never printed.

mod thresholds;
mod value;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use playhead_schemas::limits;
use playhead_transcriber::Options;

use crate::exit::{Exit, Failure};
pub(crate) use value::{Bytes, List, LogFormat, MaybeZero, Number, Scopes, Value, Vitals, Within};

/// The read token that commands send to a server, when `PLAYHEAD_URL` names one.
pub(crate) const TOKEN_VARIABLE: &str = "PLAYHEAD_TOKEN";
/// The ingest key that `import` sends with; without it, import makes one for itself.
pub(crate) const INGEST_KEY_VARIABLE: &str = "PLAYHEAD_INGEST_KEY";
/// The file that is read when no other is named, if it is there.
const FILE_DEFAULT: &str = "playhead.toml";
/// Names the file, as `--config` does.
const FILE_VARIABLE: &str = "PLAYHEAD_CONFIG";

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

macro_rules! settings {
    ($($(#[doc = $doc:literal])+ $name:ident: $ty:ty = $default:expr;)+) => {
        /// What the flags of one command gave.
        #[derive(clap::Args, Clone, Debug, Default)]
        pub(crate) struct Flags {$(
            $(#[doc = $doc])+
            #[arg(long, value_name = <$ty as Value>::PLACE, help_heading = "Settings")]
            pub(crate) $name: Option<String>,
        )+}

        /// Every setting, resolved and read.
        #[derive(Clone, Debug)]
        pub(crate) struct Settings {
            $($(#[doc = $doc])+ pub(crate) $name: $ty,)+
            /// The same values as text with their origins, in the order of the list.
            pub(crate) rows: Vec<Row>,
            /// Variables that look like settings and are not: worth a warning. Not an error, because
            /// orchestrators set such names themselves (`PLAYHEAD_SERVICE_HOST`).
            pub(crate) unknown_variables: Vec<String>,
        }

        /// The name of every setting.
        const KEYS: &[&str] = &[$(stringify!($name)),+];

        impl Settings {
            fn from_sources(sources: &Sources) -> anyhow::Result<Self> {
                let mut rows = Vec::with_capacity(KEYS.len());
                $(let $name: $ty = sources.get(stringify!($name), sources.flags.$name.as_deref(), || $default, &mut rows)?;)+
                Ok(Self { $($name,)+ rows, unknown_variables: sources.unknown_variables() })
            }
        }
    };
}

settings! {
    /// Folder of the catalog and, by default, of the objects
    data: PathBuf = PathBuf::from("playhead-data");
    /// Address to listen on; port 0 takes a free one
    listen: SocketAddr = SocketAddr::from(([127, 0, 0, 1], 4600));
    /// Address at which clients reach this server [default: http:// and the address it listens on]
    public_url: Option<String> = None;
    /// Where objects go: s3://BUCKET/PREFIX, with the usual AWS_* variables [default: DATA/objects]
    objects: Option<String> = None;
    /// Server that other commands talk to, instead of the one that has the data folder (needs PLAYHEAD_TOKEN)
    url: Option<String> = None;
    /// Connections that read the catalog at the same time
    readers: usize = 4;
    /// Memory that the catalog may use, in MiB
    catalog_memory_mib: u32 = 1024;
    /// Threads that the catalog may use for one query beside the caller's
    catalog_threads: u32 = 2;
    /// Connections at the same time; further ones wait
    connections_max: usize = 1024;
    /// Host names that clients may use beside this machine's and the public URL's, with commas
    allowed_hosts: List = List::default();
    /// Browser origins that may call /mcp, with commas
    allowed_origins: List = List::default();
    /// Reverse proxies in front of the server, each of which appends to X-Forwarded-For; 0 believes none
    trusted_proxies: MaybeZero = MaybeZero(0);
    /// Threads that transcribe
    worker_threads: usize = std::thread::available_parallelism().map_or(2, usize::from);
    /// One request body as it travels
    body_bytes_max: Bytes = Bytes(limits::BODY_BYTES_MAX);
    /// One request body after its Content-Encoding is undone
    body_decoded_bytes_max: Bytes = Bytes(limits::BODY_DECODED_BYTES_MAX);
    /// All segments of one replay, decoded
    replay_bytes_max: Bytes = Bytes(limits::REPLAY_BYTES_MAX);
    /// How deep the JSON of an upload may nest
    json_depth_max: u32 = 2048;
    /// The longest pause between two pieces of a body, in milliseconds
    body_pause_ms_max: u64 = 10_000;
    /// The longest time for a whole body, in milliseconds
    body_ms_max: u64 = 120_000;
    /// What all uploads together may hold in memory, decoded
    decoding_bytes_max: Bytes = Bytes(512 << 20);
    /// Requests a second with one ingest key
    key_requests_per_second: u32 = 100;
    /// Requests at once with one ingest key, after a quiet time
    key_requests_burst: u32 = 500;
    /// Requests a second from one address
    address_requests_per_second: u32 = 50;
    /// Requests at once from one address, after a quiet time
    address_requests_burst: u32 = 250;
    /// A pause without activity that a transcript tells, in milliseconds
    idle_gap_ms: Number = Number(Options::default().idle_gap_ms);
    /// Clicks that follow each other within this many milliseconds may be a rage click
    rage_gap_ms: Number = Number(Options::default().rage_gap_ms);
    /// And within this many pixels
    rage_radius_px: Number = Number(Options::default().rage_radius_px);
    /// And this many of them are one
    rage_clicks: u32 = Options::default().rage_clicks;
    /// What the page changes within this many milliseconds after an action is its outcome
    outcome_ms: Number = Number(Options::default().outcome_ms);
    /// And within this many while its requests run
    outcome_ms_max: Number = Number(Options::default().outcome_ms_max);
    /// A click that nothing answers within this many milliseconds is dead
    dead_click_ms: Number = Number(Options::default().dead_click_ms);
    /// Or within this many, when the next action comes before
    dead_click_ms_min: Number = Number(Options::default().dead_click_ms_min);
    /// A click that is answered later than this many milliseconds is slow
    slow_click_ms: Number = Number(Options::default().slow_click_ms);
    /// An error within this many milliseconds after an action followed from it
    error_after_ms: Number = Number(Options::default().error_after_ms);
    /// A request that takes this many milliseconds is slow
    slow_request_ms: u64 = Options::default().slow_request_ms;
    /// Rebuilds of one element after an action that are layout thrash
    thrash_count: u32 = Options::default().thrash_count;
    /// Within this many milliseconds
    thrash_ms: Number = Number(Options::default().thrash_ms);
    /// Going back within this many milliseconds is a quick back
    quick_back_ms: Number = Number(Options::default().quick_back_ms);
    /// But not within this many: that is a redirect
    quick_back_ms_min: Number = Number(Options::default().quick_back_ms_min);
    /// A form that is sent again within this many milliseconds, unanswered or refused, is a repeated submit
    repeated_submit_ms: Number = Number(Options::default().repeated_submit_ms);
    /// Filled fields from which on a form that is left is abandoned
    abandoned_fields_min: u32 = Options::default().abandoned_fields_min;
    /// Characters that come in one go and were therefore not typed
    at_once_chars_min: u32 = Options::default().at_once_chars_min;
    /// Typing into one field with shorter pauses than this many milliseconds is told as one
    typing_gap_ms: Number = Number(Options::default().typing_gap_ms);
    /// Highest good and highest fair value of web vitals, such as LCP=2500:4000,CLS=0.1:0.25; the others stay
    vitals: Vitals = Vitals(Options::default().vitals);
    /// One screenshot
    image_bytes_max: Bytes = Bytes(limits::IMAGE_BYTES_MAX);
    /// One screenshot, width x height
    image_pixels_max: u64 = limits::IMAGE_PIXELS_MAX;
    /// One attached file
    attachment_bytes_max: Bytes = Bytes(limits::ATTACHMENT_BYTES_MAX);
    /// Address of the administrator that the first start makes (admin@localhost unless it is given)
    admin_email: Option<String> = None;
    /// Calls of tools a UTC day in one project
    calls_per_day: u64 = playhead_access::Plan::default().calls_per_day;
    /// Calls of tools a minute by one principal
    calls_per_minute: u64 = playhead_access::Plan::default().calls_per_minute;
    /// Scopes that nobody may use on this server, with commas
    scopes_off: Scopes = Scopes::default();
    /// Refused requests in a minute from one address, after which it has to wait
    refusals_per_minute: u32 = 120;
    /// Minutes that an OAuth access token works
    access_token_minutes: Within<1, 1440> = Within(60);
    /// Days that an OAuth refresh token works when it is not used
    refresh_token_days: Within<1, 365> = Within(30);
    /// Seconds in which a refresh token that was exchanged gives the same answer again
    refresh_grace_seconds: Within<1, 3600> = Within(120);
    /// Seconds that an OAuth authorization code works
    authorization_code_seconds: Within<1, 600> = Within(60);
    /// Days that a browser stays signed in
    sign_in_days: Within<1, 365> = Within(7);
    /// Wrong passwords for one account in 15 minutes
    sign_in_tries_per_account: u32 = 10;
    /// Wrong passwords from one address in 15 minutes
    sign_in_tries_per_address: u32 = 50;
    /// OAuth clients that may register from one address in an hour
    registrations_per_hour: u32 = 30;
    /// Days that the audit log is kept
    audit_days: u32 = 90;
    /// Tokens of one tool result, unless the caller asks for another size
    result_tokens_default: u32 = limits::RESULT_TOKENS_DEFAULT;
    /// How long requests that run may take once the server was told to stop, in milliseconds
    shutdown_grace_ms: u64 = 10_000;
    /// What to log: error, warn, info, debug, or a filter such as playhead=debug [default: info for serve, else warn]
    log: Option<String> = None;
    /// How to log: text or json
    log_format: LogFormat = LogFormat::Text;
}

/// The flags of a command that talks to a server, or opens the data folder when none runs.
#[derive(clap::Args, Clone, Debug, Default)]
pub(crate) struct TargetFlags {
    /// Folder of the catalog; the server that has it is found by it [default: playhead-data]
    #[arg(long, global = true, value_name = "PATH")]
    data: Option<String>,
    /// Server to talk to instead (needs PLAYHEAD_TOKEN)
    #[arg(long, global = true, value_name = "URL")]
    url: Option<String>,
}

impl From<TargetFlags> for Flags {
    fn from(target: TargetFlags) -> Self {
        Self { data: target.data, url: target.url, ..Self::default() }
    }
}

impl Settings {
    /// Resolves every setting from the process's environment, the file and `flags`.
    pub(crate) fn resolve(flags: Flags, file: Option<PathBuf>) -> anyhow::Result<Self> {
        Self::resolve_from(
            flags,
            file,
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
        )
        .map_err(|error| Failure::error(Exit::Usage, format!("{error:#}")))
    }

    fn resolve_from(
        flags: Flags,
        file: Option<PathBuf>,
        environment: impl Iterator<Item = (String, String)>,
    ) -> anyhow::Result<Self> {
        let environment: BTreeMap<_, _> = environment.filter(|(name, _)| name.starts_with("PLAYHEAD_")).collect();
        let named = file.or_else(|| environment.get(FILE_VARIABLE).map(PathBuf::from));
        let file = match named {
            Some(path) => Some(FileSource::read(path)?),
            None if Path::new(FILE_DEFAULT).is_file() => Some(FileSource::read(PathBuf::from(FILE_DEFAULT))?),
            None => None,
        };
        let sources = Sources { flags, environment, file };
        sources.refuse_unknown_keys()?;
        let settings = Self::from_sources(&sources)?;
        settings.check()?;
        Ok(settings)
    }

    /// The names of the settings' environment variables and of the others that commands read.
    fn known_variable(name: &str) -> bool {
        [FILE_VARIABLE, TOKEN_VARIABLE, INGEST_KEY_VARIABLE].contains(&name)
            || KEYS.iter().any(|key| variable(key) == name)
    }
}

/// The environment variable of a setting: `data` is `PLAYHEAD_DATA`.
fn variable(key: &str) -> String {
    format!("PLAYHEAD_{}", key.to_ascii_uppercase())
}

struct FileSource {
    path: PathBuf,
    values: BTreeMap<String, String>,
}

impl FileSource {
    fn read(path: PathBuf) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("settings file {} can't be read", path.display()))?;
        let table: toml::Table = text.parse().with_context(|| format!("settings file {}", path.display()))?;
        let mut values = BTreeMap::new();
        for (key, value) in table {
            let text = match value {
                toml::Value::String(text) => text,
                toml::Value::Integer(n) => n.to_string(),
                toml::Value::Float(n) => n.to_string(),
                toml::Value::Array(items) if items.iter().all(toml::Value::is_str) => {
                    items.iter().filter_map(toml::Value::as_str).collect::<Vec<_>>().join(",")
                }
                _ => anyhow::bail!(
                    "settings file {}: `{key}` must be a text, a number or a list of texts",
                    path.display()
                ),
            };
            values.insert(key, text);
        }
        Ok(Self { path, values })
    }
}

struct Sources {
    flags: Flags,
    environment: BTreeMap<String, String>,
    file: Option<FileSource>,
}

impl Sources {
    fn unknown_variables(&self) -> Vec<String> {
        self.environment.keys().filter(|name| !Settings::known_variable(name)).cloned().collect()
    }

    /// A misspelt setting would be ignored in silence: it is an error instead.
    fn refuse_unknown_keys(&self) -> anyhow::Result<()> {
        if let Some(file) = &self.file
            && let Some(key) = file.values.keys().find(|key| !KEYS.contains(&key.as_str()))
        {
            anyhow::bail!(
                "settings file {}: `{key}` is not a setting; `playhead config` lists them",
                file.path.display()
            );
        }
        Ok(())
    }

    fn get<T: Value>(
        &self,
        key: &'static str,
        flag: Option<&str>,
        default: impl FnOnce() -> T,
        rows: &mut Vec<Row>,
    ) -> anyhow::Result<T> {
        let from_environment = self.environment.get(&variable(key));
        let from_file = self.file.as_ref().and_then(|file| Some((file, file.values.get(key)?)));
        let (origin, text) = if let Some(text) = flag {
            (Origin::Flag(format!("--{}", key.replace('_', "-"))), text)
        } else if let Some(text) = from_environment {
            (Origin::Environment(variable(key)), text.as_str())
        } else if let Some((file, text)) = from_file {
            (Origin::File(file.path.clone()), text.as_str())
        } else {
            let value = default();
            rows.push(Row { key, value: value.show(), origin: Origin::Default });
            return Ok(value);
        };
        let value = T::read(text)
            .map_err(|expected| anyhow::anyhow!("{origin}: `{key}` is {text:?}; it must be {expected}"))?;
        rows.push(Row { key, value: value.show(), origin });
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn resolve(flag: Option<&str>, env: Option<&str>, file: Option<&str>) -> anyhow::Result<Settings> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("playhead.toml");
        std::fs::write(&path, file.unwrap_or("")).unwrap();
        let flags = Flags { readers: flag.map(str::to_owned), ..Flags::default() };
        let env = env.map(|text| ("PLAYHEAD_READERS".to_owned(), text.to_owned()));
        Settings::resolve_from(flags, Some(path), env.into_iter())
    }

    #[test]
    fn a_flag_wins_over_environment_file_and_default() {
        for (flag, env, file, want, origin) in [
            (Some("9"), Some("8"), Some("readers = 7"), 9, "flag --readers"),
            (None, Some("8"), Some("readers = 7"), 8, "environment PLAYHEAD_READERS"),
            (None, None, Some("readers = 7"), 7, "file"),
            (None, None, None, 4, "default"),
        ] {
            let settings = resolve(flag, env, file).unwrap();
            assert_eq!(settings.readers, want);
            let row = settings.rows.iter().find(|row| row.key == "readers").unwrap();
            assert!(row.origin.to_string().starts_with(origin), "{}", row.origin);
            assert_eq!(row.value, want.to_string());
        }
    }

    #[test]
    fn mistakes_are_named_with_their_place() {
        for (flag, env, file, wants) in [
            (Some("none"), None, None, ["flag --readers", "whole number"]),
            (None, Some("0"), None, ["environment PLAYHEAD_READERS", "from 1"]),
            (None, None, Some("readers = []"), ["playhead.toml", "whole number"]),
            (None, None, Some("reader = 3"), ["playhead.toml", "`reader` is not a setting"]),
            (None, None, Some("rage_radius_px = \"wide\""), ["playhead.toml", "a number above 0"]),
            (None, None, Some("rage_clicks = 1"), ["playhead.toml: `rage_clicks`", "at least 2; it is 1"]),
            (
                None,
                None,
                Some("quick_back_ms = 100"),
                ["default: `quick_back_ms_min`", "`quick_back_ms`, which is 100"],
            ),
            (None, None, Some("readers ="), ["playhead.toml", "line 1"]),
        ] {
            let error = format!("{:#}", resolve(flag, env, file).unwrap_err());
            for want in wants {
                assert!(error.contains(want), "{error:?} lacks {want:?}");
            }
        }
    }

    #[test]
    fn variables_that_are_no_settings_are_told() {
        let names = ["PLAYHEAD_LISTN", TOKEN_VARIABLE, INGEST_KEY_VARIABLE, "HOME"];
        let environment = names.map(|name| (name.to_owned(), "x".to_owned())).into_iter();
        let settings = Settings::resolve_from(Flags::default(), None, environment).unwrap();
        assert_eq!(settings.unknown_variables, ["PLAYHEAD_LISTN"]);
    }
}
