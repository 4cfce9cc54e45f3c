//! `POST /v1/bugs`.

use axum::Json;
use axum::extract::{Extension, Request, State};
use http::StatusCode;

use crate::access::Uploader;
use crate::answer::BugAnswer;
use crate::app::App;
use crate::bug::{Report, read_json, read_multipart};
use crate::error::ApiError;
use crate::form::{self, Form};

/// Stores a bug with what of it is valid; says of the rest why it is not.
pub(crate) async fn create(
    State(app): State<App>,
    Extension(uploader): Extension<Uploader>,
    request: Request,
) -> Result<(StatusCode, Json<BugAnswer>), ApiError> {
    let (head, body) = request.into_parts();
    let form = Form::of_headers(&head.headers)?;
    let mut decoded = app.reader().read(body, &head.headers, form == Form::Json).await?;
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
    let (bug, duplicate) = app.store.create_bug(bug).await?;
    drop(decoded.lease);
    let answer = BugAnswer { bug: bug.id, duplicate, screenshots, attachments, rejected, ignored };
    Ok((StatusCode::ACCEPTED, Json(answer)))
}
