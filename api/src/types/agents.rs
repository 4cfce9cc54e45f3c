//! Agents, and the roles of members and agents in projects.

use playhead_schemas::{Actor, AgentId, EpochMs, ProjectId, Role};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A named AI agent.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Agent {
    /// The id.
    pub id: AgentId,
    /// A name to show.
    pub name: String,
    /// When it was made.
    pub created_at: EpochMs,
    /// When it was removed.
    pub disabled_at: Option<EpochMs>,
}

/// An agent to make.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateAgent {
    /// A name to show.
    pub name: String,
}

/// Who has which role in a project.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ProjectRoles {
    /// The project.
    pub project: ProjectId,
    /// At most 10,000. Administrators of the workspace are owners without being listed.
    pub roles: Vec<ActorRole>,
}

impl ProjectRoles {
    /// The role of an actor.
    pub fn of(&self, actor: Actor) -> Option<Role> {
        self.roles.iter().find(|given| given.actor == actor).map(|given| given.role)
    }
}

/// The role of a member or an agent.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ActorRole {
    /// The member or agent.
    pub actor: Actor,
    /// The role.
    pub role: Role,
}

/// A role to give or to take.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetRole {
    /// By id or slug.
    pub project: String,
    /// The member or agent.
    pub actor: Actor,
    /// None when it is left out: the actor is taken out of the project.
    #[serde(default)]
    pub role: Option<Role>,
}
