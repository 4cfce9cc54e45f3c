//! The worker's jobs, counted; the dead ones listed.

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use aide::transform::TransformOperation;
use axum::extract::{Extension, State};
use playhead_schemas::JobId;
use playhead_store as store;
use playhead_web::ApiError;
use playhead_web::openapi::Answer;

use crate::administrator::Administrator;
use crate::app::Api;
use crate::extract::{Paging, page};
use crate::types::{DeadJob, JobKind, Jobs};

pub(crate) fn routes() -> ApiRouter<Api> {
    ApiRouter::new().api_route("/api/v1/jobs", get_with(list, list_docs))
}

fn list_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation.id("listJobs").summary("Count the jobs, list the dead ones")
}

async fn list(
    State(api): State<Api>,
    Extension(administrator): Extension<Administrator>,
    paging: Paging<JobId>,
) -> Result<Answer<Jobs>, ApiError> {
    administrator.must_manage_all("see the jobs")?;
    let (after, limit) = paging.read()?;
    let store::JobsSummary { queued, running, done, dead, .. } = api.store.jobs_summary().await?;
    let dead_jobs = page(api.store.dead_jobs(after, limit).await?);
    Ok(Answer(Jobs { queued, running, done, dead, dead_jobs }))
}

impl From<store::DeadJob> for DeadJob {
    fn from(job: store::DeadJob) -> Self {
        Self {
            id: job.id,
            kind: match job.kind {
                store::JobKind::Transcribe => JobKind::Transcribe,
                store::JobKind::Renditions => JobKind::Renditions,
            },
            subject: job.subject.to_string(),
            project: job.project,
            attempts: job.attempts,
            error: job.error,
            died_at: job.died_at,
        }
    }
}
