//! `playhead import`: recordings in files, uploaded as one replay with a bug.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use playhead_schemas::text::counted;
use playhead_schemas::{ReplayId, ReplayKey, Stream, limits};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::client::ApiClient;
use crate::exit::{Exit, Failure};
use crate::out;
use crate::progress::{Progress, say};
use crate::reader::with_reader;
use crate::recording::foreign::{self, Foreign};
use crate::recording::{self, Kind, Piece};
use crate::session::Session;
use crate::settings::{INGEST_KEY_VARIABLE, Settings, TargetFlags};
use crate::shutdown::Stop;
use crate::temporary_key::with_temporary_key;
use crate::upload::{self, Form, Segment};

/// Arguments of `import`.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Files of one session: rrweb events, HAR, console entries, screenshots; recordings of PostHog and Sentry, Sentry events
    /// and issues, Playwright traces (.zip); plain, .zst or .gz. Each is recognised by its content
    #[arg(value_name = "FILES", required = true)]
    files: Vec<PathBuf>,
    /// The project's short name or id. It is left out with PLAYHEAD_INGEST_KEY, which has a project
    #[arg(long)]
    project: Option<String>,
    /// The bug's title [default: that of a file that has one, else the first file's name]
    #[arg(long)]
    title: Option<String>,
    /// Do not wait for the transcript
    #[arg(long)]
    no_wait: bool,
    #[command(flatten)]
    pub(crate) target: TargetFlags,
    /// Print JSON: {bug, already_imported, replay, segments, summary}
    #[arg(long)]
    json: bool,
}

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "Examples:
  playhead import events.json network.har console.json --project shop --title \"Coupon does nothing\"
  playhead import session.json.zst screenshot.png --project shop --json
  playhead import sentry-event.json sentry-segments.json --project shop
  playhead import trace.zip --project shop

Files with the same content, in any order, are imported once into a project: a second import names the bug of \
the first one. Several rrweb files are taken as pieces of one recording. With PLAYHEAD_INGEST_KEY instead of \
--project, the upload uses that key and goes to its project. Otherwise it uses a key of its own, which is \
revoked at the end and after Ctrl-C.";

/// Bytes of one uploaded piece, before compression.
const PIECE_BYTES_MAX: usize = 8 << 20;

/// A file, or a part of one, unpacked, with what it is.
struct Input {
    kind: Kind,
    bytes: Vec<u8>,
}

/// All files.
struct Inputs {
    list: Vec<Input>,
    /// The title that a file has.
    title: Option<String>,
}

/// Uploads, waits and prints.
pub(crate) async fn run(args: Args, settings: &Settings) -> anyhow::Result<()> {
    let place = Place::of(&args)?;
    let inputs = read(&args.files)?;
    let session = Session::open(settings).await?;
    let stop = Stop::watch()?;
    let done = carry_out(&args, &inputs, place, session.client(), &stop).await;
    session.close().await;
    done
}

/// Where the upload goes.
enum Place {
    /// Into the project of this ingest key.
    Key(String),
    /// Into this project, by id or slug, with a key that is created for the upload.
    Project(String),
}

impl Place {
    /// What the command line and the environment say. Both at once could name two projects, so that it is refused.
    fn of(args: &Args) -> anyhow::Result<Self> {
        let key = std::env::var(INGEST_KEY_VARIABLE).ok().filter(|key| !key.is_empty());
        let message = match (key, &args.project) {
            (Some(key), None) => return Ok(Self::Key(key)),
            (None, Some(project)) => return Ok(Self::Project(project.clone())),
            (Some(_), Some(_)) => format!(
                "{INGEST_KEY_VARIABLE} is set, and uploads with it go to the project of that key; leave out --project, or \
                 unset the variable"
            ),
            (None, None) => format!(
                "name the project with --project, or give an ingest key of it in {INGEST_KEY_VARIABLE}; `playhead project \
                 list` lists the projects"
            ),
        };
        Err(Failure::error(Exit::Usage, message))
    }
}

