//! `get_replay_transcript`: what happened in a replay, as text.
//!
//! Three views of what was written when the replay was transcribed: the summary, every moment by pages,
//! and the surroundings of one place with the rest folded. Each fills the size that the caller allows.

mod answer;
mod detailed;
mod focus;
mod outline;
mod summary;

use playhead_access::Action;
use playhead_schemas::{BugId, MomentKind, ReplayId};
use playhead_store::Replay;
use schemars::JsonSchema;
use serde::Deserialize;
use strum::VariantNames as _;

use crate::args::{MaxTokens, Point};
use crate::call::Call;
use crate::choice::{Any, Choice, One};
use crate::cursor::Cursor;
use crate::error::ToolError;
use crate::fit;
use crate::meter::TokenBudget;
use crate::tool::{Arguments, Effect, NamedRows, Tool};
use answer::Output;
use detailed::Page;
use focus::Focus;
use summary::Summary;

pub(crate) struct GetReplayTranscript;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// Either this or replay_id.
    bug_id: Option<BugId>,
    replay_id: Option<ReplayId>,
    /// Default summary.
    verbosity: Option<One<Verbosity>>,
    /// Moment id, ms or "mm:ss": whole around it, the rest folded.
    focus: Option<Point>,
    /// Like focus.
    from: Option<Point>,
    to: Option<Point>,
    /// Such as click, input, request, error.
    #[schemars(with = "Option<Vec<String>>")]
    kinds: Option<Any<MomentKind>>,
    cursor: Option<Cursor>,
    max_tokens: Option<MaxTokens>,
}

impl Arguments for Input {
    fn named_rows(&self) -> NamedRows<'_> {
        NamedRows { bug: self.bug_id, replay: self.replay_id, ..NamedRows::default() }
    }

    fn max_tokens(&self) -> Option<MaxTokens> {
        self.max_tokens
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::VariantNames)]
#[strum(serialize_all = "lowercase")]
enum Verbosity {
    Summary,
    Detailed,
}

impl Choice for Verbosity {
    const FIELD: &'static str = "verbosity";
    fn all() -> &'static [Self] {
        &[Self::Summary, Self::Detailed]
    }
    fn words() -> &'static [&'static str] {
        Self::VARIANTS
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum View {
    Summary,
    Detailed,
    Focus(Point),
}

/// What a view is rendered from.
pub(crate) enum Data {
    /// There is no transcript.
    Absent(Replay),
    Summary(Summary),
    Detailed(Page),
    Focus(Focus),
}

impl Tool for GetReplayTranscript {
    const NAME: &'static str = "get_replay_transcript";
    const TITLE: &'static str = "Read a replay's transcript";
    const DESCRIPTION: &'static str = "Gives a session as text: a summary, or every moment with time, action, target \
        and \
        outcome.";
    const ACTION: Action = Action::ReadBugs;
    const EFFECT: Effect = Effect::Reads;
    type Input = Input;
    type Data = Data;
    type Output = Output;

    async fn run(call: &Call, input: Input) -> Result<Data, ToolError> {
        let view = view(&input)?;
        let replay = call.replay_of(input.bug_id, input.replay_id).await?;
        let read = match view {
            View::Summary => call.store().transcript(replay.id).await?.map(|found| Data::Summary(Summary::new(found))),
            View::Detailed => detailed::read(call, &input, replay.id).await?.map(Data::Detailed),
            View::Focus(point) => focus::read(call, &input, replay.id, point).await?.map(Data::Focus),
        };
        Ok(read.unwrap_or(Data::Absent(replay)))
    }

    fn render(data: &Data, budget: TokenBudget) -> Output {
        match data {
            Data::Absent(replay) => Output::absent(replay),
            Data::Summary(summary) => fit::fit(summary, budget),
            Data::Detailed(page) => fit::fit(page, budget),
            Data::Focus(focus) => fit::fit(focus, budget),
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
    match (input.verbosity.map(|verbosity| verbosity.0), input.focus) {
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
