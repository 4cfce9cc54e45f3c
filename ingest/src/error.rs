//! The one error of the HTTP API, and its JSON form.
//!
//! Handlers return an [`ApiError`]; the outermost layer ([`crate::trace`]) renders it with the
//! request's id and logs its causes, once.

use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use playhead_cpu::Panicked;
use playhead_schemas::ErrorCode;
use playhead_store::StoreError;
use schemars::JsonSchema;
use serde::Serialize;

use crate::answer::StreamReport;
use crate::body::{BodyError, Exhausted};

/// Why a request was refused, or what failed.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    pub(crate) fault: Fault,
    /// Seconds until another try makes sense.
    pub(crate) retry_after_s: Option<u32>,
    /// What became of each stream, when the refusal concerns single streams.
    pub(crate) streams: Vec<StreamReport>,
    /// For the log alone.
    pub(crate) cause: Option<Arc<dyn Error + Send + Sync>>,
}

/// What was wrong, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Fault {
    /// A stable code.
    pub(crate) code: ErrorCode,
    /// What was wrong, for people.
    pub(crate) message: String,
    /// What to do next, for people.
    pub(crate) action: Cow<'static, str>,
}

/// The body of every refusal.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ErrorBody {
    /// What was wrong.
    pub(crate) error: ErrorDetail,
    /// What became of each stream of the request, when the refusal concerns single streams.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) streams: Vec<StreamReport>,
}

/// What was wrong, what to do, and where to look.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ErrorDetail {
    #[serde(flatten)]
    pub(crate) fault: Fault,
    /// The request's id, to find it in the server's log.
    pub(crate) request_id: String,
}

impl Fault {
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>, action: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), action: action.into() }
    }

    /// A malformed request.
    pub(crate) fn invalid(message: impl Into<String>, action: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::InvalidInput, message, action)
    }

    /// A fault of this server's own. The cause goes to the log, never into the message.
    pub(crate) fn internal() -> Self {
        Self::new(
            ErrorCode::Internal,
            "the server failed to handle the request",
            "try again; if it stays, look for the request id in the server's log",
        )
    }

    /// No memory to decode with.
    pub(crate) fn busy() -> Self {
        Self::new(
            ErrorCode::RateLimited,
            "the server is decoding as much as it may hold in memory",
            "send the request again after the seconds of Retry-After",
        )
    }
}

impl ApiError {
    /// A refusal without causes.
    pub(crate) fn new(fault: Fault) -> Self {
        Self { fault, retry_after_s: None, streams: Vec::new(), cause: None }
    }

    /// A fault of this server's own.
    pub(crate) fn internal(cause: impl Error + Send + Sync + 'static) -> Self {
        Self { cause: Some(Arc::new(cause)), ..Self::new(Fault::internal()) }
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(Fault::new(
            ErrorCode::NotFound,
            format!("no such {what}"),
            "check the id; /v1/openapi.json lists the routes",
        ))
    }

    pub(crate) fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds.max(1));
        self
    }

    pub(crate) fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.fault.code.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl From<Fault> for ApiError {
    fn from(fault: Fault) -> Self {
        let busy = fault.code == ErrorCode::RateLimited;
        let error = Self::new(fault);
        if busy { error.retry_after(1) } else { error }
    }
}

impl From<Panicked> for ApiError {
    fn from(panic: Panicked) -> Self {
        Self::internal(panic)
    }
}

impl From<Exhausted> for ApiError {
    fn from(_: Exhausted) -> Self {
        Fault::busy().into()
    }
}

impl From<BodyError> for ApiError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::Refused(fault) => fault.into(),
            BodyError::Failed(panic) => panic.into(),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let action = match error.code() {
            ErrorCode::Internal => return Self::internal(error),
            ErrorCode::NotFound => "check the id, and that its project is not archived",
            ErrorCode::Conflict => "read what is stored, then choose another name or number",
            ErrorCode::PayloadTooLarge => "send less",
            _ => "correct the request; /v1/openapi.json describes it",
        };
        Self::new(Fault::new(error.code(), error.to_string(), action))
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
