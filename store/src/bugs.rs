//! Bugs: making, reading, listing.

use playhead_schemas::upload::{BugStatus, Cookie, PageContext, Priority, Reporter, SystemInfo};
use playhead_schemas::{BugId, EpochMs, ProjectId, ReplayId, ReplayKey};
use serde::Serialize;

use crate::store::pending;
use crate::{NewAttachment, NewScreenshot, Result, Store};

/// What a bug is made of.
#[derive(Clone, Debug)]
pub struct NewBug {
    /// The project of the ingest key.
    pub project: ProjectId,
    /// The SDK's own id of the report: a second call with the same one gives the first bug.
    pub client_id: Option<String>,
    /// One line.
    pub title: String,
    /// Many lines.
    pub description: String,
    /// Who reports.
    pub reporter: Reporter,
    /// Where.
    pub page: PageContext,
    /// On what.
    pub system: SystemInfo,
    /// What the application adds.
    pub metadata: serde_json::Map<String, serde_json::Value>,
    /// Tags, in the given order, without doubles.
    pub tags: Vec<String>,
    /// How urgent.
    pub priority: Priority,
    /// Cookies of the page; stored apart.
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
    /// What the application added.
    pub metadata: serde_json::Map<String, serde_json::Value>,
    /// The replay that shows it.
    pub replay: Option<ReplayId>,
    /// Who is at it.
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
    /// With this status.
    pub status: Option<BugStatus>,
    /// With this priority.
    pub priority: Option<Priority>,
    /// With exactly this tag.
    pub tag: Option<String>,
    /// With this text in title, description or transcript summary, whatever its case. No wildcards.
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
    /// Where it stands.
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

impl Store {
    /// Stores a bug: objects first, then every row and a renditions job for each screenshot in one transaction.
    /// `true` says that the same `client_id` had already made this bug.
    pub async fn create_bug(&self, new: NewBug) -> Result<(Bug, bool)> {
        let _ = new;
        pending()
    }

    /// The bug of an id.
    pub async fn bug(&self, id: BugId) -> Result<Bug> {
        let _ = id;
        pending()
    }

    /// Bugs, newest first.
    pub async fn bugs(&self, query: BugQuery) -> Result<Vec<BugListRow>> {
        let _ = query;
        pending()
    }

    /// The newest bug that a replay belongs to.
    pub async fn bug_of_replay(&self, replay: ReplayId) -> Result<Option<BugId>> {
        let _ = replay;
        pending()
    }

    /// The cookies that came with a bug. Ask for the scope `cookies:read` first.
    pub async fn cookies(&self, bug: BugId) -> Result<Vec<Cookie>> {
        let _ = bug;
        pending()
    }
}
