//! The activity of a bug: who changed what, from what to what.

use playhead_schemas::tracker::{ActivityKind, BugField};
use playhead_schemas::{ActivityId, BugId, CommentId, EpochMs};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Untrusted;

/// An entry of a bug's activity.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Activity {
    /// The id.
    pub id: ActivityId,
    /// When.
    pub at: EpochMs,
    /// What was done.
    pub kind: ActivityKind,
    /// The version of the bug afterwards.
    pub version: u64,
    /// The member, the agent or the credential, such as `member 01J..`; null where only a name is known.
    pub author_id: Option<String>,
    /// The comment that it is about.
    pub comment_id: Option<CommentId>,
    /// What people wrote.
    pub untrusted: Untrusted<ActivityTexts>,
}

/// What people wrote in an entry.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ActivityTexts {
    /// The author's name at that time.
    pub author: String,
    /// The program, as it names itself.
    pub client: Option<String>,
    /// The fields that were changed.
    pub changes: Vec<FieldChange>,
    /// Why, in the author's words.
    pub rationale: Option<String>,
}

/// A field that was changed.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct FieldChange {
    /// Which.
    pub field: BugField,
    /// What it was; null for nothing.
    pub from: Value,
    /// What it is now; null for nothing.
    pub to: Value,
}

/// What others changed since the version that a request named.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct VersionConflict {
    /// The bug.
    pub bug_id: BugId,
    /// The version that the request named.
    pub given: u64,
    /// The version that the bug has.
    pub version: u64,
    /// The changes since then, newest first: at most 50.
    pub changes: Vec<Activity>,
}
