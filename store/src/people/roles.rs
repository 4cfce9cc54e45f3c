//! The roles of members and agents.

use playhead_schemas::{Actor, ActorRoles, ProjectId, Role, WorkspaceId};
use serde::Serialize;

use crate::engine::{Session, Tx, Value, values};
use crate::page::page_limit;
use crate::{Page, Result, Store, StoreError};

/// A member or an agent who has a role in a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProjectPerson {
    /// Who.
    pub actor: Actor,
    /// The name to show.
    pub name: String,
    /// The role; an administrator of the workspace is the owner of each project.
    pub role: Role,
}

const MEMBER: &str = "SELECT workspace, name, admin FROM members WHERE id = $1 AND disabled_at IS NULL";
const AGENT: &str = "SELECT workspace, name, false FROM agents WHERE id = $1 AND disabled_at IS NULL";
const MEMBER_WORKSPACE: &str = "SELECT workspace FROM members WHERE id = $1";
const AGENT_WORKSPACE: &str = "SELECT workspace FROM agents WHERE id = $1";
const PROJECT_WORKSPACE: &str = "SELECT workspace FROM projects WHERE id = $1";
const OF_ACTOR: &str = "SELECT project, role FROM roles WHERE actor = $1 ORDER BY project";
const OF_PROJECT: &str = "SELECT actor, role FROM roles WHERE project = $1 ORDER BY actor LIMIT 10000";
/// Roles that were given, and the administrators, without those who were removed.
const PEOPLE: &str = "SELECT actor, name, role FROM (
    SELECT 'member ' || m.id AS actor, m.name AS name, CASE WHEN m.admin THEN 'owner' ELSE r.role END AS role
        FROM members m JOIN projects p ON p.workspace = m.workspace
        LEFT JOIN roles r ON r.project = p.id AND r.actor = 'member ' || m.id
        WHERE p.id = $1 AND m.disabled_at IS NULL AND (m.admin OR r.role IS NOT NULL)
    UNION ALL
    SELECT r.actor AS actor, a.name AS name, r.role AS role
        FROM roles r JOIN agents a ON r.actor = 'agent ' || a.id
        WHERE r.project = $1 AND a.disabled_at IS NULL
    ) people WHERE ($2::text IS NULL OR actor > $2::text) ORDER BY actor LIMIT $3";
const SET: &str = "INSERT INTO roles (project, actor, role) VALUES ($1, $2, $3)
    ON CONFLICT (project, actor) DO UPDATE SET role = excluded.role";
const REMOVE: &str = "DELETE FROM roles WHERE project = $1 AND actor = $2";

impl Store {
    /// Gives an actor a role in a project, or removes it (`None`). It takes effect at the next call.
    ///
    /// # Errors
    /// `NotFound` when there is no such project or actor; `Conflict` when they belong to different workspaces.
    pub async fn set_role(&self, project: ProjectId, actor: Actor, role: Option<Role>) -> Result<()> {
        let lookup = self.shared().lookups.actor_roles.clone();
        self.write(move |tx| {
            set(tx, project, actor, role)?;
            lookup.clear_after(tx)
        })
        .await
    }

    /// The roles that an actor has now: `None` for one that is removed or unknown. Answered from memory after the first
    /// time; every change of roles, members and agents takes effect at once.
    pub async fn actor_roles(&self, actor: Actor) -> Result<Option<ActorRoles>> {
        self.shared().lookups.actor_roles.get(actor, self.read(move |session| actor_roles(session, actor))).await
    }

    /// The role that an actor has in a project now. An administrator of the workspace is the owner.
    pub async fn role(&self, project: ProjectId, actor: Actor) -> Result<Option<Role>> {
        let Some(actor_roles) = self.actor_roles(actor).await? else { return Ok(None) };
        if actor_roles.admin {
            let row = self.find(PROJECT_WORKSPACE, values![project], |row| row.get::<WorkspaceId>(0)).await?;
            return Ok((row == Some(actor_roles.workspace)).then_some(Role::Owner));
        }
        Ok(actor_roles.role_in(project))
    }

    /// The roles that were given to an actor, by project. That an administrator owns every project is not included.
    pub async fn roles_of(&self, actor: Actor) -> Result<Vec<(ProjectId, Role)>> {
        self.list(OF_ACTOR, values![actor], |row| Ok((row.get(0)?, row.parsed(1)?))).await
    }

    /// The agents and the members who have a role in a project, by their ids, without those who were removed.
    pub async fn project_people(
        &self,
        project: ProjectId,
        after: Option<Actor>,
        limit: u32,
    ) -> Result<Page<ProjectPerson, Actor>> {
        let params = values![project, after, page_limit(limit) + 1];
        let rows = self.list_long(PEOPLE, params, |row| {
            Ok(ProjectPerson { actor: row.get(0)?, name: row.get(1)?, role: row.parsed(2)? })
        });
        Ok(Page::from_rows(rows.await?, limit, |person| person.actor))
    }

    /// The actors that have a role in a project: at most 10,000.
    pub async fn roles_in(&self, project: ProjectId) -> Result<Vec<(Actor, Role)>> {
        self.list(OF_PROJECT, values![project], |row| Ok((row.get(0)?, row.parsed(1)?))).await
    }
}

/// Sets a role within a transaction.
pub(super) fn set(tx: &Tx<'_>, project: ProjectId, actor: Actor, role: Option<Role>) -> Result<()> {
    let of = |sql, params: [Value; 1], what| -> Result<WorkspaceId> {
        tx.query_one(sql, &params)?.ok_or(StoreError::NotFound(what))?.get(0)
    };
    let of_project = of(PROJECT_WORKSPACE, values![project], "project")?;
    let of_actor = match actor {
        Actor::Member(id) => of(MEMBER_WORKSPACE, values![id], "member")?,
        Actor::Agent(id) => of(AGENT_WORKSPACE, values![id], "agent")?,
    };
    if of_project != of_actor {
        return Err(StoreError::Conflict("the project belongs to another workspace".into()));
    }
    match role {
        Some(role) => tx.execute(SET, &values![project, actor, role.as_str()])?,
        None => tx.execute(REMOVE, &values![project, actor])?,
    };
    Ok(())
}

fn actor_roles(session: &dyn Session, actor: Actor) -> Result<Option<ActorRoles>> {
    let row = match actor {
        Actor::Member(id) => session.query_one(MEMBER, &values![id])?,
        Actor::Agent(id) => session.query_one(AGENT, &values![id])?,
    };
    let Some(row) = row else { return Ok(None) };
    let roles = session.query(OF_ACTOR, &values![actor])?;
    let roles = roles.iter().map(|row| Ok((row.get(0)?, row.parsed(1)?))).collect::<Result<_>>()?;
    Ok(Some(ActorRoles { workspace: row.get(0)?, name: row.get(1)?, admin: row.get(2)?, roles }))
}
