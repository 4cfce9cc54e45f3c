//! What went wrong in a replay.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Contrast, Try};
use crate::MomentId;

/// One thing that went wrong, with its evidence. Ordered by [`FailureKind`], then by time; requests that were answered
/// when they were sent again come last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// The kind.
    pub kind: FailureKind,
    /// One line that states it.
    pub title: String,
    /// The moment that shows it.
    pub moment: MomentId,
    /// The user action that led to it.
    pub action: Option<MomentId>,
    /// Other moments that belong to it, in order: requests, repeats, messages.
    pub related: Vec<MomentId>,
    /// How often it happened.
    pub count: u32,
    /// The same elsewhere in the session that went well, and what differs; absent when nothing is comparable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contrast: Option<Contrast>,
    /// The tries that were refused, in order, with what was entered for each. Only for forms and requests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tries: Vec<Try>,
}

/// Kinds of failures, the most severe first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// An uncaught error or rejection.
    UncaughtError,
    /// A response of 400 or more.
    HttpError,
    /// An answer with a status of success that tells an error.
    AnswerError,
    /// A request without response.
    RequestFailed,
    /// A field or form that refused its value.
    FormRefused,
    /// A click after which nothing changed.
    DeadClick,
    /// Repeated fast clicks at one place.
    RageClick,
    /// A line of level error in the console.
    ConsoleError,
    /// A request of 2 s or more.
    SlowRequest,
}
