//! Rows that a request names, and the refusal of one that does not exist, or not for its sender.

use playhead_schemas::{Actor, ErrorCode, ProjectId, WorkspaceId};
use playhead_store::{Project, StoreError};
use playhead_web::ApiError;

use crate::app::Api;

/// What a path or a body may name.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Named {
    Project,
    Key,
    Token,
    Member,
    Agent,
    Invitation,
    Bug,
    Comment,
    /// A project of one who works on bugs.
    SeenProject,
}

impl Named {
    /// What an actor is.
    pub(crate) fn actor(actor: Actor) -> Self {
        match actor {
            Actor::Member(_) => Self::Member,
            Actor::Agent(_) => Self::Agent,
        }
    }

    /// The refusal of one that is not there, with the way to those that are.
    pub(crate) fn missing(self) -> ApiError {
        let (what, action) = match self {
            Self::Project => ("project", "GET /api/v1/projects lists the projects that this token manages"),
            Self::Key => ("ingest key", "GET /api/v1/keys?project=PROJECT lists the keys of a project"),
            Self::Token => ("token", "GET /api/v1/tokens lists the tokens"),
            Self::Member => ("member", "GET /api/v1/members lists the members"),
            Self::Agent => ("agent", "GET /api/v1/agents lists the agents"),
            Self::Invitation => ("invitation", "GET /api/v1/invitations lists the invitations"),
            Self::Bug => (
                "bug",
                "GET /api/v1/bugs lists the bugs that a token reads; POST /v1/bugs answers with the id of a new one",
            ),
            Self::Comment => ("comment", "GET /api/v1/bugs/BUG/comments lists the comments of a bug"),
            Self::SeenProject => ("project", "POST /api/v1/tools/list_projects lists the projects that a token reads"),
        };
        ApiError::not_found(what, action)
    }

    /// A row that the store was asked for by its id.
    pub(crate) fn found<T>(self, row: Result<T, StoreError>) -> Result<T, ApiError> {
        row.map_err(|error| if error.code() == ErrorCode::NotFound { self.missing() } else { error.into() })
    }
}

/// Says what to do about a conflict with what is stored.
pub(crate) fn on_conflict(action: &'static str) -> impl FnOnce(StoreError) -> ApiError {
    move |error| ApiError::from(error).advising(ErrorCode::Conflict, action)
}

/// The project that `text` names by id or slug, wherever it is.
pub(crate) async fn project_named(
    api: &Api,
    workspace: WorkspaceId,
    text: &str,
) -> Result<Option<Project>, StoreError> {
    match text.parse::<ProjectId>() {
        Ok(id) => match api.store.project(id).await {
            Ok(project) => Ok(Some(project)),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(error),
        },
        // What can't be a slug is not looked up: not every catalog takes every text.
        Err(_) if !text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') => Ok(None),
        Err(_) => api.store.project_by_slug(workspace, &text.to_ascii_lowercase()).await,
    }
}
