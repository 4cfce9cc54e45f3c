//! `GET /healthz` (the process runs) and `GET /readyz` (it can store).

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;

use crate::app::App;

/// How the server is.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Health {
    /// True when it can do its work.
    pub(crate) ok: bool,
}

/// The process answers; nothing else is looked at.
pub(crate) async fn live() -> Json<Health> {
    Json(Health { ok: true })
}

/// Catalog and objects can be read. 503 when they can't: send requests elsewhere.
pub(crate) async fn ready(State(app): State<App>) -> (StatusCode, Json<Health>) {
    match app.store.health().await {
        Ok(()) => (StatusCode::OK, Json(Health { ok: true })),
        Err(error) => {
            tracing::error!(
                error = %error,
                cause = std::error::Error::source(&error).map(tracing::field::display),
                "not ready"
            );
            (StatusCode::SERVICE_UNAVAILABLE, Json(Health { ok: false }))
        }
    }
}
