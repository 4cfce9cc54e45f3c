//! `POST /v1/admin/reprocess`: replays are transcribed again, by the version that runs now.

use axum::Json;
use axum::extract::{Extension, Request, State};
use futures::{StreamExt, TryStreamExt, stream};
use http::StatusCode;
use playhead_schemas::timeline::TRANSCRIBER_VERSION;
use playhead_schemas::{BugId, EpochMs, ErrorCode};
use playhead_store::{ReprocessFilter, StoreError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::AdminApp;
use super::guard::Admin;
use super::page::body;
use crate::error::ApiError;

/// Replays that are looked up at once.
const PAGE_ROWS: u32 = 1000;
/// Jobs that are being enqueued at the same time: they share transactions.
const ENQUEUE_WIDTH: usize = 64;

/// Which replays to transcribe again. Conditions are joined by and.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reprocess {
    /// Of this project, by id or slug.
    #[serde(default)]
    pub(crate) project: Option<String>,
    /// Made at this time or later, epoch milliseconds.
    #[serde(default)]
    pub(crate) since: Option<EpochMs>,
    /// Of this bug, whatever the version of its transcript.
    #[serde(default)]
    pub(crate) bug: Option<BugId>,
    /// True: also those that this version has transcribed already.
    #[serde(default)]
    pub(crate) all: bool,
}

/// What was enqueued. `/v1/admin/jobs` tells how far it is.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct Batch {
    /// Replays that match.
    pub(crate) total: u64,
    /// Jobs that were made; a replay whose job was waiting already keeps that one.
    pub(crate) enqueued: u64,
}

pub(super) async fn create(
    State(app): State<AdminApp>,
    Extension(admin): Extension<Admin>,
    request: Request,
) -> Result<(StatusCode, Json<Batch>), ApiError> {
    let wanted: Reprocess = body(request).await?;
    let mut batch = Batch::default();
    for filter in filters(&app, &admin, wanted).await? {
        enqueue(&app, &filter, &mut batch).await?;
    }
    Ok((StatusCode::ACCEPTED, Json(batch)))
}

/// One filter for each project, so that nothing outside the administrator's projects matches.
async fn filters(app: &AdminApp, admin: &Admin, wanted: Reprocess) -> Result<Vec<ReprocessFilter>, ApiError> {
    let mut projects = match &wanted.project {
        Some(name) => vec![admin.project(app, name).await?],
        None => admin.all_projects(app).await?,
    };
    if let Some(bug) = wanted.bug {
        let found = match app.store.bug(bug).await {
            Err(error) if error.code() != ErrorCode::NotFound => return Err(error.into()),
            found => found.ok(),
        };
        projects.retain(|project| found.as_ref().is_some_and(|bug| bug.project == project.id));
        if projects.is_empty() {
            return Err(ApiError::not_found("bug"));
        }
        projects.iter().for_each(|project| admin.concerns(project.id));
    }
    let below_version = (!wanted.all && wanted.bug.is_none()).then_some(TRANSCRIBER_VERSION);
    let filter = |project: playhead_store::Project| ReprocessFilter {
        project: Some(project.id),
        since: wanted.since,
        bug: wanted.bug,
        below_version,
    };
    Ok(projects.into_iter().map(filter).collect())
}

async fn enqueue(app: &AdminApp, filter: &ReprocessFilter, batch: &mut Batch) -> Result<(), StoreError> {
    let mut after = None;
    loop {
        let replays = app.store.replays_matching(filter.clone(), after, PAGE_ROWS).await?;
        let Some(last) = replays.last().copied() else { return Ok(()) };
        batch.total += replays.len() as u64;
        let made: Vec<bool> = stream::iter(replays)
            .map(|replay| app.store.enqueue_transcribe(replay))
            .buffer_unordered(ENQUEUE_WIDTH)
            .try_collect()
            .await?;
        batch.enqueued += made.into_iter().filter(|made| *made).count() as u64;
        after = Some(last);
    }
}
