//! Load for a whole server: `ingest`, `flood`, `query`, `jobs`, `pipeline`, `crash` and `slow`. Loopback alone, bounded in time, with
//! seeds.
//!
//! In: recordings of `testdata`. Out: figures on standard output (a table, or JSON), progress on standard
//! error. Exit code 1 when something that was acknowledged is missing or a figure can't be taken.

mod bare;
mod crash;
mod flood;
mod ingest;
mod jobs;
mod ledger;
mod out;
mod pipeline;
mod query;
mod seed;
mod server;
mod slow;
mod stats;
mod tool_server;
mod uploads;
mod verify;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// The allocator of the binary: `serve-tools` is measured as the server would run.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Puts load on a Playhead server and measures it.
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Upload segments with 1, 8 and 32 clients at once.
    Ingest(ingest::Args),
    /// Send tiny segments of one page by the hundred thousand, at the usual rates.
    Flood(flood::Args),
    /// Ask the tools of stores with 100, 10,000 and 100,000 bugs.
    Query(query::Args),
    /// Transcribe replays again, and wait for transcripts of new ones.
    Jobs(jobs::Args),
    /// Call tools with and without the checks of a call, in turns.
    Pipeline(pipeline::Args),
    /// Kill a server with SIGKILL while it takes uploads, and look for what it had acknowledged.
    Crash(crash::Args),
    /// Hold connections with clients that neither send nor read, and see whether others are served.
    Slow(slow::Args),
    /// Serve the tools over a store until standard input ends.
    #[command(hide = true)]
    ServeTools(tool_server::Args),
    /// Take uploads and do as little as can be done, until standard input ends.
    #[command(hide = true)]
    ServeBare(bare::Args),
}

fn main() -> ExitCode {
    let command = Cli::parse().command;
    match run(command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            out::progress(&format!("load: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<bool> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match command {
            Command::Ingest(args) => ingest::run(&args).await,
            Command::Flood(args) => flood::run(&args).await,
            Command::Query(args) => query::run(&args).await,
            Command::Jobs(args) => jobs::run(&args).await,
            Command::Pipeline(args) => pipeline::run(&args).await,
            Command::Crash(args) => crash::run(&args).await,
            Command::Slow(args) => slow::run(&args).await,
            Command::ServeBare(args) => bare::run(&args).await.map(|()| true),
            Command::ServeTools(args) => tool_server::run(&args).await.map(|()| true),
        }
    })
}
