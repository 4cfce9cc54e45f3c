//! The layer in front of the upload routes.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::ORIGIN;
use http::request::Parts;
use http::{Method, StatusCode};
use playhead_schemas::{ErrorCode, ProjectId};
use playhead_store::IngestKey;
use playhead_web::{ApiError, Problem};

use super::admission::{allows, count_address, count_key, foreign_origin};
use super::{cors, key};
use crate::app::App;
use crate::body::linger;

/// The project of the key that an upload came with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Uploader {
    pub(crate) project: ProjectId,
}

/// Lets a request through to its handler with an [`Uploader`], or refuses it; answers preflights;
/// writes the CORS headers of every answer.
pub(crate) async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut head, mut body) = request.into_parts();
    let from = cors::origin(&head.headers);
    let key = find_key(&app, &head).await;
    // The answer is readable by the origin that asked, unless the key forbids that origin.
    let reader = match &key {
        Ok(Some(key)) => from.clone().filter(|from| allows(key, from)),
        _ => from.clone(),
    };
    let is_preflight = head.method == Method::OPTIONS;
    let mut response = if is_preflight {
        StatusCode::NO_CONTENT.into_response()
    } else {
        match admit(&app, &head, key) {
            Ok(uploader) => {
                head.extensions.insert(uploader);
                next.run(Request::from_parts(head, body)).await
            }
            Err(refusal) => {
                linger(&mut body, &head.headers).await;
                refusal.into_response()
            }
        }
    };
    if is_preflight && reader.is_some() {
        cors::preflight(response.headers_mut());
    }
    cors::answer(response.headers_mut(), reader);
    response
}

/// The key of a request, `None` when it names none that is live. The address is counted before the
/// key is looked up, so that guessing keys is slow.
async fn find_key(app: &App, head: &Parts) -> Result<Option<IngestKey>, ApiError> {
    count_address(app, head)?;
    match key::ingest_key(&head.headers, &head.uri) {
        Some(secret) => Ok(app.store.ingest_key_by_secret(&secret).await?),
        None => Ok(None),
    }
}

fn admit(app: &App, head: &Parts, key: Result<Option<IngestKey>, ApiError>) -> Result<Uploader, ApiError> {
    let key = key?.ok_or_else(unauthenticated)?;
    if let Some(from) = head.headers.get(ORIGIN)
        && !allows(&key, from)
    {
        return Err(foreign_origin(from));
    }
    count_key(app, key.id)?;
    Ok(Uploader { project: key.project })
}

fn unauthenticated() -> ApiError {
    ApiError::new(Problem::new(
        ErrorCode::Unauthenticated,
        "there is no valid ingest key in the request",
        "send a live key (phk_..) of the project as Authorization: Bearer, as X-Playhead-Key or as ?key=",
    ))
}
