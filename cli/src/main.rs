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
mod temporary_key;
mod upload;
mod waiting;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser};

use commands::Command;
use settings::Settings;

/// A fifth of an answer's time was glibc's allocator. The same serves SQLite and DuckDB.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
    let matches = whole().get_matches_from(arguments(std::env::args_os()));
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
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
    let settings = match cli.command.has_settings() {
        true => Settings::resolve(&cli.command.flags(), cli.config)?,
        false => Settings::default(),
    };
    logging::start(&settings, cli.command.is_quiet())?;
    cli.command.run(&settings, whole())
}

/// The whole command line. Every long help ends with the exit codes.
fn whole() -> clap::Command {
    with_exit_codes(Cli::command())
}

fn with_exit_codes(command: clap::Command) -> clap::Command {
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let help = if help.contains(exit::HELP) { help } else { format!("{help}\n\n{}", exit::HELP) };
    command.after_long_help(help).mut_subcommands(with_exit_codes)
}

/// The arguments, where `playhead help --help` asks for the same as `playhead help`: clap takes everything after `help` for
/// the name of a command.
fn arguments(given: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut given: Vec<OsString> = given.collect();
    // `help` is the command, or the one after it: `playhead member help invite`.
    if let Some(help) = given.iter().take(3).position(|argument| argument == "help") {
        let mut at = 0;
        given.retain(|argument| {
            at += 1;
            at <= help || (argument != "--help" && argument != "-h")
        });
    }
    given
}

/// Says on standard error what went wrong, with its causes.
#[allow(clippy::print_stderr)]
fn report(error: &anyhow::Error) {
    eprintln!("playhead: {error:#}");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Commands without `--json`, and why.
    const WITHOUT_JSON: [(&str, &str); 5] = [
        ("transcribe", "--format json prints it"),
        ("mcp", "prints JSON-RPC"),
        ("schema", "prints JSON"),
        ("completions", "prints a script"),
        ("man", "writes files"),
    ];

    /// Calls `visit` with every command that can be run, and its words.
    fn each(command: &clap::Command, words: &[&str], visit: &mut impl FnMut(&clap::Command, &str)) {
        for verb in command.get_subcommands().filter(|verb| verb.get_name() != "help") {
            let words = [words, &[verb.get_name()]].concat();
            visit(verb, &words.join(" "));
            each(verb, &words, visit);
        }
    }

    #[test]
    fn every_command_has_what_a_user_looks_for_in_its_help() {
        let mut whole = whole();
        whole.build();
        let mut count = 0;
        each(&whole, &[], &mut |command, name| {
            count += 1;
            let help = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
            // An assistant's configuration has the command's words apart.
            let has_example =
                help.starts_with("Example") && (name == "mcp" || help.contains(&format!("playhead {name}")));
            assert!(has_example, "{name} has no example: {help}");
            assert!(help.contains(exit::HELP), "{name} does not list the exit codes");
            assert!(command.get_about().is_some(), "{name} does not say what it does");
            let prose = |line: &str| !line.is_empty() && !line.starts_with("  ");
            let lines: Vec<&str> = help.lines().collect();
            for pair in lines.windows(2).filter(|pair| prose(pair[0]) && prose(pair[1])) {
                assert!(pair[0].ends_with(['.', ':']), "{name}: the help is wrapped by hand after {:?}", pair[0]);
            }
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "{name}: {} is not explained", argument.get_id());
            }
            let is_group = command.has_subcommands();
            let has_json = command.get_arguments().any(|argument| argument.get_id() == "json");
            let needs_none = WITHOUT_JSON.iter().any(|(without, _)| *without == name);
            assert!(is_group || has_json != needs_none, "{name}: --json: {has_json}");
        });
        assert!(count > 30, "{count} commands");
    }

    #[test]
    fn the_command_line_is_consistent() {
        whole().debug_assert();
    }

    #[test]
    fn help_can_be_asked_for_help() {
        let arguments = |text: &str| {
            let given = arguments(text.split(' ').map(OsString::from));
            given.join(std::ffi::OsStr::new(" ")).into_string().unwrap_or_default()
        };
        for (given, want) in [
            ("playhead help --help", "playhead help"),
            ("playhead help -h", "playhead help"),
            ("playhead help serve --help", "playhead help serve"),
            ("playhead member help --help", "playhead member help"),
            ("playhead serve --help", "playhead serve --help"),
            ("playhead member invite --help", "playhead member invite --help"),
        ] {
            assert_eq!(arguments(given), want);
        }
    }
}
