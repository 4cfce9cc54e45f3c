//! The outermost layer of every route: request ids, one log line, the body of every refusal.
//!
//! Never here: the query string, headers or bodies of a request in the log. They may hold keys.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use axum::Json;
use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use http::header::{CACHE_CONTROL, HeaderValue, RETRY_AFTER};
use http::{HeaderMap, StatusCode};
use playhead_cpu::panic_text;
use tracing::Instrument;

use crate::audit::milliseconds_since;
use crate::error_chain::error_chain;
use crate::problem::ApiError;

/// The header that carries a request's id, both ways.
const ID_HEADER: &str = "x-request-id";

/// Names a request, runs it, logs it in one line, and renders its refusal.
pub async fn trace(request: Request, next: Next) -> Response {
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
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(ID_HEADER, value);
    }
    response
}

/// A handler panicked, with the panic's message.
#[derive(Debug, thiserror::Error)]
#[error("a handler panicked: {0}")]
struct HandlerPanicked(String);

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
pub(crate) fn render(error: ApiError, id: &str, inner: &HeaderMap) -> Response {
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
                None => tracing::debug!(status, ms, code, message = error.problem.message, "refused"),
            }
        }
    }
}
