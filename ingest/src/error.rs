//! How the failures of this crate's parts are answered.

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
