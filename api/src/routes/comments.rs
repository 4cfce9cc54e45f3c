//! Comments on bugs: list, add, edit, delete.

use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, patch_with};
use aide::transform::TransformOperation;
use axum::extract::{Extension, State};
use playhead_schemas::{BugId, CommentId};
use playhead_store as store;
use playhead_tracker::{self as tracker, CommentDraft};
use playhead_web::ApiError;
use playhead_web::openapi::{Answer, Created, path};

use crate::app::Api;
use crate::caller::Caller;
use crate::extract::{JsonBody, Paging, PathId, page};
use crate::rules::refused;
use crate::types::{AddComment, AddedComment, Comment, CommentTexts, EditComment, Page, Untrusted};

pub(crate) fn routes() -> ApiRouter<Api> {
    ApiRouter::new()
        .api_route("/api/v1/bugs/{bug}/comments", get_with(list, list_docs).post_with(add, add_docs))
        .api_route("/api/v1/comments/{comment}", patch_with(edit, edit_docs).delete_with(delete, delete_docs))
}

fn list_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation
        .id("list_comments")
        .summary("List the comments of a bug")
        .description("Oldest first; those that were deleted stand there without their text.")
        .with(path::<BugId>("bug", "The bug's id."))
}

async fn list(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    bug: PathId<BugId>,
    paging: Paging<CommentId>,
) -> Result<Answer<Page<Comment>>, ApiError> {
    let bug = caller.bug(&api, &bug).await?;
    let (after, limit) = paging.read()?;
    Ok(Answer(page(api.store.comments(bug.id, after, limit).await?)))
}

fn add_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation
        .id("add_comment")
        .summary("Comment a bug")
        .description("A comment on the bug, or an answer to one of its comments.")
        .with(path::<BugId>("bug", "The bug's id."))
}

async fn add(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    bug: PathId<BugId>,
    body: JsonBody<AddComment>,
) -> Result<Created<AddedComment>, ApiError> {
    let bug = caller.bug(&api, &bug).await?.id;
    let AddComment { body, reply_to, idempotency_key } = body.read().await?;
    let draft = CommentDraft { bug, body, reply_to };
    let added = tracker::add_comment(&api.store, draft, idempotency_key.as_deref(), &caller.writer()).await;
    let (comment, _) = added.map_err(refused)?;
    Ok(Answer(AddedComment { id: comment.id, bug_id: comment.bug, created_at: comment.created_at }))
}

fn edit_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation
        .id("edit_comment")
        .summary("Change a comment of your own")
        .with(path::<CommentId>("comment", "The comment's id."))
}

async fn edit(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    comment: PathId<CommentId>,
    body: JsonBody<EditComment>,
) -> Result<Answer<Comment>, ApiError> {
    let comment = caller.comment(&api, &comment).await?;
    let EditComment { body } = body.read().await?;
    let edited = tracker::edit_comment(&api.store, &comment, &body, &caller.writer()).await;
    Ok(Answer(edited.map_err(refused)?.into()))
}

fn delete_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation
        .id("delete_comment")
        .summary("Delete the text of a comment of your own")
        .description("Answers to it stay.")
        .with(path::<CommentId>("comment", "The comment's id."))
}

async fn delete(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    comment: PathId<CommentId>,
) -> Result<Answer<Comment>, ApiError> {
    let comment = caller.comment(&api, &comment).await?;
    let deleted = tracker::delete_comment(&api.store, &comment, &caller.writer()).await;
    Ok(Answer(deleted.map_err(refused)?.into()))
}

impl From<store::Comment> for Comment {
    fn from(comment: store::Comment) -> Self {
        Self {
            id: comment.id,
            bug_id: comment.bug,
            author_id: comment.author.id,
            reply_to: comment.reply_to,
            created_at: comment.created_at,
            edited_at: comment.edited_at,
            deleted_at: comment.deleted_at,
            untrusted: Untrusted(CommentTexts { author: comment.author.name, body: comment.body }),
        }
    }
}
