//! Projects: list, make, archive.

use axum::Json;
use axum::extract::{Extension, Path, Request, State};
use http::{StatusCode, Uri};
use playhead_schemas::{EpochMs, ProjectId};
use playhead_store::Project;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::AdminApp;
use super::guard::Admin;
use super::page::{PageView, body, paging};
use crate::error::ApiError;

/// A project.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ProjectView {
    pub(crate) id: ProjectId,
    /// Its short name, unique in the workspace.
    pub(crate) slug: String,
    /// A name to show.
    pub(crate) name: String,
    pub(crate) created_at: EpochMs,
    /// When it was archived; it takes no uploads since.
    pub(crate) archived_at: Option<EpochMs>,
}

/// A project to make.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewProject {
    /// 1 to 64 of a-z 0-9 -
    pub(crate) slug: String,
    /// A name to show; the slug when it is left out.
    #[serde(default)]
    pub(crate) name: Option<String>,
}

impl From<Project> for ProjectView {
    fn from(project: Project) -> Self {
        let Project { id, slug, name, created_at, archived_at, .. } = project;
        Self { id, slug, name, created_at, archived_at }
    }
}

pub(super) async fn list(
    State(app): State<AdminApp>,
    Extension(admin): Extension<Admin>,
    uri: Uri,
) -> Result<Json<PageView<ProjectView>>, ApiError> {
    let (after, limit) = paging(&uri)?;
    let only = admin.projects.as_deref();
    let page = app.store.projects(admin.workspace, only, after, limit).await?;
    Ok(Json(PageView::of(page)))
}

pub(super) async fn create(
    State(app): State<AdminApp>,
    Extension(admin): Extension<Admin>,
    request: Request,
) -> Result<(StatusCode, Json<ProjectView>), ApiError> {
    admin.must_manage_all("make projects")?;
    let NewProject { slug, name } = body(request).await?;
    let name = playhead_schemas::text::one_line(name.as_deref().unwrap_or(&slug), 200);
    let project = app.store.create_project(admin.workspace, &slug, &name).await?;
    Ok((StatusCode::CREATED, Json(project.into())))
}

pub(super) async fn archive(
    State(app): State<AdminApp>,
    Extension(admin): Extension<Admin>,
    Path(project): Path<String>,
) -> Result<Json<ProjectView>, ApiError> {
    let project = admin.project(&app, &project).await?;
    Ok(Json(app.store.archive_project(project.id).await?.into()))
}
