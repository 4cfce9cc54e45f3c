//! Filing a bug by hand.

use aide::transform::TransformOperation;
use axum::extract::{Extension, State};
use playhead_tracker::{self as tracker, BugDraft, Worker};
use playhead_web::ApiError;
use playhead_web::openapi::{Answer, Created};

use crate::app::Api;
use crate::caller::Caller;
use crate::extract::JsonBody;
use crate::rules::refused;
use crate::types::{CreateBug, CreatedBug};

pub(super) fn docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation
        .id("create_bug")
        .summary("File a bug by hand")
        .description("Search first: an existing one is better commented.")
}

pub(super) async fn create(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    body: JsonBody<CreateBug>,
) -> Result<Created<CreatedBug>, ApiError> {
    let wanted = body.read().await?;
    let project = caller.project(&api, wanted.project.as_deref()).await?;
    let draft = BugDraft {
        project,
        title: wanted.title,
        description: wanted.description,
        priority: wanted.priority,
        tags: wanted.tags,
        assignee: wanted.assignee.and_then(Worker::one),
        milestone: wanted.milestone,
        release: wanted.release,
        page_url: wanted.page_url,
    };
    let key = wanted.idempotency_key.as_deref();
    let (bug, _) = tracker::create_bug(&api.store, draft, key, &caller.writer()).await.map_err(refused)?;
    Ok(Answer(CreatedBug { id: bug.id, project: bug.project, created_at: bug.created_at }))
}