/// Reads all files, and says what each is.
fn read(paths: &[PathBuf]) -> anyhow::Result<Inputs> {
    let about =
        |path: &Path, error: anyhow::Error| Failure::error(Exit::Failed, format!("{}: {error:#}", path.display()));
    let plain = |path: &PathBuf| {
        let bytes = recording::read(path, limits::REPLAY_BYTES_MAX);
        bytes.and_then(|bytes| recording::unpack(bytes, limits::REPLAY_BYTES_MAX)).map_err(|error| about(path, error))
    };
    let files = paths.iter().map(plain).collect::<anyhow::Result<Vec<_>>>()?;
    let rrweb = Some(Kind::Recording(Stream::Rrweb));
    let kinds: Vec<Option<Kind>> = files.iter().map(|bytes| recording::recognise(bytes)).collect();
    let has_recording = kinds.contains(&rrweb);
    let mut inputs = Inputs { list: Vec::new(), title: None };
    for ((path, bytes), kind) in paths.iter().zip(files).zip(kinds) {
        let found = foreign::read(&bytes, has_recording).map_err(|error| about(path, error))?;
        let what = match (found, kind) {
            (Some(Foreign { what, title, parts }), _) => {
                inputs.title = inputs.title.take().or(title);
                inputs.list.extend(parts.into_iter().map(|(kind, bytes)| Input { kind, bytes }));
                what
            }
            (None, Some(kind)) => {
                let what = kind.what(&bytes);
                inputs.list.push(Input { kind, bytes });
                what
            }
            (None, None) => {
                let found = recording::describe(&bytes);
                let message = format!(
                    "{}: neither rrweb events, nor HAR, nor console entries, nor a PNG, JPEG or WebP, nor an export of Sentry, \
                     PostHog or Playwright; it holds {found}",
                    path.display()
                );
                return Err(Failure::error(Exit::Failed, message));
            }
        };
        say(&format!("{}: {what}", path.display()));
    }
    Ok(inputs)
}

async fn carry_out(args: &Args, inputs: &Inputs, place: Place, admin: &ApiClient, stop: &Stop) -> anyhow::Result<()> {
    let next = "run the same command again for what is missing";
    let sent = match place {
        Place::Key(key) => stop.during(next, send(args, inputs, &admin.with_credential(&key))).await,
        Place::Project(project) => {
            with_temporary_key(admin, &project, stop, next, async |ingest| send(args, inputs, ingest).await).await
        }
    };
    let Sent { bug, already_imported, replay, segments } = sent?;
    let summary = match replay {
        Some(replay) if !args.no_wait => Some(read_summary(admin, replay, stop).await?),
        _ => None,
    };
    if args.json {
        return out::json(&json!({
            "bug": bug, "already_imported": already_imported, "replay": replay, "segments": segments, "summary": summary,
        }));
    }
    out::line(if already_imported { format!("already imported as bug {bug}") } else { format!("bug {bug}") })?;
    match summary {
        Some(summary) => out::text(&format!("\n{summary}")),
        None => Ok(()),
    }
}

/// Waits for the transcript.
async fn read_summary(admin: &ApiClient, replay: ReplayId, stop: &Stop) -> anyhow::Result<String> {
    let next = "the bug is uploaded, and a running server goes on with its transcript";
    with_reader(admin, "playhead import", stop, next, async |reader| {
        reader.wait(&[replay]).await?;
        reader.summary(replay).await
    })
    .await
}

/// What was uploaded.
struct Sent {
    bug: playhead_schemas::BugId,
    already_imported: bool,
    replay: Option<ReplayId>,
    segments: usize,
}

async fn send(args: &Args, inputs: &Inputs, ingest: &ApiClient) -> anyhow::Result<Sent> {
    let Inputs { list, title: own_title } = inputs;
    let key = replay_key(list)?;
    let pieces = pieces(list);
    let segments = segments(&pieces);
    let mut replay = None;
    let mut progress = Progress::new("segments", segments.len() as u64);
    for segment in &segments {
        replay = Some(upload::segment(ingest, &key, segment, Form::Multipart).await?.replay_id);
        progress.set(u64::from(segment.n) + 1);
    }
    progress.finish();
    let screenshots: Vec<String> = list
        .iter()
        .filter(|input| matches!(input.kind, Kind::Picture(_)))
        .map(|input| BASE64_STANDARD.encode(&input.bytes))
        .collect();
    let mut report =
        json!({ "title": title(args, own_title.as_deref()), "client_id": key, "screenshots": screenshots });
    if replay.is_some() {
        report["replay"] = json!(key);
    }
    let answer = upload::bug(ingest, &report).await?;
    say(&format!("uploaded {}", counted(segments.len() as u64, "segment", "segments")));
    Ok(Sent { bug: answer.bug, already_imported: answer.duplicate, replay, segments: segments.len() })
}

