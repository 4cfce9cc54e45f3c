//! The activity of bugs: list.

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use aide::transform::TransformOperation;
use axum::extract::{Extension, State};
use playhead_schemas::{ActivityId, BugId};
use playhead_store as store;
use playhead_tracker as tracker;
use playhead_web::ApiError;
use playhead_web::openapi::{Answer, path};

use crate::app::Api;
use crate::caller::Caller;
use crate::extract::{Paging, PathId, page};
use crate::types::{Activity, ActivityTexts, FieldChange, Page, Untrusted, VersionConflict};

pub(crate) fn routes() -> ApiRouter<Api> {
    ApiRouter::new().api_route("/api/v1/bugs/{bug}/activity", get_with(list, list_docs))
}

fn list_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation
        .id("list_bug_activity")
        .summary("List the activity of a bug")
        .description("What was done to it, newest first: who, through which client, from what to what, and why.")
        .with(path::<BugId>("bug", "The bug's id."))
}

async fn list(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    bug: PathId<BugId>,
    paging: Paging<ActivityId>,
) -> Result<Answer<Page<Activity>>, ApiError> {
    let bug = caller.bug(&api, &bug).await?;
    let (before, limit) = paging.read()?;
    Ok(Answer(page(api.store.bug_activity(bug.id, before, limit).await?)))
}

impl From<store::Activity> for Activity {
    fn from(entry: store::Activity) -> Self {
        let store::Activity { id, at, kind, author, version, changes, comment, rationale, .. } = entry;
        let store::Author { id: author_id, name, client } = author;
        let changes = changes.into_iter().map(FieldChange::from).collect();
        let untrusted = Untrusted(ActivityTexts { author: name, client, changes, rationale });
        Self { id, at, kind, version, author_id, comment_id: comment, untrusted }
    }
}

impl From<store::FieldChange> for FieldChange {
    fn from(change: store::FieldChange) -> Self {
        let store::FieldChange { field, from, to } = change;
        Self { field, from, to }
    }
}

impl From<tracker::VersionConflict> for VersionConflict {
    fn from(conflict: tracker::VersionConflict) -> Self {
        let tracker::VersionConflict { bug, given, version, changes } = conflict;
        Self { bug_id: bug, given, version, changes: changes.into_iter().map(Activity::from).collect() }
    }
}
