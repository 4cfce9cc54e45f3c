//! `list_bugs`: bugs by any of their fields, newest first unless another order is asked for.

use playhead_access::Action;
use playhead_schemas::BugId;
use playhead_schemas::limits::{RELEASE_CHARS_MAX, TAG_CHARS_MAX};
use playhead_schemas::timeline::Signal;
use playhead_schemas::tracker::BugSort;
use playhead_schemas::upload::{BugStatus, Priority};
use playhead_store::{AssigneeIs, BugQuery, MoreConditions};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::args::Text;
use crate::call::Call;
use crate::choice::{Any, One, State};
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
    state: Option<One<State>>,
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
        let filters = (
            (&input.project, &input.status, input.state, &input.priority, &input.tag, input.assignee, &input.reporter),
            (&input.release, &input.browser, input.has_replay, input.has_error, input.signal, input.sort),
            (input.created_from, input.created_before, input.updated_from, input.updated_before, input.duplicate_of),
        );
        let query = BugQuery {
            projects: call.projects(input.named_rows().project).await?,
            status: statuses(&input)?,
            priority: input.priority.clone().unwrap_or_default().0,
            tags: input.tag.clone().into_strings(),
            more: conditions(call, &input)?,
            sort: input.sort.map(|sort| sort.0).unwrap_or_default(),
            ..BugQuery::default()
        };
        let asked = Asked { tool: Self::NAME, cursor: input.cursor.as_ref(), limit: input.limit };
        rows::read(call, asked, query, &filters).await
    }

    fn render(data: &Bugs, budget: TokenBudget) -> BugPage {
        rows::render(data, budget)
    }
}

/// The statuses that `status` and `state` name together.
fn statuses(input: &Input) -> Result<Vec<BugStatus>, ToolError> {
    let named = input.status.clone().unwrap_or_default().0;
    let wants_open = match input.state.map(|state| state.0) {
        Some(State::Open) => true,
        Some(State::Closed) => false,
        Some(State::All) | None => return Ok(named),
    };
    let of = if named.is_empty() { BugStatus::ALL.to_vec() } else { named };
    let both: Vec<BugStatus> = of.into_iter().filter(|status| status.is_open() == wants_open).collect();
    if both.is_empty() {
        return Err(ToolError::invalid("status and state exclude each other.", "Leave one of them out."));
    }
    Ok(both)
}

fn conditions(call: &Call, input: &Input) -> Result<MoreConditions, ToolError> {
    let text = |text: Option<&str>| text.map(str::to_owned);
    let assignee = match input.assignee {
        None => None,
        Some(Worker::Nobody) => Some(AssigneeIs::Nobody),
        Some(Worker::One(assignee)) => Some(AssigneeIs::Actor(assignee.actor(&call.writer())?)),
    };
    Ok(MoreConditions {
        assignee,
        reporter: text(input.reporter.as_ref().map(Text::as_str)),
        release: text(input.release.as_ref().map(Text::as_str)),
        browser: text(input.browser.as_ref().map(Text::as_str)),
        has_replay: input.has_replay,
        has_error: input.has_error,
        signal: input.signal.map(|signal| signal.0),
        duplicate_of: input.duplicate_of,
        created_from: input.created_from.map(|when| when.0),
        created_before: input.created_before.map(|when| when.0),
        updated_from: input.updated_from.map(|when| when.0),
        updated_before: input.updated_before.map(|when| when.0),
    })
}
