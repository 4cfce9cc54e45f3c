//! The people and agents of a project: list.

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use aide::transform::TransformOperation;
use axum::extract::{Extension, State};
use playhead_schemas::Actor;
use playhead_store as store;
use playhead_web::ApiError;
use playhead_web::openapi::{Answer, path};

use crate::app::Api;
use crate::caller::Caller;
use crate::extract::{Paging, PathText, page};
use crate::types::{Page, PersonName, ProjectMember, Untrusted};

pub(crate) fn routes() -> ApiRouter<Api> {
    ApiRouter::new().api_route("/api/v1/projects/{project}/members", get_with(list, list_docs))
}

fn list_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation
        .id("list_project_members")
        .summary("List the people and agents of a project")
        .description("Those who can be assigned, with their roles.")
        .with(path::<String>("project", "A project, by id or slug."))
}

async fn list(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    PathText(project): PathText,
    paging: Paging<Actor>,
) -> Result<Answer<Page<ProjectMember>>, ApiError> {
    let project = caller.project(&api, Some(&project)).await?;
    let (after, limit) = paging.read()?;
    Ok(Answer(page(api.store.project_people(project, after, limit).await?)))
}

impl From<store::ProjectPerson> for ProjectMember {
    fn from(person: store::ProjectPerson) -> Self {
        let store::ProjectPerson { actor, name, role } = person;
        Self { id: actor, role, untrusted: Untrusted(PersonName { name }) }
    }
}
