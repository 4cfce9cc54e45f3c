//! `get_replay_transcript`: what happened in a replay, as text.

use playhead_schemas::clock::offset_label;
use playhead_schemas::{BugId, EpochMs, MomentId, MomentKind, ReplayId, Scope};
use playhead_store::{MomentLine, MomentQuery, Replay, ReplayState, Transcript, TranscriptState};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::args::{MaxTokens, Offset, Text};
use crate::budget::Meter;
use crate::call::Call;
use crate::cursor;
use crate::error::ToolError;
use crate::lines;
use crate::tool::{Answer, Tool};
use crate::untrusted::{self, Source};

pub(crate) struct GetReplayTranscript;

/// Lines that are read from the store at once.
const CHUNK: u32 = 400;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// This or replay_id.
    bug_id: Option<BugId>,
    /// Or this.
    replay_id: Option<ReplayId>,
    /// Default summary; detailed when from, to, kinds or cursor are given.
    verbosity: Option<Verbosity>,
    /// Milliseconds or "mm:ss".
    from: Option<Offset>,
    to: Option<Offset>,
    /// Only such as click, input, navigate, request, console, error.
    #[schemars(with = "Option<Vec<String>>")]
    kinds: Option<Vec<MomentKind>>,
    cursor: Option<Text<512>>,
    max_tokens: Option<MaxTokens>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Verbosity {
    Summary,
    Detailed,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    replay_id: ReplayId,
    /// `ready`, or why there is nothing to read yet.
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    moments: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    /// What helps when there is nothing, or not everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// The transcript's lines.
    untrusted: Vec<String>,
}

/// Where the next page begins: after a moment of one publication.
type Position = (String, MomentId);

impl Tool for GetReplayTranscript {
    const NAME: &'static str = "get_replay_transcript";
    const TITLE: &'static str = "Read a replay's transcript";
    const DESCRIPTION: &'static str = "Gives a recorded session as text: a summary (what the user did, what failed) \
        or every moment: id, time, action, target, outcome. get_replay_moments expands ids.";
    const SCOPE: Scope = Scope::BugsRead;
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call, input: Input) -> Result<Answer<Output>, ToolError> {
        let verbosity = verbosity(&input)?;
        let replay = call.replay_of(input.bug_id, input.replay_id).await?;
        match verbosity {
            Verbosity::Summary => summary(call, &input, &replay).await,
            Verbosity::Detailed => detailed(call, &input, &replay).await,
        }
    }
}

fn verbosity(input: &Input) -> Result<Verbosity, ToolError> {
    let narrowed = input.from.is_some() || input.to.is_some() || input.kinds.is_some() || input.cursor.is_some();
    if let (Some(from), Some(to)) = (input.from, input.to)
        && from.0 >= to.0
    {
        return Err(ToolError::invalid(
            format!("from ({} ms) is not before to ({} ms).", from.0, to.0),
            "Send from smaller than to, or leave one of them out.",
        ));
    }
    match input.verbosity {
        Some(Verbosity::Summary) if narrowed => Err(ToolError::invalid(
            "from, to, kinds and cursor narrow the detailed transcript; the summary is one piece.",
            "Send verbosity \"detailed\", or leave those arguments out.",
        )),
        Some(verbosity) => Ok(verbosity),
        None if narrowed => Ok(Verbosity::Detailed),
        None => Ok(Verbosity::Summary),
    }
}

async fn summary(call: &Call, input: &Input, replay: &Replay) -> Result<Answer<Output>, ToolError> {
    let mut meter = call.meter(input.max_tokens);
    let Some(transcript) = call.store().transcript(replay.id).await? else { return Ok(absent(replay)) };
    let mut page = Page::default();
    for line in transcript.summary.lines() {
        let line = untrusted::clean(line);
        if !page.admit(&mut meter, line.clone()) {
            page.lines.push(format!("{}…", meter.admit_prefix(&line)));
            page.note = Some("The summary is cut at max_tokens; a larger max_tokens shows all of it.".to_owned());
            break;
        }
    }
    let more = "verbosity \"detailed\" gives every moment; get_replay_moments expands ids such as m1.";
    page.note.get_or_insert_with(|| more.to_owned());
    Ok(page.answer(&transcript, None))
}

