//! Projects.

use playhead_schemas::{EpochMs, ProjectId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A project.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// Its short name, unique in the workspace.
    pub slug: String,
    /// A name to show.
    pub name: String,
    /// When it was made.
    pub created_at: EpochMs,
    /// When it was archived; it takes no uploads since.
    pub archived_at: Option<EpochMs>,
}

/// A project to make.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateProject {
    /// 1 to 64 of a-z 0-9 -
    pub slug: String,
    /// A name to show; the slug when it is left out.
    #[serde(default)]
    pub name: Option<String>,
}
