//! What led to what: typed edges between moments, each with the evidence for it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::MomentId;

/// An edge from the moment that led to another one. It stands in the moment that followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cause {
    /// The moment that came first.
    pub from: MomentId,
    /// What kind of step it is.
    pub edge: Edge,
    /// The evidence for it, the strongest first; never empty.
    pub evidence: Vec<Evidence>,
    /// How sure it is.
    pub confidence: Confidence,
}

/// The kinds of steps in a chain of causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Edge {
    /// What a user did began a request.
    ActionToRequest,
    /// What a user did threw or logged an error.
    ActionToError,
    /// What a user did led to another page or address.
    ActionToNavigation,
    /// A page that loaded began a request.
    LoadToRequest,
    /// A page that loaded threw or logged an error.
    LoadToError,
    /// The response of a request began another request.
    ResponseToRequest,
    /// The response of a request led to another page or address.
    ResponseToNavigation,
    /// The response of a request, or its absence, led to an error.
    ResponseToError,
    /// The response of a request changed the page.
    ResponseToDom,
    /// An error was followed by a change of the page that tells it.
    ErrorToDom,
}

/// Evidence for an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The text names the request's address, or the address is where the clicked link leads.
    SameUrl,
    /// The words of the response or of the error stand in what followed.
    SameText,
    /// Both name one script: the initiator of the request and the stack of the error.
    Stack,
    /// The request names a script of the page as its initiator.
    Initiator,
    /// It came shortly after.
    Time,
    /// The recorder saw which action it belongs to.
    Recorded,
}

/// How sure an edge is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// It came after; something else may have led to it.
    Low,
    /// It came right after, and nothing else that is known could have led to it.
    Medium,
    /// It says so itself: an address, a text or a script in common.
    High,
}
