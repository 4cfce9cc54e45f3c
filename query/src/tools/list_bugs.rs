//! `list_bugs`: bugs, newest first, by project, status, priority and tag.

use playhead_schemas::Scope;
use playhead_schemas::upload::{BugStatus, Priority};
use playhead_store::BugQuery;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::args::{Int, Text};
use crate::call::Call;
use crate::error::ToolError;
use crate::rows::{self, Asked, BugPage, LIMIT_MAX};
use crate::tool::{Answer, Tool};

pub(crate) struct ListBugs;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// Id or slug.
    project: Option<Text<64>>,
    status: Option<BugStatus>,
    priority: Option<Priority>,
    /// Exactly this tag.
    tag: Option<Text<64>>,
    limit: Option<Int<1, LIMIT_MAX>>,
    /// The next_cursor of the page before.
    cursor: Option<Text<512>>,
}

impl Tool for ListBugs {
    const NAME: &'static str = "list_bugs";
    const TITLE: &'static str = "List bugs";
    const DESCRIPTION: &'static str = "Lists bug reports, newest first, each with its title and the worst failure of \
        its session recording. Use search_bugs to find words.";
    const SCOPE: Scope = Scope::BugsRead;
    type Input = Input;
    type Output = BugPage;

    async fn run(call: &Call, input: Input) -> Result<Answer<BugPage>, ToolError> {
        let query = BugQuery {
            projects: call.projects(input.project.as_ref().map(|project| project.0.as_str())).await?,
            status: input.status,
            priority: input.priority,
            tag: input.tag.as_ref().map(|tag| tag.0.clone()),
            ..BugQuery::default()
        };
        let asked = Asked {
            tool: Self::NAME,
            cursor: input.cursor.as_ref().map(|cursor| cursor.0.as_str()),
            limit: input.limit.map(|limit| limit.0),
        };
        let filters = (&input.project, input.status, input.priority, &input.tag);
        rows::page(call, asked, query, &filters).await
    }
}
