//! Comments: anybody who may write adds them, their author alone changes and deletes them.

use playhead_schemas::limits::COMMENT_CHARS_MAX;
use playhead_schemas::{BugId, CommentId};
use playhead_store::{Comment, NewComment, Store, StoreError};
use serde::Serialize;

use crate::{TrackerError, Writer, text};

/// A comment to add.
#[derive(Clone, Debug, Serialize)]
pub struct CommentDraft {
    /// The bug.
    pub bug: BugId,
    /// What it says, in Markdown: 1 to 65,536 visible characters.
    pub body: String,
    /// The comment of the same bug that it answers.
    pub reply_to: Option<CommentId>,
}

/// Adds a comment. `true` when an earlier call with the same `key` added it: nothing was done.
///
/// # Errors
/// `INVALID_INPUT` for a body that is empty or too long; `NOT_FOUND` when `reply_to` is no comment of the bug;
/// `CONFLICT` when the key was given with another comment.
pub async fn add_comment(
    store: &Store,
    draft: CommentDraft,
    key: Option<&str>,
    writer: &Writer,
) -> Result<(Comment, bool), TrackerError> {
    let key = writer.key("add_comment", key, &draft)?;
    let CommentDraft { bug, body, reply_to } = draft;
    let new = NewComment { bug, author: writer.author(), body: checked(&body)?, reply_to, key };
    store.add_comment(new).await.map_err(failed)
}

/// Replaces what a comment of the writer says.
///
/// # Errors
/// `FORBIDDEN` when another one wrote it; `NOT_FOUND` when it was deleted.
pub async fn edit_comment(store: &Store, old: &Comment, body: &str, writer: &Writer) -> Result<Comment, TrackerError> {
    let body = checked(body)?;
    check_author(old, writer)?;
    store.edit_comment(old.id, writer.author(), body).await.map_err(failed)
}

/// Deletes what a comment of the writer says. Answers to it stay.
///
/// # Errors
/// As [`edit_comment`].
pub async fn delete_comment(store: &Store, old: &Comment, writer: &Writer) -> Result<Comment, TrackerError> {
    check_author(old, writer)?;
    store.delete_comment(old.id, writer.author()).await.map_err(failed)
}

fn checked(body: &str) -> Result<String, TrackerError> {
    text::lines("body", body, 1, COMMENT_CHARS_MAX)
}

fn check_author(comment: &Comment, writer: &Writer) -> Result<(), TrackerError> {
    if comment.author.id.as_deref() == Some(writer.id()) { Ok(()) } else { Err(TrackerError::NotTheAuthor) }
}

fn failed(error: StoreError) -> TrackerError {
    match error {
        StoreError::NotFound(_) => TrackerError::NoSuchComment,
        StoreError::KeyReused => TrackerError::KeyReused,
        other => other.into(),
    }
}
