//! What a token may do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A permission of a token. A token without the scope that a tool needs doesn't see the tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Scope {
    /// Read bugs, transcripts, moments and pictures.
    #[serde(rename = "bugs:read")]
    BugsRead,
    /// Change bugs and comment.
    #[serde(rename = "bugs:write")]
    BugsWrite,
    /// Read the cookies that came with a bug.
    #[serde(rename = "cookies:read")]
    CookiesRead,
    /// Read recordings as they were uploaded.
    #[serde(rename = "replay:raw")]
    ReplayRaw,
    /// Take tasks that are meant for agents, and report on them.
    #[serde(rename = "agent:tasks")]
    AgentTasks,
    /// Write regression tests and their results.
    #[serde(rename = "regression:write")]
    RegressionWrite,
    /// Manage projects, keys, tokens; reprocess.
    #[serde(rename = "admin")]
    Admin,
}

impl Scope {
    /// Every scope, in the order in which they are shown.
    pub const ALL: [Self; 7] = [
        Self::BugsRead,
        Self::BugsWrite,
        Self::CookiesRead,
        Self::ReplayRaw,
        Self::AgentTasks,
        Self::RegressionWrite,
        Self::Admin,
    ];

    /// The scope as it stands in a token request.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BugsRead => "bugs:read",
            Self::BugsWrite => "bugs:write",
            Self::CookiesRead => "cookies:read",
            Self::ReplayRaw => "replay:raw",
            Self::AgentTasks => "agent:tasks",
            Self::RegressionWrite => "regression:write",
            Self::Admin => "admin",
        }
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Scope {
    type Err = crate::id::IdError;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == s).ok_or(crate::id::IdError {
            expected: "scope (bugs:read, bugs:write, cookies:read, replay:raw, agent:tasks, regression:write, admin)",
        })
    }
}
