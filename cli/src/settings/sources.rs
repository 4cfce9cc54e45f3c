//! Where settings are given: flags, the environment and the file, in this order of precedence.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::declared::{self, Setting};
use super::flags::Flags;
use super::values::Origin;

/// The API token that commands send to a server, when `PLAYHEAD_URL` names one.
pub(crate) const TOKEN_VARIABLE: &str = "PLAYHEAD_TOKEN";
/// The ingest key that `import` sends; without it, import creates one for itself.
pub(crate) const INGEST_KEY_VARIABLE: &str = "PLAYHEAD_INGEST_KEY";

/// The file that is read when no other is named, if it is there.
const FILE_DEFAULT: &str = "playhead.toml";
/// Names the file, as `--config` does.
const FILE_VARIABLE: &str = "PLAYHEAD_CONFIG";
const PREFIX: &str = "PLAYHEAD_";

/// What the three sources give.
pub(super) struct Sources<'a> {
    flags: &'a Flags,
    environment: BTreeMap<String, String>,
    file: Option<FileSource>,
}

impl<'a> Sources<'a> {
    /// Reads the file that `file`, the environment or the current folder names, and refuses what no setting is
    /// called like.
    pub(super) fn read(
        flags: &'a Flags,
        file: Option<PathBuf>,
        environment: impl Iterator<Item = (String, String)>,
    ) -> anyhow::Result<Self> {
        let environment: BTreeMap<_, _> = environment.filter(|(name, _)| name.starts_with(PREFIX)).collect();
        refuse_unknown_variables(&environment)?;
        let named = file.or_else(|| environment.get(FILE_VARIABLE).map(PathBuf::from));
        let file = match named {
            Some(path) => Some(FileSource::read(path)?),
            None if Path::new(FILE_DEFAULT).is_file() => Some(FileSource::read(PathBuf::from(FILE_DEFAULT))?),
            None => None,
        };
        Ok(Self { flags, environment, file })
    }

    /// The text that is given for a setting, and by which source.
    pub(super) fn find(&self, setting: &Setting) -> Option<(Origin, &str)> {
        if let Some(text) = self.flags.get(setting.key) {
            return Some((Origin::Flag(format!("--{}", setting.flag())), text));
        }
        if let Some(text) = self.environment.get(&setting.variable()) {
            return Some((Origin::Environment(setting.variable()), text));
        }
        let file = self.file.as_ref()?;
        Some((Origin::File(file.path.clone()), file.values.get(setting.key)?))
    }
}

struct FileSource {
    path: PathBuf,
    values: BTreeMap<String, String>,
}

impl FileSource {
    fn read(path: PathBuf) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("the settings file {} can't be read", path.display()))?;
        let table: toml::Table = text.parse().with_context(|| format!("settings file {}", path.display()))?;
        let mut values = BTreeMap::new();
        for (key, value) in table {
            if declared::of_key(&key).is_none() {
                let keys = declared::all().map(|setting| setting.key.to_owned());
                anyhow::bail!("settings file {}: `{key}` is not a setting; {}", path.display(), nearest(&key, keys));
            }
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

/// A misspelt variable would be ignored in silence: it is an error instead.
fn refuse_unknown_variables(environment: &BTreeMap<String, String>) -> anyhow::Result<()> {
    let known = || {
        let others = [FILE_VARIABLE, TOKEN_VARIABLE, INGEST_KEY_VARIABLE].map(str::to_owned);
        declared::all().map(Setting::variable).chain(others)
    };
    let unknown = environment.keys().find(|name| !known().any(|known| known == **name) && !is_of_orchestrator(name));
    match unknown {
        Some(name) => anyhow::bail!("the environment variable {name} is not a setting; {}", nearest(name, known())),
        None => Ok(()),
    }
}

/// True for the variables that Kubernetes and Docker links set in every container beside a service called `playhead`
/// or `playhead-NAME`: `PLAYHEAD_SERVICE_HOST`, `PLAYHEAD_SERVICE_PORT_HTTP`, `PLAYHEAD_PORT_4600_TCP_ADDR`.
fn is_of_orchestrator(name: &str) -> bool {
    let follows = |part: &str| {
        name.match_indices(part).any(|(at, _)| matches!(name.as_bytes().get(at + part.len()), None | Some(b'_')))
    };
    ["_SERVICE_HOST", "_SERVICE_PORT"].into_iter().any(follows)
        || name.ends_with("_PORT")
        || name
            .match_indices("_PORT_")
            .any(|(at, part)| name[at + part.len()..].starts_with(|c: char| c.is_ascii_digit()))
}

/// What to do about a name that nothing has: the most similar one, and where all are listed.
fn nearest(name: &str, known: impl Iterator<Item = String>) -> String {
    let similar = known
        .map(|known| (strsim::damerau_levenshtein(name, &known), known))
        .filter(|(distance, known)| *distance <= known.len() / 2)
        .min();
    match similar {
        Some((_, similar)) => format!("did you mean `{similar}`? `playhead config` lists all settings"),
        None => "`playhead config` lists all settings".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_leads_to_the_nearest_one() {
        for (name, want) in [("reader", "`readers`"), ("body_byte_max", "`body_bytes_max`"), ("lissten", "`listen`")] {
            let keys = declared::all().map(|setting| setting.key.to_owned());
            assert!(nearest(name, keys).contains(want), "{name}");
        }
        let keys = declared::all().map(|setting| setting.key.to_owned());
        assert_eq!(nearest("completely-different-thing", keys), "`playhead config` lists all settings");
    }

    #[test]
    fn variables_of_orchestrators_are_told_from_misspelt_settings() {
        for name in [
            "PLAYHEAD_SERVICE_HOST",
            "PLAYHEAD_SERVICE_PORT",
            "PLAYHEAD_SERVICE_PORT_HTTP",
            "PLAYHEAD_PORT",
            "PLAYHEAD_PORT_4600_TCP",
            "PLAYHEAD_PORT_4600_TCP_ADDR",
            "PLAYHEAD_WEB_SERVICE_HOST",
        ] {
            assert!(is_of_orchestrator(name), "{name}");
        }
        for name in ["PLAYHEAD_LISTN", "PLAYHEAD_PORTS", "PLAYHEAD_SERVICE_HOSTS", "PLAYHEAD_PORT_HTTP"] {
            assert!(!is_of_orchestrator(name), "{name}");
        }
    }
}
