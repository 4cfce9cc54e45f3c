//! `get_replay_transcript`: what happened in a replay, as text.
//!
//! Three views of what was written when the replay was transcribed: the summary, every moment by pages,
//! and the surroundings of one place with the rest folded. Each fills the size that the caller allows.

mod answer;
mod detailed;
mod focus;
mod outline;
mod summary;

use playhead_schemas::{BugId, MomentId, MomentKind, ReplayId, Scope};
use playhead_store::{Replay, ReplayState, TranscriptState};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::args::{MaxTokens, Point, Text};
use crate::call::Call;
use crate::error::ToolError;
use crate::tool::{Answer, Tool};
use answer::Output;

pub(crate) struct GetReplayTranscript;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// This or replay_id.
    bug_id: Option<BugId>,
    /// Or this.
    replay_id: Option<ReplayId>,
    /// Default summary.
    verbosity: Option<Verbosity>,
    /// Moment id, ms or "mm:ss": whole around it, the rest folded.
    focus: Option<Point>,
    /// Like focus.
    from: Option<Point>,
    to: Option<Point>,
    /// Such as click, input, request, error.
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

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum View {
    Summary,
    Detailed,
    Focus(Point),
}

impl Tool for GetReplayTranscript {
    const NAME: &'static str = "get_replay_transcript";
    const TITLE: &'static str = "Read a replay's transcript";
    const DESCRIPTION: &'static str = "Gives a recorded session as text: a summary (what the user did, what failed) \
        or every moment: time, action, target, outcome. get_replay_moments expands ids.";
    const SCOPE: Scope = Scope::BugsRead;
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call, input: Input) -> Result<Answer<Output>, ToolError> {
        let view = view(&input)?;
        let replay = call.replay_of(input.bug_id, input.replay_id).await?;
        match view {
            View::Summary => summary::answer(call, &input, &replay).await,
            View::Detailed => detailed::answer(call, &input, &replay).await,
            View::Focus(point) => focus::answer(call, &input, &replay, point).await,
        }
    }
}

fn view(input: &Input) -> Result<View, ToolError> {
    let narrowed = input.from.is_some() || input.to.is_some() || input.kinds.is_some();
    if !in_order(input.from, input.to) {
        return Err(ToolError::invalid(
            "from is not before to.",
            "Send from smaller than to, or leave one of them out.",
        ));
    }
    match (input.verbosity, input.focus) {
        (Some(Verbosity::Summary), _) if narrowed || input.focus.is_some() || input.cursor.is_some() => {
            Err(ToolError::invalid(
                "focus, from, to, kinds and cursor narrow the detailed transcript; the summary is one piece.",
                "Send verbosity \"detailed\", or leave those arguments out.",
            ))
        }
        (_, Some(_)) if narrowed => Err(ToolError::invalid(
            "focus shows its surroundings and folds the rest; from, to and kinds cut the transcript.",
            "Send focus, or from, to and kinds.",
        )),
        (_, Some(focus)) => Ok(View::Focus(focus)),
        (Some(Verbosity::Detailed), None) => Ok(View::Detailed),
        (None, None) if narrowed || input.cursor.is_some() => Ok(View::Detailed),
        (_, None) => Ok(View::Summary),
    }
}

fn in_order(from: Option<Point>, to: Option<Point>) -> bool {
    match (from, to) {
        (Some(Point::Ms(from)), Some(Point::Ms(to))) => from < to,
        (Some(Point::Moment(from)), Some(Point::Moment(to))) => from <= to,
        _ => true,
    }
}

/// The moment before that one.
fn before(id: MomentId) -> Option<MomentId> {
    id.0.checked_sub(1).map(MomentId)
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
