//! `playhead transcribe`: a recording in files to a timeline on standard output. No server, no store.

use std::path::{Path, PathBuf};

use playhead_schemas::{SegmentNo, Stream, limits};
use playhead_transcriber::{SegmentInput, render, transcribe};

use crate::exit::{Exit, Failure};
use crate::recording::Kind;
use crate::settings::Settings;
use crate::{out, recording};

/// Arguments of `transcribe`.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// rrweb events: JSON in any envelope, plain, .zst or .gz. Use - for standard input
    #[arg(value_name = "EVENTS")]
    events: PathBuf,
    /// Console entries: a JSON array or JSON Lines
    #[arg(long, value_name = "FILE")]
    console: Option<PathBuf>,
    /// Requests: HAR 1.2, or its entries alone
    #[arg(long, value_name = "FILE")]
    network: Option<PathBuf>,
    /// What to print: json is the timeline, summary and detailed are text
    #[arg(long, value_enum, default_value = "summary")]
    format: Format,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    Json,
    Summary,
    Detailed,
}

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "Examples:
  playhead transcribe events.json.zst --console console.json.zst --network network.har.json.zst
  zstdcat events.json.zst | playhead transcribe - --format json

The thresholds of signals are settings; `playhead config` lists them.
Defects of a recording are not errors: --format json lists them, and the rest is transcribed. A file without any \
event is an error.
The JSON follows the schema that `playhead schema` prints.";

/// More than any upload may hold: a local file may be somewhat larger, but not fill the memory.
const FILE_BYTES_MAX: u64 = 4 * limits::REPLAY_BYTES_MAX;

/// Transcribes and prints.
pub(crate) fn run(args: &Args, settings: &Settings) -> anyhow::Result<()> {
    let files = [
        (Stream::Rrweb, Some(args.events.as_path())),
        (Stream::Console, args.console.as_deref()),
        (Stream::Network, args.network.as_deref()),
    ];
    let stdin_uses = files.iter().filter(|(_, path)| *path == Some(Path::new(recording::STDIN))).count();
    if stdin_uses > 1 {
        let message = "only one file can be standard input (-)";
        return Err(Failure::error(Exit::Usage, message));
    }
    let mut streams = Vec::new();
    for (stream, path) in files {
        if let Some(path) = path {
            streams.push((stream, recording::read(path, FILE_BYTES_MAX)?));
        }
    }
    let inputs: Vec<_> = streams
        .iter()
        .map(|(stream, bytes)| SegmentInput { n: SegmentNo(0), stream: *stream, window: None, bytes })
        .collect();
    let transcription = transcribe(&inputs, &settings.options());
    if transcription.timeline.coverage.events == 0 {
        refuse_other_files(&args.events, inputs.first().map_or(&[], |input| input.bytes))?;
    }
    match args.format {
        Format::Json => out::json(&transcription.timeline),
        Format::Summary => out::text(&transcription.summary),
        Format::Detailed => out::text(&render::detailed(&transcription.timeline)),
    }
}

/// An error for a file without one event that is no recording of events either: a transcript of it would say nothing.
fn refuse_other_files(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let head = recording::head(bytes);
    let found = match recording::recognise(&head) {
        Some(Kind::Recording(Stream::Rrweb)) => return Ok(()),
        Some(Kind::Recording(Stream::Console)) => "console entries; give them with --console".to_owned(),
        Some(Kind::Recording(Stream::Network)) => "requests; give them with --network".to_owned(),
        Some(Kind::Picture(media_type)) => format!("a picture ({media_type})"),
        None => recording::describe(&head).to_owned(),
    };
    let name = if path == Path::new(recording::STDIN) { "standard input".into() } else { path.to_string_lossy() };
    let message = format!("{name} has no rrweb events in it, but {found}");
    Err(Failure::error(Exit::Failed, message))
}
