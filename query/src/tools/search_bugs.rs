//! `search_bugs`: bugs by words of their title, description or replay summary.

use playhead_access::Action;
use playhead_schemas::upload::BugStatus;
use playhead_tracker as tracker;
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

pub(crate) struct SearchBugs;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// In any order and case; "words in quotes" stand together.
    query: Text<200>,
    /// Id or slug.
    project: Option<Text<64>>,
    status: Option<Any<BugStatus>>,
    #[serde(default)]
    limit: BugLimit,
    cursor: Option<Cursor>,
}

impl Arguments for Input {
    fn named_rows(&self) -> NamedRows<'_> {
        NamedRows { project: self.project.as_ref().map(Text::as_str), ..NamedRows::default() }
    }
}

impl Tool for SearchBugs {
    const NAME: &'static str = "search_bugs";
    const TITLE: &'static str = "Search bugs";
    const DESCRIPTION: &'static str = "Finds bug reports whose title, description and session summary contain all \
        words, \
        newest first.";
    const ACTION: Action = Action::ReadBugs;
    const EFFECT: Effect = Effect::Reads;
    type Input = Input;
    type Data = Bugs;
    type Output = BugPage;

    async fn run(call: &Call, input: Input) -> Result<Bugs, ToolError> {
        let filters = (&input.query, &input.project, &input.status);
        let projects = call.projects(input.named_rows().project).await?;
        let status = input.status.clone().unwrap_or_default().0;
        let query = tracker::search_query(projects, input.query.as_str(), status)?;
        let asked = Asked { tool: Self::NAME, cursor: input.cursor.as_ref(), limit: input.limit };
        rows::read(call, asked, query, &filters).await
    }

    fn render(data: &Bugs, budget: TokenBudget) -> BugPage {
        rows::render(data, budget)
    }
}
