//! Deletes uploaded pieces that no row names: the process that wrote one was killed before it recorded it, or after it had
//! joined it with others.

use playhead_schemas::EpochMs;
use playhead_store::{Store, StoreError};

/// How old a piece is before it counts as forgotten. It is recorded within seconds after it was written; a day leaves room
/// for clocks that differ.
const GRACE_MS: i64 = 86_400_000;
/// Projects of one page.
const PAGE_ROWS: u32 = 1000;

/// Deletes the pieces without a row that are older than a day at `now`; gives their number.
pub(super) async fn delete_forgotten(store: &Store, now: EpochMs) -> Result<u64, StoreError> {
    let workspace = store.default_workspace().await?.id;
    let (mut deleted, mut after) = (0, None);
    loop {
        let page = store.projects(workspace, None, after, PAGE_ROWS).await?;
        for project in page.items {
            deleted += store.delete_forgotten_pieces(project.id, now.plus_ms(-GRACE_MS)).await?;
        }
        after = page.next;
        if after.is_none() {
            return Ok(deleted);
        }
    }
}
