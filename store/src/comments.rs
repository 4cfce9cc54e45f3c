//! Comments on bugs.

use playhead_schemas::tracker::ActivityKind;
use playhead_schemas::{BugId, CommentId, EpochMs};
use serde::Serialize;

use crate::activity::{self, Author, NewActivity};
use crate::engine::{Row, Tx, values};
use crate::idempotency::{self, IdempotencyKey};
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
    pub author: Author,
    /// What it says, in Markdown; empty when it was deleted.
    pub body: String,
    /// The comment that it answers.
    pub reply_to: Option<CommentId>,
    /// When it was written.
    pub created_at: EpochMs,
    /// When it was last changed.
    pub edited_at: Option<EpochMs>,
    /// When it was deleted. Answers to it stay.
    pub deleted_at: Option<EpochMs>,
}

/// A comment to add.
#[derive(Clone, Debug)]
pub struct NewComment {
    /// The bug.
    pub bug: BugId,
    /// Who writes it.
    pub author: Author,
    /// What it says, in Markdown.
    pub body: String,
    /// The comment of the same bug that it answers.
    pub reply_to: Option<CommentId>,
    /// The key with which the request may be repeated.
    pub key: Option<IdempotencyKey>,
}

impl NewComment {
    /// A comment that answers no other.
    pub fn new(bug: BugId, author: Author, body: impl Into<String>) -> Self {
        Self { bug, author, body: body.into(), reply_to: None, key: None }
    }
}

macro_rules! columns {
    () => {
        "id, bug, author_id, author, client, body, reply_to, created_at, edited_at, deleted_at"
    };
}

const LIST: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM comments WHERE bug = $1 AND ($2::text IS NULL OR id > $2::text) ORDER BY id LIMIT $3"
);
const BY_ID: &str = concat!("SELECT ", columns!(), " FROM comments WHERE id = $1");
const ADD: &str =
    concat!("INSERT INTO comments (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL, NULL)");
const EDIT: &str = "UPDATE comments SET body = $2, edited_at = $3 WHERE id = $1";
const DELETE: &str = "UPDATE comments SET body = '', deleted_at = $2 WHERE id = $1";
const COUNT: &str =
    "UPDATE bugs SET updated_at = $2, comment_count = comment_count + $3 WHERE id = $1 RETURNING version";

impl Store {
    /// The comments of a bug, oldest first, those that were deleted included.
    pub async fn comments(&self, bug: BugId, after: Option<CommentId>, limit: u32) -> Result<Page<Comment, CommentId>> {
        let rows = self.list(LIST, values![bug, after, page_limit(limit) + 1], comment).await?;
        Ok(Page::from_rows(rows, limit, |c| c.id))
    }

    /// The comment of an id.
    pub async fn comment(&self, id: CommentId) -> Result<Comment> {
        self.find(BY_ID, values![id], comment).await?.ok_or(StoreError::NotFound("comment"))
    }

    /// Adds a comment, with the entry of the bug's activity. `true` when an earlier call with the same idempotency key
    /// added it.
    ///
    /// # Errors
    /// `NotFound` when there is no such bug, or no comment of it that this one answers; `KeyReused` when the key was given
    /// with another request.
    pub async fn add_comment(&self, new: NewComment) -> Result<(Comment, bool)> {
        let NewComment { bug, author, body, reply_to, key } = new;
        let made = Comment {
            id: CommentId::new(),
            bug,
            author,
            body,
            reply_to,
            created_at: EpochMs::now(),
            edited_at: None,
            deleted_at: None,
        };
        self.write(move |tx| {
            if let Some(key) = &key
                && let Some(earlier) = idempotency::find(tx, key, made.created_at)?
            {
                return Ok((find(tx, CommentId(earlier))?, true));
            }
            add(tx, &made)?;
            if let Some(key) = &key {
                idempotency::remember(tx, key, made.id.0, made.created_at)?;
            }
            Ok((made.clone(), false))
        })
        .await
    }

    /// Replaces what a comment says.
    ///
    /// # Errors
    /// `NotFound` when there is no such comment, or it was deleted.
    pub async fn edit_comment(&self, id: CommentId, author: Author, body: String) -> Result<Comment> {
        self.write(move |tx| {
            let (old, now) = (live(tx, id)?, EpochMs::now());
            if old.body == body {
                return Ok(old);
            }
            tx.execute(EDIT, &values![id, body.as_str(), now])?;
            note(tx, &old, (ActivityKind::CommentEdited, &author), 0, now)?;
            Ok(Comment { body: body.clone(), edited_at: Some(now), ..old })
        })
        .await
    }

    /// Deletes what a comment says; that there was one stays, with the answers to it.
    ///
    /// # Errors
    /// `NotFound` when there is no such comment, or it was deleted.
    pub async fn delete_comment(&self, id: CommentId, author: Author) -> Result<Comment> {
        self.write(move |tx| {
            let (old, now) = (live(tx, id)?, EpochMs::now());
            tx.execute(DELETE, &values![id, now])?;
            note(tx, &old, (ActivityKind::CommentDeleted, &author), -1, now)?;
            Ok(Comment { body: String::new(), deleted_at: Some(now), ..old })
        })
        .await
    }
}

fn add(tx: &Tx<'_>, new: &Comment) -> Result<()> {
    if let Some(answered) = new.reply_to
        && find(tx, answered)?.bug != new.bug
    {
        return Err(StoreError::NotFound("comment"));
    }
    let Author { id: author_id, name, client } = &new.author;
    let row = values![
        new.id,
        new.bug,
        author_id.as_deref(),
        name.as_str(),
        client.as_deref(),
        new.body.as_str(),
        new.reply_to,
        new.created_at
    ];
    tx.execute(ADD, &row)?;
    note(tx, new, (ActivityKind::Commented, &new.author), 1, new.created_at)
}

/// Counts a comment of its bug, and writes the entry of the bug's activity.
fn note(
    tx: &Tx<'_>,
    comment: &Comment,
    (kind, author): (ActivityKind, &Author),
    added: i64,
    at: EpochMs,
) -> Result<()> {
    let counted = tx.change(COUNT, &values![comment.bug, at, added])?;
    let version = counted.first().ok_or(StoreError::NotFound("bug"))?.get(0)?;
    let entry = NewActivity::new(comment.bug, kind, at, author, version);
    activity::add(tx, &NewActivity { comment: Some(comment.id), ..entry })
}

fn find(tx: &Tx<'_>, id: CommentId) -> Result<Comment> {
    comment(&tx.query_one(BY_ID, &values![id])?.ok_or(StoreError::NotFound("comment"))?)
}

/// A comment that was not deleted.
fn live(tx: &Tx<'_>, id: CommentId) -> Result<Comment> {
    let found = find(tx, id)?;
    if found.deleted_at.is_some() { Err(StoreError::NotFound("comment")) } else { Ok(found) }
}

fn comment(row: &Row) -> Result<Comment> {
    Ok(Comment {
        id: row.get(0)?,
        bug: row.get(1)?,
        author: Author { id: row.get(2)?, name: row.get(3)?, client: row.get(4)? },
        body: row.get(5)?,
        reply_to: row.get(6)?,
        created_at: row.get(7)?,
        edited_at: row.get(8)?,
        deleted_at: row.get(9)?,
    })
}
