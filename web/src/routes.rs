//! Answers to requests that no route serves.

use http::{Method, StatusCode};
use playhead_schemas::ErrorCode;

use crate::problem::{ApiError, Problem};

/// The answer for a path that no route has. For the fallback of the whole server.
pub async fn not_found() -> ApiError {
    ApiError::new(Problem::new(
        ErrorCode::NotFound,
        "no such route",
        "check the address: /v1/openapi.json and /api/v1/openapi.json list the routes, and MCP is at /mcp",
    ))
}

/// The answer for a method that the route of a path does not have: 405, to which the router adds `Allow`.
pub async fn method_not_allowed(method: Method) -> ApiError {
    let message = format!("this route does not take {method}");
    ApiError::new(Problem::invalid(message, "use a method of the header Allow"))
        .with_status(StatusCode::METHOD_NOT_ALLOWED)
}
