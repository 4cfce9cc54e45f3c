//! The audit log.

use playhead_schemas::{EpochMs, ErrorCode, ProjectId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One thing that was done or refused.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct AuditEntry {
    /// When.
    pub at: EpochMs,
    /// Who: `token 01J..`, `grant 01J..`, `member 01J..` or `local`.
    pub principal: String,
    /// With what client, in its own words.
    pub client_name: Option<String>,
    /// Which version of it, in its own words.
    pub client_version: Option<String>,
    /// What: `tools/call`, or method and route.
    pub action: String,
    /// Which tool.
    pub tool: Option<String>,
    /// In which project.
    pub project: Option<ProjectId>,
    /// On which row.
    pub subject: Option<String>,
    /// Why it was refused; null when it was done.
    pub code: Option<ErrorCode>,
    /// How long it took, milliseconds.
    pub duration_ms: u64,
}
