//! `GET /healthz` (the process runs) and `GET /readyz` (it can store).

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use aide::transform::TransformOperation;
use axum::extract::State;
use playhead_web::error_chain;
use playhead_web::openapi::Answer;
use schemars::JsonSchema;
use serde::Serialize;

use crate::app::App;

/// How the server is.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Health {
    /// True when it can do its work.
    pub(crate) ok: bool,
}

pub(crate) fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route("/healthz", get_with(live, live_docs)).api_route("/readyz", get_with(ready, ready_docs))
}

fn live_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation.id("getHealth").tag("health").summary("Does the process run?").description("Nothing else is looked at.")
}

async fn live() -> Answer<Health> {
    Answer(Health { ok: true })
}

fn ready_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation
        .id("getReady")
        .tag("health")
        .summary("Can it store?")
        .description("Reads from catalog and objects. 503 with the same body: no, send requests elsewhere.")
}

async fn ready(State(app): State<App>) -> Result<Answer<Health>, Answer<Health, 503>> {
    match app.store.health().await {
        Ok(()) => Ok(Answer(Health { ok: true })),
        Err(error) => {
            tracing::error!(cause = error_chain(&error), "not ready");
            Err(Answer(Health { ok: false }))
        }
    }
}
