//! Workspaces and their projects.

use playhead_schemas::{EpochMs, ProjectId, WorkspaceId};
use serde::Serialize;

use crate::store::pending;
use crate::{Page, Result, Store};

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Workspace {
    /// Its id.
    pub id: WorkspaceId,
    /// A name to show.
    pub name: String,
    /// When it was made.
    pub created_at: EpochMs,
}

/// An application inside a workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// The workspace that it belongs to.
    pub workspace: WorkspaceId,
    /// Its short name, unique in the workspace: 1 to 64 of `a-z 0-9 -`.
    pub slug: String,
    /// A name to show.
    pub name: String,
    /// When it was made.
    pub created_at: EpochMs,
    /// When it was archived. An archived project takes no uploads and keeps its data.
    pub archived_at: Option<EpochMs>,
}

impl Store {
    /// The oldest workspace; there always is one.
    pub async fn default_workspace(&self) -> Result<Workspace> {
        pending()
    }

    /// Makes a project.
    ///
    /// # Errors
    /// `Conflict` if the slug is taken in the workspace, `Invalid` if it is malformed.
    pub async fn create_project(&self, workspace: WorkspaceId, slug: &str, name: &str) -> Result<Project> {
        let _ = (workspace, slug, name);
        pending()
    }

    /// The project of an id.
    pub async fn project(&self, id: ProjectId) -> Result<Project> {
        let _ = id;
        pending()
    }

    /// The project of a slug, if there is one.
    pub async fn project_by_slug(&self, workspace: WorkspaceId, slug: &str) -> Result<Option<Project>> {
        let _ = (workspace, slug);
        pending()
    }

    /// The projects of a workspace, oldest first; of `only`, when it is given.
    pub async fn projects(
        &self,
        workspace: WorkspaceId,
        only: Option<&[ProjectId]>,
        after: Option<ProjectId>,
        limit: u32,
    ) -> Result<Page<Project, ProjectId>> {
        let _ = (workspace, only, after, limit);
        pending()
    }

    /// Archives a project; once archived, it stays so and the first time is kept.
    pub async fn archive_project(&self, id: ProjectId) -> Result<Project> {
        let _ = id;
        pending()
    }
}
