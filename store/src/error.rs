//! The one error of this crate.

use std::path::{Path, PathBuf};

use playhead_schemas::ErrorCode;

use crate::engine;

/// Why a store operation failed. Messages contain no secrets; `source` gives the cause.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process has the data directory open.
    #[error(
        "the data directory {} is in use by another playhead process; talk to that server over HTTP, or stop it first",
        path.display()
    )]
    Locked {
        /// The data directory.
        path: PathBuf,
    },
    /// Nothing of that kind has the given id.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// The call conflicts with what is stored.
    #[error("{0}")]
    Conflict(String),
    /// An idempotency key was used for another request in the last 24 hours.
    #[error("the idempotency_key was used for another request in the last 24 hours")]
    KeyReused,
    /// A bug would, perhaps over others, be marked as a duplicate of itself.
    #[error("the bug would be a duplicate of itself")]
    DuplicateOfItself,
    /// A size limit was exceeded.
    #[error("{0}")]
    TooLarge(String),
    /// An argument is outside its range, or what is stored can't be read.
    #[error("{0}")]
    Invalid(String),
    /// The catalog failed.
    #[error("the catalog failed at: {doing}")]
    Engine {
        /// What was being done: the statement, or a description.
        doing: &'static str,
        /// The driver's error.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A file of the data folder can't be opened: it is damaged, or no database of this program.
    #[error("{} can't be opened; if it is damaged, {remedy}", path.display())]
    Unopened {
        /// The file.
        path: PathBuf,
        /// What to do when it is damaged.
        remedy: &'static str,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An object that a row names is missing, or shorter than it was. No later call finds it.
    #[error("the object {object} is missing or damaged; put it back from a backup")]
    Lost {
        /// Its key.
        object: String,
    },
    /// The object storage failed.
    #[error("the object storage failed to {doing}")]
    Objects {
        /// What was being done, such as `read segments/01J..`.
        doing: String,
        /// The storage's error.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
}

/// A result of the store.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

impl StoreError {
    pub(crate) fn engine(doing: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Engine { doing, source: source.into() }
    }

    pub(crate) fn objects(doing: String, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Objects { doing, source: source.into() }
    }

    /// Of a file that can't be opened.
    pub(crate) fn unopened(path: &Path, remedy: &'static str, error: Self) -> Self {
        match error {
            Self::Engine { source, .. } => Self::Unopened { path: path.to_owned(), remedy, source },
            other => other,
        }
    }

    /// True when what is below the store takes or gives nothing at present (a full or read-only disk, a database or an object
    /// storage that is away), so that the same call may succeed later.
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Objects { .. } => true,
            Self::Engine { source, .. } => engine::is_outage(source.as_ref()),
            _ => false,
        }
    }

    /// The stable code that callers may rely on.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound(_) => ErrorCode::NotFound,
            Self::Conflict(_) | Self::KeyReused => ErrorCode::Conflict,
            Self::TooLarge(_) => ErrorCode::PayloadTooLarge,
            Self::Invalid(_) | Self::DuplicateOfItself => ErrorCode::InvalidInput,
            Self::Locked { .. }
            | Self::Engine { .. }
            | Self::Unopened { .. }
            | Self::Lost { .. }
            | Self::Objects { .. }
            | Self::Closed => ErrorCode::Internal,
        }
    }
}
