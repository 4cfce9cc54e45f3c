//! Comments on bugs.

use playhead_schemas::{BugId, CommentId, EpochMs};
use serde::Serialize;

use crate::engine::{Row, values};
use crate::page::page_limit;
use crate::{Page, Result, Store, StoreError};

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

const LIST: &str = "SELECT id, bug, author, body, created_at FROM comments
    WHERE bug = $1 AND ($2::text IS NULL OR id > $2::text) ORDER BY id LIMIT $3";
const ADD: &str = "INSERT INTO comments (id, bug, author, body, created_at) VALUES ($1, $2, $3, $4, $5)";
const BUG: &str = "SELECT id FROM bugs WHERE id = $1";
const TOUCH_BUG: &str = "UPDATE bugs SET updated_at = $2, comment_count = comment_count + 1 WHERE id = $1";

impl Store {
    /// The comments of a bug, oldest first.
    pub async fn comments(&self, bug: BugId, after: Option<CommentId>, limit: u32) -> Result<Page<Comment, CommentId>> {
        let rows = self.list(LIST, values![bug, after, page_limit(limit) + 1], comment).await?;
        Ok(Page::from_rows(rows, limit, |c| c.id))
    }

    /// Adds a comment, which changes the bug.
    pub async fn add_comment(&self, bug: BugId, author: &str, body: &str) -> Result<Comment> {
        let (author, body) = (author.to_owned(), body.to_owned());
        let new = Comment { id: CommentId::new(), bug, author, body, created_at: EpochMs::now() };
        self.write(move |tx| {
            tx.query_one(BUG, &values![bug])?.ok_or(StoreError::NotFound("bug"))?;
            tx.execute(ADD, &values![new.id, bug, new.author.as_str(), new.body.as_str(), new.created_at])?;
            tx.execute(TOUCH_BUG, &values![bug, new.created_at])?;
            Ok(new.clone())
        })
        .await
    }
}

fn comment(row: &Row) -> Result<Comment> {
    Ok(Comment { id: row.get(0)?, bug: row.get(1)?, author: row.get(2)?, body: row.get(3)?, created_at: row.get(4)? })
}
