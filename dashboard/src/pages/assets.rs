//! Files that pages load.

use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};

/// `GET /assets/playhead.css`
pub(crate) async fn style() -> Response {
    file("text/css; charset=utf-8", include_str!("../../assets/playhead.css"))
}

/// `GET /assets/copy.js`
pub(crate) async fn copy_script() -> Response {
    file("text/javascript; charset=utf-8", include_str!("../../assets/copy.js"))
}

fn file(content_type: &'static str, text: &'static str) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (headers, text).into_response()
}
