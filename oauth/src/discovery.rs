//! The documents by which clients find their way (RFC 8414, RFC 9728). They hold nothing but configuration.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::CACHE_CONTROL;
use http::{HeaderValue, StatusCode};
use playhead_access::oauth::{AuthorizationServerMetadata, ProtectedResourceMetadata, Resource};
use serde::Serialize;

use crate::server::OAuth;

/// `/.well-known/oauth-authorization-server`, and under it and under `openid-configuration` whatever path of an
/// endpoint clients put there: there is one authorization server.
pub(crate) async fn authorization_server(State(oauth): State<OAuth>) -> Response {
    document(&AuthorizationServerMetadata::new(&oauth.issuer))
}

/// `/.well-known/oauth-protected-resource/<path of the endpoint>`; without a path, that of the workspace.
///
/// A project's document is given for every slug that could be one: it must not tell which projects there are.
pub(crate) async fn protected_resource(State(oauth): State<OAuth>, path: Option<Path<String>>) -> Response {
    let resource = match path {
        None => Some(Resource::Workspace),
        Some(Path(path)) => Resource::from_path(&format!("/{path}")),
    };
    match resource {
        Some(resource) => document(&ProtectedResourceMetadata::new(&oauth.issuer, &resource)),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn document<T: Serialize>(document: &T) -> Response {
    ([(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"))], Json(document)).into_response()
}
