//! `generate_fix_prompt`: a brief for a coding agent, in which every statement names its source.
//!
//! What is read from the store for it is chosen here; how it is written is in [`crate::brief`].

use std::sync::Arc;

use playhead_access::Action;
use playhead_schemas::timeline::Failure;
use playhead_schemas::{BugId, MomentId, MomentKind};
use playhead_store::{Bug, MomentQuery, Transcript};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::absence::absence;
use crate::args::MaxTokens;
use crate::brief::{self, Brief, Moments, Steps};
use crate::call::Call;
use crate::error::ToolError;
use crate::meter::{Meter, TokenBudget};
use crate::tool::{self, Arguments, Effect, NamedRows, Tool};

pub(crate) struct GenerateFixPrompt;

const FAILURES_MAX: usize = 5;
/// Tokens for the headings and blocks of a brief.
const FRAME_TOKENS: usize = 60;
/// Moments that are looked at because actions led to them.
const CAUSED_MAX: usize = 100;
/// Steps that are kept for the brief; how many of them it shows, its room decides.
const STEPS_MAX: usize = 1500;
/// Moments that are looked through for steps; a longer session is cut at its far end, and that is said.
const STEP_PAGES_MAX: usize = 10;
const STEP_PAGE: u32 = 1000;

/// The moments that make up the steps of a reproduction.
const STEP_KINDS: [MomentKind; 13] = [
    MomentKind::PageLoad,
    MomentKind::Navigate,
    MomentKind::Click,
    MomentKind::DoubleClick,
    MomentKind::ContextMenu,
    MomentKind::Input,
    MomentKind::Select,
    MomentKind::Check,
    MomentKind::Drag,
    MomentKind::Touch,
    MomentKind::Key,
    MomentKind::ValueSet,
    MomentKind::Notice,
];

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    bug_id: BugId,
    max_tokens: Option<MaxTokens>,
}

impl Arguments for Input {
    fn named_rows(&self) -> NamedRows<'_> {
        NamedRows { bug: Some(self.bug_id), ..NamedRows::default() }
    }

    fn max_tokens(&self) -> Option<MaxTokens> {
        self.max_tokens
    }
}

/// What a prompt is written from.
pub(crate) struct Evidence {
    bug: Bug,
    session: Session,
}

/// What is known of the session that shows the bug.
enum Session {
    /// The bug was reported without one.
    None,
    /// There is no transcript; with the reason.
    NoTranscript(&'static str),
    /// There is a transcript.
    Transcribed(Box<Transcribed>),
}

/// A transcript with the moments of its first failures, and the steps that led there.
struct Transcribed {
    transcript: Arc<Transcript>,
    moments: Moments,
    steps: Steps,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Markdown. Captured text stands in labelled blocks in it.
    prompt: String,
    /// The moments that it cites.
    cites: Vec<MomentId>,
}

impl Tool for GenerateFixPrompt {
    const NAME: &'static str = "generate_fix_prompt";
    const TITLE: &'static str = "Write a fix prompt";
    const DESCRIPTION: &'static str = "Writes a Markdown brief for a coding agent: problem, steps, failures with \
        evidence, environment. Each statement cites its moment, like [m17].";
    const ACTION: Action = Action::ReadBugs;
    const EFFECT: Effect = Effect::Reads;
    type Input = Input;
    type Data = Evidence;
    type Output = Output;

    async fn run(call: &Call, input: Input) -> Result<Evidence, ToolError> {
        let bug = call.bug(input.bug_id).await?;
        let session = match bug.replay {
            None => Session::None,
            Some(id) => {
                let replay = call.replay(id).await?;
                match call.store().transcript(id).await? {
                    None => Session::NoTranscript(absence(&replay).1),
                    Some(transcript) => Session::Transcribed(Box::new(transcribed(call, transcript).await?)),
                }
            }
        };
        Ok(Evidence { bug, session })
    }

