//! Listing bugs and searching them.

use std::collections::BTreeMap;

use playhead_schemas::{BugId, ReplayId};
use ulid::Ulid;

use super::{BugListRow, BugQuery};
use crate::engine::{Row, Session, values};
use crate::json::to_json;
use crate::page::bounded;
use crate::{Result, Store, StoreError};

/// Characters of a search text.
const TEXT_CHARS_MAX: usize = 200;

const LIST: &str = "SELECT id, project, title, status, priority, tags, created_at, replay FROM bugs
    WHERE project = ANY($1::text[]) AND id < $2::text
      AND ($3::text IS NULL OR status = $3::text) AND ($4::text IS NULL OR priority = $4::text)
      AND ($5::text IS NULL OR strpos(tags, $5::text) > 0)
    ORDER BY id DESC LIMIT $6";
// Twice as fast as ILIKE, which would need its wildcards escaped besides.
const SEARCH: &str = "SELECT b.id, b.project, b.title, b.status, b.priority, b.tags, b.created_at, b.replay
    FROM bugs b LEFT JOIN transcripts t ON t.replay = b.replay
    WHERE b.project = ANY($1::text[]) AND b.id < $2::text
      AND ($3::text IS NULL OR b.status = $3::text) AND ($4::text IS NULL OR b.priority = $4::text)
      AND ($5::text IS NULL OR strpos(b.tags, $5::text) > 0)
      AND (strpos(lower(b.title), lower($7)) > 0 OR strpos(lower(b.description), lower($7)) > 0
        OR strpos(lower(t.summary), lower($7)) > 0)
    ORDER BY b.id DESC LIMIT $6";
const FAILURES: &str = "SELECT replay, failure_title FROM transcripts WHERE replay = ANY($1::text[])";

impl Store {
    /// Bugs, newest first.
    ///
    /// # Errors
    /// `Invalid` for a search text of more than 200 characters.
    pub async fn bugs(&self, query: BugQuery) -> Result<Vec<BugListRow>> {
        if query.text.as_ref().is_some_and(|text| text.chars().count() > TEXT_CHARS_MAX) {
            return Err(StoreError::Invalid(format!("a search text has at most {TEXT_CHARS_MAX} characters")));
        }
        if query.projects.is_empty() {
            return Ok(Vec::new());
        }
        self.read(move |s| list(s, &query)).await
    }
}

fn list(session: &dyn Session, query: &BugQuery) -> Result<Vec<BugListRow>> {
    let projects: Vec<Ulid> = query.projects.iter().map(|id| id.0).collect();
    let before = query.after.unwrap_or(BugId(Ulid::from(u128::MAX)));
    let status = query.status.map(playhead_schemas::upload::BugStatus::as_str);
    let priority = query.priority.map(playhead_schemas::upload::Priority::as_str);
    // Tags are a JSON array of strings: the quoted form of one occurs in it exactly when the tag does.
    let tag = query.tag.as_ref().map(to_json).transpose()?;
    let mut params = values![projects, before, status, priority, tag, bounded(query.limit)].to_vec();
    let rows = match &query.text {
        None => session.query(LIST, &params)?,
        Some(text) => {
            params.push(text.as_str().into());
            session.query(SEARCH, &params)?
        }
    };
    let mut bugs = rows.iter().map(row).collect::<Result<Vec<_>>>()?;
    let replays: Vec<Ulid> = bugs.iter().filter_map(|b| b.replay).map(|id| id.0).collect();
    if !replays.is_empty() {
        let mut failures = BTreeMap::new();
        for row in session.query(FAILURES, &values![replays])? {
            failures.insert(row.get::<ReplayId>(0)?, row.get::<Option<String>>(1)?);
        }
        for bug in &mut bugs {
            bug.failure_title = bug.replay.and_then(|id| failures.get(&id).cloned().flatten());
        }
    }
    Ok(bugs)
}

fn row(row: &Row) -> Result<BugListRow> {
    Ok(BugListRow {
        id: row.get(0)?,
        project: row.get(1)?,
        title: row.get(2)?,
        status: row.word(3)?,
        priority: row.word(4)?,
        tags: row.json(5)?,
        created_at: row.get(6)?,
        replay: row.get(7)?,
        failure_title: None,
    })
}
