//! Requests to servers, and what went over web sockets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::string_enum::string_enum;

/// A request to a server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Request {
    /// Upper case.
    pub method: String,
    /// The address, secrets in the query removed.
    pub url: String,
    /// The status; absent when no response came, and when the recorder saw none.
    pub status: Option<u16>,
    /// True when it got no response (refused, aborted, blocked, timed out).
    pub failed: bool,
    /// From start to end; absent when unknown.
    pub duration_ms: Option<u64>,
    /// Response body, in bytes; absent when unknown.
    pub size_bytes: Option<u64>,
    /// `fetch`, `xhr`, `document`, `script`, `image`, ..; absent when unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// The response's media type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime: Option<String>,
    /// The head of what was sent, secrets removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_body: Option<String>,
    /// The head of what came back, secrets removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_body: Option<String>,
    /// The head of an answer of data that went well. Only while a replay is transcribed: of these, what a failure is
    /// compared with becomes `response_body`, and the rest is dropped.
    #[serde(skip)]
    pub answer: Option<String>,
    /// Why it failed, in the browser's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What a call is named in its body: the operation of GraphQL, the method of JSON-RPC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The error that the answer tells although its status is that of a success.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_error: Option<AnswerError>,
    /// Why the page got no answer, where that is known and not the server's doing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unanswered: Option<Unanswered>,
    /// What went over a socket; absent for other requests and when unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messages: Option<SocketMessages>,
}

impl Request {
    /// True for a request that the page itself gave up, or that ended because the page was left.
    pub fn is_cancelled(&self) -> bool {
        matches!(self.unanswered, Some(Unanswered::Cancelled | Unanswered::PageLeft))
    }

    /// True when it was answered and nothing went wrong.
    pub fn went_well(&self) -> bool {
        self.status.is_some() && !self.failed && !self.is_trouble()
    }

    /// True when it went wrong for the application: no answer, a status of 400 or more, or an answer that tells an error.
    pub fn is_trouble(&self) -> bool {
        let is_refused = self.status.is_some_and(|status| status >= 400) || self.answer_error.is_some();
        is_refused || self.failed && !self.is_cancelled() && self.unanswered != Some(Unanswered::BlockedByClient)
    }
}

/// An error in an answer: `errors` of GraphQL, `"success": false`, a problem of RFC 9457, one of a batch of answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AnswerError {
    /// The first message, secrets removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// How many errors there are.
    pub count: u32,
}

/// Why a page got no answer to a request.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::IntoStaticStr,
    strum::EnumCount,
    strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Unanswered {
    /// The page gave it up.
    Cancelled,
    /// The page was left while it ran.
    PageLeft,
    /// The browser or an extension, such as an ad blocker, refused to send it.
    BlockedByClient,
    /// The server answered, but its headers do not let the page read that (CORS).
    BlockedByCors,
}

string_enum!(Unanswered);

/// How many messages went over a web socket while the recording ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SocketMessages {
    /// By the page.
    pub sent: u32,
    /// By the server. Those that tell of an error are the request's `response_body`.
    pub received: u32,
}
