//! `noop`: does nothing. What a call costs before any tool begins.

use playhead_schemas::Scope;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::Call;
use crate::error::ToolError;
use crate::tool::{Answer, Tool};

pub(crate) struct Noop;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    ok: bool,
}

impl Tool for Noop {
    const NAME: &'static str = "noop";
    const TITLE: &'static str = "Nothing";
    const DESCRIPTION: &'static str = "Does nothing, for measuring what a call costs.";
    const SCOPE: Scope = Scope::BugsRead;
    type Input = Input;
    type Output = Output;

    async fn run(_: &Call, _: Input) -> Result<Answer<Output>, ToolError> {
        Ok(Answer::new("Nothing was done.".to_owned(), Output { ok: true }))
    }
}
