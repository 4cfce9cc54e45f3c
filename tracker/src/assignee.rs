//! Who can be assigned.

use playhead_schemas::{Actor, ProjectId, Role};
use playhead_store::Store;
use serde::Serialize;

use crate::{TrackerError, Writer};

/// Who is to work on a bug, as callers say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Assignee {
    /// The one who asks.
    Me,
    /// This member or agent.
    Actor(Actor),
}

/// One who has a role in a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignable {
    /// The member or agent.
    pub actor: Actor,
    /// Its name.
    pub name: String,
    /// Its role; an administrator of the workspace is the owner of each project.
    pub role: Role,
}

/// The members and agents of a project, by their ids: those that have a role and were not removed, and the workspace's
/// administrators. At most 10,000.
///
/// # Errors
/// When the store fails.
pub async fn assignable(store: &Store, project: ProjectId) -> Result<Vec<Assignable>, TrackerError> {
    let workspace = store.project(project).await?.workspace;
    let mut actors: Vec<Actor> = store.roles_in(project).await?.into_iter().map(|(actor, _)| actor).collect();
    let mut after = None;
    loop {
        let page = store.members(workspace, after, 1000).await?;
        actors.extend(page.items.iter().filter(|member| member.admin).map(|member| Actor::Member(member.id)));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    actors.sort();
    actors.dedup();
    let mut found = Vec::with_capacity(actors.len());
    for actor in actors {
        let Some(roles) = store.actor_roles(actor).await? else { continue };
        let Some(role) = roles.role_in(project) else { continue };
        found.push(Assignable { actor, name: roles.name, role });
    }
    Ok(found)
}

/// The one whom `assignee` names, who must have a role in the project.
pub(crate) async fn resolve(
    store: &Store,
    project: ProjectId,
    assignee: Assignee,
    writer: &Writer,
) -> Result<Actor, TrackerError> {
    let actor = match (assignee, writer.actor) {
        (Assignee::Actor(actor), _) | (Assignee::Me, Some(actor)) => actor,
        (Assignee::Me, None) => {
            return Err(TrackerError::invalid(
                "assignee",
                "is me, but this token acts for no member and no agent",
                "Name a member or an agent; list_project_members gives them.",
            ));
        }
    };
    check(store, project, actor, "assignee").await?;
    Ok(actor)
}

/// Checks that an actor has a role in a project. One that does not exist is told like one without a role.
pub(crate) async fn check(
    store: &Store,
    project: ProjectId,
    actor: Actor,
    field: &'static str,
) -> Result<(), TrackerError> {
    if store.role(project, actor).await?.is_some() {
        return Ok(());
    }
    Err(TrackerError::invalid(
        field,
        "names no one who has a role in this project",
        "Call list_project_members for those who have.",
    ))
}
