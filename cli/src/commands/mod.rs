//! The commands, one file each.

pub(crate) mod agent;
pub(crate) mod audit;
pub(crate) mod completions;
pub(crate) mod config;
mod connect;
pub(crate) mod demo;
pub(crate) mod import;
pub(crate) mod key;
pub(crate) mod man;
pub(crate) mod mcp;
pub(crate) mod member;
mod named;
pub(crate) mod project;
pub(crate) mod reprocess;
pub(crate) mod schema;
pub(crate) mod serve;
pub(crate) mod token;
pub(crate) mod transcribe;
mod when;

use clap::Subcommand;

use crate::settings::{Flags, Settings};

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve recorded bugs of a demo shop, and print how to connect an assistant
    #[command(after_help = demo::EXAMPLES)]
    Demo(demo::Args),
    /// Run the server, which receives uploads, transcribes them and answers assistants
    #[command(after_help = serve::EXAMPLES)]
    Serve(Box<serve::Args>),
    /// Upload recordings in files as one replay with a bug
    #[command(after_help = import::EXAMPLES)]
    Import(import::Args),
    /// Transcribe a recording in files, without a server
    #[command(after_help = transcribe::EXAMPLES)]
    Transcribe(transcribe::Args),
    /// Transcribe stored replays again, with this version
    #[command(after_help = reprocess::EXAMPLES)]
    Reprocess(reprocess::Args),
    /// Answer an assistant over stdio (Model Context Protocol)
    #[command(after_help = mcp::EXAMPLES)]
    Mcp(mcp::Args),
    /// Create, list or archive projects
    #[command(after_help = project::EXAMPLES)]
    Project(project::Args),
    /// Create, list or revoke ingest keys, which SDKs upload with
    #[command(after_help = key::EXAMPLES)]
    Key(key::Args),
    /// Create, list, replace or revoke tokens, which assistants work with
    #[command(after_help = token::EXAMPLES)]
    Token(token::Args),
    /// Create, invite, list or remove members, and give them roles
    #[command(after_help = member::EXAMPLES)]
    Member(member::Args),
    /// Create, list or remove agents (AI principals with a name), and give them roles
    #[command(after_help = agent::EXAMPLES)]
    Agent(agent::Args),
    /// Show the audit log: who called and changed what
    #[command(after_help = audit::EXAMPLES)]
    Audit(audit::Args),
    /// Print every setting with its value, and where the value comes from
    #[command(after_help = config::EXAMPLES)]
    Config(Box<config::Args>),
    /// Print the JSON schema of the timeline
    #[command(after_help = schema::EXAMPLES)]
    Schema(schema::Args),
    /// Print the completion script of a shell
    #[command(after_help = completions::EXAMPLES)]
    Completions(completions::Args),
    /// Write the manual pages of all commands
    #[command(after_help = man::EXAMPLES)]
    Man(man::Args),
}

impl Command {
    /// The settings that the command's flags gave.
    pub(crate) fn flags(&self) -> Flags {
        match self {
            Self::Demo(args) => args.flags(),
            Self::Serve(args) => args.flags.clone(),
            Self::Config(args) => args.flags.clone(),
            Self::Import(args) => args.target.clone().into(),
            Self::Reprocess(args) => args.target.clone().into(),
            Self::Mcp(args) => args.target.clone().into(),
            Self::Project(args) => args.target.clone().into(),
            Self::Key(args) => args.target.clone().into(),
            Self::Token(args) => args.target.clone().into(),
            Self::Member(args) => args.target.clone().into(),
            Self::Agent(args) => args.target.clone().into(),
            Self::Audit(args) => args.target.clone().into(),
            Self::Transcribe(_) | Self::Schema(_) | Self::Completions(_) | Self::Man(_) => Flags::default(),
        }
    }

    /// False for commands that say what is the same everywhere: no settings file can be in their way.
    pub(crate) fn has_settings(&self) -> bool {
        !matches!(self, Self::Schema(_) | Self::Completions(_) | Self::Man(_))
    }

    /// True for commands that log warnings alone unless the settings say otherwise.
    pub(crate) fn is_quiet(&self) -> bool {
        !matches!(self, Self::Serve(_))
    }

    /// Runs the command. `whole` is the whole command line, for what describes it.
    pub(crate) fn run(self, settings: &Settings, whole: clap::Command) -> anyhow::Result<()> {
        match self {
            Self::Transcribe(args) => transcribe::run(&args, settings),
            Self::Config(args) => config::run(&args, settings),
            Self::Schema(args) => schema::run(&args),
            Self::Completions(args) => completions::run(&args, whole),
            Self::Man(args) => man::run(&args, whole),
            Self::Demo(args) => block_on(demo::run(args, settings)),
            Self::Serve(args) => block_on(serve::run(*args, settings)),
            Self::Import(args) => block_on(import::run(args, settings)),
            Self::Reprocess(args) => block_on(reprocess::run(args, settings)),
            Self::Mcp(args) => block_on(mcp::run(args, settings)),
            Self::Project(args) => block_on(project::run(args, settings)),
            Self::Key(args) => block_on(key::run(args, settings)),
            Self::Token(args) => block_on(token::run(args, settings)),
            Self::Member(args) => block_on(member::run(args, settings)),
            Self::Agent(args) => block_on(agent::run(args, settings)),
            Self::Audit(args) => block_on(audit::run(args, settings)),
        }
    }
}

fn block_on(command: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(command);
    // A read of standard input can't be taken back; it must not keep the process.
    runtime.shutdown_background();
    outcome
}
