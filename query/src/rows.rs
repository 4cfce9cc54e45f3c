//! Lists of bugs, as `list_bugs` and `search_bugs` give them.

use std::collections::{BTreeMap, BTreeSet};

use playhead_schemas::text::counted;
use playhead_schemas::tracker::BugSort;
use playhead_schemas::upload::{BugStatus, Priority};
use playhead_schemas::{Actor, BugId, ProjectId, limits};
use playhead_store::{BugListRow, BugPosition, BugQuery};
use schemars::JsonSchema;
use serde::Serialize;

use crate::args::Limit;
use crate::call::Call;
use crate::cursor::{Cursor, Pager};
use crate::error::ToolError;
use crate::meter::{Meter, TokenBudget};
use crate::tool::Output;
use crate::untrusted::{self, Source};

/// How many bugs a page has.
pub(crate) type BugLimit = Limit<100, 25>;
const TAGS_SHOWN: usize = 8;

/// What a list is asked for, beside its filters.
pub(crate) struct Asked<'a> {
    pub(crate) tool: &'static str,
    pub(crate) cursor: Option<&'a Cursor>,
    pub(crate) limit: BugLimit,
}

/// The bugs of a page, as they were read.
pub(crate) struct Bugs {
    tool: &'static str,
    rows: Vec<BugListRow>,
    /// True when there are further ones.
    more: bool,
    /// True when bugs of several projects are listed.
    several: bool,
    /// True for the first page.
    first: bool,
    sort: BugSort,
    /// The names of those who work on them.
    names: BTreeMap<Actor, String>,
    pager: Pager,
}

/// One page of a list of bugs.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct BugPage {
    bugs: Vec<BugRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    #[serde(skip)]
    tool: &'static str,
    #[serde(skip)]
    first: bool,
    #[serde(skip)]
    sort: BugSort,
}

#[derive(Debug, Serialize, JsonSchema)]
struct BugRow {
    id: BugId,
    /// Only when bugs of several projects are listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<ProjectId>,
    status: BugStatus,
    priority: Priority,
    created_at: String,
    has_replay: bool,
    /// What update_bug takes as version.
    version: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    assignee: Option<Actor>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duplicate_of: Option<BugId>,
    untrusted: BugRowText,
}

#[derive(Debug, Serialize, JsonSchema)]
struct BugRowText {
    title: String,
    /// The most severe failure of the replay.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assignee: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fixed_in: Option<String>,
    tags: Vec<String>,
    /// How many more tags there are; get_bug gives all.
    #[serde(skip_serializing_if = "is_none_left")]
    more_tags: usize,
}

/// Reads the page of `query` that `asked` names; `filters` are the caller's arguments, to bind the cursor to.
pub(crate) async fn read(
    call: &Call,
    asked: Asked<'_>,
    mut query: BugQuery,
    filters: &impl Serialize,
) -> Result<Bugs, ToolError> {
    let pager = call.pager(asked.tool, filters).await?;
    query.after = pager.open::<BugPosition>(asked.cursor)?;
    let limit = asked.limit.rows();
    query.limit = limit + 1;
    let (several, first, sort) = (query.projects.len() > 1, query.after.is_none(), query.sort);
    let mut rows = call.store().bugs(query).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let mut names = BTreeMap::new();
    for actor in rows.iter().filter_map(|row| row.assignee).collect::<BTreeSet<_>>() {
        names.extend(call.name_of(actor).await?.map(|name| (actor, name)));
    }
    Ok(Bugs { tool: asked.tool, rows, more, several, first, sort, names, pager })
}

/// As many of the bugs as fit.
pub(crate) fn render(data: &Bugs, budget: TokenBudget) -> BugPage {
    let mut meter = Meter::new(budget);
    let (mut bugs, mut more) = (Vec::new(), data.more);
    for row in &data.rows {
        let bug = bug_row(row, data);
        if !meter.admit(&text_row(&bug), &bug) {
            more = true;
            break;
        }
        bugs.push(bug);
    }
    let next = bugs.len().checked_sub(1).filter(|_| more).and_then(|last| data.rows.get(last));
    let next_cursor = next.map(|last| data.pager.seal(&last.position(data.sort)));
    BugPage { bugs, next_cursor, tool: data.tool, first: data.first, sort: data.sort }
}

