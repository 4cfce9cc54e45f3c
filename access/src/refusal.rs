//! Why a call was refused.

use playhead_schemas::{EpochMs, ErrorCode, Role, Scope};

use crate::{Action, least_role};

/// Why a call was refused, and what to do next. Says nothing about things that the caller may not see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No bearer token, more than one, or another scheme.
    NoBearer,
    /// Unknown, expired or revoked: the answer does not say which.
    UnknownToken,
    /// Good for another endpoint.
    WrongAudience,
    /// Scopes that the operation needs: all of them, in order.
    MissingScope(Vec<Scope>),
    /// The member or agent that the credential acts for was removed.
    ActorRemoved,
    /// The member or agent has no role that may do this; with the role that it has, if any.
    RoleTooLow {
        /// The role.
        role: Option<Role>,
        /// What was to be done.
        action: Action,
    },
    /// The operator switched this off for everybody.
    SwitchedOff(Scope),
    /// Too many calls in this minute.
    RateLimited {
        /// Calls of a minute.
        limit: u64,
        /// When the next minute begins.
        ends_at: EpochMs,
    },
    /// Too many recent requests from this address were refused.
    TooOftenRefused {
        /// When the next request is looked at.
        ends_at: EpochMs,
    },
    /// A row of another project, or no row at all: both get the same answer.
    NotFound,
    /// The day's calls are used up.
    QuotaExceeded {
        /// Calls of a day.
        limit: u64,
        /// When the next day begins.
        resets_at: EpochMs,
    },
}

impl Refusal {
    /// The stable code.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::NoBearer | Self::UnknownToken | Self::WrongAudience | Self::ActorRemoved => {
                ErrorCode::Unauthenticated
            }
            Self::MissingScope(_) | Self::RoleTooLow { .. } | Self::SwitchedOff(_) => ErrorCode::Forbidden,
            Self::RateLimited { .. } | Self::TooOftenRefused { .. } => ErrorCode::RateLimited,
            Self::NotFound => ErrorCode::NotFound,
            Self::QuotaExceeded { .. } => ErrorCode::QuotaExceeded,
        }
    }

    /// What is wrong, as one sentence.
    pub fn message(&self) -> String {
        match self {
            Self::NoBearer => "The request has no bearer token.".to_owned(),
            Self::UnknownToken => "The bearer token is unknown, expired or revoked.".to_owned(),
            Self::WrongAudience => "The bearer token is not for this endpoint.".to_owned(),
            Self::ActorRemoved => "The member or agent that this token acts for was removed.".to_owned(),
            Self::MissingScope(scopes) => format!("This needs a token with the scope {}.", joined(scopes)),
            Self::RoleTooLow { role: Some(role), action } => {
                let least = least_role(*action);
                format!("The role {role} may not {}; it needs the role {least}.", action.description())
            }
            Self::RoleTooLow { role: None, action } => {
                format!("You have no role in a project here that may {}.", action.description())
            }
            Self::SwitchedOff(scope) => format!("The scope {scope} is switched off on this server."),
            Self::RateLimited { limit, ends_at } => {
                format!(
                    "{limit} calls were made in this minute, which is the limit; the minute ends at {}.",
                    ends_at.to_rfc3339()
                )
            }
            Self::TooOftenRefused { .. } => "Too many requests from this address were refused.".to_owned(),
            Self::NotFound => "Not found.".to_owned(),
            Self::QuotaExceeded { limit, resets_at } => {
                format!("The {limit} calls of this day are used up; they start again at {}.", resets_at.to_rfc3339())
            }
        }
    }

    /// What to do next, as one sentence.
    pub fn action(&self) -> String {
        match self {
            Self::NoBearer | Self::UnknownToken | Self::ActorRemoved => {
                "Send the header `Authorization: Bearer pht_...` with a token that `playhead token create` gave."
                    .to_owned()
            }
            Self::WrongAudience => "Use the endpoint that the token was made for: /mcp for a workspace's token, \
                /p/PROJECT/mcp for a project's."
                .to_owned(),
            Self::MissingScope(scopes) => format!("Ask the user for a token with the scope {}.", joined(scopes)),
            Self::RoleTooLow { .. } => "Ask an owner of the project for that role.".to_owned(),
            Self::SwitchedOff(_) => "Ask the server's operator.".to_owned(),
            Self::RateLimited { .. } => "Call again after that.".to_owned(),
            Self::TooOftenRefused { .. } => {
                "Wait for the seconds of Retry-After, then send a token that works.".to_owned()
            }
            Self::NotFound => "Check the id.".to_owned(),
            Self::QuotaExceeded { .. } => "Call again after that, or ask the server's operator for more.".to_owned(),
        }
    }

    /// Seconds after which to try again, where that helps.
    pub fn retry_after_seconds(&self, now: EpochMs) -> Option<u64> {
        match self {
            Self::RateLimited { ends_at: at, .. }
            | Self::TooOftenRefused { ends_at: at }
            | Self::QuotaExceeded { resets_at: at, .. } => Some(at.since(now).div_ceil(1000)),
            _ => None,
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message())
    }
}

impl std::error::Error for Refusal {}

/// Scopes with spaces between them, as OAuth writes them.
fn joined(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")
}
