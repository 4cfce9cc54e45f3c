//! What a token may do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::string_enum::string_enum;

/// A permission of a token. A token without the scope that a tool needs doesn't see the tool.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::IntoStaticStr,
    strum::EnumCount,
    strum::VariantArray,
)]
pub enum Scope {
    /// Read bugs, transcripts, moments and pictures.
    #[serde(rename = "bugs:read")]
    #[strum(serialize = "bugs:read")]
    BugsRead,
    /// Change bugs and comment.
    #[serde(rename = "bugs:write")]
    #[strum(serialize = "bugs:write")]
    BugsWrite,
    /// Read the cookies that came with a bug.
    #[serde(rename = "cookies:read")]
    #[strum(serialize = "cookies:read")]
    CookiesRead,
    /// Read recordings as they were uploaded.
    #[serde(rename = "replay:raw")]
    #[strum(serialize = "replay:raw")]
    ReplayRaw,
    /// Take tasks that are meant for agents, and report on them.
    #[serde(rename = "agent:tasks")]
    #[strum(serialize = "agent:tasks")]
    AgentTasks,
    /// Write regression tests and their results.
    #[serde(rename = "regression:write")]
    #[strum(serialize = "regression:write")]
    RegressionWrite,
    /// Manage projects, keys, tokens; reprocess.
    #[serde(rename = "admin")]
    #[strum(serialize = "admin")]
    Admin,
}

string_enum!(Scope, "scope (bugs:read, bugs:write, cookies:read, replay:raw, agent:tasks, regression:write, admin)");
