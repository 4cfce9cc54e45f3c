//! Bugs: creating, reading, listing and searching them.

mod change;
mod conditions;
mod create;
mod facts;
mod lexemes;
mod list;
mod words;

use playhead_schemas::timeline::Signal;
use playhead_schemas::tracker::BugSort;
use playhead_schemas::upload::{BugStatus, Cookie, PageContext, Priority, Reporter, SystemInfo};
use playhead_schemas::{Actor, BugId, EpochMs, MemberId, ProjectId, ReplayId, ReplayKey};
use serde::{Deserialize, Serialize};

pub use change::{BugFields, ChangedBug};
pub use create::Filing;
pub(crate) use facts::ReplayFacts;
pub(crate) use words::{index_all, index_missing, transcript_published};

use crate::engine::{Row, values};
use crate::{NewAttachment, NewScreenshot, Result, Store, StoreError};

/// A bug to create.
#[derive(Clone, Debug)]
pub struct NewBug {
    /// The project of the ingest key.
    pub project: ProjectId,
    /// The SDK's id of the report: a second call with the same id returns the first bug.
    pub client_id: Option<String>,
    /// One line.
    pub title: String,
    /// Many lines.
    pub description: String,
    /// Who reports it.
    pub reporter: Reporter,
    /// The page that it is reported on.
    pub page: PageContext,
    /// The system that it is reported from.
    pub system: SystemInfo,
    /// Data that the application adds.
    pub metadata: serde_json::Map<String, serde_json::Value>,
    /// Tags, in the given order. Duplicates are dropped.
    pub tags: Vec<String>,
    /// How urgent it is.
    pub priority: Priority,
    /// Cookies of the page; stored in a table of their own.
    pub cookies: Vec<Cookie>,
    /// The replay that shows it; its row is made when the key is new.
    pub replay: Option<ReplayKey>,
    /// Pictures.
    pub screenshots: Vec<NewScreenshot>,
    /// Other files.
    pub attachments: Vec<NewAttachment>,
}

/// A bug report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bug {
    /// Its id.
    pub id: BugId,
    /// The project that it belongs to.
    pub project: ProjectId,
    /// One line.
    pub title: String,
    /// Many lines.
    pub description: String,
    /// Where it stands.
    pub status: BugStatus,
    /// How urgent it is.
    pub priority: Priority,
    /// Its tags.
    pub tags: Vec<String>,
    /// Who reported it.
    pub reporter: Reporter,
    /// The page that it was reported on.
    pub page: PageContext,
    /// The system that it was reported from.
    pub system: SystemInfo,
    /// Data that the application added.
    pub metadata: serde_json::Map<String, serde_json::Value>,
    /// The replay that shows it.
    pub replay: Option<ReplayId>,
    /// Who works on it.
    pub assignee: Option<Actor>,
    /// The member who answers for the agent that works on it.
    pub answered_by: Option<MemberId>,
    /// The milestone that it belongs to.
    pub milestone: Option<String>,
    /// The release of the application that it was seen in.
    pub release: Option<String>,
    /// The release that fixes it.
    pub fixed_in: Option<String>,
    /// The bug that it repeats.
    pub duplicate_of: Option<BugId>,
    /// Grows by one with each change of its fields; 1 at first.
    pub version: u64,
    /// When it was reported.
    pub created_at: EpochMs,
    /// When it last changed, or was commented.
    pub updated_at: EpochMs,
    /// How many screenshots it has.
    pub screenshot_count: u32,
    /// How many attachments it has.
    pub attachment_count: u32,
    /// How many comments it has.
    pub comment_count: u32,
    /// How many cookies came with it.
    pub cookie_count: u32,
}

/// Which bugs to list. Conditions are joined by and.
#[derive(Clone, Debug, Default)]
pub struct BugQuery {
    /// Of these projects; an empty list matches nothing.
    pub projects: Vec<ProjectId>,
    /// With one of these statuses; an empty list takes any.
    pub status: Vec<BugStatus>,
    /// With one of these priorities; an empty list takes any.
    pub priority: Vec<Priority>,
    /// With exactly all of these tags.
    pub tags: Vec<String>,
    /// With all words of this text, each anywhere in title, description or transcript summary, whatever their case. What
    /// stands between double quotes is looked for as one piece. No wildcards.
    pub text: Option<String>,
    /// Conditions that are seldom asked for.
    pub more: MoreConditions,
    /// In this order. A search by text is ordered by arrival, newest first.
    pub sort: BugSort,
    /// After this one in that order.
    pub after: Option<BugPosition>,
    /// How many rows at most.
    pub limit: u32,
}

/// Further conditions of a list. The default takes any bug.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MoreConditions {
    /// Assigned so.
    pub assignee: Option<AssigneeIs>,
    /// Reported by one whose name, address or id is exactly this.
    pub reporter: Option<String>,
    /// Seen in exactly this release.
    pub release: Option<String>,
    /// Seen in a browser whose name has this in it, whatever its case.
    pub browser: Option<String>,
    /// With a replay, or without one.
    pub has_replay: Option<bool>,
    /// With an error or a failed request in its replay, or without one.
    pub has_error: Option<bool>,
    /// With this pattern in its replay.
    pub signal: Option<Signal>,
    /// Marked as a duplicate of this one.
    pub duplicate_of: Option<BugId>,
    /// Reported at this time or later.
    pub created_from: Option<EpochMs>,
    /// Reported before this time.
    pub created_before: Option<EpochMs>,
    /// Changed at this time or later.
    pub updated_from: Option<EpochMs>,
    /// Changed before this time.
    pub updated_before: Option<EpochMs>,
}

