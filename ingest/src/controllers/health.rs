//! `GET /healthz` (the process runs) and `GET /readyz` (it can store).

use std::time::Duration;

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use aide::transform::TransformOperation;
use axum::extract::State;
use playhead_store::Store;
use playhead_web::error_chain;
use playhead_web::openapi::Answer;
use schemars::JsonSchema;
use serde::Serialize;
use tokio::time::Instant;

use crate::app::App;

/// Questions within this time after a probe get its answer.
const PROBE_EVERY: Duration = Duration::from_secs(1);
/// A server that needs longer to store a few bytes is not ready.
const PROBE_TIME_MAX: Duration = Duration::from_secs(5);

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
    operation.id("getReady").tag("health").summary("Can it store?").description(
        "Writes a little to catalog and objects, at most once a second. 503 with the same body: no, send requests \
             elsewhere.",
    )
}

async fn ready(State(app): State<App>) -> Result<Answer<Health>, Answer<Health, 503>> {
    if app.readiness.ask(&app.store).await {
        Ok(Answer(Health { ok: true }))
    } else {
        Err(Answer(Health { ok: false }))
    }
}

/// What the last probe said. Anybody may ask, and a probe writes: those who ask within its time share one.
#[derive(Debug, Default)]
pub(crate) struct Readiness {
    last: tokio::sync::Mutex<Option<(Instant, bool)>>,
}

impl Readiness {
    async fn ask(&self, store: &Store) -> bool {
        let mut last = self.last.lock().await;
        if let Some((at, is_ready)) = *last
            && at.elapsed() < PROBE_EVERY
        {
            return is_ready;
        }
        let is_ready = match tokio::time::timeout(PROBE_TIME_MAX, store.health()).await {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                tracing::error!(cause = error_chain(&error), "not ready");
                false
            }
            Err(_) => {
                tracing::error!(limit = ?PROBE_TIME_MAX, "not ready: storing takes too long");
                false
            }
        };
        *last = Some((Instant::now(), is_ready));
        is_ready
    }
}
