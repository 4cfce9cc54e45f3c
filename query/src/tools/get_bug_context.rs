//! `get_bug_context`: everything that one needs first about a bug, in one call.

use std::collections::BTreeSet;
use std::sync::Arc;

use playhead_access::Action;
use playhead_schemas::text::counted;
use playhead_schemas::timeline::{Difference, Failure};
use playhead_schemas::upload::{BugStatus, Priority};
use playhead_schemas::{Actor, BugId, Moment, MomentId, ReplayId, limits};
use playhead_store::{Bug, Replay, Transcript};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::absence::absence;
use crate::args::MaxTokens;
use crate::call::Call;
use crate::error::ToolError;
use crate::meter::{Meter, TokenBudget};
use crate::tool::{self, Arguments, Effect, NamedRows, Tool};
use crate::untrusted::{self, Source};
use crate::{coverage, environment, lines};

pub(crate) struct GetBugContext;

const FAILURES_MAX: usize = 10;
const RELATED_MAX: usize = 8;

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

/// What there is about a bug.
pub(crate) struct Context {
    bug: Bug,
    replay: Option<Replay>,
    session: Option<Session>,
}

/// The transcript of a bug's replay, with the moments of its first failures.
struct Session {
    transcript: Arc<Transcript>,
    moments: Vec<Moment>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    id: BugId,
    status: BugStatus,
    priority: Priority,
    version: u64,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    assignee: Option<Actor>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duplicate_of: Option<BugId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replay_id: Option<ReplayId>,
    /// State of the replay, what it proves and what not, what media there are.
    facts: Vec<String>,
    /// What was left out, and how to get it.
    cuts: Vec<String>,
    next: Vec<String>,
    untrusted: Captured,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Captured {
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fixed_in: Option<String>,
    description: String,
    environment: Vec<String>,
    failures: Vec<String>,
    moments: Vec<String>,
    summary: Vec<String>,
}

impl Tool for GetBugContext {
    const NAME: &'static str = "get_bug_context";
    const TITLE: &'static str = "Understand a bug";
    const DESCRIPTION: &'static str = "Start here for a bug: report, environment, what failed with the moments that \
        show \
        it, session summary, media, what to call next.";
    const ACTION: Action = Action::ReadBugs;
    const EFFECT: Effect = Effect::Reads;
    type Input = Input;
    type Data = Context;
    type Output = Output;

    async fn run(call: &Call, input: Input) -> Result<Context, ToolError> {
        let bug = call.bug(input.bug_id).await?;
        let Some(replay) = bug.replay else { return Ok(Context { bug, replay: None, session: None }) };
        let replay = call.replay(replay).await?;
        let session = match call.store().transcript(replay.id).await? {
            None => None,
            Some(transcript) => {
                let mut ids: Vec<MomentId> = shown(&transcript).iter().flat_map(ids).collect();
                ids.sort_unstable();
                ids.dedup();
                let moments = call.store().moments_by_id(replay.id, &ids).await?;
                Some(Session { transcript, moments })
            }
        };
        Ok(Context { bug, replay: Some(replay), session })
    }

