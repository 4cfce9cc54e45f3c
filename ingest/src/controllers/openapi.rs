//! `GET /v1/openapi.json`.

use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, HeaderValue};

/// The description of every route, made from the route table.
pub(crate) async fn document() -> Response {
    let mut response = crate::openapi::document_text().into_response();
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}
