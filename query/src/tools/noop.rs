//! `noop`: does nothing. What a call costs before any tool begins.

use playhead_access::Action;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::Call;
use crate::error::ToolError;
use crate::meter::TokenBudget;
use crate::tool::{self, Arguments, Effect, Tool};

pub(crate) struct Noop;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {}

impl Arguments for Input {}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    ok: bool,
}

impl Tool for Noop {
    const NAME: &'static str = "noop";
    const TITLE: &'static str = "Nothing";
    const DESCRIPTION: &'static str = "Does nothing, for measuring what a call costs.";
    const ACTION: Action = Action::ReadBugs;
    const EFFECT: Effect = Effect::Reads;
    type Input = Input;
    type Data = ();
    type Output = Output;

    async fn run(_: &Call, _: Input) -> Result<(), ToolError> {
        Ok(())
    }

    fn render((): &(), _: TokenBudget) -> Output {
        Output { ok: true }
    }
}

impl tool::Output for Output {
    fn text(&self) -> String {
        "Nothing was done.".to_owned()
    }
}