async fn detailed(call: &Call, input: &Input, replay: &Replay) -> Result<Answer<Output>, ToolError> {
    let mut kinds = input.kinds.clone().unwrap_or_default();
    kinds.sort_unstable();
    kinds.dedup();
    let filters = (replay.id, input.from, input.to, &kinds);
    let cursor = input.cursor.as_ref().map(|cursor| cursor.0.as_str());
    let position: Option<Position> = call.open(GetReplayTranscript::NAME, &filters, cursor)?;
    let mut query = MomentQuery {
        from_ms: input.from.map(|from| from.0),
        to_ms: input.to.map(|to| to.0),
        kinds: kinds.clone(),
        after: position.as_ref().map(|position| position.1),
        limit: CHUNK,
    };
    let mut meter = call.meter(input.max_tokens);
    let mut page = Page::default();
    let mut first: Option<Transcript> = None;
    loop {
        let Some((transcript, chunk)) = call.store().transcript_page(replay.id, &query).await? else {
            return Ok(absent(replay));
        };
        let generation = first.as_ref().map(|first| first.generation.to_string());
        let expected = generation.as_ref().or(position.as_ref().map(|position| &position.0));
        if expected.is_some_and(|expected| *expected != transcript.generation.to_string()) {
            return Err(cursor::stale());
        }
        let last_chunk = chunk.len() < CHUNK as usize;
        let full = page.fill(&mut meter, &chunk);
        let transcript = first.get_or_insert(transcript);
        if full || last_chunk {
            let next = page.last.filter(|_| full).map(|last| (transcript.generation.to_string(), last));
            let next = next.map(|position| call.seal(GetReplayTranscript::NAME, &filters, &position));
            return Ok(page.answer(transcript, next));
        }
        query.after = page.last;
    }
}

/// The lines of one answer.
#[derive(Debug, Default)]
struct Page {
    lines: Vec<String>,
    last: Option<MomentId>,
    note: Option<String>,
}

impl Page {
    /// Takes moments while they fit; true when it is full before they are all taken.
    fn fill(&mut self, meter: &mut Meter, chunk: &[MomentLine]) -> bool {
        for moment in chunk {
            let line = lines::of_line(moment);
            if lines::is_cut(&line) {
                self.note.get_or_insert_with(|| {
                    "Lines that end with … are cut; get_replay_moments has them whole.".to_owned()
                });
            }
            let admitted = self.admit(meter, line);
            if !admitted && self.last.is_some() {
                return true;
            }
            // The first line is there whatever its size, so that each page gets further.
            if !admitted {
                let line = lines::of_line(moment);
                let cut = meter.admit_prefix(&line).to_owned();
                self.lines.push(format!("{cut}…"));
            }
            self.last = Some(moment.id);
        }
        false
    }

    fn admit(&mut self, meter: &mut Meter, line: String) -> bool {
        let fits = meter.admit(&line, &serde_json::Value::from(line.as_str()).to_string());
        if fits {
            self.lines.push(line);
        }
        fits
    }

    fn answer(self, transcript: &Transcript, next_cursor: Option<String>) -> Answer<Output> {
        let mut text = header(transcript);
        if self.lines.is_empty() {
            text.push_str("No moment matches.\n");
        } else {
            text.push_str(&untrusted::block(Source::Replay, &self.lines.join("\n")));
        }
        if let Some(note) = &self.note {
            text.push_str(note);
            text.push('\n');
        }
        if let Some(cursor) = &next_cursor {
            text.push_str(&format!("There is more: the same arguments with cursor \"{cursor}\".\n"));
        }
        let data = Output {
            replay_id: transcript.replay,
            state: "ready",
            moments: Some(transcript.moments),
            next_cursor,
            note: self.note,
            untrusted: self.lines,
        };
        Answer::new(text, data)
    }
}

fn header(transcript: &Transcript) -> String {
    format!(
        "Replay {}: began {}, {} long, {}, {}.\n",
        transcript.replay,
        EpochMs::to_rfc3339(transcript.info.started_at_ms),
        offset_label(transcript.info.duration_ms),
        lines::counted(transcript.moments as usize, "moment"),
        lines::counted(transcript.failures.len(), "failure"),
    )
}

/// The answer while there is no transcript: a state, not a failure.
fn absent(replay: &Replay) -> Answer<Output> {
    let (state, note) = absence(replay);
    let data = Output {
        replay_id: replay.id,
        state,
        moments: None,
        next_cursor: None,
        note: Some(note.to_owned()),
        untrusted: Vec::new(),
    };
    Answer::new(format!("Replay {} has no transcript. {note}\n", replay.id), data)
}

/// Why a replay has no transcript, and what helps.
pub(crate) fn absence(replay: &Replay) -> (&'static str, &'static str) {
    match (replay.transcript, replay.state) {
        (TranscriptState::Failed, _) => (
            "failed",
            "Transcribing failed; the server's log says why, `playhead reprocess` tries again, and get_replay_raw \
             gives the recording.",
        ),
        (_, _) if replay.segments == 0 => ("empty", "No recording was uploaded under its key yet."),
        (TranscriptState::None, ReplayState::Open) => {
            ("recording", "The session is still being recorded; it is transcribed when it ends.")
        }
        _ => ("queued", "It is being transcribed: the same call works in a few seconds."),
    }
}
