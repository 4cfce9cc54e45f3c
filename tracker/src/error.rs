//! Why something was not done.

use playhead_schemas::upload::BugStatus;
use playhead_schemas::{BugId, ErrorCode};
use playhead_store::{Activity, StoreError};

/// Why something was not done in the tracker. Messages hold no text that a user wrote.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrackerError {
    /// A field is not what it may be: its name, what is wrong, what to do.
    #[error("{field} {message}.")]
    Invalid {
        /// The field.
        field: &'static str,
        /// What is wrong, as the rest of a sentence.
        message: String,
        /// What to do, as one sentence.
        action: String,
    },
    /// No field is to be changed.
    #[error("No field is given: nothing would change.")]
    NothingGiven,
    /// A status can't follow the one that the bug has.
    #[error("status can't go from {from} to {to}; from {from} it can go to {}.", words(next))]
    Transition {
        /// The status that it has.
        from: BugStatus,
        /// The one that was asked for.
        to: BugStatus,
        /// Those that may follow.
        next: &'static [BugStatus],
    },
    /// Others changed the bug meanwhile.
    #[error("The bug has version {} by now, not {}.", .0.version, .0.given)]
    Version(VersionConflict),
    /// An idempotency key was used for another request.
    #[error("The idempotency_key was used for another request in the last 24 hours.")]
    KeyReused,
    /// The project takes nothing new.
    #[error("The project is archived: it takes no new bugs.")]
    Archived,
    /// There is no such bug in this project.
    #[error("{field} names no bug of this project.")]
    NoSuchBug {
        /// The field.
        field: &'static str,
    },
    /// A bug would be marked as a duplicate of itself.
    #[error("duplicate_of names this bug itself, or one that is marked as its duplicate.")]
    DuplicateOfItself,
    /// There is no such comment.
    #[error("Comment not found.")]
    NoSuchComment,
    /// A comment is its author's alone.
    #[error("Only the author of a comment may change or delete it.")]
    NotTheAuthor,
    /// What is stored can't be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What others changed since the version that a caller knew.
#[derive(Clone, Debug, PartialEq)]
pub struct VersionConflict {
    /// The bug.
    pub bug: BugId,
    /// The version that the caller knew.
    pub given: u64,
    /// The version that the bug has.
    pub version: u64,
    /// The changes since then, newest first: at most 50.
    pub changes: Vec<Activity>,
}

impl TrackerError {
    /// A field that is not what it may be. `message` goes on after the field's name.
    pub(crate) fn invalid(field: &'static str, message: impl Into<String>, action: impl Into<String>) -> Self {
        Self::Invalid { field, message: message.into(), action: action.into() }
    }

    /// The stable code.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Invalid { .. } | Self::NothingGiven | Self::Transition { .. } | Self::DuplicateOfItself => {
                ErrorCode::InvalidInput
            }
            Self::Version(_) | Self::KeyReused | Self::Archived => ErrorCode::Conflict,
            Self::NoSuchBug { .. } | Self::NoSuchComment => ErrorCode::NotFound,
            Self::NotTheAuthor => ErrorCode::Forbidden,
            Self::Store(error) => error.code(),
        }
    }

    /// What to do next, as one sentence.
    pub fn action(&self) -> String {
        match self {
            Self::Invalid { action, .. } => action.clone(),
            Self::NothingGiven => "Give a field that is to change; a remark alone is add_comment's.".into(),
            Self::Transition { next, .. } => format!("Send one of {}, or leave status out.", words(next)),
            Self::Version(conflict) => {
                format!("Read what changed, then send what still holds, with version {}.", conflict.version)
            }
            Self::KeyReused => "Use a new key for another request; repeat a request with exactly its arguments.".into(),
            Self::Archived => "Name another project.".into(),
            Self::NoSuchBug { .. } => "Call list_bugs or search_bugs for the ids that exist.".into(),
            Self::DuplicateOfItself => {
                "Name the bug that was reported first, or clear duplicate_of of the other.".into()
            }
            Self::NoSuchComment => "Call list_comments for the ids that exist.".into(),
            Self::NotTheAuthor => "Add a comment of your own, with reply_to.".into(),
            Self::Store(_) => "Try the same call once more.".into(),
        }
    }
}

fn words(statuses: &[BugStatus]) -> String {
    statuses.iter().map(|status| status.as_str()).collect::<Vec<_>>().join(", ")
}
