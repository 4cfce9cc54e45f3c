//! Answers to OAuth clients: JSON, never kept, readable by pages of any origin.

use axum::Json;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE,
    CACHE_CONTROL, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Method, StatusCode};
use playhead_access::oauth::{OAuthError, Refusal};
use playhead_store::StoreError;
use playhead_web::{client_address, error_chain};
use serde::Serialize;
use serde_json::json;

use crate::server::OAuth;

/// A refusal, or a failure of the store, as JSON.
#[derive(Debug)]
pub(crate) enum JsonRefusal {
    Refused(Refusal),
    Store(StoreError),
}

impl From<Refusal> for JsonRefusal {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for JsonRefusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl IntoResponse for JsonRefusal {
    fn into_response(self) -> Response {
        let Refusal { error, description } = match self {
            Self::Refused(refusal) => refusal,
            Self::Store(error) => {
                tracing::error!(cause = error_chain(&error), "an OAuth request failed");
                Refusal::new(OAuthError::ServerError, "the server failed; its log says more; try again in a moment")
            }
        };
        let status = StatusCode::from_u16(error.http_status()).unwrap_or(StatusCode::BAD_REQUEST);
        let mut response = answer(status, &json!({"error": error.as_str(), "error_description": description}));
        if status == StatusCode::UNAUTHORIZED {
            // RFC 6749, 5.2: a 401 names a scheme. There is none to use: clients of this server have no secret.
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"playhead\""));
        }
        response
    }
}

/// Marks a successful answer about a credential that does not exist: it counts as a refusal.
#[derive(Clone, Copy, Debug)]
pub(super) struct UnknownCredential;

/// Counts what is refused to an address. One that was refused too often is told to wait, and nothing is looked up for it.
pub(crate) async fn limit_auth_failures(State(oauth): State<OAuth>, request: Request, next: Next) -> Response {
    let address = client_address(request.extensions(), request.headers(), oauth.config.trusted_proxies);
    let per_minute = oauth.config.auth_failures_per_minute;
    if let Err(seconds) = oauth.store.admit_address(address, per_minute, oauth.now()) {
        return too_often(seconds);
    }
    let response = next.run(request).await;
    let is_refused = response.status().is_client_error() || response.extensions().get::<UnknownCredential>().is_some();
    if is_refused && let Err(seconds) = oauth.store.count_auth_failure(address, per_minute, oauth.now()) {
        return too_often(seconds);
    }
    response
}

fn too_often(seconds: u32) -> Response {
    let description = "too many requests from this address were refused; wait for the seconds of Retry-After";
    let mut response = JsonRefusal::from(Refusal::new(OAuthError::SlowDown, description)).into_response();
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// An answer that no cache keeps.
pub(super) fn answer<T: Serialize>(status: StatusCode, body: &T) -> Response {
    let headers = [
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (PRAGMA, HeaderValue::from_static("no-cache")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (status, headers, Json(body)).into_response()
}

/// Lets pages of any origin use what needs no cookie: clients that run in a browser.
pub(crate) async fn cors(request: Request, next: Next) -> Response {
    let is_preflight = request.method() == Method::OPTIONS;
    let mut response = if is_preflight { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    if is_preflight {
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, OPTIONS"));
        let allowed = HeaderValue::from_static("authorization, content-type, mcp-protocol-version");
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, allowed);
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("7200"));
    }
    response
}