    fn render(data: &Evidence, budget: TokenBudget) -> Output {
        let shows_none = matches!(&data.session, Session::Transcribed(one) if one.transcript.failures.is_empty());
        let mut prompt = Brief::new(Meter::with_reserve(budget, FRAME_TOKENS), !shows_none);
        if shows_none {
            prompt.said(brief::NO_FAILURE);
        }
        prompt.problem(&data.bug);
        match &data.session {
            Session::None => prompt.said("The bug was reported without a recorded session. [report]"),
            Session::NoTranscript(why) => prompt.said(&format!("The session has no transcript. {why} [coverage]")),
            Session::Transcribed(session) => {
                let shown = shown(&session.transcript);
                prompt.close_with(&data.bug, &session.transcript, shown, &session.moments);
                prompt.failures(shown, session.transcript.failures.len(), &session.moments);
                if shown.is_empty() {
                    prompt.likeliest(&data.bug, &session.steps);
                }
                prompt.environment(&data.bug);
                prompt.steps(&session.steps);
            }
        }
        let (prompt, cites) = prompt.finish();
        Output { prompt, cites }
    }
}

impl tool::Output for Output {
    fn text(&self) -> String {
        self.prompt.clone()
    }
}

/// The failures that a prompt describes.
fn shown(transcript: &Transcript) -> &[Failure] {
    &transcript.failures[..transcript.failures.len().min(FAILURES_MAX)]
}

async fn transcribed(call: &Call, transcript: Arc<Transcript>) -> Result<Transcribed, ToolError> {
    let shown = shown(&transcript);
    let moments = moments(call, &transcript, shown).await?;
    let until = shown.iter().flat_map(named).filter_map(|id| moments.get(id)).map(|moment| moment.t_ms).max();
    let steps = steps(call, &transcript, until).await?;
    Ok(Transcribed { transcript, moments, steps })
}

/// The moments that a failure names: what showed it, what led to it, its tries and what went well beside it.
fn named(failure: &Failure) -> Vec<MomentId> {
    let related = failure.related.iter().take(brief::RELATED_MAX);
    let compared = failure.contrast.iter().flat_map(|contrast| [&contrast.failed, &contrast.well]);
    let tried = failure.tries.iter().flat_map(|one| one.entered.iter().chain([&one.moment]));
    failure.action.iter().chain([&failure.moment]).chain(related).chain(compared).chain(tried).copied().collect()
}

/// The moments that `failures` name, and those that these led to.
async fn moments(call: &Call, transcript: &Transcript, failures: &[Failure]) -> Result<Moments, ToolError> {
    let ids: Vec<MomentId> = failures.iter().flat_map(named).collect();
    let mut moments = Moments(call.store().moments_by_id(transcript.replay, &ids).await?);
    let mut caused: Vec<MomentId> = moments.0.iter().flat_map(brief::caused).collect();
    caused.retain(|id| moments.get(*id).is_none());
    caused.truncate(CAUSED_MAX);
    moments.0.extend(call.store().moments_by_id(transcript.replay, &caused).await?);
    Ok(moments)
}

async fn steps(call: &Call, transcript: &Transcript, until: Option<u64>) -> Result<Steps, ToolError> {
    let mut query = MomentQuery {
        to_ms: until.map(|t_ms| t_ms.saturating_add(1)),
        kinds: STEP_KINDS.to_vec(),
        limit: STEP_PAGE,
        ..MomentQuery::default()
    };
    let mut steps = Steps::default();
    for _ in 0..STEP_PAGES_MAX {
        let page = call.store().transcript_page(transcript.replay, &query).await?;
        let Some((_, page)) = page.filter(|(now, _)| now.generation == transcript.generation) else { return Ok(steps) };
        let last_page = page.len() < STEP_PAGE as usize;
        query.after = page.last().map(|line| line.id);
        for line in page {
            if steps.lines.len() == STEPS_MAX {
                steps.lines.pop_front();
                steps.earlier += 1;
            }
            steps.lines.push_back(line);
        }
        if last_page {
            return Ok(steps);
        }
    }
    steps.unread = true;
    Ok(steps)
}
