//! Bugs: what is asked for, and what is answered. Fields are named as the arguments and answers of the tools.

use playhead_schemas::timeline::Signal;
use playhead_schemas::tracker::{BugSort, BugState};
use playhead_schemas::upload::{BugStatus, PageContext, Priority, Reporter, SystemInfo};
use playhead_schemas::{Actor, BugId, EpochMs, MemberId, ProjectId, ReplayId};
use playhead_tracker::{Clearable, When, Worker};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{FieldChange, Untrusted};

/// The conditions of a list of bugs.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListBugs {
    /// A project, by id or slug; all that the token sees when it is left out.
    #[serde(default)]
    pub project: Option<String>,
    /// With one of these statuses.
    #[serde(default)]
    pub status: Vec<BugStatus>,
    /// Open, closed (resolved or closed), or all.
    #[serde(default)]
    pub state: Option<BugState>,
    /// With one of these priorities.
    #[serde(default)]
    pub priority: Vec<Priority>,
    /// With all of these tags.
    #[serde(default)]
    pub tag: Vec<String>,
    /// me, none, "member ID" or "agent ID".
    #[serde(default)]
    pub assignee: Option<Worker>,
    /// Exact name, address or id of the reporter.
    #[serde(default)]
    pub reporter: Option<String>,
    /// Seen in exactly this release.
    #[serde(default)]
    pub release: Option<String>,
    /// A part of the browser's name, such as firefox.
    #[serde(default)]
    pub browser: Option<String>,
    /// With a replay, or without one.
    #[serde(default)]
    pub has_replay: Option<bool>,
    /// With an error or a failed request in the replay, or without one.
    #[serde(default)]
    pub has_error: Option<bool>,
    /// With this pattern in the replay.
    #[serde(default)]
    pub signal: Option<Signal>,
    /// Reported then or later: RFC 3339, a date, or epoch milliseconds.
    #[serde(default)]
    pub created_from: Option<When>,
    /// Reported before this time.
    #[serde(default)]
    pub created_before: Option<When>,
    /// Changed then or later.
    #[serde(default)]
    pub updated_from: Option<When>,
    /// Changed before this time.
    #[serde(default)]
    pub updated_before: Option<When>,
    /// Marked as duplicates of this bug.
    #[serde(default)]
    pub duplicate_of: Option<BugId>,
    /// The order; newest first when it is left out.
    #[serde(default)]
    pub sort: Option<BugSort>,
}

/// What is searched for.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchBugs {
    /// Words in any order and case; "words in quotes" stand together. At most 200 characters.
    pub query: String,
    /// A project, by id or slug; all that the token sees when it is left out.
    #[serde(default)]
    pub project: Option<String>,
    /// With one of these statuses.
    #[serde(default)]
    pub status: Vec<BugStatus>,
}

/// A bug as lists show it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct BugRow {
    /// The id.
    pub id: BugId,
    /// The project.
    pub project: ProjectId,
    /// Where it stands.
    pub status: BugStatus,
    /// How urgent it is.
    pub priority: Priority,
    /// What an update takes as version.
    pub version: u64,
    /// When it was reported.
    pub created_at: EpochMs,
    /// When it last changed, or was commented.
    pub updated_at: EpochMs,
    /// The replay that shows it.
    pub replay_id: Option<ReplayId>,
    /// Who works on it.
    pub assignee: Option<Actor>,
    /// The bug that it repeats.
    pub duplicate_of: Option<BugId>,
    /// What people and pages wrote.
    pub untrusted: Untrusted<BugRowTexts>,
}

/// What people and pages wrote about a bug, in short.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct BugRowTexts {
    /// One line.
    pub title: String,
    /// The most severe failure of the replay.
    pub failure: Option<String>,
    /// The release that fixes it.
    pub fixed_in: Option<String>,
    /// Its tags.
    pub tags: Vec<String>,
}

/// A bug.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Bug {
    /// The id.
    pub id: BugId,
    /// The project.
    pub project: ProjectId,
    /// Where it stands.
    pub status: BugStatus,
    /// How urgent it is.
    pub priority: Priority,
    /// What an update takes as version: it grows by one with each change of the fields.
    pub version: u64,
    /// When it was reported.
    pub created_at: EpochMs,
    /// When it last changed, or was commented.
    pub updated_at: EpochMs,
    /// Who works on it.
    pub assignee: Option<Actor>,
    /// The member who answers for an assigned agent.
    pub answered_by: Option<MemberId>,
    /// The bug that it repeats.
    pub duplicate_of: Option<BugId>,
    /// How many bugs are marked as its duplicates.
    pub duplicates: u64,
    /// The replay that shows it.
    pub replay_id: Option<ReplayId>,
    /// How many screenshots it has.
    pub screenshot_count: u32,
    /// How many attachments it has.
    pub attachment_count: u32,
    /// How many comments it has.
    pub comment_count: u32,
    /// What people and pages wrote.
    pub untrusted: Untrusted<Report>,
}

