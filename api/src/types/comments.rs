//! Comments on bugs.

use playhead_schemas::{BugId, CommentId, EpochMs};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Untrusted;

/// A comment on a bug.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Comment {
    /// The id.
    pub id: CommentId,
    /// The bug.
    pub bug_id: BugId,
    /// The member, the agent or the credential, such as `member 01J..`; null where only a name is known.
    pub author_id: Option<String>,
    /// The comment that it answers.
    pub reply_to: Option<CommentId>,
    /// When it was written.
    pub created_at: EpochMs,
    /// When it was last changed.
    pub edited_at: Option<EpochMs>,
    /// When it was deleted. Answers to it stay.
    pub deleted_at: Option<EpochMs>,
    /// What people wrote.
    pub untrusted: Untrusted<CommentTexts>,
}

/// What people wrote in a comment.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CommentTexts {
    /// The author's name at that time.
    pub author: String,
    /// The comment, in Markdown; empty when it was deleted.
    pub body: String,
}

/// A comment to add.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddComment {
    /// Markdown, 1 to 65,536 characters.
    pub body: String,
    /// The comment of the same bug that it answers.
    #[serde(default)]
    pub reply_to: Option<CommentId>,
    /// Repeating a request with the same key within 24 hours adds nothing new, for the same member, agent or token.
    #[serde(default)]
    pub idempotency_key: Option<String>,
}

/// A comment that was added. A repeated request with the same key gets the same answer.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
pub struct AddedComment {
    /// The id.
    pub id: CommentId,
    /// The bug.
    pub bug_id: BugId,
    /// When it was added.
    pub created_at: EpochMs,
}

/// What a comment is to say instead.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EditComment {
    /// Markdown, 1 to 65,536 characters.
    pub body: String,
}
