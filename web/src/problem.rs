//! The one error of the HTTP APIs, and its JSON form.
//!
//! Handlers return an [`ApiError`]; the outermost layer ([`crate::trace`]) renders it with the request's id and logs
//! its causes, once.

use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;

use aide::OperationOutput;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use playhead_cpu::Panicked;
use playhead_schemas::ErrorCode;
use playhead_store::StoreError;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

/// After how many seconds a request is sent again while the disk is full or a database is away.
const OUTAGE_RETRY_S: u32 = 5;

/// What was wrong, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Problem {
    /// A stable code.
    pub code: ErrorCode,
    /// What was wrong, for people.
    pub message: String,
    /// What to do next, for people.
    pub action: Cow<'static, str>,
}

/// Why a request was refused, or what failed.
#[derive(Clone, Debug)]
pub struct ApiError {
    /// What the client is told.
    pub problem: Problem,
    /// The status of the answer, where it is not that of the code.
    status: Option<StatusCode>,
    retry_after_s: Option<u32>,
    details: Map<String, Value>,
    cause: Option<Arc<dyn Error + Send + Sync>>,
}

/// The body of every refusal.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ErrorBody {
    /// What was wrong.
    pub error: ErrorDetail,
    /// What an operation adds to its refusals.
    #[serde(flatten)]
    pub details: Map<String, Value>,
}

/// What was wrong, what to do, and where to look.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ErrorDetail {
    /// What was wrong, and what to do.
    #[serde(flatten)]
    pub problem: Problem,
    /// The request's id, to find it in the server's log.
    pub request_id: String,
}

impl Problem {
    /// A problem with its code.
    pub fn new(code: ErrorCode, message: impl Into<String>, action: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), action: action.into() }
    }

    /// A malformed request.
    pub fn invalid(message: impl Into<String>, action: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::InvalidInput, message, action)
    }

    /// A failure of this server's own. The cause goes to the log, never into the message.
    pub fn internal() -> Self {
        Self::new(
            ErrorCode::Internal,
            "the server failed to handle the request",
            "try again; if it stays, look for the request id in the server's log",
        )
    }
}

impl ApiError {
    /// A refusal without causes.
    pub fn new(problem: Problem) -> Self {
        Self { problem, status: None, retry_after_s: None, details: Map::new(), cause: None }
    }

    /// A failure of this server's own; `cause` is for the log alone.
    pub fn internal(cause: impl Error + Send + Sync + 'static) -> Self {
        Self { cause: Some(Arc::new(cause)), ..Self::new(Problem::internal()) }
    }

    /// The row that the request names does not exist, or not for this principal. `action` says where those that exist
    /// are found.
    pub fn not_found(what: &str, action: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Problem::new(ErrorCode::NotFound, format!("no such {what}"), action))
    }

    /// Says what to do in this case, when the refusal has `code`: where it is made, only the code is known.
    #[must_use]
    pub fn advising(mut self, code: ErrorCode, action: impl Into<Cow<'static, str>>) -> Self {
        if self.problem.code == code {
            self.problem.action = action.into();
        }
        self
    }

    /// Answers with a status of its own instead of the code's.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    /// Tells the client to wait `seconds` (at least one) before another try.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds.max(1));
        self
    }

    /// Adds a member to the body beside `error`. What can't be written as JSON is left out.
    #[must_use]
    pub fn with_detail(mut self, name: &str, value: &impl Serialize) -> Self {
        if let Ok(value) = serde_json::to_value(value) {
            self.details.insert(name.to_owned(), value);
        }
        self
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        let of_code = || StatusCode::from_u16(self.problem.code.http_status());
        self.status.unwrap_or_else(|| of_code().unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
    }

    /// Seconds after which to try again.
    pub(crate) fn retry_after_s(&self) -> Option<u32> {
        self.retry_after_s
    }

    /// What failed, for the log.
    pub(crate) fn cause(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as &(dyn Error + 'static))
    }

    /// The body of the answer.
    pub(crate) fn into_body(self, request_id: &str) -> ErrorBody {
        let error = ErrorDetail { problem: self.problem, request_id: request_id.to_owned() };
        ErrorBody { error, details: self.details }
    }
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        let is_busy = problem.code == ErrorCode::RateLimited;
        let error = Self::new(problem);
        if is_busy { error.retry_after(1) } else { error }
    }
}

impl From<Panicked> for ApiError {
    fn from(panic: Panicked) -> Self {
        Self::internal(panic)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let action = match error.code() {
            ErrorCode::Internal if error.is_outage() => {
                let problem = Problem::new(
                    ErrorCode::Internal,
                    "the server can't read or store at the moment",
                    "send the request again after the seconds of Retry-After; nothing of it is stored",
                );
                let refused =
                    Self::new(problem).with_status(StatusCode::SERVICE_UNAVAILABLE).retry_after(OUTAGE_RETRY_S);
                return Self { cause: Some(Arc::new(error)), ..refused };
            }
            ErrorCode::Internal => return Self::internal(error),
            ErrorCode::NotFound => "check the id",
            ErrorCode::Conflict => "read what is stored, then send a request that fits it",
            ErrorCode::PayloadTooLarge => "send less",
            _ => "correct the request; /v1/openapi.json and /api/v1/openapi.json describe it",
        };
        Self::new(Problem::new(error.code(), error.to_string(), action))
    }
}

impl IntoResponse for ApiError {
    /// Only marks the response; the outermost layer writes the body.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The refusals of an operation are documented for all operations of a router together: see
/// [`crate::openapi::refusals`].
impl OperationOutput for ApiError {
    type Inner = Self;
}
