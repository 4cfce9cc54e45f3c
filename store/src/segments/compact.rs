//! Compaction: the payloads of a closed replay in one object.
//!
//! The object is the payloads' zstd frames, one after the other, in the order of [`Store::segments`]; the catalog's
//! rows are its index. A late segment of a compacted replay is a piece again until the next compaction.

use std::collections::BTreeSet;

use bytes::{Bytes, BytesMut};
use futures::stream::{self, StreamExt, TryStreamExt};
use playhead_schemas::ReplayId;

use super::SegmentMeta;
use crate::engine::{Tx, values};
use crate::objects::ObjectKey;
use crate::payload::fingerprint;
use crate::{ReplayState, Result, Store, StoreError};

/// Pieces that are read at a time.
const READS: usize = 8;

const MOVE: &str = "UPDATE segments SET object = $4, first_byte = $5
    WHERE replay = $1 AND n = $2 AND stream = $3 AND object = $6 AND first_byte = $7";

impl Store {
    /// Joins the payloads of a closed replay into one object of independent zstd frames. The catalog's rows switch to
    /// it in one transaction, and the pieces are deleted afterwards. `false` when there was nothing to do.
    ///
    /// # Errors
    /// `Conflict` when another compaction came first: nothing was changed.
    pub async fn compact_replay(&self, replay: ReplayId) -> Result<bool> {
        let row = self.replay(replay).await?;
        let segments = self.segments(replay).await?;
        let before: BTreeSet<String> = segments.iter().map(|s| s.range.object.clone()).collect();
        if row.state == ReplayState::Open || segments.is_empty() || before.len() < 2 {
            return Ok(false);
        }
        // Owned rows: with borrowed ones the compiler can't prove that callers' futures are Send.
        let read = |segment: SegmentMeta| async move { self.read_segment(&segment).await };
        let frames: Vec<Bytes> = stream::iter(segments.clone()).map(read).buffered(READS).try_collect().await?;
        let mut joined = BytesMut::with_capacity(frames.iter().map(Bytes::len).sum());
        frames.iter().for_each(|frame| joined.extend_from_slice(frame));
        drop(frames);
        let joined = joined.freeze();
        let content = &fingerprint(&joined);
        let key = ObjectKey::Compacted { project: row.project, replay, content };
        let object = self.objects().put(&key, joined).await?;
        let target = object.clone();
        self.write(move |tx| switch(tx, &segments, &target)).await?;
        for old in before.iter().filter(|old| **old != object) {
            if let Err(error) = self.objects().delete(old).await {
                tracing::warn!(%error, "a piece that no row names was left behind");
            }
        }
        Ok(true)
    }
}

fn switch(tx: &Tx<'_>, segments: &[SegmentMeta], object: &str) -> Result<()> {
    let mut first_byte = 0;
    for s in segments {
        let (old, from) = (s.range.object.as_str(), s.range.first_byte);
        let row = values![s.replay, s.n, s.stream.as_str(), object, first_byte, old, from];
        if tx.execute(MOVE, &row)? != 1 {
            return Err(StoreError::Conflict("the replay was compacted by another call meanwhile".into()));
        }
        first_byte += s.stored_bytes;
    }
    Ok(())
}
