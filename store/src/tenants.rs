//! Workspaces and their projects.

use playhead_schemas::{EpochMs, ProjectId, WorkspaceId};
use serde::Serialize;

use crate::engine::{Row, Session, values};
use crate::page::page_limit;
use crate::{Page, Result, Store, StoreError};

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Workspace {
    /// Its id.
    pub id: WorkspaceId,
    /// A display name.
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
    /// A display name.
    pub name: String,
    /// When it was made.
    pub created_at: EpochMs,
    /// When it was archived. An archived project takes no uploads and keeps its data.
    pub archived_at: Option<EpochMs>,
}

const WORKSPACE: &str = "SELECT id, name, created_at FROM workspaces ORDER BY id LIMIT 1";
const WORKSPACE_BY_ID: &str = "SELECT id, name, created_at FROM workspaces WHERE id = $1";
const ADD_WORKSPACE: &str = "INSERT INTO workspaces (id, name, created_at) VALUES ($1, $2, $3)";
const ADD: &str = "INSERT INTO projects (id, workspace, slug, name, created_at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (workspace, slug) DO NOTHING RETURNING id";
const BY_ID: &str = "SELECT id, workspace, slug, name, created_at, archived_at FROM projects WHERE id = $1";
const BY_SLUG: &str = "SELECT id, workspace, slug, name, created_at, archived_at FROM projects
    WHERE workspace = $1 AND slug = $2";
const LIST: &str = "SELECT id, workspace, slug, name, created_at, archived_at FROM projects
    WHERE workspace = $1 AND ($2 OR id = ANY($3::text[])) AND ($4::text IS NULL OR id > $4::text)
    ORDER BY id LIMIT $5";
const ARCHIVE: &str = "UPDATE projects SET archived_at = coalesce(archived_at, $2) WHERE id = $1";

impl Store {
    /// The oldest workspace. There always is one.
    pub async fn default_workspace(&self) -> Result<Workspace> {
        self.find(WORKSPACE, [], workspace).await?.ok_or(StoreError::NotFound("workspace"))
    }

    /// The workspace of an id.
    pub async fn workspace(&self, id: WorkspaceId) -> Result<Workspace> {
        self.find(WORKSPACE_BY_ID, values![id], workspace).await?.ok_or(StoreError::NotFound("workspace"))
    }

    /// Makes a project.
    ///
    /// # Errors
    /// `Conflict` if the slug is taken in the workspace, `Invalid` if it is malformed.
    pub async fn create_project(&self, workspace: WorkspaceId, slug: &str, name: &str) -> Result<Project> {
        check_slug(slug)?;
        let project = Project {
            id: ProjectId::new(),
            workspace,
            slug: slug.to_owned(),
            name: name.to_owned(),
            created_at: EpochMs::now(),
            archived_at: None,
        };
        self.write(move |tx| {
            let p = &project;
            let row = values![p.id, p.workspace, p.slug.as_str(), p.name.as_str(), p.created_at];
            if tx.change(ADD, &row)?.is_empty() {
                return Err(StoreError::Conflict(format!("the slug {} is taken; choose another", p.slug)));
            }
            Ok(p.clone())
        })
        .await
    }

    /// The project of an id.
    pub async fn project(&self, id: ProjectId) -> Result<Project> {
        self.find(BY_ID, values![id], project).await?.ok_or(StoreError::NotFound("project"))
    }

    /// The project of a slug, if there is one.
    pub async fn project_by_slug(&self, workspace: WorkspaceId, slug: &str) -> Result<Option<Project>> {
        self.find(BY_SLUG, values![workspace, slug], project).await
    }

    /// The projects of a workspace, oldest first; only those of `only`, when it is given.
    pub async fn projects(
        &self,
        workspace: WorkspaceId,
        only: Option<&[ProjectId]>,
        after: Option<ProjectId>,
        limit: u32,
    ) -> Result<Page<Project, ProjectId>> {
        let ids: Vec<_> = only.unwrap_or_default().iter().map(|id| id.0).collect();
        let params = values![workspace, only.is_none(), ids, after, page_limit(limit) + 1];
        Ok(Page::from_rows(self.list(LIST, params, project).await?, limit, |p| p.id))
    }

    /// Archives a project, whose ingest keys stop working; archiving it again changes nothing.
    pub async fn archive_project(&self, id: ProjectId) -> Result<Project> {
        let lookup = self.shared().lookups.ingest_keys.clone();
        self.write(move |tx| {
            tx.execute(ARCHIVE, &values![id, EpochMs::now()])?;
            lookup.clear_after(tx)?;
            tx.query_one(BY_ID, &values![id])?.as_ref().map(project).transpose()
        })
        .await?
        .ok_or(StoreError::NotFound("project"))
    }
}

/// Makes the first workspace of a new catalog.
pub(crate) fn ensure_default_workspace(session: &dyn Session) -> Result<()> {
    if session.query_one(WORKSPACE, &[])?.is_none() {
        session.execute(ADD_WORKSPACE, &values![WorkspaceId::new(), "default", EpochMs::now()])?;
    }
    Ok(())
}

fn check_slug(slug: &str) -> Result<()> {
    let fits = (1..=64).contains(&slug.len())
        && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if fits { Ok(()) } else { Err(StoreError::Invalid("a project's slug is 1 to 64 characters of a-z 0-9 -".into())) }
}

fn workspace(row: &Row) -> Result<Workspace> {
    Ok(Workspace { id: row.get(0)?, name: row.get(1)?, created_at: row.get(2)? })
}

fn project(row: &Row) -> Result<Project> {
    Ok(Project {
        id: row.get(0)?,
        workspace: row.get(1)?,
        slug: row.get(2)?,
        name: row.get(3)?,
        created_at: row.get(4)?,
        archived_at: row.get(5)?,
    })
}
