//! `list_bugs`: bugs, newest first, by project, status, priority and tag.

use playhead_access::Action;
use playhead_schemas::upload::{BugStatus, Priority};
use playhead_store::BugQuery;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::args::Text;
use crate::call::Call;
use crate::choice::Any;
use crate::cursor::Cursor;
use crate::error::ToolError;
use crate::meter::TokenBudget;
use crate::rows::{self, Asked, BugLimit, BugPage, Bugs};
use crate::tool::{Arguments, Effect, NamedRows, Tool};

pub(crate) struct ListBugs;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// Id or slug.
    project: Option<Text<64>>,
    status: Option<Any<BugStatus>>,
    priority: Option<Any<Priority>>,
    /// Exactly this tag.
    tag: Option<Text<64>>,
    #[serde(default)]
    limit: BugLimit,
    cursor: Option<Cursor>,
}

impl Arguments for Input {
    fn named_rows(&self) -> NamedRows<'_> {
        NamedRows { project: self.project.as_ref().map(Text::as_str), ..NamedRows::default() }
    }
}

impl Tool for ListBugs {
    const NAME: &'static str = "list_bugs";
    const TITLE: &'static str = "List bugs";
    const DESCRIPTION: &'static str =
        "Lists bug reports, newest first, with title and the worst failure of the session.";
    const ACTION: Action = Action::ReadBugs;
    const EFFECT: Effect = Effect::Reads;
    type Input = Input;
    type Data = Bugs;
    type Output = BugPage;

    async fn run(call: &Call, input: Input) -> Result<Bugs, ToolError> {
        let filters = (&input.project, &input.status, &input.priority, &input.tag);
        let query = BugQuery {
            projects: call.projects(input.named_rows().project).await?,
            status: input.status.clone().unwrap_or_default().0,
            priority: input.priority.clone().unwrap_or_default().0,
            tag: input.tag.as_ref().map(|tag| tag.0.clone()),
            ..BugQuery::default()
        };
        let asked = Asked { tool: Self::NAME, cursor: input.cursor.as_ref(), limit: input.limit };
        rows::read(call, asked, query, &filters).await
    }

    fn render(data: &Bugs, budget: TokenBudget) -> BugPage {
        rows::render(data, budget)
    }
}
