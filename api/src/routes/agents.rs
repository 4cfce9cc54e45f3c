//! Agents: list, create, remove.

use aide::axum::ApiRouter;
use aide::axum::routing::{delete_with, get_with};
use aide::transform::TransformOperation;
use axum::extract::{Extension, State};
use playhead_schemas::AgentId;
use playhead_store as store;
use playhead_web::ApiError;
use playhead_web::openapi::{Answer, Created, path};

use crate::administrator::Administrator;
use crate::app::Api;
use crate::extract::{JsonBody, Paging, PathId, page};
use crate::named::{Named, on_conflict};
use crate::types::{Agent, CreateAgent, Page};

pub(crate) fn routes() -> ApiRouter<Api> {
    ApiRouter::new()
        .api_route("/api/v1/agents", get_with(list, list_docs).post_with(create, create_docs))
        .api_route("/api/v1/agents/{agent}", delete_with(remove, remove_docs))
}

fn list_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation.id("listAgents").summary("List the agents")
}

async fn list(
    State(api): State<Api>,
    Extension(administrator): Extension<Administrator>,
    paging: Paging<AgentId>,
) -> Result<Answer<Page<Agent>>, ApiError> {
    administrator.must_manage_all("list agents")?;
    let (after, limit) = paging.read()?;
    Ok(Answer(page(api.store.agents(administrator.workspace, after, limit).await?)))
}

fn create_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation.id("createAgent").summary("Make an agent")
}

async fn create(
    State(api): State<Api>,
    Extension(administrator): Extension<Administrator>,
    body: JsonBody<CreateAgent>,
) -> Result<Created<Agent>, ApiError> {
    administrator.must_manage_all("make agents")?;
    let CreateAgent { name } = body.read().await?;
    let made = api.store.create_agent(administrator.workspace, &name).await;
    Ok(Answer(made.map_err(on_conflict("GET /api/v1/agents lists the names that are taken"))?.into()))
}

fn remove_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation
        .id("removeAgent")
        .summary("Remove an agent")
        .description("Its tokens are refused from the next call on.")
        .with(path::<AgentId>("agent", "The agent's id."))
}

async fn remove(
    State(api): State<Api>,
    Extension(administrator): Extension<Administrator>,
    agent: PathId<AgentId>,
) -> Result<Answer<Agent>, ApiError> {
    administrator.must_manage_all("remove agents")?;
    let agent = Named::Agent.found(api.store.agent(agent.read()?).await)?;
    if agent.workspace != administrator.workspace {
        return Err(Named::Agent.missing());
    }
    Ok(Answer(api.store.disable_agent(agent.id).await?.into()))
}

impl From<store::Agent> for Agent {
    fn from(agent: store::Agent) -> Self {
        let store::Agent { id, name, created_at, disabled_at, .. } = agent;
        Self { id, name, created_at, disabled_at }
    }
}
