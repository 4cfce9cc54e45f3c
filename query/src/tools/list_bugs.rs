//! `list_bugs`: bugs by any of their fields, newest first unless another order is asked for.

use playhead_access::Action;
use playhead_schemas::BugId;
use playhead_schemas::limits::{RELEASE_CHARS_MAX, TAG_CHARS_MAX};
use playhead_schemas::timeline::Signal;
use playhead_schemas::tracker::{BugSort, BugState};
use playhead_schemas::upload::{BugStatus, Priority};
use playhead_tracker::BugFilters;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::args::Text;
use crate::call::Call;
use crate::choice::{Any, One};
use crate::cursor::Cursor;
use crate::error::ToolError;
use crate::meter::TokenBudget;
use crate::rows::{self, Asked, BugLimit, BugPage, Bugs};
use crate::tool::{Arguments, Effect, NamedRows, Tool};
use crate::tracker_args::{Texts, When, Worker};

pub(crate) struct ListBugs;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// Id or slug.
    project: Option<Text<64>>,
    status: Option<Any<BugStatus>>,
    /// Closed: resolved or closed.
    state: Option<One<BugState>>,
    priority: Option<Any<Priority>>,
    /// With all of these.
    #[serde(default)]
    tag: Texts<TAG_CHARS_MAX>,
    /// me, none, "member ID" or "agent ID".
    assignee: Option<Worker>,
    /// Exact name, address or id.
    reporter: Option<Text<200>>,
    /// Seen in exactly this one.
    release: Option<Text<RELEASE_CHARS_MAX>>,
    /// Such as "firefox".
    browser: Option<Text<64>>,
    has_replay: Option<bool>,
    /// An error or failed request in the replay.
    has_error: Option<bool>,
    signal: Option<One<Signal>>,
    /// A time such as 2026-11-20 or 2026-11-20T16:00:00Z; so are the next three.
    created_from: Option<When>,
    created_before: Option<When>,
    updated_from: Option<When>,
    updated_before: Option<When>,
    /// Marked as duplicates of this bug.
    duplicate_of: Option<BugId>,
    sort: Option<One<BugSort>>,
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
        "Lists bug reports that meet all conditions, newest first, with title and the worst failure of the session.";
    const ACTION: Action = Action::ReadBugs;
    const EFFECT: Effect = Effect::Reads;
    type Input = Input;
    type Data = Bugs;
    type Output = BugPage;

    async fn run(call: &Call, input: Input) -> Result<Bugs, ToolError> {
        let filters = input.filters();
        let projects = call.projects(input.named_rows().project).await?;
        let query = filters.query(projects, &call.writer())?;
        let asked = Asked { tool: Self::NAME, cursor: input.cursor.as_ref(), limit: input.limit };
        rows::read(call, asked, query, &(&input.project, &filters)).await
    }

    fn render(data: &Bugs, budget: TokenBudget) -> BugPage {
        rows::render(data, budget)
    }
}

impl Input {
    fn filters(&self) -> BugFilters {
        let text = |text: Option<&str>| text.map(str::to_owned);
        BugFilters {
            status: self.status.clone().unwrap_or_default().0,
            state: self.state.map(|state| state.0),
            priority: self.priority.clone().unwrap_or_default().0,
            tag: self.tag.clone().into_strings(),
            assignee: self.assignee,
            reporter: text(self.reporter.as_ref().map(Text::as_str)),
            release: text(self.release.as_ref().map(Text::as_str)),
            browser: text(self.browser.as_ref().map(Text::as_str)),
            has_replay: self.has_replay,
            has_error: self.has_error,
            signal: self.signal.map(|signal| signal.0),
            created_from: self.created_from,
            created_before: self.created_before,
            updated_from: self.updated_from,
            updated_before: self.updated_before,
            duplicate_of: self.duplicate_of,
            sort: self.sort.map(|sort| sort.0),
        }
    }
}
