//! The commands, one file each.

pub(crate) mod config;
pub(crate) mod schema;
pub(crate) mod transcribe;

use clap::Subcommand;

use crate::settings::{Flags, Settings};

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Transcribe a recording in files, without server or store
    #[command(after_help = transcribe::EXAMPLES)]
    Transcribe(transcribe::Args),
    /// Print the settings as they are resolved, and where each value comes from
    #[command(after_help = config::EXAMPLES)]
    Config(config::Args),
    /// Print the JSON schema of the timeline
    #[command(after_help = schema::EXAMPLES)]
    Schema(schema::Args),
}

impl Command {
    /// The settings that the command's flags gave.
    pub(crate) fn flags(&self) -> Flags {
        match self {
            Self::Config(args) => args.flags.clone(),
            Self::Transcribe(_) | Self::Schema(_) => Flags::default(),
        }
    }

    /// True for commands that should say nothing but their result.
    pub(crate) fn is_quiet(&self) -> bool {
        true
    }

    /// Runs the command.
    pub(crate) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        match self {
            Self::Transcribe(args) => transcribe::run(&args),
            Self::Config(args) => config::run(&args, settings),
            Self::Schema(args) => schema::run(&args),
        }
    }
}
