//! Answers to requests that no route serves.

use axum::response::Response;
use http::HeaderMap;
use playhead_schemas::ErrorCode;

use crate::problem::{ApiError, Problem};
use crate::trace::render;

/// The answer for a path that no route has. For the fallback of the whole server.
pub async fn not_found() -> Response {
    let problem =
        Problem::new(ErrorCode::NotFound, "no such route", "/v1/openapi.json and /api/v1/openapi.json list the routes");
    render(ApiError::new(problem), "-", &HeaderMap::new())
}

/// The answer for a method that the route of a path does not have.
pub async fn method_not_allowed() -> ApiError {
    ApiError::new(Problem::new(
        ErrorCode::NotFound,
        "no such route for this method",
        "/v1/openapi.json and /api/v1/openapi.json list the routes with their methods",
    ))
}
