//! The activity of bugs: what was done to each, by whom, through which client, from what to what, and why.
//!
//! An entry is written in the transaction of what it tells, so that there is none without the other.

use playhead_schemas::tracker::{ActivityKind, BugField};
use playhead_schemas::{ActivityId, BugId, CommentId, EpochMs};
use serde::{Deserialize, Serialize};

use crate::engine::{Row, Tx, values};
use crate::json::to_json;
use crate::page::page_limit;
use crate::{Page, Result, Store};

/// Entries that are read of what was changed since a version.
const SINCE_MAX: u32 = 50;

/// Who does something to a bug, and through what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Author {
    /// The member, the agent or the credential, such as `member 01J..` or `token 01J..`; `None` where it is unknown.
    pub id: Option<String>,
    /// Its name at that time.
    pub name: String,
    /// The client, as it names itself.
    pub client: Option<String>,
}

impl Author {
    /// One of whom only a name is known.
    pub fn named(name: impl Into<String>) -> Self {
        Self { id: None, name: name.into(), client: None }
    }
}

/// A field that was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Which.
    pub field: BugField,
    /// What it was; null for nothing.
    pub from: serde_json::Value,
    /// What it is now; null for nothing.
    pub to: serde_json::Value,
}

/// One entry of a bug's activity.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Activity {
    /// Its id.
    pub id: ActivityId,
    /// The bug.
    pub bug: BugId,
    /// What was done.
    pub kind: ActivityKind,
    /// When.
    pub at: EpochMs,
    /// By whom.
    pub author: Author,
    /// The version of the bug afterwards.
    pub version: u64,
    /// The fields that were changed.
    pub changes: Vec<FieldChange>,
    /// The comment that it is about.
    pub comment: Option<CommentId>,
    /// Why, in the author's words.
    pub rationale: Option<String>,
}

/// An entry to write.
pub(crate) struct NewActivity<'a> {
    pub(crate) bug: BugId,
    pub(crate) kind: ActivityKind,
    pub(crate) at: EpochMs,
    pub(crate) author: &'a Author,
    pub(crate) version: u64,
    pub(crate) changes: &'a [FieldChange],
    pub(crate) comment: Option<CommentId>,
    pub(crate) rationale: Option<&'a str>,
}

impl<'a> NewActivity<'a> {
    pub(crate) fn new(bug: BugId, kind: ActivityKind, at: EpochMs, author: &'a Author, version: u64) -> Self {
        Self { bug, kind, at, author, version, changes: &[], comment: None, rationale: None }
    }
}

macro_rules! columns {
    () => {
        "id, bug, kind, happened_at, author_id, author, client, version, changes, comment, rationale"
    };
}

const ADD: &str =
    concat!("INSERT INTO bug_activity (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)");
const LIST: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM bug_activity WHERE bug = $1 AND ($2::text IS NULL OR id < $2::text) ORDER BY id DESC LIMIT $3"
);
const SINCE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM bug_activity WHERE bug = $1 AND kind = 'updated' AND version > $2 ORDER BY id DESC LIMIT $3"
);

impl Store {
    /// What was done to a bug, newest first. `before` is the last entry of the page before.
    pub async fn bug_activity(
        &self,
        bug: BugId,
        before: Option<ActivityId>,
        limit: u32,
    ) -> Result<Page<Activity, ActivityId>> {
        let rows = self.list(LIST, values![bug, before, page_limit(limit) + 1], activity).await?;
        Ok(Page::from_rows(rows, limit, |entry| entry.id))
    }

    /// The changes of a bug's fields after a version, newest first: at most 50.
    pub async fn bug_changes_since(&self, bug: BugId, version: u64) -> Result<Vec<Activity>> {
        self.list(SINCE, values![bug, version, SINCE_MAX], activity).await
    }
}

/// Writes an entry.
pub(crate) fn add(tx: &Tx<'_>, new: &NewActivity<'_>) -> Result<()> {
    let row = values![
        ActivityId::new(),
        new.bug,
        new.kind.as_str(),
        new.at,
        new.author.id.as_deref(),
        new.author.name.as_str(),
        new.author.client.as_deref(),
        new.version,
        to_json(new.changes)?,
        new.comment,
        new.rationale
    ];
    tx.execute(ADD, &row).map(drop)
}

fn activity(row: &Row) -> Result<Activity> {
    Ok(Activity {
        id: row.get(0)?,
        bug: row.get(1)?,
        kind: row.parsed(2)?,
        at: row.get(3)?,
        author: Author { id: row.get(4)?, name: row.get(5)?, client: row.get(6)? },
        version: row.get(7)?,
        changes: row.json(8)?,
        comment: row.get(9)?,
        rationale: row.get(10)?,
    })
}
