//! `list_bug_activity`: who changed what about a bug, newest first.

use playhead_access::Action;
use playhead_schemas::limits::RATIONALE_CHARS_MAX;
use playhead_schemas::tracker::ActivityKind;
use playhead_schemas::{ActivityId, BugId, CommentId};
use playhead_store::Activity;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::args::Limit;
use crate::call::Call;
use crate::change::{self, ShownChange};
use crate::cursor::{Cursor, Pager};
use crate::error::ToolError;
use crate::meter::{Meter, TokenBudget};
use crate::tool::{self, Arguments, Effect, NamedRows, Tool};
use crate::untrusted::{self, Source};

pub(crate) struct ListBugActivity;

/// Tokens of one reason.
const RATIONALE_TOKENS_MAX: usize = 500;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    bug_id: BugId,
    #[serde(default)]
    limit: Limit<100, 25>,
    cursor: Option<Cursor>,
}

impl Arguments for Input {
    fn named_rows(&self) -> NamedRows<'_> {
        NamedRows { bug: Some(self.bug_id), ..NamedRows::default() }
    }
}

/// A page as it was read.
pub(crate) struct Entries {
    rows: Vec<Activity>,
    next: Option<ActivityId>,
    /// When the bug was reported; only on the last page.
    reported_at: Option<String>,
    pager: Pager,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    entries: Vec<Entry>,
    /// When the bug was reported: what stands before the first entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    reported_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Entry {
    at: String,
    kind: ActivityKind,
    /// The version of the bug afterwards.
    version: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    author_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment_id: Option<CommentId>,
    untrusted: Words,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Words {
    author: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<String>,
    changes: Vec<ShownChange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rationale: Option<String>,
}

impl Tool for ListBugActivity {
    const NAME: &'static str = "list_bug_activity";
    const TITLE: &'static str = "List a bug's activity";
    const DESCRIPTION: &'static str =
        "Lists what was done to a bug, newest first: who, through which client, from what to what, and why.";
    const ACTION: Action = Action::ReadBugs;
    const EFFECT: Effect = Effect::Reads;
    type Input = Input;
    type Data = Entries;
    type Output = Output;

    async fn run(call: &Call, input: Input) -> Result<Entries, ToolError> {
        let bug = call.bug(input.bug_id).await?;
        let pager = call.pager(Self::NAME, &bug.id).await?;
        let before = pager.open::<ActivityId>(input.cursor.as_ref())?;
        let page = call.store().bug_activity(bug.id, before, input.limit.rows()).await?;
        let reported_at = page.next.is_none().then(|| bug.created_at.to_rfc3339());
        Ok(Entries { rows: page.items, next: page.next, reported_at, pager })
    }

    fn render(data: &Entries, budget: TokenBudget) -> Output {
        let (mut meter, mut entries): (_, Vec<Entry>) = (Meter::new(budget), Vec::new());
        let (mut next, mut reported_at) = (data.next, data.reported_at.clone());
        for row in &data.rows {
            let entry = entry(row);
            // One entry always fits: its texts are cut.
            if !meter.admit(&lines(&entry), &entry) && !entries.is_empty() {
                next = data.rows.get(entries.len() - 1).map(|last| last.id);
                reported_at = None;
                break;
            }
            entries.push(entry);
        }
        Output { entries, reported_at, next_cursor: next.map(|last| data.pager.seal(&last)) }
    }
}

fn entry(row: &Activity) -> Entry {
    let reason = row.rationale.as_ref();
    Entry {
        at: row.at.to_rfc3339(),
        kind: row.kind,
        version: row.version,
        author_id: row.author.id.clone(),
        comment_id: row.comment,
        untrusted: Words {
            author: change::name(&row.author),
            client: change::client(&row.author),
            changes: row.changes.iter().map(ShownChange::new).collect(),
            rationale: reason.map(|why| untrusted::short_line(why, RATIONALE_CHARS_MAX, RATIONALE_TOKENS_MAX)),
        },
    }
}

fn lines(entry: &Entry) -> String {
    let words = &entry.untrusted;
    let mut text = format!("{} {} by {}", entry.at, entry.kind, words.author);
    text.extend(entry.author_id.iter().map(|id| format!(" ({id})")));
    text.extend(words.client.iter().map(|client| format!(" with {client}")));
    text.extend(entry.comment_id.iter().map(|id| format!(", comment {id}")));
    text.push_str(&format!(", version {}\n", entry.version));
    text.extend(words.changes.iter().map(|change| format!("  {}\n", change.line())));
    text.extend(words.rationale.iter().map(|why| format!("  why: {why}\n")));
    text
}

impl tool::Output for Output {
    fn text(&self) -> String {
        let mut text = if self.entries.is_empty() {
            "Nothing was changed.\n".to_owned()
        } else {
            let all: String = self.entries.iter().map(lines).collect();
            format!("Newest first.\n{}", untrusted::block(Source::Report, &all))
        };
        if let Some(at) = &self.reported_at {
            text.push_str(&format!("The bug was reported at {at}. These are all.\n"));
        }
        if let Some(cursor) = &self.next_cursor {
            text.push_str(&format!("There are more: list_bug_activity with cursor \"{cursor}\".\n"));
        }
        text
    }
}
