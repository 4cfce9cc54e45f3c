//! Why a job failed.

use std::error::Error;

use playhead_cpu::Panicked;
use playhead_pictures::PictureError;
use playhead_store::StoreError;

/// Why a job failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JobError {
    /// The store failed, or the job's subject no longer exists.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The computation panicked: a bug of this program.
    #[error("{0}")]
    Panicked(#[from] Panicked),
    /// A picture that can't be decoded.
    #[error("the picture can't be made smaller: {0}")]
    Picture(#[from] PictureError),
    /// Every attempt ended with the process that made it.
    #[error("the server ended during each of {0} attempts; this replay or picture may be what ends it")]
    BrokenOff(u32),
    /// Another worker has the job now.
    #[error("the job went to another worker")]
    Lost,
}

impl JobError {
    /// True when another attempt would fail in the same way.
    pub(crate) fn is_final(&self) -> bool {
        matches!(
            self,
            Self::Picture(_)
                | Self::BrokenOff(_)
                | Self::Store(StoreError::NotFound(_) | StoreError::Invalid(_) | StoreError::Lost { .. })
        )
    }

    /// The error with its causes, on one line, for the job's row and the log.
    pub(crate) fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut source = match self {
            Self::Store(error) => error.source(),
            _ => None,
        };
        while let Some(inner) = source {
            text.push_str(": ");
            text.push_str(&inner.to_string());
            source = inner.source();
        }
        playhead_schemas::text::one_line(&text, 2000)
    }
}
