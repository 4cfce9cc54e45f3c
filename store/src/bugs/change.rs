//! Changing a bug: its row, its words, its tags and the entry of its activity, in one transaction.
//!
//! What may be changed is decided by the caller (the crate `tracker`), who is shown the bug as it is in that transaction.

use playhead_schemas::tracker::{ActivityKind, BugField};
use playhead_schemas::upload::{BugStatus, Priority};
use playhead_schemas::{Actor, BugId, EpochMs, MemberId, ProjectId, ReplayId};
use serde_json::json;
use ulid::Ulid;

use super::words::{change_tags, set_words};
use super::{Bug, bug, bug_columns};
use crate::activity::{self, Author, FieldChange, NewActivity};
use crate::engine::{Tx, values};
use crate::json::to_json;
use crate::transcripts::GENERATION;
use crate::{Result, Store, StoreError};

/// Bugs that may repeat each other in a row.
const DUPLICATES_IN_A_ROW_MAX: usize = 64;

const BY_ID: &str = concat!("SELECT ", bug_columns!(), ", seq, failure_title FROM bugs WHERE id = $1");
const SET: &str = "UPDATE bugs SET title = $2, description = $3, status = $4, priority = $5, tags = $6, assignee = $7,
    answered_by = $8, milestone = $9, fixed_in = $10, duplicate_of = $11, version = $12, updated_at = $13
    WHERE id = $1";
const ORIGINAL: &str = "SELECT duplicate_of, project FROM bugs WHERE id = $1";

/// The fields of a bug that can be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BugFields {
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
    /// Who works on it.
    pub assignee: Option<Actor>,
    /// The member who answers for the agent that works on it.
    pub answered_by: Option<MemberId>,
    /// The milestone that it belongs to.
    pub milestone: Option<String>,
    /// The release that fixes it.
    pub fixed_in: Option<String>,
    /// The bug that it repeats.
    pub duplicate_of: Option<BugId>,
}

/// A bug after a change.
#[derive(Clone, Debug)]
pub struct ChangedBug {
    /// As it is now.
    pub bug: Bug,
    /// What was changed; empty when nothing was, and the bug kept its version.
    pub changes: Vec<FieldChange>,
}

/// The result of one attempt.
enum Attempt<R> {
    Changed(Box<ChangedBug>),
    Refused(R),
    /// Nothing was written: the words of this replay's summary are needed.
    NeedsSummary(ReplayId),
}

impl Bug {
    /// The fields that can be changed.
    pub fn fields(&self) -> BugFields {
        BugFields {
            title: self.title.clone(),
            description: self.description.clone(),
            status: self.status,
            priority: self.priority,
            tags: self.tags.clone(),
            assignee: self.assignee,
            answered_by: self.answered_by,
            milestone: self.milestone.clone(),
            fixed_in: self.fixed_in.clone(),
            duplicate_of: self.duplicate_of,
        }
    }

    fn with(self, fields: BugFields, version: u64, at: EpochMs) -> Self {
        let BugFields {
            title,
            description,
            status,
            priority,
            tags,
            assignee,
            answered_by,
            milestone,
            fixed_in,
            duplicate_of,
        } = fields;
        Self {
            title,
            description,
            status,
            priority,
            tags,
            assignee,
            answered_by,
            milestone,
            fixed_in,
            duplicate_of,
            version,
            updated_at: at,
            ..self
        }
    }
}

impl Store {
    /// Changes a bug as `decide` says, or leaves it as it is when `decide` refuses. `decide` may be called several times.
    ///
    /// # Errors
    /// `NotFound` when there is no such bug, or none that it is said to repeat; `DuplicateOfItself` when it would repeat
    /// itself.
    pub async fn change_bug<R: Send + 'static>(
        &self,
        id: BugId,
        author: Author,
        rationale: Option<String>,
        decide: impl Fn(&Bug) -> std::result::Result<BugFields, R> + Clone + Send + 'static,
    ) -> Result<std::result::Result<ChangedBug, R>> {
        let mut summary = None;
        loop {
            let (author, rationale, decide, known) =
                (author.clone(), rationale.clone(), decide.clone(), summary.take());
            let attempt =
                self.write(move |tx| attempt(tx, id, (&author, rationale.as_deref()), &decide, known.as_ref())).await?;
            match attempt {
                Attempt::Changed(changed) => return Ok(Ok(*changed)),
                Attempt::Refused(refusal) => return Ok(Err(refusal)),
                Attempt::NeedsSummary(replay) => summary = self.newest_summary(replay).await?,
            }
        }
    }
}

