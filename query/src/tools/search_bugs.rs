//! `search_bugs`: bugs by words of their title, description or replay summary.

use playhead_schemas::Scope;
use playhead_schemas::upload::BugStatus;
use playhead_store::BugQuery;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::args::{Int, Text};
use crate::call::Call;
use crate::error::ToolError;
use crate::rows::{self, Asked, BugPage, LIMIT_MAX};
use crate::tool::{Answer, Tool};

pub(crate) struct SearchBugs;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// Found as one piece, in any case: part of an error message, URL or title.
    query: Text<200>,
    /// Id or slug.
    project: Option<Text<64>>,
    status: Option<BugStatus>,
    limit: Option<Int<1, LIMIT_MAX>>,
    /// The next_cursor of the page before.
    cursor: Option<Text<512>>,
}

impl Tool for SearchBugs {
    const NAME: &'static str = "search_bugs";
    const TITLE: &'static str = "Search bugs";
    const DESCRIPTION: &'static str = "Finds bug reports, newest first, whose title, description or session summary \
        (what the user did, what failed, where) contains a text.";
    const SCOPE: Scope = Scope::BugsRead;
    type Input = Input;
    type Output = BugPage;

    async fn run(call: &Call, input: Input) -> Result<Answer<BugPage>, ToolError> {
        let query = BugQuery {
            projects: call.projects(input.project.as_ref().map(|project| project.0.as_str())).await?,
            status: input.status,
            text: Some(input.query.0.clone()),
            ..BugQuery::default()
        };
        let asked = Asked {
            tool: Self::NAME,
            cursor: input.cursor.as_ref().map(|cursor| cursor.0.as_str()),
            limit: input.limit.map(|limit| limit.0),
        };
        let filters = (&input.query, &input.project, input.status);
        rows::page(call, asked, query, &filters).await
    }
}
