//! Comments on bugs.

use playhead_schemas::{BugId, CommentId, EpochMs};
use serde::Serialize;

use crate::store::pending;
use crate::{Page, Result, Store};

/// A comment on a bug.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Comment {
    /// Its id.
    pub id: CommentId,
    /// The bug.
    pub bug: BugId,
    /// Who wrote it.
    pub author: String,
    /// What it says.
    pub body: String,
    /// When it was written.
    pub created_at: EpochMs,
}

impl Store {
    /// The comments of a bug, oldest first.
    pub async fn comments(
        &self,
        bug: BugId,
        after: Option<CommentId>,
        limit: u32,
    ) -> Result<Page<Comment, CommentId>> {
        let _ = (bug, after, limit);
        pending()
    }

    /// Adds a comment.
    pub async fn add_comment(&self, bug: BugId, author: &str, body: &str) -> Result<Comment> {
        let _ = (bug, author, body);
        pending()
    }
}
