//! The closed set of error codes that callers may rely on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::string_enum::string_enum;

/// A stable error code. The set is closed: a new code is a new major version of the API.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::IntoStaticStr,
    strum::EnumCount,
    strum::VariantArray,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum ErrorCode {
    /// No credential, or one that is unknown, expired or revoked.
    Unauthenticated,
    /// The credential is known but may not do this (scope, project or origin).
    Forbidden,
    /// The thing does not exist, or not where this credential can see it.
    NotFound,
    /// The request is malformed or outside the documented ranges.
    InvalidInput,
    /// The request contradicts what is stored, such as other bytes under an acknowledged segment number.
    Conflict,
    /// A size limit was passed; the message names the limit.
    PayloadTooLarge,
    /// Too many requests; the answer says when to try again.
    RateLimited,
    /// A quota of the project is used up; the answer says when it resets.
    QuotaExceeded,
    /// A fault of the server's own; details are in its log under the request id.
    Internal,
}

impl ErrorCode {
    /// The HTTP status that `ingest` and `query` answer with (RFC 9110, RFC 6585).
    pub fn http_status(self) -> u16 {
        match self {
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::InvalidInput => 400,
            Self::Conflict => 409,
            Self::PayloadTooLarge => 413,
            Self::RateLimited | Self::QuotaExceeded => 429,
            Self::Internal => 500,
        }
    }
}

string_enum!(ErrorCode);
