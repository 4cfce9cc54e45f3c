//! `POST /v1/bugs`.

use aide::axum::ApiRouter;
use aide::axum::routing::post_with;
use aide::transform::TransformOperation;
use axum::extract::{Extension, Request, State};
use playhead_schemas::ErrorCode;
use playhead_web::ApiError;
use playhead_web::openapi::{Accepted, Answer, body};

use crate::access::Uploader;
use crate::answer::BugAnswer;
use crate::app::App;
use crate::bug::{Report, read_json, read_multipart};
use crate::error::refused_by_project;
use crate::form::{self, Form};
use crate::request::{BugForm, BugRequest};

pub(crate) fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route("/v1/bugs", post_with(create, create_docs))
}

fn create_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation
        .id("createBug")
        .summary("Report a bug")
        .description(
            "A title or a description is needed; everything else is optional. Fields, screenshots and attachments that \
             are not valid are left out and named in the answer; the bug is kept. With a client_id the request may be \
             repeated safely.",
        )
        .with(body::<BugRequest>("application/json"))
        .with(body::<BugRequest>("text/plain"))
        .with(body::<BugForm>("multipart/form-data"))
}

/// What to do about a report that is too large as a whole.
const TOO_LARGE: &str = "send fewer or smaller screenshots and attachments: one request holds the whole bug";

/// Stores a bug with what of it is valid; says of the rest why it is not.
async fn create(
    State(app): State<App>,
    Extension(uploader): Extension<Uploader>,
    request: Request,
) -> Result<Accepted<BugAnswer>, ApiError> {
    let (head, body) = request.into_parts();
    let form = Form::of_headers(&head.headers)?;
    let read = app.reader().read(body, &head.headers, form == Form::Json).await;
    let mut decoded = read.map_err(|error| ApiError::from(error).advising(ErrorCode::PayloadTooLarge, TOO_LARGE))?;
    // Files are copied out of the body, so that the body can go while they are stored.
    decoded.lease.grow(decoded.bytes.len() as u64).await?;

    let (shared, project, bytes) = (app.clone(), uploader.project, decoded.bytes);
    let report = match form {
        Form::Json => app.cpu.run(move || read_json(bytes, project, &shared.config)).await??,
        Form::Multipart(header) => {
            let parts = form::parts(bytes, header).await?;
            app.cpu.run(move || read_multipart(parts, project, &shared.config)).await??
        }
    };
    let Report { bug, screenshots, attachments, rejected, ignored } = report;
    let (bug, duplicate) = app.store.create_bug(bug).await.map_err(refused_by_project)?;
    drop(decoded.lease);
    let answer = BugAnswer { bug: bug.id, duplicate, screenshots, attachments, rejected, ignored };
    Ok(Answer(answer))
}
