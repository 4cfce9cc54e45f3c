//! `playhead man`: manual pages of all commands.

use std::path::PathBuf;

use anyhow::Context;

use crate::out;

/// Arguments of `man`.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The folder to write the pages to; it is created when it is missing
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "Example:
  playhead man ~/.local/share/man/man1 && man playhead-serve";

/// Writes one page for each command.
pub(crate) fn run(args: &Args, whole: clap::Command) -> anyhow::Result<()> {
    let folder = args.folder.display();
    std::fs::create_dir_all(&args.folder).with_context(|| format!("{folder} can't be created"))?;
    clap_mangen::generate_to(whole, &args.folder).with_context(|| format!("the pages can't be written to {folder}"))?;
    out::line(format!("manual pages written to {folder}"))
}
