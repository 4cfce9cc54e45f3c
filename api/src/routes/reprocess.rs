//! Replays are transcribed again, by the version that runs now.

use aide::axum::ApiRouter;
use aide::axum::routing::post_with;
use aide::transform::TransformOperation;
use axum::extract::{Extension, State};
use futures::{StreamExt, TryStreamExt, stream};
use playhead_schemas::ErrorCode;
use playhead_schemas::timeline::TRANSCRIBER_VERSION;
use playhead_store::{ReprocessFilter, StoreError};
use playhead_web::ApiError;
use playhead_web::openapi::{Accepted, Answer};

use crate::administrator::Administrator;
use crate::app::Api;
use crate::extract::JsonBody;
use crate::named::Named;
use crate::types::{Enqueued, Reprocess};

/// Replays that are looked up at once.
const PAGE_ROWS: u32 = 1000;
/// Jobs that are being enqueued at the same time: they share transactions.
const ENQUEUE_WIDTH: usize = 64;

pub(crate) fn routes() -> ApiRouter<Api> {
    ApiRouter::new().api_route("/api/v1/reprocess", post_with(create, create_docs))
}

fn create_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation
        .id("reprocess")
        .summary("Transcribe replays again")
        .description("Readers see the old transcript until the new one is published.")
}

async fn create(
    State(api): State<Api>,
    Extension(administrator): Extension<Administrator>,
    body: JsonBody<Reprocess>,
) -> Result<Accepted<Enqueued>, ApiError> {
    let wanted = body.read().await?;
    let mut enqueued = Enqueued::default();
    for filter in filters(&api, &administrator, wanted).await? {
        enqueue(&api, &filter, &mut enqueued).await?;
    }
    Ok(Answer(enqueued))
}

/// One filter for each project, so that nothing outside the administrator's projects matches.
async fn filters(
    api: &Api,
    administrator: &Administrator,
    wanted: Reprocess,
) -> Result<Vec<ReprocessFilter>, ApiError> {
    let mut projects = match &wanted.project {
        Some(name) => vec![administrator.project(api, name).await?],
        None => administrator.all_projects(api).await?,
    };
    if let Some(bug) = wanted.bug {
        let found = match api.store.bug(bug).await {
            Err(error) if error.code() != ErrorCode::NotFound => return Err(error.into()),
            found => found.ok(),
        };
        projects.retain(|project| found.as_ref().is_some_and(|bug| bug.project == project.id));
        if projects.is_empty() {
            return Err(Named::Bug.missing());
        }
        projects.iter().for_each(|project| administrator.concerns(project.id));
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

async fn enqueue(api: &Api, filter: &ReprocessFilter, enqueued: &mut Enqueued) -> Result<(), StoreError> {
    let mut after = None;
    loop {
        let replays = api.store.replays_matching(filter.clone(), after, PAGE_ROWS).await?;
        let Some(last) = replays.last().copied() else { return Ok(()) };
        enqueued.total += replays.len() as u64;
        let made: Vec<bool> = stream::iter(replays)
            .map(|replay| api.store.enqueue_transcribe(replay))
            .buffer_unordered(ENQUEUE_WIDTH)
            .try_collect()
            .await?;
        enqueued.enqueued += made.into_iter().filter(|made| *made).count() as u64;
        after = Some(last);
    }
}
