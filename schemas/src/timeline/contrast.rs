//! What went well beside a failure: the same request or action elsewhere in the session, and what differs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::MomentId;

/// The comparison of a failure with what went well. Both sides are moments of the same timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Contrast {
    /// What the two have in common.
    pub kind: ContrastKind,
    /// The moment that failed, or whose answer was read before the failure.
    pub failed: MomentId,
    /// The moment that went well.
    pub well: MomentId,
    /// What differs between them; empty when nothing that was recorded does.
    pub differs: Vec<Difference>,
}

/// What two compared moments have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContrastKind {
    /// The same request: method, address but for ids and the query, operation.
    Request,
    /// The same action on the same element.
    Action,
    /// The same kind of element elsewhere on the page.
    Sibling,
}

/// One difference. Texts are on one line and cut to 120 characters; absent where there was none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// Where it is.
    pub part: DifferencePart,
    /// What it is called there: a field, a key of a body such as `items[0].price`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What the failed one had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
    /// What the other one had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub well: Option<String>,
}

/// Where two compared moments differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DifferencePart {
    /// The path or query of the address.
    Address,
    /// What was entered before.
    Entered,
    /// The body that was sent.
    Sent,
    /// The status of the answer.
    Status,
    /// The body of the answer.
    Answer,
    /// How long it took, milliseconds.
    DurationMs,
    /// The element.
    Element,
}

/// One try that was refused: by the page or by a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Try {
    /// The moment of the refusal.
    pub moment: MomentId,
    /// The moments that entered what was refused, since the try before; at most 16.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entered: Vec<MomentId>,
    /// What the page or the answer said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}