fn attempt<R>(
    tx: &Tx<'_>,
    id: BugId,
    (author, rationale): (&Author, Option<&str>),
    decide: &impl Fn(&Bug) -> std::result::Result<BugFields, R>,
    summary: Option<&(Ulid, String)>,
) -> Result<Attempt<R>> {
    let row = tx.query_one(BY_ID, &values![id])?.ok_or(StoreError::NotFound("bug"))?;
    let (old, seq, failure) = (bug(&row)?, row.get::<i64>(25)?, row.get::<Option<String>>(26)?);
    let fields = match decide(&old) {
        Ok(fields) => fields,
        Err(refusal) => return Ok(Attempt::Refused(refusal)),
    };
    let was = old.fields();
    let changes = changes(&was, &fields);
    if changes.is_empty() {
        return Ok(Attempt::Changed(Box::new(ChangedBug { bug: old, changes })));
    }
    // What may refuse comes before what writes: a group of commits is run again when one of them has written and fails.
    if let Some(original) = fields.duplicate_of.filter(|_| fields.duplicate_of != was.duplicate_of) {
        check_original(tx, (old.project, id), original)?;
    }
    let has_new_words = was.title != fields.title || was.description != fields.description;
    if has_new_words {
        if let Some(replay) = old.replay
            && let Some(row) = tx.query_one(GENERATION, &values![replay])?
            && summary.is_none_or(|(generation, _)| row.get::<Ulid>(0).ok() != Some(*generation))
        {
            return Ok(Attempt::NeedsSummary(replay));
        }
        let summary = summary.map_or("", |(_, summary)| summary);
        let texts = [&fields.title, &fields.description, failure.as_deref().unwrap_or_default(), summary];
        set_words(tx, (old.project, seq), texts)?;
    }
    let states = |of: &BugFields| (of.status.as_str(), of.priority.as_str());
    if states(&was) != states(&fields) || was.tags != fields.tags {
        change_tags(tx, (old.project, id), (states(&was), &was.tags), (states(&fields), &fields.tags))?;
    }
    let (version, now) = (old.version.saturating_add(1), EpochMs::now());
    set(tx, id, &fields, version, now)?;
    let entry = NewActivity::new(id, ActivityKind::Updated, now, author, version);
    activity::add(tx, &NewActivity { changes: &changes, rationale, ..entry })?;
    Ok(Attempt::Changed(Box::new(ChangedBug { bug: old.with(fields, version, now), changes })))
}

fn set(tx: &Tx<'_>, id: BugId, fields: &BugFields, version: u64, now: EpochMs) -> Result<()> {
    let row = values![
        id,
        fields.title.as_str(),
        fields.description.as_str(),
        fields.status.as_str(),
        fields.priority.as_str(),
        to_json(&fields.tags)?,
        fields.assignee,
        fields.answered_by,
        fields.milestone.as_deref(),
        fields.fixed_in.as_deref(),
        fields.duplicate_of,
        version,
        now
    ];
    tx.execute(SET, &row).map(drop)
}

/// Checks that the original is a bug of the same project that does not, over others, repeat this one.
fn check_original(tx: &Tx<'_>, (project, id): (ProjectId, BugId), original: BugId) -> Result<()> {
    let mut next = Some(original);
    for _ in 0..DUPLICATES_IN_A_ROW_MAX {
        let Some(at) = next else { return Ok(()) };
        if at == id {
            return Err(StoreError::DuplicateOfItself);
        }
        let row = tx.query_one(ORIGINAL, &values![at])?.ok_or(StoreError::NotFound("bug"))?;
        if row.get::<ProjectId>(1)? != project {
            return Err(StoreError::NotFound("bug"));
        }
        next = row.get(0)?;
    }
    Err(StoreError::Invalid(format!("more than {DUPLICATES_IN_A_ROW_MAX} bugs are duplicates of each other in a row")))
}

fn changes(was: &BugFields, is: &BugFields) -> Vec<FieldChange> {
    let both = [
        (BugField::Title, json!(was.title), json!(is.title)),
        (BugField::Description, json!(was.description), json!(is.description)),
        (BugField::Status, json!(was.status), json!(is.status)),
        (BugField::Priority, json!(was.priority), json!(is.priority)),
        (BugField::Tags, json!(was.tags), json!(is.tags)),
        (BugField::Assignee, json!(was.assignee), json!(is.assignee)),
        (BugField::AnsweredBy, json!(was.answered_by), json!(is.answered_by)),
        (BugField::Milestone, json!(was.milestone), json!(is.milestone)),
        (BugField::FixedIn, json!(was.fixed_in), json!(is.fixed_in)),
        (BugField::DuplicateOf, json!(was.duplicate_of), json!(is.duplicate_of)),
    ];
    let changed = both.into_iter().filter(|(_, from, to)| from != to);
    changed.map(|(field, from, to)| FieldChange { field, from, to }).collect()
}
