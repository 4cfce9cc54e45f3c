//! Messages that are not JSON-RPC: answered as JSON-RPC asks, where the protocol library has a plain 415.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use rmcp::model::ErrorCode;
use serde_json::{Value, json};

/// The layer around an MCP endpoint, inside the gate, which has bounded the body.
pub(crate) async fn answer_unreadable(request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    let says_json = says_json(&head.headers);
    let Ok(bytes) = to_bytes(body, usize::MAX).await else { return StatusCode::BAD_REQUEST.into_response() };
    let response = next.run(Request::from_parts(head, Body::from(bytes.clone()))).await;
    // A body that is said to be JSON has this status only when it can't be read as a message.
    if says_json && response.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE { unreadable(&bytes) } else { response }
}

fn says_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

/// True for what would be a request if its params were an object.
fn has_odd_params(message: &Value) -> bool {
    let is_id = |id: &Value| id.is_string() || id.is_number();
    message.get("jsonrpc").is_some_and(|version| version == "2.0")
        && message.get("method").is_some_and(Value::is_string)
        && message.get("id").is_some_and(is_id)
        && message.get("params").is_some_and(|params| !params.is_object())
}

fn unreadable(body: &[u8]) -> Response {
    let (code, id, message) = match serde_json::from_slice::<Value>(body) {
        Err(error) => {
            let place = format!("line {}, column {}", error.line(), error.column());
            (ErrorCode::PARSE_ERROR, Value::Null, format!("Parse error: the body can't be read as JSON ({place})."))
        }
        Ok(message) if has_odd_params(&message) => {
            let id = message.get("id").cloned().unwrap_or_default();
            (ErrorCode::INVALID_PARAMS, id, "Invalid params: params must be an object.".to_owned())
        }
        Ok(message) => {
            let id = message.get("id").filter(|id| id.is_string() || id.is_number()).cloned().unwrap_or_default();
            let message = "Invalid request: send one JSON-RPC 2.0 message, an object with jsonrpc, method and id.";
            (ErrorCode::INVALID_REQUEST, id, message.to_owned())
        }
    };
    let body = json!({"jsonrpc": "2.0", "id": id, "error": {"code": code.0, "message": message}});
    (StatusCode::BAD_REQUEST, axum::Json(body)).into_response()
}
