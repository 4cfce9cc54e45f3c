//! What the rules of the tracker refuse, as it is answered.

use playhead_tracker::TrackerError;
use playhead_web::{ApiError, ErrorDetail, Problem};
use schemars::JsonSchema;
use serde::Serialize;

use crate::types::VersionConflict;

/// The member of a refusal that tells what others changed.
const CONFLICT: &str = "conflict";

/// The body of a refusal because of what others changed.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ConflictBody {
    /// What was wrong.
    error: ErrorDetail,
    /// What others changed, when the request named an older version.
    #[serde(skip_serializing_if = "Option::is_none")]
    conflict: Option<VersionConflict>,
}

/// A refusal of the tracker as it is answered: with its code, and what others changed meanwhile.
pub(crate) fn refused(error: TrackerError) -> ApiError {
    let (code, message, action) = (error.code(), error.to_string(), error.action());
    match error {
        TrackerError::Store(error) => error.into(),
        TrackerError::Version(conflict) => {
            let conflict = VersionConflict::from(conflict);
            ApiError::new(Problem::new(code, message, action)).with_detail(CONFLICT, &conflict)
        }
        _ => ApiError::new(Problem::new(code, message, action)),
    }
}
