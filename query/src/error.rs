//! Failures of tools. Each is an answer: a stable code, what was wrong, what to do next.

use playhead_access::Refusal;
use playhead_schemas::ErrorCode;
use playhead_store::StoreError;
use playhead_tracker::TrackerError;
use playhead_web::error_chain;
use serde::Serialize;

use crate::change;
use crate::untrusted::{self, Source};

/// Why a tool gave no result. Written so that a model can correct its call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ToolError {
    /// The stable code.
    pub code: ErrorCode,
    /// What was wrong, in one sentence.
    pub message: String,
    /// What helps, in one sentence.
    pub action: String,
    /// What others wrote meanwhile, for a conflict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub untrusted: Option<Meanwhile>,
}

/// What others changed since the version that a caller knew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Meanwhile {
    /// One line for each change, newest first.
    pub changed_meanwhile: Vec<String>,
}

impl std::fmt::Display for ToolError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} {}", self.code, self.message, self.action)?;
        let Some(others) = &self.untrusted else { return Ok(()) };
        let lines = others.changed_meanwhile.join("\n");
        write!(f, "\nWhat was changed meanwhile, newest first:\n{}", untrusted::block(Source::Report, &lines))
    }
}

impl std::error::Error for ToolError {}

impl ToolError {
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>, action: impl Into<String>) -> Self {
        Self { code, message: message.into(), action: action.into(), untrusted: None }
    }

    /// An argument that is not what it should be. `message` names the field and the allowed range.
    pub(crate) fn invalid(message: impl Into<String>, action: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidInput, message, action)
    }

    /// Missing, or outside the principal's projects: both get the same answer.
    pub(crate) fn not_found(message: &str, action: impl Into<String>) -> Self {
        Self::new(ErrorCode::NotFound, message, action)
    }

    /// A request body that is longer than `body_bytes_max`, or that ended before its end.
    pub(crate) fn body_too_large(body_bytes_max: usize) -> Self {
        Self::new(
            ErrorCode::PayloadTooLarge,
            format!("The body was not read: it is over {body_bytes_max} bytes, or it broke off."),
            "Send the tool's arguments as one JSON object; none of them needs to be long.",
        )
    }

    /// Something that was stored is missing or can't be read. The cause goes to the log here, and nowhere else.
    pub(crate) fn damaged(cause: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(cause = error_chain(cause), "a stored object is missing or damaged");
        Self::new(
            ErrorCode::Internal,
            "What was stored of this is missing or damaged, so it can't be read.",
            "The same call fails again until the server's operator puts it back from a backup; the server's log names it.",
        )
    }

    /// A fault of the server's own. The cause goes to the log here, and nowhere else.
    pub(crate) fn internal(cause: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(cause = error_chain(cause), "a tool failed");
        Self::new(
            ErrorCode::Internal,
            "The server failed while it answered; its log says why.",
            "Try the same call once more.",
        )
    }
}

/// Characters and tokens of a change that a conflict tells.
const CHANGE_CHARS_MAX: usize = 1_000;
const CHANGE_TOKENS_MAX: usize = 150;

impl From<Refusal> for ToolError {
    fn from(refusal: Refusal) -> Self {
        Self::new(refusal.code(), refusal.message(), refusal.action())
    }
}

impl From<TrackerError> for ToolError {
    fn from(error: TrackerError) -> Self {
        let (code, message, action) = (error.code(), error.to_string(), error.action());
        match error {
            TrackerError::Store(error) => error.into(),
            TrackerError::Version(conflict) => {
                // A refusal is not measured, so each line is cut.
                let told = |entry| untrusted::short_line(&change::told(entry), CHANGE_CHARS_MAX, CHANGE_TOKENS_MAX);
                let changed_meanwhile = conflict.changes.iter().map(told).collect();
                let untrusted = (!conflict.changes.is_empty()).then_some(Meanwhile { changed_meanwhile });
                Self { untrusted, ..Self::new(code, message, action) }
            }
            _ => Self::new(code, message, action),
        }
    }
}

impl From<StoreError> for ToolError {
    fn from(error: StoreError) -> Self {
        match &error {
            // Tools answer for the rows that their arguments name; what is left was deleted or replaced meanwhile.
            StoreError::NotFound(what) => Self::not_found(
                &format!("Not found: {what}."),
                "Call the tool once more: it may have been replaced in the meantime.",
            ),
            StoreError::Invalid(message) => Self::invalid(format!("{message}."), "Correct that argument."),
            lost @ StoreError::Lost { .. } => Self::damaged(lost),
            other => Self::internal(other),
        }
    }
}

/// Why serving over a pair of streams ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The client never made itself known as MCP asks.
    #[error("the client did not open an MCP session: {0}")]
    Handshake(String),
    /// The task that served ended badly.
    #[error("serving ended: {0}")]
    Ended(String),
}
