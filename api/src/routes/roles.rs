//! Roles of members and agents in projects: list, give, take.

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use aide::transform::TransformOperation;
use axum::extract::{Extension, State};
use playhead_web::openapi::{Answer, query};
use playhead_web::{ApiError, Problem};

use crate::administrator::Administrator;
use crate::app::Api;
use crate::extract::{JsonBody, Query};
use crate::named::Named;
use crate::types::{ActorRole, ProjectRoles, SetRole};

pub(crate) fn routes() -> ApiRouter<Api> {
    ApiRouter::new().api_route("/api/v1/roles", get_with(list, list_docs).post_with(set, set_docs))
}

fn list_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation
        .id("listRoles")
        .summary("List the roles in a project")
        .with(query::<String>("project", "A project, by id or slug."))
}

async fn list(
    State(api): State<Api>,
    Extension(administrator): Extension<Administrator>,
    query: Query,
) -> Result<Answer<ProjectRoles>, ApiError> {
    let params = query.read()?;
    let named = params
        .first("project")
        .ok_or_else(|| Problem::invalid("project is missing", "name a project by id or slug"))?;
    let project = administrator.project(&api, named).await?.id;
    let roles = api.store.roles_in(project).await?;
    let roles = roles.into_iter().map(|(actor, role)| ActorRole { actor, role }).collect();
    Ok(Answer(ProjectRoles { project, roles }))
}

fn set_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation
        .id("setRole")
        .summary("Give or take a role")
        .description("It holds from the next call on. The answer lists the actor alone.")
}

async fn set(
    State(api): State<Api>,
    Extension(administrator): Extension<Administrator>,
    body: JsonBody<SetRole>,
) -> Result<Answer<ProjectRoles>, ApiError> {
    let SetRole { project, actor, role } = body.read().await?;
    let project = administrator.project(&api, &project).await?.id;
    Named::actor(actor).found(api.store.set_role(project, actor, role).await)?;
    let roles = api.store.roles_of(actor).await?;
    let roles = roles.into_iter().filter(|(of, _)| *of == project);
    let roles = roles.map(|(_, role)| ActorRole { actor, role }).collect();
    Ok(Answer(ProjectRoles { project, roles }))
}