/// A condition on who works on a bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssigneeIs {
    /// Nobody.
    Nobody,
    /// This one.
    Actor(Actor),
}

/// A place in a list: a bug and what the list is ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BugPosition {
    /// The bug.
    pub bug: BugId,
    /// Its time of change, for lists in the order of changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<EpochMs>,
    /// Its priority, for lists in the order of priorities.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
}

impl BugListRow {
    /// Its place in a list of an order.
    pub fn position(&self, sort: BugSort) -> BugPosition {
        BugPosition {
            bug: self.id,
            updated_at: (sort == BugSort::Updated).then_some(self.updated_at),
            priority: (sort == BugSort::Priority).then_some(self.priority),
        }
    }
}

/// A bug as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BugListRow {
    /// Its id.
    pub id: BugId,
    /// The project that it belongs to.
    pub project: ProjectId,
    /// One line.
    pub title: String,
    /// Where it stands.
    pub status: BugStatus,
    /// How urgent it is.
    pub priority: Priority,
    /// Its tags.
    pub tags: Vec<String>,
    /// When it was reported.
    pub created_at: EpochMs,
    /// When it last changed, or was commented.
    pub updated_at: EpochMs,
    /// The replay that shows it.
    pub replay: Option<ReplayId>,
    /// The most severe failure of its transcript, in one line.
    pub failure_title: Option<String>,
    /// Who works on it.
    pub assignee: Option<Actor>,
    /// The release that fixes it.
    pub fixed_in: Option<String>,
    /// The bug that it repeats.
    pub duplicate_of: Option<BugId>,
    /// Grows by one with each change of its fields; 1 at first.
    pub version: u64,
}

/// The columns of [`bug`].
macro_rules! bug_columns {
    () => {
        "id, project, title, description, status, priority, tags, reporter, page, system_info, metadata, replay, assignee,
         created_at, updated_at, screenshot_count, attachment_count, comment_count, cookie_count, version, answered_by,
         milestone, release, fixed_in, duplicate_of"
    };
}
use bug_columns;

const BY_ID: &str = concat!("SELECT ", bug_columns!(), " FROM bugs WHERE id = $1");
/// A bug that is, over others, a duplicate of itself would be found once.
const DUPLICATES: &str = "WITH RECURSIVE found (id) AS (SELECT id FROM bugs WHERE duplicate_of = $1
    UNION SELECT b.id FROM bugs b JOIN found f ON b.duplicate_of = f.id) SELECT count(*) FROM found";
const OF_REPLAY: &str = "SELECT id FROM bugs WHERE replay = $1 ORDER BY id DESC LIMIT 1";
const COOKIES: &str = "SELECT cookies FROM bug_cookies WHERE bug = $1";
const EXISTS: &str = "SELECT id FROM bugs WHERE id = $1";

impl Store {
    /// The bug of an id.
    pub async fn bug(&self, id: BugId) -> Result<Bug> {
        self.find(BY_ID, values![id], bug).await?.ok_or(StoreError::NotFound("bug"))
    }

    /// How many bugs are, each or over others, marked as duplicates of a bug.
    pub async fn duplicate_count(&self, id: BugId) -> Result<u64> {
        Ok(self.find(DUPLICATES, values![id], |row| row.get(0)).await?.unwrap_or(0))
    }

    /// The newest bug that a replay belongs to.
    pub async fn bug_of_replay(&self, replay: ReplayId) -> Result<Option<BugId>> {
        self.find(OF_REPLAY, values![replay], |row| row.get(0)).await
    }

    /// The cookies that came with a bug. Ask for the scope `cookies:read` first.
    pub async fn cookies(&self, bug: BugId) -> Result<Vec<Cookie>> {
        if let Some(cookies) = self.find(COOKIES, values![bug], |row| row.json(0)).await? {
            return Ok(cookies);
        }
        let known: Option<BugId> = self.find(EXISTS, values![bug], |row| row.get(0)).await?;
        known.map(|_| Vec::new()).ok_or(StoreError::NotFound("bug"))
    }
}

fn bug(row: &Row) -> Result<Bug> {
    Ok(Bug {
        id: row.get(0)?,
        project: row.get(1)?,
        title: row.get(2)?,
        description: row.get(3)?,
        status: row.parsed(4)?,
        priority: row.parsed(5)?,
        tags: row.json(6)?,
        reporter: row.json(7)?,
        page: row.json(8)?,
        system: row.json(9)?,
        metadata: row.json(10)?,
        replay: row.get(11)?,
        assignee: row.get(12)?,
        created_at: row.get(13)?,
        updated_at: row.get(14)?,
        screenshot_count: row.get(15)?,
        attachment_count: row.get(16)?,
        comment_count: row.get(17)?,
        cookie_count: row.get(18)?,
        version: row.get(19)?,
        answered_by: row.get(20)?,
        milestone: row.get(21)?,
        release: row.get(22)?,
        fixed_in: row.get(23)?,
        duplicate_of: row.get(24)?,
    })
}
