//! What a tool is.
//!
//! A call is three steps: its arguments are read, `run` does what the tool does, `render` writes the answer. `run`
//! happens once. `render` may happen again with a smaller budget when an answer came out too large, so it has no way to
//! read or to change anything.

use std::future::Future;

use bytes::Bytes;
use playhead_access::Action;
use playhead_schemas::{BugId, CommentId, ReplayId, ScreenshotId};
use rmcp::model::ToolAnnotations;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::args::MaxTokens;
use crate::call::Call;
use crate::error::ToolError;
use crate::meter::TokenBudget;

/// One tool: a name that never changes, typed arguments, typed results.
pub(crate) trait Tool: 'static {
    /// The name that clients call.
    const NAME: &'static str;
    /// The name that people see.
    const TITLE: &'static str;
    /// What it gives and when to call it. Each word is paid for in every session; clients cut it at 2 KB.
    const DESCRIPTION: &'static str;
    /// What it does, which decides the role and the scope that a caller needs.
    const ACTION: Action;
    /// What it leaves behind, which decides the hints that clients get.
    const EFFECT: Effect;
    /// The arguments. Unknown fields are refused.
    type Input: Arguments;
    /// What `run` found or made, complete enough to render answers of the budget and of smaller ones.
    type Data: Send + Sync + 'static;
    /// The answer.
    type Output: Output;

    /// Does what the tool does. Called once for each call that passed every check.
    fn run(call: &Call, input: Self::Input) -> impl Future<Output = Result<Self::Data, ToolError>> + Send;

    /// The answer, as large as `budget` allows. What it leaves out it states, together with the way to get it.
    fn render(data: &Self::Data, budget: TokenBudget) -> Self::Output;
}

/// What a call of a tool leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::Display)]
#[cfg_attr(test, derive(strum::EnumIter))]
#[strum(serialize_all = "lowercase")]
pub(crate) enum Effect {
    /// Nothing.
    Reads,
    /// Something was added or changed, and what it was can be read afterwards.
    Writes,
    /// Something was replaced or deleted for good.
    Destroys,
}

impl Effect {
    /// The hints that clients decide by whether to ask their user. A reading tool has no further ones: the protocol
    /// gives them a meaning for tools that change something.
    pub(crate) fn hints(self) -> ToolAnnotations {
        let hints = ToolAnnotations::new().open_world(false).destructive(self == Self::Destroys);
        match self {
            Self::Reads => hints.read_only(true),
            Self::Writes | Self::Destroys => hints.read_only(false).idempotent(false),
        }
    }
}

/// The arguments of a tool.
pub(crate) trait Arguments: DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// The rows that they name. Each is checked before the tool runs.
    fn named_rows(&self) -> NamedRows<'_> {
        NamedRows::default()
    }

    /// The size that the caller asks for.
    fn max_tokens(&self) -> Option<MaxTokens> {
        None
    }
}

/// The rows that the arguments of a call name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct NamedRows<'a> {
    pub(crate) bug: Option<BugId>,
    pub(crate) replay: Option<ReplayId>,
    pub(crate) screenshot: Option<ScreenshotId>,
    pub(crate) comment: Option<CommentId>,
    /// By id or slug.
    pub(crate) project: Option<&'a str>,
}

/// An answer: typed data that can be written as text. Both forms say the same.
pub(crate) trait Output: Serialize + JsonSchema {
    /// False for an answer that is a picture: several clients drop pictures beside structured content.
    const IS_TYPED: bool = true;

    /// The answer as text: complete, for a model gets nothing else.
    fn text(&self) -> String;

    /// A picture beside the text.
    fn picture(&self) -> Option<Picture> {
        None
    }

    /// True when the caller acknowledged that the answer may have any number of tokens.
    fn is_size_acknowledged(&self) -> bool {
        false
    }
}

/// A picture of a result.
#[derive(Clone, Debug)]
pub(crate) struct Picture {
    pub(crate) bytes: Bytes,
    pub(crate) media_type: String,
}

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator as _;

    use super::*;

    #[test]
    fn hints_follow_the_effect() {
        for effect in Effect::iter() {
            let hints = effect.hints();
            assert_eq!(hints.read_only_hint, Some(effect == Effect::Reads));
            assert_eq!(hints.destructive_hint, Some(effect == Effect::Destroys));
            assert_eq!(hints.open_world_hint, Some(false));
        }
    }
}
