//! Who uploads with another product's SDK, and what may read the answer.

use axum::response::Response;
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    HeaderMap, HeaderValue, ORIGIN, VARY,
};
use http::request::Parts;
use playhead_schemas::{ErrorCode, KeyId, ProjectId};
use playhead_web::{ApiError, Problem};

use super::intake::TryAgain;
use crate::access;
use crate::app::App;

/// Keys are shorter; longer ones are not looked up.
const KEY_BYTES_MAX: usize = 256;
/// Headers that a preflight may ask for, in bytes.
const ASKED_BYTES_MAX: usize = 1024;

/// Whose key a request came with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sender {
    pub(crate) project: ProjectId,
    pub(crate) key: KeyId,
}

/// Why a request is not let in.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// Its key is none, or not one for its origin. The SDK is to be told.
    WrongKey(ApiError),
    /// It may be sent again.
    Later(TryAgain),
}

impl From<TryAgain> for Refusal {
    fn from(error: TryAgain) -> Self {
        Self::Later(error)
    }
}

/// Counts a request against its address.
pub(crate) fn count_address(app: &App, head: &Parts) -> Result<(), Refusal> {
    access::count_address(app, head).map_err(later)
}

/// The sender whose key this is, if it may be used from the request's origin.
pub(crate) async fn sender(app: &App, head: &Parts, key: Option<&str>) -> Result<Sender, Refusal> {
    let key = key.filter(|key| (1..=KEY_BYTES_MAX).contains(&key.len()));
    let found = match key {
        Some(key) => app.store.ingest_key_by_secret(key).await.map_err(|error| TryAgain(error.into()))?,
        None => None,
    };
    let Some(key) = found else { return Err(Refusal::WrongKey(unknown_key())) };
    if let Some(from) = head.headers.get(ORIGIN)
        && !access::allows(&key, from)
    {
        return Err(Refusal::WrongKey(access::foreign_origin(from)));
    }
    access::count_key(app, key.id).map_err(later)?;
    Ok(Sender { project: key.project, key: key.id })
}

fn unknown_key() -> ApiError {
    ApiError::new(Problem::new(
        ErrorCode::Unauthenticated,
        "there is no valid ingest key in the request",
        "use a live ingest key (phk_..) of the project: docs/sdks.md says where",
    ))
}

fn later(error: ApiError) -> Refusal {
    Refusal::Later(TryAgain(error))
}

/// Lets the page that asked read an answer.
pub(crate) fn expose(response: &mut Response, asked: &HeaderMap) {
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("Origin"));
    let Some(origin) = asked.get(ORIGIN) else { return };
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    // Old versions of posthog-js send cookies along; nothing here reads one.
    headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    let exposed = HeaderValue::from_static("retry-after, x-request-id, x-sentry-error, x-sentry-rate-limits");
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
}

/// Answers a preflight: it only lets the browser ask.
pub(crate) fn preflight(response: &mut Response, asked: &HeaderMap) {
    expose(response, asked);
    if !asked.contains_key(ORIGIN) {
        return;
    }
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("7200"));
    // Applications add headers of their own to an SDK's requests.
    if let Some(names) = asked.get(ACCESS_CONTROL_REQUEST_HEADERS).filter(|names| names.len() <= ASKED_BYTES_MAX) {
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
    }
}
