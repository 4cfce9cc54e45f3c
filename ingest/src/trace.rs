//! The outermost layer of every route: request ids, one log line, the body of every refusal.
//!
//! Never here: the query string, headers or bodies of a request in the log. They hold keys.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use axum::Json;
use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use http::header::{CACHE_CONTROL, HeaderValue, RETRY_AFTER};
use http::{HeaderMap, Method};
use playhead_cpu::panic_text;
use tracing::Instrument;

use crate::error::{ApiError, ErrorBody, ErrorDetail};

/// The header that carries a request's id, both ways.
const ID_HEADER: &str = "x-request-id";

/// Names a request, runs it, logs it, and renders its refusal.
pub(crate) async fn trace(request: Request, next: Next) -> Response {
    let id = request_id(request.headers());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("", |path| path.as_str()).to_owned();
    let span = tracing::info_span!("request", id = %id, %method, route);
    handle(request, next, id, method).instrument(span).await
}

async fn handle(request: Request, next: Next, id: String, method: Method) -> Response {
    let began = Instant::now();
    let outcome = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let mut response = outcome.unwrap_or_else(|panic| {
        tracing::error!(panic = panic_text(panic.as_ref()), "a handler panicked");
        ApiError::new(crate::error::Fault::internal()).into_response()
    });
    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        log_refusal(&error);
        response = render(error, &id, response.headers());
    }
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(ID_HEADER, value);
    }
    let ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::debug!(%method, status = response.status().as_u16(), ms, "answered");
    response
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
pub(crate) fn render(error: ApiError, id: &str, inner: &HeaderMap) -> Response {
    let status = error.status();
    let retry_after = error.retry_after_s;
    let body =
        ErrorBody { error: ErrorDetail { fault: error.fault, request_id: id.to_owned() }, streams: error.streams };
    let mut response = (status, Json(body)).into_response();
    for (name, value) in inner {
        if !matches!(name.as_str(), "content-type" | "content-length") {
            response.headers_mut().append(name, value.clone());
        }
    }
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn log_refusal(error: &ApiError) {
    let code = error.fault.code.as_str();
    let Some(cause) = &error.cause else {
        tracing::debug!(code, message = error.fault.message, "refused");
        return;
    };
    let mut chain = cause.to_string();
    let mut source = cause.source();
    while let Some(inner) = source {
        chain.push_str(": ");
        chain.push_str(&inner.to_string());
        source = inner.source();
    }
    tracing::error!(code, cause = chain, "failed");
}
