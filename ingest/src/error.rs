//! How the failures of this crate's parts are answered.

use playhead_schemas::ErrorCode;
use playhead_store::StoreError;
use playhead_web::{ApiError, Problem};

use crate::body::BodyError;
use crate::memory_budget::Exhausted;

impl From<Exhausted> for ApiError {
    fn from(exhausted: Exhausted) -> Self {
        Problem::from(exhausted).into()
    }
}

impl From<BodyError> for ApiError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::Refused(problem) => problem.into(),
            BodyError::Failed(panic) => panic.into(),
        }
    }
}

/// What the store refuses an upload for: the project of the key takes none.
pub(crate) fn refused_by_project(error: StoreError) -> ApiError {
    let action = "use an ingest key of a project that is not archived";
    ApiError::from(error).advising(ErrorCode::Conflict, action).advising(ErrorCode::NotFound, action)
}