/// The name of a recording by its content: the same files, in any order, are the same replay, and the same bug.
fn replay_key(inputs: &[Input]) -> anyhow::Result<ReplayKey> {
    let mut sorted: Vec<&Input> = inputs.iter().collect();
    sorted.sort_by(|a, b| a.kind.to_string().cmp(&b.kind.to_string()).then_with(|| a.bytes.cmp(&b.bytes)));
    let mut hash = Sha256::new();
    for input in sorted {
        hash.update(input.kind.to_string());
        hash.update([0]);
        hash.update((input.bytes.len() as u64).to_le_bytes());
        hash.update(&input.bytes);
    }
    let digest = BASE64_URL_SAFE_NO_PAD.encode(hash.finalize());
    Ok(format!("import-{digest}").parse()?)
}

/// The pieces of each stream, in order.
fn pieces(inputs: &[Input]) -> Vec<(Stream, Vec<Piece<'_>>)> {
    Stream::ALL
        .into_iter()
        .map(|stream| {
            let of_stream = inputs.iter().filter(|input| input.kind == Kind::Recording(stream));
            (stream, of_stream.flat_map(|input| recording::pieces(&input.bytes, PIECE_BYTES_MAX)).collect())
        })
        .collect()
}

/// The n-th segment has the n-th piece of each stream; the last one is final.
fn segments<'a>(pieces: &'a [(Stream, Vec<Piece<'a>>)]) -> Vec<Segment<'a>> {
    let count = pieces.iter().map(|(_, pieces)| pieces.len()).max().unwrap_or(0);
    (0..count)
        .map(|i| Segment {
            n: u32::try_from(i).unwrap_or(u32::MAX),
            streams: pieces.iter().filter_map(|(stream, list)| Some((*stream, list.get(i)?.as_ref()))).collect(),
            is_final: i + 1 == count,
        })
        .collect()
}

fn title(args: &Args, own: Option<&str>) -> String {
    args.title.clone().or_else(|| own.map(str::to_owned)).unwrap_or_else(|| {
        let name = args.files.first().and_then(|path| path.file_name()).unwrap_or_default();
        format!("Imported {}", name.to_string_lossy())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_content_has_the_same_key_in_any_order() {
        let input = |kind, text: &str| Input { kind, bytes: text.as_bytes().to_vec() };
        let (rrweb, console) = (Kind::Recording(Stream::Rrweb), Kind::Recording(Stream::Console));
        let key = |inputs: &[Input]| replay_key(inputs).expect("a digest is a key");
        let of_two = key(&[input(rrweb, "[1]"), input(rrweb, "[2]")]);
        assert_eq!(of_two, key(&[input(rrweb, "[2]"), input(rrweb, "[1]")]));
        let of_kinds = key(&[input(rrweb, "[2]"), input(console, "[1]")]);
        assert_eq!(of_kinds, key(&[input(console, "[1]"), input(rrweb, "[2]")]));
        for other in [of_kinds, key(&[input(rrweb, "[1][2]")]), key(&[input(rrweb, "[1]"), input(console, "[2]")])] {
            assert_ne!(of_two, other);
        }
    }

    #[test]
    fn segments_take_one_piece_of_each_stream() {
        let input = |stream, text: &str| Input { kind: Kind::Recording(stream), bytes: text.as_bytes().to_vec() };
        let inputs = [
            input(Stream::Rrweb, "[1]"),
            input(Stream::Network, "[2]"),
            input(Stream::Rrweb, "[3]"),
            Input { kind: Kind::Picture("image/png"), bytes: Vec::new() },
        ];
        let pieces = pieces(&inputs);
        let segments: Vec<_> = segments(&pieces).into_iter().map(|s| (s.n, s.streams, s.is_final)).collect();
        assert_eq!(
            segments,
            [
                (0, vec![(Stream::Rrweb, &b"[1]"[..]), (Stream::Network, &b"[2]"[..])], false),
                (1, vec![(Stream::Rrweb, &b"[3]"[..])], true),
            ]
        );
    }
}
