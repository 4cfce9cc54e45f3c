//! `search_bugs`: bugs by words of their title, description or replay summary.

use playhead_access::Action;
use playhead_schemas::upload::BugStatus;
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
        if !input.query.as_str().chars().any(char::is_alphanumeric) {
            return Err(ToolError::invalid(
                "query has no word to search for: it consists of signs.",
                "Send at least one letter or digit.",
            ));
        }
        let filters = (&input.query, &input.project, &input.status);
        let query = BugQuery {
            projects: call.projects(input.named_rows().project).await?,
            status: input.status.clone().unwrap_or_default().0,
            text: Some(input.query.0.clone()),
            ..BugQuery::default()
        };
        let asked = Asked { tool: Self::NAME, cursor: input.cursor.as_ref(), limit: input.limit };
        rows::read(call, asked, query, &filters).await
    }

    fn render(data: &Bugs, budget: TokenBudget) -> BugPage {
        rows::render(data, budget)
    }
}
