//! `update_bug`: changes any fields of a bug, all of them or none.

use playhead_access::Action;
use playhead_schemas::limits::{RELEASE_CHARS_MAX, TAG_CHARS_MAX};
use playhead_schemas::upload::{BugStatus, Priority};
use playhead_schemas::{Actor, BugId, MemberId};
use playhead_tracker::{self as tracker, BugPatch, Clearable, UpdatedBug};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::args::{Int, Text};
use crate::call::Call;
use crate::change::ShownChange;
use crate::choice::{Any, One};
use crate::error::ToolError;
use crate::meter::{Meter, TokenBudget};
use crate::tool::{self, Arguments, Effect, NamedRows, Tool};
use crate::tracker_args::{Texts, Worker};
use crate::untrusted::{self, Source};

pub(crate) struct UpdateBug;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    bug_id: BugId,
    /// The version you read: a newer one is a CONFLICT that tells what changed.
    version: Option<Int<1, { u32::MAX }>>,
    title: Option<String>,
    description: Option<String>,
    status: Option<One<BugStatus>>,
    priority: Option<One<Priority>>,
    /// All tags; add_tags and remove_tags change some.
    tags: Option<Texts<TAG_CHARS_MAX>>,
    #[serde(default)]
    add_tags: Texts<TAG_CHARS_MAX>,
    #[serde(default)]
    remove_tags: Texts<TAG_CHARS_MAX>,
    /// me, "member ID" or "agent ID".
    assignee: Option<Worker>,
    /// The member who answers for an assigned agent.
    answered_by: Option<MemberId>,
    milestone: Option<Text<RELEASE_CHARS_MAX>>,
    /// The release that fixes it.
    fixed_in: Option<Text<RELEASE_CHARS_MAX>>,
    /// The bug that it repeats; closes it.
    duplicate_of: Option<BugId>,
    /// Fields to empty.
    #[serde(default)]
    clear: Any<Clearable>,
    /// Why, for the activity.
    rationale: Option<String>,
}

impl Arguments for Input {
    fn named_rows(&self) -> NamedRows<'_> {
        NamedRows { bug: Some(self.bug_id), ..NamedRows::default() }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    id: BugId,
    version: u64,
    status: BugStatus,
    priority: Priority,
    #[serde(skip_serializing_if = "Option::is_none")]
    assignee: Option<Actor>,
    untrusted: Changed,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Changed {
    /// Empty when it was like that already.
    changes: Vec<ShownChange>,
}

impl Tool for UpdateBug {
    const NAME: &'static str = "update_bug";
    const TITLE: &'static str = "Change a bug";
    const DESCRIPTION: &'static str = "Changes the given fields of a bug, all or none. A comment is add_comment's.";
    const ACTION: Action = Action::WriteBugs;
    const EFFECT: Effect = Effect::Writes;
    type Input = Input;
    type Data = UpdatedBug;
    type Output = Output;

    async fn run(call: &Call, input: Input) -> Result<UpdatedBug, ToolError> {
        let bug = call.bug(input.bug_id).await?;
        let assignee = input.assignee.map(Worker::to_assign).transpose()?;
        let patch = BugPatch {
            title: input.title,
            description: input.description,
            status: input.status.map(|status| status.0),
            priority: input.priority.map(|priority| priority.0),
            tags: input.tags.map(Texts::into_strings),
            add_tags: input.add_tags.into_strings(),
            remove_tags: input.remove_tags.into_strings(),
            assignee: None,
            answered_by: input.answered_by,
            milestone: input.milestone.map(|text| text.0),
            fixed_in: input.fixed_in.map(|text| text.0),
            duplicate_of: input.duplicate_of,
            clear: input.clear.0,
        };
        let (version, why) = (input.version.map(|version| version.0.into()), input.rationale.as_deref());
        Ok(tracker::update_bug(call.store(), &bug, patch, assignee, version, why, &call.writer()).await?)
    }

    fn render(data: &UpdatedBug, budget: TokenBudget) -> Output {
        let bug = &data.bug;
        let mut meter = Meter::new(budget);
        let shown = data.changes.iter().map(ShownChange::new);
        Output {
            id: bug.id,
            version: bug.version,
            status: bug.status,
            priority: bug.priority,
            assignee: bug.assignee,
            untrusted: Changed { changes: shown.take_while(|change| meter.admit(&change.line(), change)).collect() },
        }
    }
}

impl tool::Output for Output {
    fn text(&self) -> String {
        let assignee = self.assignee.map(|actor| format!(", assigned to {actor}")).unwrap_or_default();
        let state = format!("status {}, priority {}{assignee}", self.status, self.priority);
        let changes = &self.untrusted.changes;
        if changes.is_empty() {
            return format!("Bug {} was like that already: version {}, {state}.\n", self.id, self.version);
        }
        let lines: Vec<String> = changes.iter().map(ShownChange::line).collect();
        let block = untrusted::block(Source::Report, &lines.join("\n"));
        format!("Bug {} has version {} now: {state}. Changed:\n{block}", self.id, self.version)
    }
}
