//! Lists of bugs, as `list_bugs` and `search_bugs` give them.

use playhead_schemas::upload::{BugStatus, Priority};
use playhead_schemas::{BugId, ProjectId, limits};
use playhead_store::{BugListRow, BugQuery};
use schemars::JsonSchema;
use serde::Serialize;

use crate::call::Call;
use crate::error::ToolError;
use crate::tool::Answer;
use crate::untrusted::{self, Source};

/// Bugs of a page unless the caller asks for another number.
pub(crate) const LIMIT_DEFAULT: u32 = 25;
/// The most bugs of one page.
pub(crate) const LIMIT_MAX: u32 = 100;
const TAGS_SHOWN: usize = 8;

/// One page of a list of bugs.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct BugPage {
    bugs: Vec<BugRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
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
    untrusted: BugRowText,
}

#[derive(Debug, Serialize, JsonSchema)]
struct BugRowText {
    title: String,
    /// The most severe failure of the replay.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    tags: Vec<String>,
}

/// What a list is asked for, beside its filters.
pub(crate) struct Asked<'a> {
    pub(crate) tool: &'static str,
    pub(crate) cursor: Option<&'a str>,
    pub(crate) limit: Option<u32>,
}

/// The page of `query` that `asked` names; `filters` are the caller's arguments, to bind the cursor to.
pub(crate) async fn page(
    call: &Call,
    asked: Asked<'_>,
    mut query: BugQuery,
    filters: &impl Serialize,
) -> Result<Answer<BugPage>, ToolError> {
    query.after = call.open::<BugId>(asked.tool, filters, asked.cursor)?;
    let limit = asked.limit.unwrap_or(LIMIT_DEFAULT).min(LIMIT_MAX);
    query.limit = limit + 1;
    let (several, first) = (query.projects.len() > 1, query.after.is_none());
    let rows = call.store().bugs(query).await?;
    let mut more = rows.len() > limit as usize;

    let mut meter = call.meter(None);
    let (mut lines, mut bugs) = (String::new(), Vec::new());
    for row in rows.into_iter().take(limit as usize) {
        let bug = bug_row(row, several);
        let line = text_row(&bug);
        if !meter.admit(&line, &serde_json::to_string(&bug).unwrap_or_default()) {
            more = true;
            break;
        }
        lines.push_str(&line);
        bugs.push(bug);
    }
    let next = bugs.last().filter(|_| more).map(|last: &BugRow| last.id);
    let next_cursor = next.map(|last| call.seal(asked.tool, filters, &last));
    let text = text(asked.tool, &bugs, &lines, first, next_cursor.as_deref());
    Ok(Answer::new(text, BugPage { bugs, next_cursor }))
}

fn text(tool: &str, bugs: &[BugRow], lines: &str, first: bool, cursor: Option<&str>) -> String {
    if bugs.is_empty() {
        let nothing = if first { "No bug matches." } else { "No further bug matches." };
        return format!("{nothing} Fewer filters list more; list_projects says which projects there are.\n");
    }
    let plural = if bugs.len() == 1 { "" } else { "s" };
    let mut text = format!("{} bug{plural}, newest first. get_bug_context takes the id.\n", bugs.len());
    text.push_str(&untrusted::block(Source::Report, lines));
    match cursor {
        Some(cursor) => {
            text.push_str(&format!("There are more: {tool} with the same filters and cursor \"{cursor}\".\n"))
        }
        None => text.push_str("These are all.\n"),
    }
    text
}

fn bug_row(row: BugListRow, several: bool) -> BugRow {
    let tag_count = row.tags.len();
    let mut tags: Vec<String> =
        row.tags.iter().take(TAGS_SHOWN).map(|tag| untrusted::short_line(tag, limits::TAG_CHARS_MAX, 20)).collect();
    if tag_count > TAGS_SHOWN {
        tags.push(format!("… {} more, see get_bug", tag_count - TAGS_SHOWN));
    }
    BugRow {
        id: row.id,
        project: several.then_some(row.project),
        status: row.status,
        priority: row.priority,
        created_at: row.created_at.to_rfc3339(),
        has_replay: row.replay.is_some(),
        untrusted: BugRowText {
            title: untrusted::short_line(&row.title, limits::TITLE_CHARS_MAX, 120),
            failure: row.failure_title.map(|title| untrusted::short_line(&title, 200, 80)),
            tags,
        },
    }
}

fn text_row(bug: &BugRow) -> String {
    let mut line = format!("{} {} {} {}", bug.id, bug.created_at, bug.status, bug.priority);
    if let Some(project) = bug.project {
        line.push_str(&format!(" project {project}"));
    }
    line.push_str(&format!(" | {}", bug.untrusted.title));
    if let Some(failure) = &bug.untrusted.failure {
        line.push_str(&format!(" | failed: {failure}"));
    }
    if !bug.has_replay {
        line.push_str(" | no replay");
    }
    if !bug.untrusted.tags.is_empty() {
        line.push_str(&format!(" | tags: {}", bug.untrusted.tags.join(", ")));
    }
    line.push('\n');
    line
}
