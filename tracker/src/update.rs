//! Updating a bug once, against its newest version.

use playhead_schemas::{Actor, BugId};
use playhead_store::{Bug, ChangedBug, FieldChange, Store, StoreError};

use crate::assignee::{self, Assignee};
use crate::error::VersionConflict;
use crate::patch::{BugPatch, apply};
use crate::{TrackerError, Writer, text};

/// A bug after an update.
#[derive(Clone, Debug)]
pub struct UpdatedBug {
    /// As it is now.
    pub bug: Bug,
    /// What was changed; empty when it was like that already, and the bug kept its version.
    pub changes: Vec<FieldChange>,
}

/// Why a bug is not changed, found out within the transaction.
enum Refusal {
    Version(u64),
    Rule(Box<TrackerError>),
}

/// Changes a bug as `patch` says, all of it or nothing, and notes who did it and why. `assignee` goes before that of the
/// patch. With `version`, only a bug that still has this version.
///
/// # Errors
/// `CONFLICT` with what others changed, when the bug has another version; `INVALID_INPUT` that names the field.
pub async fn update_bug(
    store: &Store,
    bug: &Bug,
    mut patch: BugPatch,
    assignee: Option<Assignee>,
    version: Option<u64>,
    rationale: Option<&str>,
    writer: &Writer,
) -> Result<UpdatedBug, TrackerError> {
    if patch == BugPatch::default() && assignee.is_none() {
        return Err(TrackerError::NothingGiven);
    }
    let rationale = text::rationale(rationale)?;
    if let Some(assignee) = assignee {
        patch.assignee = Some(assignee::resolve(store, bug.project, assignee, writer).await?);
    }
    if let Some(member) = patch.answered_by {
        assignee::check(store, bug.project, Actor::Member(member), "answered_by").await?;
    }
    let by = writer.clone();
    let decide = move |now: &Bug| {
        if let Some(known) = version.filter(|known| *known != now.version) {
            return Err(Refusal::Version(known));
        }
        apply(now, &patch, &by).map_err(|error| Refusal::Rule(Box::new(error)))
    };
    match store.change_bug(bug.id, writer.author(), rationale, decide).await {
        Ok(Ok(ChangedBug { bug, changes })) => Ok(UpdatedBug { bug, changes }),
        Ok(Err(Refusal::Rule(error))) => Err(*error),
        Ok(Err(Refusal::Version(given))) => Err(conflict(store, bug.id, given).await?),
        // The bug is there: it is the one that it is said to repeat that is not.
        Err(StoreError::NotFound(_)) => Err(TrackerError::NoSuchBug { field: "duplicate_of" }),
        Err(StoreError::DuplicateOfItself) => Err(TrackerError::DuplicateOfItself),
        Err(error) => Err(error.into()),
    }
}

async fn conflict(store: &Store, bug: BugId, given: u64) -> Result<TrackerError, TrackerError> {
    let version = store.bug(bug).await?.version;
    let changes = store.bug_changes_since(bug, given).await?;
    Ok(TrackerError::Version(VersionConflict { bug, given, version, changes }))
}
