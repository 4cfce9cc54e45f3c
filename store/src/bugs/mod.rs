//! Bugs: creating, reading, listing and searching them.

mod create;
mod lexemes;
mod list;
mod words;

use playhead_schemas::upload::{BugStatus, Cookie, PageContext, Priority, Reporter, SystemInfo};
use playhead_schemas::{BugId, EpochMs, ProjectId, ReplayId, ReplayKey};
use serde::Serialize;

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
    /// Whether it is open, in progress, resolved or closed.
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
    pub assignee: Option<String>,
    /// When it was reported.
    pub created_at: EpochMs,
    /// When it last changed.
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
    /// With exactly this tag.
    pub tag: Option<String>,
    /// With all words of this text, each anywhere in title, description or transcript summary, whatever their case. What
    /// stands between double quotes is looked for as one piece. No wildcards.
    pub text: Option<String>,
    /// Older than this one.
    pub after: Option<BugId>,
    /// How many rows at most.
    pub limit: u32,
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
    /// Whether it is open, in progress, resolved or closed.
    pub status: BugStatus,
    /// How urgent it is.
    pub priority: Priority,
    /// Its tags.
    pub tags: Vec<String>,
    /// When it was reported.
    pub created_at: EpochMs,
    /// The replay that shows it.
    pub replay: Option<ReplayId>,
    /// The most severe failure of its transcript, in one line.
    pub failure_title: Option<String>,
}

const BY_ID: &str = "SELECT id, project, title, description, status, priority, tags, reporter, page, system_info,
    metadata, replay, assignee, created_at, updated_at, screenshot_count, attachment_count, comment_count,
    cookie_count FROM bugs WHERE id = $1";
const OF_REPLAY: &str = "SELECT id FROM bugs WHERE replay = $1 ORDER BY id DESC LIMIT 1";
const COOKIES: &str = "SELECT cookies FROM bug_cookies WHERE bug = $1";
const EXISTS: &str = "SELECT id FROM bugs WHERE id = $1";

impl Store {
    /// The bug of an id.
    pub async fn bug(&self, id: BugId) -> Result<Bug> {
        self.find(BY_ID, values![id], bug).await?.ok_or(StoreError::NotFound("bug"))
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
    })
}
