//! Projects: list, create, archive.

use aide::axum::ApiRouter;
use aide::axum::routing::{delete_with, get_with};
use aide::transform::TransformOperation;
use axum::extract::{Extension, State};
use playhead_schemas::{ProjectId, text};
use playhead_store as store;
use playhead_web::ApiError;
use playhead_web::openapi::{Answer, Created, path};

use crate::administrator::Administrator;
use crate::app::Api;
use crate::extract::{JsonBody, Paging, PathText, page};
use crate::named::on_conflict;
use crate::types::{CreateProject, Page, Project};

pub(crate) fn routes() -> ApiRouter<Api> {
    ApiRouter::new()
        .api_route("/api/v1/projects", get_with(list, list_docs).post_with(create, create_docs))
        .api_route("/api/v1/projects/{project}", delete_with(archive, archive_docs))
}

fn list_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation.id("listProjects").summary("List the projects")
}

async fn list(
    State(api): State<Api>,
    Extension(administrator): Extension<Administrator>,
    paging: Paging<ProjectId>,
) -> Result<Answer<Page<Project>>, ApiError> {
    let (after, limit) = paging.read()?;
    let only = administrator.projects.as_deref();
    Ok(Answer(page(api.store.projects(administrator.workspace, only, after, limit).await?)))
}

fn create_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation.id("createProject").summary("Make a project")
}

async fn create(
    State(api): State<Api>,
    Extension(administrator): Extension<Administrator>,
    body: JsonBody<CreateProject>,
) -> Result<Created<Project>, ApiError> {
    administrator.must_manage_all("make projects")?;
    let CreateProject { slug, name } = body.read().await?;
    let name = text::one_line(name.as_deref().unwrap_or(&slug), 200);
    let made = api.store.create_project(administrator.workspace, &slug, &name).await;
    Ok(Answer(made.map_err(on_conflict("GET /api/v1/projects lists the slugs that are taken"))?.into()))
}

fn archive_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation
        .id("archiveProject")
        .summary("Archive a project")
        .description("An archived project takes no uploads and keeps its data.")
        .with(path::<String>("project", "A project, by id or slug."))
}

async fn archive(
    State(api): State<Api>,
    Extension(administrator): Extension<Administrator>,
    PathText(project): PathText,
) -> Result<Answer<Project>, ApiError> {
    let project = administrator.project(&api, &project).await?;
    Ok(Answer(api.store.archive_project(project.id).await?.into()))
}

impl From<store::Project> for Project {
    fn from(project: store::Project) -> Self {
        let store::Project { id, slug, name, created_at, archived_at, .. } = project;
        Self { id, slug, name, created_at, archived_at }
    }
}