    fn render(data: &Context, budget: TokenBudget) -> Output {
        let bug = &data.bug;
        let transcript = data.session.as_ref().map(|session| &*session.transcript);
        let mut meter = Meter::new(budget);
        let mut output = Output {
            id: bug.id,
            status: bug.status,
            priority: bug.priority,
            version: bug.version,
            created_at: bug.created_at.to_rfc3339(),
            assignee: bug.assignee,
            duplicate_of: bug.duplicate_of,
            replay_id: bug.replay,
            facts: facts(bug, data.replay.as_ref(), transcript),
            cuts: Vec::new(),
            next: next(bug, transcript),
            untrusted: Captured {
                title: untrusted::short_line(&bug.title, limits::TITLE_CHARS_MAX, 100 * meter.scale()),
                fixed_in: bug.fixed_in.as_ref().map(|release| untrusted::short_line(release, 80, 20)),
                description: String::new(),
                environment: environment::lines(bug, meter.scale()),
                failures: Vec::new(),
                moments: Vec::new(),
                summary: Vec::new(),
            },
        };
        // What is there in any case.
        meter.spend_output(&output);
        if let Some(session) = &data.session {
            fill_failures(session, &mut output, &mut meter);
        }
        fill_description(bug, &mut output, &mut meter);
        if let Some(transcript) = transcript {
            fill_summary(transcript, &mut output, &mut meter);
        }
        output
    }
}

/// The failures that are shown when all of them fit.
fn shown(transcript: &Transcript) -> &[Failure] {
    &transcript.failures[..transcript.failures.len().min(FAILURES_MAX)]
}

/// The moments that a failure names.
fn ids(failure: &Failure) -> impl Iterator<Item = MomentId> {
    let related = failure.related.iter().copied().take(RELATED_MAX);
    let compared = failure.contrast.iter().flat_map(|contrast| [contrast.failed, contrast.well]);
    failure.action.into_iter().chain([failure.moment]).chain(related).chain(compared)
}

fn facts(bug: &Bug, replay: Option<&Replay>, transcript: Option<&Transcript>) -> Vec<String> {
    let mut facts = Vec::new();
    match (replay, transcript) {
        (_, Some(transcript)) => {
            facts.push(format!(
                "The session lasted {} and has {}; the transcript lists {}.",
                playhead_schemas::clock::offset_label(transcript.info.duration_ms),
                counted(transcript.moments, "moment", "moments"),
                counted(transcript.failures.len() as u64, "failure", "failures")
            ));
            facts.extend(coverage::statements(&transcript.coverage));
        }
        (Some(replay), None) => facts.push(format!("The session has no transcript. {}", absence(replay).1)),
        (None, None) => facts.push("The bug was reported without a recorded session.".to_owned()),
    }
    facts.push(format!(
        "{}, {}, {}, {}.",
        counted(bug.screenshot_count, "screenshot", "screenshots"),
        counted(bug.attachment_count, "attachment", "attachments"),
        counted(bug.comment_count, "comment", "comments"),
        counted(bug.cookie_count, "cookie", "cookies")
    ));
    facts
}

fn next(bug: &Bug, transcript: Option<&Transcript>) -> Vec<String> {
    let mut next = Vec::new();
    if transcript.is_some() {
        next.push("get_replay_transcript with verbosity \"detailed\" gives every moment.".to_owned());
        next.push("get_replay_moments expands ids such as m17: stacks, requests, targets.".to_owned());
        next.push("generate_fix_prompt writes a brief for a coding agent.".to_owned());
    }
    if bug.screenshot_count + bug.attachment_count > 0 {
        next.push("get_bug_media lists screenshots and attachments.".to_owned());
    }
    if bug.comment_count > 0 || !bug.metadata.is_empty() {
        next.push("get_bug gives comments and metadata.".to_owned());
    }
    next
}

fn fill_failures(session: &Session, output: &mut Output, meter: &mut Meter) {
    let (all, shown) = (&session.transcript.failures, shown(&session.transcript));
    let mut named: BTreeSet<MomentId> = BTreeSet::new();
    for failure in shown {
        let line = failure_line(failure, meter.scale());
        if !meter.admit_line(&line) {
            break;
        }
        output.untrusted.failures.push(line);
        named.extend(ids(failure));
    }
    for moment in session.moments.iter().filter(|moment| named.contains(&moment.id)) {
        let line = lines::from_moment(moment);
        if !meter.admit_line(&line) {
            let cut = "Not all moments of the failures are shown; get_replay_moments takes their ids.";
            output.cuts.push(cut.to_owned());
            break;
        }
        output.untrusted.moments.push(line);
    }
    let left_out = all.len() - output.untrusted.failures.len();
    if left_out > 0 {
        output.cuts.push(format!(
            "{}: get_replay_transcript shows them.",
            counted(left_out as u64, "further failure", "further failures")
        ));
    }
}

/// `uncaught_error, 3 times: TypeError .. [m31], after [m30], related [m32, m33]`
fn failure_line(failure: &Failure, scale: usize) -> String {
    let kind = serde_json::to_value(failure.kind).ok();
    let kind = kind.as_ref().and_then(|kind| kind.as_str()).unwrap_or("failure");
    let mut line = kind.to_owned();
    if failure.count > 1 {
        line.push_str(&format!(", {} times", failure.count));
    }
    line.push_str(&format!(": {} [{}]", untrusted::short_line(&failure.title, 300, 80 * scale), failure.moment));
    if let Some(action) = failure.action.filter(|action| *action != failure.moment) {
        line.push_str(&format!(", after [{action}]"));
    }
    if let Some(contrast) = &failure.contrast {
        line.push_str(&format!(", went well at [{}]", contrast.well));
        let told = contrast.differs.iter().take(3).map(|one| differing(one, scale));
        let told: Vec<String> = told.collect();
        if !told.is_empty() {
            line.push_str(&format!(" with other {}", told.join(", ")));
        }
    }
    if failure.tries.len() > 1 {
        line.push_str(&format!(", refused {} times", failure.tries.len()));
    }
    if !failure.related.is_empty() {
        line.push_str(&format!(", related [{}]", lines::id_list(&failure.related, RELATED_MAX)));
    }
    line
}

/// `answer rules`: where two moments differ.
fn differing(one: &Difference, scale: usize) -> String {
    let part = serde_json::to_value(one.part).ok();
    let part = part.as_ref().and_then(|part| part.as_str()).unwrap_or("part").to_owned();
    match &one.name {
        Some(name) => format!("{part} {}", untrusted::short_line(name, 60, 15 * scale)),
        None => part,
    }
}

fn fill_description(bug: &Bug, output: &mut Output, meter: &mut Meter) {
    let whole = untrusted::clean(bug.description.trim());
    // The summary comes after it and says more, so a long description leaves half of the room to it.
    let half = meter.left() / 2;
    let cut = meter.admit_prefix_of(&whole, half);
    if cut.len() < whole.len() {
        output.cuts.push(format!(
            "The description is cut at {} of {} characters; get_bug gives all of it.",
            cut.chars().count(),
            whole.chars().count()
        ));
    }
    output.untrusted.description = cut.to_owned();
}

fn fill_summary(transcript: &Transcript, output: &mut Output, meter: &mut Meter) {
    for line in transcript.summary.lines() {
        let line = untrusted::clean(line);
        if !meter.admit_line(&line) {
            output.cuts.push("The summary is cut; get_replay_transcript gives all of it.".to_owned());
            break;
        }
        output.untrusted.summary.push(line);
    }
}

impl tool::Output for Output {
    fn text(&self) -> String {
        let captured = &self.untrusted;
        let mut text = format!(
            "Bug {}: {}, priority {}, version {}, reported {}.\n",
            self.id, self.status, self.priority, self.version, self.created_at
        );
        text.extend(self.assignee.map(|who| format!("Assigned to {who}.\n")));
        text.extend(self.duplicate_of.map(|original| format!("It is a duplicate of bug {original}.\n")));
        if let Some(replay) = self.replay_id {
            text.push_str(&format!("Replay {replay}.\n"));
        }
        let mut report = format!("title: {}\n{}\n", captured.title, captured.environment.join("\n"));
        report.extend(captured.fixed_in.iter().map(|release| format!("fixed in release: {release}\n")));
        if !captured.description.is_empty() {
            report.push_str(&format!("description:\n{}\n", captured.description));
        }
        text.push_str(&untrusted::block(Source::Report, &report));
        for (heading, lines) in [
            ("What failed", &captured.failures),
            ("The moments of the failures", &captured.moments),
            ("Summary of the session", &captured.summary),
        ] {
            if !lines.is_empty() {
                text.push_str(&format!("\n{heading}:\n{}", untrusted::block(Source::Replay, &lines.join("\n"))));
            }
        }
        for (heading, lines) in [("Facts", &self.facts), ("Left out", &self.cuts), ("Next", &self.next)] {
            if !lines.is_empty() {
                text.push_str(&format!("\n{heading}:\n- {}\n", lines.join("\n- ")));
            }
        }
        text
    }
}
