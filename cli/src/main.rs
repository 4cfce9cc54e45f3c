//! The binary `playhead`: everything that a person or a script does with Playhead.
//!
//! In: a command line, settings, files. Out: results on standard output, logs and progress on standard
//! error, an exit code. The work itself is done by the library crates; this one puts them together.
//! Never here: SQL, parsing of recordings, rendering.

mod admin;
mod bridge;
mod cases;
mod client;
mod commands;
mod exit;
mod logging;
mod out;
mod progress;
mod reader;
mod recording;
mod server;
mod session;
mod settings;
mod shutdown;
mod upload;
mod waiting;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use commands::Command;
use settings::Settings;

/// Turns browser session replays into text and pictures that an AI assistant can act on
#[derive(Debug, Parser)]
#[command(name = "playhead", version, after_help = exit::HELP, max_term_width = 110)]
struct Cli {
    /// The settings file [default: playhead.toml in the current folder, if it exists]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if exit::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            report(&error);
            exit::of(&error).into()
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<()> {
    let settings = Settings::resolve(&cli.command.flags(), cli.config)?;
    logging::start(&settings, cli.command.is_quiet())?;
    cli.command.run(&settings, Cli::command())
}

/// Says on standard error what went wrong, with its causes.
#[allow(clippy::print_stderr)]
fn report(error: &anyhow::Error) {
    eprintln!("playhead: {error:#}");
}
