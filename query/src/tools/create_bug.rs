//! `create_bug`: files a bug by hand.

use playhead_access::Action;
use playhead_schemas::limits::{RELEASE_CHARS_MAX, TAG_CHARS_MAX};
use playhead_schemas::upload::Priority;
use playhead_schemas::{BugId, ProjectId};
use playhead_store::Bug;
use playhead_tracker::{self as tracker, BugDraft};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::args::Text;
use crate::call::Call;
use crate::choice::One;
use crate::error::ToolError;
use crate::meter::TokenBudget;
use crate::tool::{self, Arguments, Effect, NamedRows, Tool};
use crate::tracker_args::{Texts, Worker};

pub(crate) struct CreateBug;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// Id or slug; may be left out when the token sees one project.
    project: Option<Text<64>>,
    title: String,
    /// Markdown: steps, what was expected, what happened.
    description: Option<String>,
    priority: Option<One<Priority>>,
    #[serde(default)]
    tags: Texts<TAG_CHARS_MAX>,
    /// me, "member ID" or "agent ID".
    assignee: Option<Worker>,
    milestone: Option<Text<RELEASE_CHARS_MAX>>,
    /// Where it was seen.
    release: Option<Text<RELEASE_CHARS_MAX>>,
    page_url: Option<Text<4096>>,
    /// Repeating a call with the same key within 24 hours files nothing new, for the same member, agent or token.
    idempotency_key: Option<Text<200>>,
}

impl Arguments for Input {
    fn named_rows(&self) -> NamedRows<'_> {
        NamedRows { project: self.project.as_ref().map(Text::as_str), ..NamedRows::default() }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    id: BugId,
    project: ProjectId,
    created_at: String,
}

impl Tool for CreateBug {
    const NAME: &'static str = "create_bug";
    const TITLE: &'static str = "File a bug";
    const DESCRIPTION: &'static str = "Files a bug by hand. Search first: an existing one is better commented.";
    const ACTION: Action = Action::WriteBugs;
    const EFFECT: Effect = Effect::Writes;
    type Input = Input;
    type Data = Bug;
    type Output = Output;

    async fn run(call: &Call, input: Input) -> Result<Bug, ToolError> {
        let project = call.one_project().await?;
        let draft = BugDraft {
            project,
            title: input.title,
            description: input.description,
            priority: input.priority.map(|priority| priority.0),
            tags: input.tags.into_strings(),
            assignee: input.assignee.and_then(Worker::one),
            milestone: input.milestone.map(|text| text.0),
            release: input.release.map(|text| text.0),
            page_url: input.page_url.map(|text| text.0),
        };
        let key = input.idempotency_key.as_ref().map(Text::as_str);
        let (bug, _) = tracker::create_bug(call.store(), draft, key, &call.writer()).await?;
        call.note_subject(bug.id);
        Ok(bug)
    }

    /// A repeated call gets the same answer, so it holds nothing that changes.
    fn render(bug: &Bug, _: TokenBudget) -> Output {
        Output { id: bug.id, project: bug.project, created_at: bug.created_at.to_rfc3339() }
    }
}

impl tool::Output for Output {
    fn text(&self) -> String {
        let Self { id, project, created_at } = self;
        format!("Bug {id} was filed in project {project} at {created_at}. update_bug changes it, get_bug reads it.\n")
    }
}
