//! `list_workspaces`: the workspace of the token. A token has one; clients of several connections tell them apart by it.

use playhead_access::Action;
use playhead_schemas::WorkspaceId;
use playhead_store::Workspace;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::args::Limit;
use crate::call::Call;
use crate::error::ToolError;
use crate::meter::TokenBudget;
use crate::tool::{self, Arguments, Effect, Tool};
use crate::untrusted;

pub(crate) struct ListWorkspaces;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// Taken for the sake of uniformity: a token has one workspace.
    #[serde(default, rename = "limit")]
    _limit: Limit<200, 50>,
}

impl Arguments for Input {}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    workspaces: Vec<Shown>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Shown {
    id: WorkspaceId,
    name: String,
    created_at: String,
}

impl Tool for ListWorkspaces {
    const NAME: &'static str = "list_workspaces";
    const TITLE: &'static str = "List workspaces";
    const DESCRIPTION: &'static str = "Names the workspace that this token belongs to.";
    const ACTION: Action = Action::ReadBugs;
    const EFFECT: Effect = Effect::Reads;
    type Input = Input;
    type Data = Workspace;
    type Output = Output;

    async fn run(call: &Call, _: Input) -> Result<Workspace, ToolError> {
        Ok(call.store().workspace(call.reach().workspace()).await?)
    }

    fn render(row: &Workspace, _: TokenBudget) -> Output {
        let name = untrusted::short_line(&row.name, 200, 80);
        Output { workspaces: vec![Shown { id: row.id, name, created_at: row.created_at.to_rfc3339() }] }
    }
}

impl tool::Output for Output {
    fn text(&self) -> String {
        let line = |row: &Shown| format!("{} {} (created {})\n", row.id, row.name, row.created_at);
        self.workspaces.iter().map(line).collect()
    }
}
