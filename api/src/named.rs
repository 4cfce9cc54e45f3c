//! Rows that a request names, and the refusal of one that does not exist, or not for its sender.

use playhead_schemas::{Actor, ErrorCode};
use playhead_store::StoreError;
use playhead_web::ApiError;

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
            Self::Bug => ("bug", "give the id that POST /v1/bugs answered, of a project that this token manages"),
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
