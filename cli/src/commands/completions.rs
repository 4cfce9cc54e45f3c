//! `playhead completions`: what a shell completes after `playhead`.

use clap_complete::Shell;

use crate::out;

/// Arguments of `completions`.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "Examples:
  playhead completions bash > ~/.local/share/bash-completion/completions/playhead
  playhead completions zsh > ~/.zfunc/_playhead
  playhead completions fish > ~/.config/fish/completions/playhead.fish";

/// Prints the completions.
pub(crate) fn run(args: &Args, mut whole: clap::Command) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut whole, "playhead", &mut script);
    out::text(&String::from_utf8(script)?)
}