impl Output for BugPage {
    fn text(&self) -> String {
        if self.bugs.is_empty() {
            let nothing = if self.first { "No bug matches." } else { "No further bug matches." };
            return format!("{nothing} Fewer filters list more; list_projects lists the projects.\n");
        }
        let count = counted(self.bugs.len() as u64, "bug", "bugs");
        let order = match self.sort {
            BugSort::Newest => "newest first",
            BugSort::Oldest => "oldest first",
            BugSort::Updated => "last changed first",
            BugSort::Priority => "most urgent first",
        };
        let mut text = format!("{count}, {order}. get_bug_context takes the id.\n");
        let lines: String = self.bugs.iter().map(text_row).collect();
        text.push_str(&untrusted::block(Source::Report, &lines));
        text.push_str(&match &self.next_cursor {
            Some(cursor) => format!("There are more: {} with the same filters and cursor \"{cursor}\".\n", self.tool),
            None => "These are all.\n".to_owned(),
        });
        text
    }
}

fn bug_row(row: &BugListRow, data: &Bugs) -> BugRow {
    let shown = row.tags.iter().take(TAGS_SHOWN);
    BugRow {
        id: row.id,
        project: data.several.then_some(row.project),
        status: row.status,
        priority: row.priority,
        created_at: row.created_at.to_rfc3339(),
        has_replay: row.replay.is_some(),
        version: row.version,
        assignee: row.assignee,
        duplicate_of: row.duplicate_of,
        untrusted: BugRowText {
            title: untrusted::short_line(&row.title, limits::TITLE_CHARS_MAX, 120),
            failure: row.failure_title.as_ref().map(|title| untrusted::short_line(title, 200, 80)),
            assignee: row
                .assignee
                .and_then(|actor| data.names.get(&actor))
                .map(|name| untrusted::short_line(name, 80, 20)),
            fixed_in: row.fixed_in.as_ref().map(|release| untrusted::short_line(release, 80, 30)),
            tags: shown.map(|tag| untrusted::short_line(tag, limits::TAG_CHARS_MAX, 20)).collect(),
            more_tags: row.tags.len().saturating_sub(TAGS_SHOWN),
        },
    }
}

fn is_none_left(more: &usize) -> bool {
    *more == 0
}

fn text_row(bug: &BugRow) -> String {
    let mut line = format!("{} {} v{} {} {}", bug.id, bug.created_at, bug.version, bug.status, bug.priority);
    if let Some(project) = bug.project {
        line.push_str(&format!(" project {project}"));
    }
    line.push_str(&format!(" | {}", bug.untrusted.title));
    if let Some(failure) = &bug.untrusted.failure {
        line.push_str(&format!(" | failed: {failure}"));
    }
    if let Some(assignee) = bug.assignee {
        let name = bug.untrusted.assignee.as_deref().unwrap_or("(removed)");
        line.push_str(&format!(" | assigned to {name} ({assignee})"));
    }
    if let Some(release) = &bug.untrusted.fixed_in {
        line.push_str(&format!(" | fixed in {release}"));
    }
    if let Some(original) = bug.duplicate_of {
        line.push_str(&format!(" | duplicate of {original}"));
    }
    if !bug.has_replay {
        line.push_str(" | no replay");
    }
    let mut tags = bug.untrusted.tags.clone();
    if bug.untrusted.more_tags > 0 {
        tags.push(format!("… {} more, see get_bug", bug.untrusted.more_tags));
    }
    if !tags.is_empty() {
        line.push_str(&format!(" | tags: {}", tags.join(", ")));
    }
    line.push('\n');
    line
}
