//! Requests to servers, and what went over web sockets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    /// Why it failed, in the browser's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What went over a socket; absent for other requests and when unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messages: Option<SocketMessages>,
}

/// How many messages went over a web socket while the recording ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SocketMessages {
    /// By the page.
    pub sent: u32,
    /// By the server. Those that tell of an error are the request's `response_body`.
    pub received: u32,
}
