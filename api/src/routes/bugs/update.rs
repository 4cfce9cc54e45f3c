//! Changing a bug: any of its fields, all of them or none.

use aide::transform::TransformOperation;
use axum::extract::{Extension, State};
use playhead_schemas::{BugId, ErrorCode};
use playhead_tracker::{self as tracker, BugPatch, Worker};
use playhead_web::ApiError;
use playhead_web::openapi::{Answer, path, refusal};

use crate::app::Api;
use crate::caller::Caller;
use crate::extract::{JsonBody, PathId};
use crate::rules::{ConflictBody, refused};
use crate::types::{Changes, FieldChange, Untrusted, UpdateBug, UpdatedBug};

pub(super) fn docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation
        .id("update_bug")
        .summary("Change a bug")
        .description(
            "Changes the given fields, all or none. With a version that is no longer the bug's, nothing is changed and \
             the answer tells which fields were changed since, from what to what, by whom and why.",
        )
        .with(path::<BugId>("bug", "The bug's id."))
        .with(refusal::<ConflictBody, 409>(ErrorCode::Conflict))
}

pub(super) async fn update(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    bug: PathId<BugId>,
    body: JsonBody<UpdateBug>,
) -> Result<Answer<UpdatedBug>, ApiError> {
    let bug = caller.bug(&api, &bug).await?;
    let wanted = body.read().await?;
    let (version, rationale) = (wanted.version.map(u64::from), wanted.rationale.clone());
    let assignee = wanted.assignee.map(Worker::to_assign).transpose().map_err(refused)?;
    let (patch, writer) = (patch(wanted), caller.writer());
    let updated = tracker::update_bug(&api.store, &bug, patch, assignee, version, rationale.as_deref(), &writer).await;
    Ok(Answer(updated.map_err(refused)?.into()))
}

/// The fields to change but the assignee, whom the tracker looks up.
fn patch(wanted: UpdateBug) -> BugPatch {
    BugPatch {
        title: wanted.title,
        description: wanted.description,
        status: wanted.status,
        priority: wanted.priority,
        tags: wanted.tags,
        add_tags: wanted.add_tags,
        remove_tags: wanted.remove_tags,
        assignee: None,
        answered_by: wanted.answered_by,
        milestone: wanted.milestone,
        fixed_in: wanted.fixed_in,
        duplicate_of: wanted.duplicate_of,
        clear: wanted.clear,
    }
}

impl From<tracker::UpdatedBug> for UpdatedBug {
    fn from(updated: tracker::UpdatedBug) -> Self {
        let bug = updated.bug;
        Self {
            id: bug.id,
            version: bug.version,
            status: bug.status,
            priority: bug.priority,
            assignee: bug.assignee,
            untrusted: Untrusted(Changes { changes: updated.changes.into_iter().map(FieldChange::from).collect() }),
        }
    }
}
