//! Agents: named AI principals of a workspace.

use playhead_schemas::{AgentId, EpochMs, WorkspaceId};
use serde::Serialize;

use super::name;
use crate::engine::{Row, values};
use crate::page::page_limit;
use crate::{Page, Result, Store, StoreError};

/// A named AI agent. It can't sign in: tokens act for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Agent {
    /// Its id.
    pub id: AgentId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// A display name.
    pub name: String,
    /// When it was made.
    pub created_at: EpochMs,
    /// When it was removed. Its tokens are refused from then on.
    pub disabled_at: Option<EpochMs>,
}

const ADD: &str = "INSERT INTO agents (id, workspace, name, created_at) VALUES ($1, $2, $3, $4)";
const WITH_NAME: &str =
    "SELECT id FROM agents WHERE workspace = $1 AND name = $2 AND disabled_at IS NULL ORDER BY id LIMIT 1";
const BY_ID: &str = "SELECT id, workspace, name, created_at, disabled_at FROM agents WHERE id = $1";
const LIST: &str = "SELECT id, workspace, name, created_at, disabled_at FROM agents
    WHERE workspace = $1 AND ($2::text IS NULL OR id > $2::text) ORDER BY id LIMIT $3";
const DISABLE: &str = "UPDATE agents SET disabled_at = coalesce(disabled_at, $2) WHERE id = $1";

impl Store {
    /// Makes an agent. The name of a removed agent may be used again.
    ///
    /// # Errors
    /// `Conflict` if an agent of the workspace has the name, `Invalid` if the name is empty.
    pub async fn create_agent(&self, workspace: WorkspaceId, text: &str) -> Result<Agent> {
        let (id, name, created_at) = (AgentId::new(), name(text, "the agent")?, EpochMs::now());
        let agent = Agent { id, workspace, name, created_at, disabled_at: None };
        let row = values![id, workspace, agent.name.as_str(), created_at];
        self.write(move |tx| {
            // No unique index: catalogs from before this rule may hold two agents of one name.
            if let Some(row) = tx.query_one(WITH_NAME, &values![workspace, agent.name.as_str()])? {
                let (name, id) = (&agent.name, row.get::<AgentId>(0)?);
                let message = format!("an agent named {name} exists already ({id}); use it, or choose another name");
                return Err(StoreError::Conflict(message));
            }
            tx.execute(ADD, &row)?;
            Ok(agent.clone())
        })
        .await
    }

    /// The agent of an id, removed ones included.
    pub async fn agent(&self, id: AgentId) -> Result<Agent> {
        self.find(BY_ID, values![id], agent).await?.ok_or(StoreError::NotFound("agent"))
    }

    /// The agents of a workspace, oldest first, removed ones included.
    pub async fn agents(
        &self,
        workspace: WorkspaceId,
        after: Option<AgentId>,
        limit: u32,
    ) -> Result<Page<Agent, AgentId>> {
        let rows = self.list(LIST, values![workspace, after, page_limit(limit) + 1], agent).await?;
        Ok(Page::from_rows(rows, limit, |a| a.id))
    }

    /// Removes an agent: from the next call on, its tokens are refused.
    pub async fn disable_agent(&self, id: AgentId) -> Result<Agent> {
        let lookup = self.shared().lookups.actor_roles.clone();
        self.write(move |tx| {
            tx.execute(DISABLE, &values![id, EpochMs::now()])?;
            lookup.clear_after(tx)?;
            tx.query_one(BY_ID, &values![id])?.as_ref().map(agent).transpose()
        })
        .await?
        .ok_or(StoreError::NotFound("agent"))
    }
}

fn agent(row: &Row) -> Result<Agent> {
    Ok(Agent {
        id: row.get(0)?,
        workspace: row.get(1)?,
        name: row.get(2)?,
        created_at: row.get(3)?,
        disabled_at: row.get(4)?,
    })
}
