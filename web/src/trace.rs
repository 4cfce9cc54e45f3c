//! The outermost layer of every router: request ids, one log line, the body of every refusal.
//!
//! Each router that is served puts it around all of its routes, and no two routers around the same one. An answer that
//! streams is logged when it begins.
//!
//! Never here: the query string, headers or bodies of a request in the log. They may hold keys. The message of a refusal
//! may repeat a part of them, so the log has its code alone.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use axum::Json;
use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use http::header::{
    AUTHORIZATION, CACHE_CONTROL, COOKIE, Entry, HeaderName, HeaderValue, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, StatusCode};
use playhead_cpu::panic_text;
use tracing::Instrument;

use crate::audit::milliseconds_since;
use crate::error_chain::error_chain;
use crate::problem::ApiError;

/// The header that carries a request's id, both ways.
const ID_HEADER: &str = "x-request-id";
/// The headers of requests that hold secrets.
const SECRET_HEADERS: [HeaderName; 3] = [AUTHORIZATION, COOKIE, HeaderName::from_static("x-playhead-key")];

/// Names a request, runs it, logs it in one line, and renders its refusal.
pub async fn trace(mut request: Request, next: Next) -> Response {
    hide_secrets(request.headers_mut());
    let id = request_id(request.headers());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("", |path| path.as_str()).to_owned();
    let span = tracing::info_span!("request", id = %id, %method, route);
    handle(request, next, id).instrument(span).await
}

async fn handle(request: Request, next: Next, id: String) -> Response {
    let began = Instant::now();
    let ran = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let mut response = ran.unwrap_or_else(|panic| {
        let error = HandlerPanicked(panic_text(panic.as_ref()));
        ApiError::internal(error).into_response()
    });
    let refusal = response.extensions_mut().remove::<ApiError>();
    log(response.status(), refusal.as_ref(), began);
    if let Some(error) = refusal {
        response = render(error, &id, response.headers());
    }
    let headers = response.headers_mut();
    if let Entry::Vacant(unsaid) = headers.entry(CACHE_CONTROL) {
        unsaid.insert(HeaderValue::from_static("no-store"));
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(ID_HEADER, value);
    }
    response
}

/// A handler panicked, with the panic's message.
#[derive(Debug, thiserror::Error)]
#[error("a handler panicked: {0}")]
struct HandlerPanicked(String);

/// Keeps secrets out of whatever prints the request.
fn hide_secrets(headers: &mut HeaderMap) {
    for name in SECRET_HEADERS {
        if let Entry::Occupied(mut values) = headers.entry(name) {
            values.iter_mut().for_each(|value| value.set_sensitive(true));
        }
    }
}

/// The client's own id if it is short and plain, else a new one.
fn request_id(headers: &HeaderMap) -> String {
    let plain = |text: &&str| {
        (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    headers
        .get(ID_HEADER)
        .and_then(|value| value.to_str().ok())
        .filter(plain)
        .map_or_else(|| ulid::Ulid::generate().to_string(), str::to_owned)
}

/// Writes the body; keeps the headers that inner layers wrote.
fn render(error: ApiError, id: &str, inner: &HeaderMap) -> Response {
    let (status, retry_after_s) = (error.status(), error.retry_after_s());
    let mut response = (status, Json(error.into_body(id))).into_response();
    for (name, value) in inner {
        if !matches!(name.as_str(), "content-type" | "content-length") {
            response.headers_mut().append(name, value.clone());
        }
    }
    if let Some(seconds) = retry_after_s {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// The one line of a request: an error when the server failed, else for debugging.
fn log(status: StatusCode, refusal: Option<&ApiError>, began: Instant) {
    let (status, ms) = (status.as_u16(), milliseconds_since(began));
    match refusal {
        None => tracing::debug!(status, ms, "answered"),
        Some(error) => {
            let code = error.problem.code.as_str();
            match error.cause() {
                Some(cause) => tracing::error!(status, ms, code, cause = error_chain(cause), "failed"),
                None => tracing::debug!(status, ms, code, "refused"),
            }
        }
    }
}
