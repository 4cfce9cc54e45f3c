//! Pieces that no row names: a process was killed between writing one and recording it, or between compacting a replay
//! and deleting its pieces.

use std::collections::HashSet;

use futures::{StreamExt, TryStreamExt, future};
use playhead_schemas::{EpochMs, ProjectId};

use crate::engine::values;
use crate::objects::{piece_of, pieces_folder};
use crate::replays::full_key;
use crate::{Result, Store};

/// Pieces of one project that one call looks at; the next call looks again.
const LISTED_MAX: usize = 100_000;
/// Pieces that are looked up together.
const LOOKED_UP: usize = 500;

const NAMED: &str = "SELECT s.object FROM replays r JOIN segments s ON s.replay = r.id
    WHERE r.full_key = $1 AND s.n = $2 AND s.stream = $3";

impl Store {
    /// Deletes the pieces of a project that were written before `before` and that no row names; gives their number.
    ///
    /// No key is written twice, so what no row names some hours after it was written, none will.
    pub async fn delete_forgotten_pieces(&self, project: ProjectId, before: EpochMs) -> Result<u64> {
        let old = self
            .objects()
            .list(&pieces_folder(project))
            .take(LISTED_MAX)
            .try_filter_map(|(key, written_at)| future::ok((written_at < before).then_some(key)));
        let mut pages = old.try_chunks(LOOKED_UP);
        let mut deleted = 0;
        while let Some(keys) = pages.next().await {
            for key in self.unnamed(project, keys.map_err(|failed| failed.1)?).await? {
                self.objects().delete(&key).await?;
                deleted += 1;
            }
        }
        Ok(deleted)
    }

    /// Those of the keys that are pieces and that no row names.
    async fn unnamed(&self, project: ProjectId, keys: Vec<String>) -> Result<Vec<String>> {
        self.read(move |s| {
            let mut named = HashSet::new();
            let mut pieces = Vec::with_capacity(keys.len());
            for key in keys {
                let Some((replay, n, stream)) = piece_of(&key) else { continue };
                let row = s.query_one(NAMED, &values![full_key(project, &replay), n, stream.as_str()])?;
                named.extend(row.map(|row| row.get::<Option<String>>(0)).transpose()?.flatten());
                pieces.push(key);
            }
            pieces.retain(|key| !named.contains(key));
            Ok(pieces)
        })
        .await
    }
}
