//! Revokes ingest keys that a command created for itself and could not revoke: it was killed, or its server was.

use playhead_schemas::{EpochMs, ProjectId};
use playhead_store::{Store, StoreError};

/// The label of the ingest keys that commands create for themselves and revoke at their end. No other key has it.
pub const TEMPORARY_KEY_LABEL: &str = "temporary, for one upload";

/// How long a command may upload with such a key.
const VALID_MS: i64 = 86_400_000;
/// Rows of one page.
const PAGE_ROWS: u32 = 1000;

/// Revokes the temporary keys that are older than a day at `now`; gives their number.
pub(super) async fn revoke_forgotten(store: &Store, now: EpochMs) -> Result<u64, StoreError> {
    let workspace = store.default_workspace().await?.id;
    let (mut revoked, mut after) = (0, None);
    loop {
        let page = store.projects(workspace, None, after, PAGE_ROWS).await?;
        for project in page.items {
            revoked += revoke_of(store, project.id, now.plus_ms(-VALID_MS)).await?;
        }
        after = page.next;
        if after.is_none() {
            return Ok(revoked);
        }
    }
}

async fn revoke_of(store: &Store, project: ProjectId, created_before: EpochMs) -> Result<u64, StoreError> {
    let (mut revoked, mut after) = (0, None);
    loop {
        let page = store.ingest_keys(project, after, PAGE_ROWS).await?;
        for key in page.items {
            let is_forgotten = key.revoked_at.is_none() && key.created_at < created_before;
            if is_forgotten && key.label == TEMPORARY_KEY_LABEL {
                store.revoke_ingest_key(key.id).await?;
                revoked += 1;
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(revoked);
        }
    }
}
