//! What never changes about projects, looked up once: whose they are, and their short names.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use playhead_schemas::{ProjectId, WorkspaceId};
use playhead_store::{Store, StoreError};

/// The projects that were looked up. Unknown ones are not kept, so rows alone bound it.
#[derive(Debug, Default)]
pub(crate) struct Projects {
    workspaces: RwLock<HashMap<ProjectId, WorkspaceId>>,
    names: RwLock<HashMap<(WorkspaceId, String), ProjectId>>,
}

const KNOWN_MAX: usize = 100_000;

impl Projects {
    /// The workspace of `project`; `None` when there is no such project.
    pub(crate) async fn workspace_of(
        &self,
        store: &Store,
        project: ProjectId,
    ) -> Result<Option<WorkspaceId>, StoreError> {
        if let Some(known) = known(&self.workspaces, &project) {
            return Ok(Some(known));
        }
        let found = match store.project(project).await {
            Ok(project) => Some(project.workspace),
            Err(StoreError::NotFound(_)) => None,
            Err(error) => return Err(error),
        };
        Ok(found.inspect(|workspace| keep(&self.workspaces, project, *workspace)))
    }

    /// The project of a short name in `workspace`, if there is one.
    pub(crate) async fn named(
        &self,
        store: &Store,
        workspace: WorkspaceId,
        slug: &str,
    ) -> Result<Option<ProjectId>, StoreError> {
        let key = (workspace, slug.to_owned());
        if let Some(known) = known(&self.names, &key) {
            return Ok(Some(known));
        }
        let found = store.project_by_slug(workspace, slug).await?.map(|project| project.id);
        Ok(found.inspect(|project| keep(&self.names, key, *project)))
    }
}

fn known<K: Eq + std::hash::Hash, V: Copy>(map: &RwLock<HashMap<K, V>>, key: &K) -> Option<V> {
    map.read().unwrap_or_else(PoisonError::into_inner).get(key).copied()
}

fn keep<K: Eq + std::hash::Hash, V>(map: &RwLock<HashMap<K, V>>, key: K, value: V) {
    let mut map = map.write().unwrap_or_else(PoisonError::into_inner);
    if map.len() >= KNOWN_MAX {
        map.clear();
    }
    map.insert(key, value);
}
