//! Who can be assigned.

use playhead_schemas::{Actor, ProjectId};
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

impl Assignee {
    /// The member or the agent whom it names.
    ///
    /// # Errors
    /// `INVALID_INPUT` for `me` of one who acts for nobody.
    pub fn actor(self, writer: &Writer) -> Result<Actor, TrackerError> {
        match (self, writer.actor) {
            (Self::Actor(actor), _) | (Self::Me, Some(actor)) => Ok(actor),
            (Self::Me, None) => Err(TrackerError::invalid(
                "assignee",
                "is me, but this token acts for no member and no agent",
                "Name a member or an agent; list_project_members gives them.",
            )),
        }
    }
}

/// The one whom `assignee` names, who must have a role in the project.
pub(crate) async fn resolve(
    store: &Store,
    project: ProjectId,
    assignee: Assignee,
    writer: &Writer,
) -> Result<Actor, TrackerError> {
    let actor = assignee.actor(writer)?;
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
