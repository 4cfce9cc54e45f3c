//! `playhead schema`: the contract of the timeline's JSON.

use playhead_schemas::Timeline;

use crate::out;

/// Arguments of `schema`: none.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {}

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "Example:
  playhead schema > timeline.schema.json";

/// Prints the JSON schema of what `transcribe --format json` prints.
pub(crate) fn run(_: &Args) -> anyhow::Result<()> {
    out::json(&schemars::schema_for!(Timeline))
}
