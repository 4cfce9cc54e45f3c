//! The tools over HTTP: MCP at `/mcp` and `/p/{project}/mcp`, and the same registry as plain REST.
//!
//! `GET /api/v1/tools` lists what the token may call; `POST /api/v1/tools/{name}` takes the arguments as a
//! JSON object and answers as MCP's `tools/call` does, with the code's HTTP status: typed JSON, and text beside it; or the
//! text alone, for who accepts Markdown or plain text. The same routes without `/api` are the older ones.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Extension, Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use playhead_schemas::EpochMs;
use playhead_store::Store;
use playhead_web::{input, method_not_allowed, trace};
use rmcp::model::JsonObject;
use serde_json::json;

use crate::accept::TextType;
use crate::caller::{Caller, McpClient};
use crate::config::QueryConfig;
use crate::error::ToolError;
use crate::form::Form;
use crate::reply::Reply;
use crate::service::Service;
use crate::unreadable::answer_unreadable;
use crate::{gate, mcp};

/// Routes of the tools: `/mcp`, `/p/{project}/mcp`, `/api/v1/tools`, `/api/v1/tools/{name}`, and the latter without
/// `/api`. All of them need a bearer token.
pub fn router(store: Store, config: QueryConfig) -> Router {
    let service = Service::new(store, config);
    let body_bytes_max = service.config().body_bytes_max;
    #[cfg(not(feature = "conformance"))]
    let endpoint = mcp::endpoint(service.clone());
    #[cfg(feature = "conformance")]
    let endpoint = crate::fixtures::route(mcp::Server::over_http(service.clone()), mcp::transport(service.config()));
    let endpoint = endpoint.layer(middleware::from_fn(answer_unreadable));
    let rest = Router::new()
        .route("/api/v1/tools", get(list))
        .route("/api/v1/tools/{name}", post(call))
        .route("/v1/tools", get(list))
        .route("/v1/tools/{name}", post(call))
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(body_bytes_max))
        .route_layer(middleware::from_fn_with_state(service.clone(), gate::rest));
    let workspace = Router::new()
        .route("/mcp", endpoint.clone())
        .route_layer(middleware::from_fn_with_state(service.clone(), gate::workspace));
    let project = Router::new()
        .route("/p/{project}/mcp", endpoint)
        .route_layer(middleware::from_fn_with_state(service.clone(), gate::project));
    rest.merge(workspace).merge(project).route_layer(middleware::from_fn(trace)).with_state(service)
}

/// For benches: `/unchecked/mcp`, where anybody calls the tools of `workspace` without checks, counters and audit rows.
/// What the checks of `/mcp` cost is the difference.
#[cfg(feature = "bench-noop")]
pub fn unchecked_router(store: Store, config: QueryConfig, workspace: playhead_schemas::WorkspaceId) -> Router {
    let endpoint = mcp::unchecked_endpoint(Service::new(store, config), workspace);
    Router::new().route_service("/unchecked/mcp", endpoint).route_layer(middleware::from_fn(trace))
}

async fn list(State(service): State<Arc<Service>>, Extension(caller): Extension<Caller>) -> Response {
    match service.tools(&caller).await {
        Ok(tools) => Json(json!({"tools": tools})).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, Json(ToolError::from(error))).into_response(),
    }
}

async fn call(
    State(service): State<Arc<Service>>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let body = body.map_err(|_| ToolError::body_too_large(service.config().body_bytes_max));
    let arguments = body.and_then(|body| arguments(&body));
    let text_type = TextType::accepted(&headers);
    let form = if text_type.is_some() { Form::Text } else { caller.form };
    let caller = Caller { form, ..caller };
    let reply = service.call(&caller, &McpClient::from_user_agent(&headers), &name, arguments).await;
    respond(reply, text_type, &caller, &service.config().public_url, service.now())
}

fn arguments(body: &[u8]) -> Result<JsonObject, ToolError> {
    if body.trim_ascii().is_empty() {
        return Ok(JsonObject::new());
    }
    input::from_slice(body).map_err(|error| {
        let message = format!("{}.", error.message("The body"));
        ToolError::invalid(message, "Send the tool's arguments as one JSON object.")
    })
}

fn respond(mut reply: Reply, text_type: Option<TextType>, caller: &Caller, public_url: &str, now: EpochMs) -> Response {
    let refusal = reply.refusal.take();
    let headers = refusal.map(|refusal| gate::challenge_headers(&refusal, &caller.endpoint, public_url, now));
    let status = reply.code.map_or(200, |code| code.http_status());
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = match text_type {
        Some(text_type) => ([(CONTENT_TYPE, text_type.as_str())], reply.text).into_response(),
        None => {
            let mut result = mcp::result_from(reply);
            result.result_type = None;
            Json(result).into_response()
        }
    };
    (status, headers.unwrap_or_default(), body).into_response()
}
