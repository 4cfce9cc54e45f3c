//! Agents and roles: list, make, give, take.

use axum::Json;
use axum::extract::{Extension, Path, Request, State};
use http::{StatusCode, Uri};
use playhead_schemas::{Actor, AgentId, EpochMs, ProjectId, Role};
use playhead_store::Agent;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::AdminApp;
use super::guard::Admin;
use super::page::{PageView, body, id, paging};
use crate::access::query_value;
use crate::error::{ApiError, Fault};

/// A named AI agent.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AgentView {
    pub(crate) id: AgentId,
    pub(crate) name: String,
    pub(crate) created_at: EpochMs,
    /// When it was removed.
    pub(crate) disabled_at: Option<EpochMs>,
}

/// An agent to make.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AgentToMake {
    /// A name to show.
    pub(crate) name: String,
}

/// Who has which role in a project.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RolesView {
    pub(crate) project: ProjectId,
    /// At most 10,000. Administrators of the workspace are owners without being listed.
    pub(crate) roles: Vec<RoleView>,
}

/// A role that was given.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RoleView {
    pub(crate) actor: Actor,
    pub(crate) role: Role,
}

/// A role to give or to take.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleToSet {
    /// By id or slug.
    pub(crate) project: String,
    pub(crate) actor: Actor,
    /// None when it is left out: the actor is taken out of the project.
    #[serde(default)]
    pub(crate) role: Option<Role>,
}

impl From<Agent> for AgentView {
    fn from(agent: Agent) -> Self {
        let Agent { id, name, created_at, disabled_at, .. } = agent;
        Self { id, name, created_at, disabled_at }
    }
}

pub(super) async fn list(
    State(app): State<AdminApp>,
    Extension(admin): Extension<Admin>,
    uri: Uri,
) -> Result<Json<PageView<AgentView>>, ApiError> {
    admin.must_manage_all("list agents")?;
    let (after, limit) = paging(&uri)?;
    Ok(Json(PageView::of(app.store.agents(admin.workspace, after, limit).await?)))
}

pub(super) async fn create(
    State(app): State<AdminApp>,
    Extension(admin): Extension<Admin>,
    request: Request,
) -> Result<(StatusCode, Json<AgentView>), ApiError> {
    admin.must_manage_all("make agents")?;
    let wanted: AgentToMake = body(request).await?;
    let agent = app.store.create_agent(admin.workspace, &wanted.name).await?;
    Ok((StatusCode::CREATED, Json(agent.into())))
}

pub(super) async fn remove(
    State(app): State<AdminApp>,
    Extension(admin): Extension<Admin>,
    Path(agent): Path<String>,
) -> Result<Json<AgentView>, ApiError> {
    admin.must_manage_all("remove agents")?;
    let agent = app.store.agent(id::<AgentId>(&agent)?).await?;
    if agent.workspace != admin.workspace {
        return Err(ApiError::not_found("agent"));
    }
    Ok(Json(app.store.disable_agent(agent.id).await?.into()))
}

pub(super) async fn roles(
    State(app): State<AdminApp>,
    Extension(admin): Extension<Admin>,
    uri: Uri,
) -> Result<Json<RolesView>, ApiError> {
    let named = query_value(&uri, "project")
        .ok_or_else(|| Fault::invalid("project is missing", "name a project by id or slug"))?;
    let project = admin.project(&app, &named).await?.id;
    let roles = app.store.roles_in(project).await?;
    let roles = roles.into_iter().map(|(actor, role)| RoleView { actor, role }).collect();
    Ok(Json(RolesView { project, roles }))
}

pub(super) async fn set_role(
    State(app): State<AdminApp>,
    Extension(admin): Extension<Admin>,
    request: Request,
) -> Result<Json<RolesView>, ApiError> {
    let wanted: RoleToSet = body(request).await?;
    let project = admin.project(&app, &wanted.project).await?.id;
    app.store.set_role(project, wanted.actor, wanted.role).await?;
    let roles = app.store.roles_of(wanted.actor).await?;
    let roles = roles.into_iter().filter(|(of, _)| *of == project);
    let roles = roles.map(|(_, role)| RoleView { actor: wanted.actor, role }).collect();
    Ok(Json(RolesView { project, roles }))
}