/// What people and pages wrote about a bug.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// One line.
    pub title: String,
    /// Many lines, in Markdown.
    pub description: String,
    /// Who reported it.
    pub reporter: Reporter,
    /// The name of the one who works on it.
    pub assignee: Option<String>,
    /// The milestone that it belongs to.
    pub milestone: Option<String>,
    /// The release that it was seen in.
    pub release: Option<String>,
    /// The release that fixes it.
    pub fixed_in: Option<String>,
    /// Its tags.
    pub tags: Vec<String>,
    /// The page that it was reported on.
    pub page: PageContext,
    /// The system that it was reported from.
    pub system: SystemInfo,
    /// Data that the application added.
    pub metadata: serde_json::Map<String, Value>,
}

/// A bug to file by hand.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateBug {
    /// By id or slug; may be left out when the token sees one project.
    #[serde(default)]
    pub project: Option<String>,
    /// One line.
    pub title: String,
    /// Many lines, in Markdown: steps, what was expected, what happened.
    #[serde(default)]
    pub description: Option<String>,
    /// How urgent it is.
    #[serde(default)]
    pub priority: Option<Priority>,
    /// Its tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// me, "member ID" or "agent ID".
    #[serde(default)]
    pub assignee: Option<Worker>,
    /// The milestone that it belongs to.
    #[serde(default)]
    pub milestone: Option<String>,
    /// The release that it was seen in.
    #[serde(default)]
    pub release: Option<String>,
    /// The page that it was seen on.
    #[serde(default)]
    pub page_url: Option<String>,
    /// Repeating a request with the same key within 24 hours files nothing new, for the same member, agent or token.
    #[serde(default)]
    pub idempotency_key: Option<String>,
}

/// A bug that was filed. A repeated request with the same key gets the same answer.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CreatedBug {
    /// The id.
    pub id: BugId,
    /// The project.
    pub project: ProjectId,
    /// When it was filed.
    pub created_at: EpochMs,
}

/// What is to be changed about a bug: all of it or nothing. What is left out stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateBug {
    /// The version that you read: when the bug has a newer one, the answer is CONFLICT and tells what changed.
    #[serde(default)]
    pub version: Option<u32>,
    /// One line.
    #[serde(default)]
    pub title: Option<String>,
    /// Many lines, in Markdown.
    #[serde(default)]
    pub description: Option<String>,
    /// Where it is to stand.
    #[serde(default)]
    pub status: Option<BugStatus>,
    /// How urgent it is.
    #[serde(default)]
    pub priority: Option<Priority>,
    /// All tags; add_tags and remove_tags change some.
    #[serde(default)]
    pub tags: Option<Vec<String>>,
    /// Tags that are added.
    #[serde(default)]
    pub add_tags: Vec<String>,
    /// Tags that are removed.
    #[serde(default)]
    pub remove_tags: Vec<String>,
    /// me, "member ID" or "agent ID".
    #[serde(default)]
    pub assignee: Option<Worker>,
    /// The member who answers for an assigned agent.
    #[serde(default)]
    pub answered_by: Option<MemberId>,
    /// The milestone that it belongs to.
    #[serde(default)]
    pub milestone: Option<String>,
    /// The release that fixes it.
    #[serde(default)]
    pub fixed_in: Option<String>,
    /// The bug that it repeats; closes it.
    #[serde(default)]
    pub duplicate_of: Option<BugId>,
    /// Fields to empty.
    #[serde(default)]
    pub clear: Vec<Clearable>,
    /// Why, for the activity.
    #[serde(default)]
    pub rationale: Option<String>,
}

/// A bug after an update.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct UpdatedBug {
    /// The id.
    pub id: BugId,
    /// The version that it has now.
    pub version: u64,
    /// Where it stands.
    pub status: BugStatus,
    /// How urgent it is.
    pub priority: Priority,
    /// Who works on it.
    pub assignee: Option<Actor>,
    /// What was changed.
    pub untrusted: Untrusted<Changes>,
}

/// What was changed; empty when it was like that already.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Changes {
    /// One for each field.
    pub changes: Vec<FieldChange>,
}
