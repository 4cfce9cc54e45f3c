//! `playhead config`: the settings as this machine resolves them.

use crate::out;
use crate::settings::{self, Flags, Settings};

/// Arguments of `config`.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) flags: Flags,
    /// Print a JSON array of {key, value, origin}
    #[arg(long)]
    json: bool,
    /// Print the reference of all settings in Markdown: defaults, values and what each is
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
}

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "Examples:
  PLAYHEAD_READERS=8 playhead config --config playhead.toml
  playhead config --json
  playhead config --markdown > configuration.md

A setting NAME is the flag --NAME with dashes, the environment variable PLAYHEAD_NAME in upper case, and the \
line NAME = VALUE of a file: --config FILE, else PLAYHEAD_CONFIG, else playhead.toml in the current folder.
A flag wins over the environment, the environment over the file.
Secrets are not settings: PLAYHEAD_TOKEN and PLAYHEAD_INGEST_KEY are read from the environment alone.
The password in catalog_url is shown as ***.";

/// What the table shows of a setting that has no value.
const NOT_SET: &str = "(not set)";

/// Prints every setting with its value and where the value came from.
pub(crate) fn run(args: &Args, settings: &Settings) -> anyhow::Result<()> {
    if args.markdown {
        return out::text(&settings::markdown());
    }
    if args.json {
        let rows: Vec<_> = settings
            .rows
            .iter()
            .map(|row| serde_json::json!({ "key": row.key, "value": row.value, "origin": row.origin.to_string() }))
            .collect();
        return out::json(&rows);
    }
    let rows: Vec<_> =
        settings.rows.iter().map(|row| vec![row.key.to_owned(), shown(&row.value), row.origin.to_string()]).collect();
    out::line(out::table(&["SETTING", "VALUE", "FROM"], &rows))
}

fn shown(value: &str) -> String {
    if value.is_empty() { NOT_SET.to_owned() } else { value.to_owned() }
}
