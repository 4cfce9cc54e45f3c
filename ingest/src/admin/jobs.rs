//! The worker's jobs, counted; the dead ones listed.

use axum::Json;
use axum::extract::{Extension, State};
use http::Uri;
use playhead_schemas::{EpochMs, JobId, ProjectId};
use playhead_store::{DeadJob, JobKind};
use schemars::JsonSchema;
use serde::Serialize;

use super::AdminApp;
use super::guard::Admin;
use super::page::{PageView, paging};
use crate::error::ApiError;

/// How many jobs there are of each state, and a page of the dead ones.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct JobsView {
    /// Waiting, for a worker or for the time of their next try.
    pub(crate) queued: u64,
    /// Being computed.
    pub(crate) running: u64,
    /// Completed.
    pub(crate) done: u64,
    /// Given up.
    pub(crate) dead: u64,
    /// Those that were given up, oldest first.
    pub(crate) dead_jobs: PageView<DeadJobView>,
}

/// A job that was given up.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct DeadJobView {
    pub(crate) id: JobId,
    /// `transcribe` or `renditions`.
    pub(crate) kind: &'static str,
    /// The id of the replay or the screenshot.
    pub(crate) subject: String,
    pub(crate) project: ProjectId,
    pub(crate) attempts: u32,
    /// The last error.
    pub(crate) error: String,
    pub(crate) died_at: EpochMs,
}

impl From<DeadJob> for DeadJobView {
    fn from(job: DeadJob) -> Self {
        Self {
            id: job.id,
            kind: match job.kind {
                JobKind::Transcribe => "transcribe",
                JobKind::Renditions => "renditions",
            },
            subject: job.subject.to_string(),
            project: job.project,
            attempts: job.attempts,
            error: job.error,
            died_at: job.died_at,
        }
    }
}

pub(super) async fn list(
    State(app): State<AdminApp>,
    Extension(admin): Extension<Admin>,
    uri: Uri,
) -> Result<Json<JobsView>, ApiError> {
    admin.must_manage_all("see the jobs")?;
    let (after, limit) = paging(&uri)?;
    let jobs = app.store.jobs_summary().await?;
    let dead_jobs = PageView::of(app.store.dead_jobs(after, limit).await?);
    let (queued, running, done, dead) = (jobs.queued, jobs.running, jobs.done, jobs.dead);
    Ok(Json(JobsView { queued, running, done, dead, dead_jobs }))
}
