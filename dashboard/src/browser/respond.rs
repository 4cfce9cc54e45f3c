//! Answers to browsers, each with the headers that keep a page to itself.

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY};
use http::header::{X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS};
use http::{HeaderName, HeaderValue, StatusCode};

use super::layout::Page;

/// A page.
pub(crate) fn html(status: StatusCode, page: &Page) -> Response {
    html_with(status, page, None)
}

/// A page whose form may lead to another site, which browsers check when they follow redirects, too.
///
/// No frames around it, and no scripts unless the page asks for its own one, which is loaded from this server.
/// `same-origin` and not `no-referrer`: with that, browsers would hide the origin of this server's own forms from it.
pub(crate) fn html_with(status: StatusCode, page: &Page, form_target: Option<&str>) -> Response {
    let target = form_target.map(|target| format!(" {target}")).unwrap_or_default();
    let script = if page.has_scripts() { "script-src 'self'; " } else { "" };
    let policy = format!(
        "default-src 'none'; {script}style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; \
         form-action 'self'{target}"
    );
    let policy = HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    let headers: [(HeaderName, HeaderValue); 6] = [
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (CONTENT_SECURITY_POLICY, policy),
        (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, page.render().into_string()).into_response()
}

/// Sends the browser on, with GET whatever it sent.
pub(crate) fn see_other(location: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(location) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let headers = [
        (LOCATION, location),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (StatusCode::SEE_OTHER, headers).into_response()
}
