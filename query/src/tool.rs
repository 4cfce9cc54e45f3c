//! What a tool is.

use std::future::Future;

use bytes::Bytes;
use playhead_schemas::Scope;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::call::Call;
use crate::error::ToolError;

/// One tool: a name that never changes, typed arguments, typed results.
///
/// All tools of this crate read: their hints say so, and a tool that writes will have to say otherwise.
pub(crate) trait Tool: 'static {
    /// The name that clients call.
    const NAME: &'static str;
    /// The name that people see.
    const TITLE: &'static str;
    /// What it gives and when to call it; under 2 KB, for clients cut it there.
    const DESCRIPTION: &'static str;
    /// What a token needs.
    const SCOPE: Scope;
    /// False for a tool whose result is a picture: several clients drop pictures next to structured content.
    const STRUCTURED: bool = true;
    /// The arguments. Unknown fields are refused.
    type Input: DeserializeOwned + JsonSchema + Send;
    /// The structured result.
    type Output: Serialize + JsonSchema;

    /// Answers one call.
    fn run(call: &Call, input: Self::Input) -> impl Future<Output = Result<Answer<Self::Output>, ToolError>> + Send;
}

/// What a tool gives: the same in two forms, for clients show a model the one or the other.
#[derive(Clone, Debug)]
pub(crate) struct Answer<T> {
    /// As text.
    pub(crate) text: String,
    /// As typed data.
    pub(crate) data: T,
    /// A picture beside it.
    pub(crate) picture: Option<Picture>,
}

/// A picture of a result.
#[derive(Clone, Debug)]
pub(crate) struct Picture {
    pub(crate) bytes: Bytes,
    pub(crate) media_type: String,
}

impl<T> Answer<T> {
    pub(crate) fn new(text: String, data: T) -> Self {
        Self { text, data, picture: None }
    }
}
