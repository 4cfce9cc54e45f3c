//! Compaction: the payloads of a closed replay in one object.
//!
//! The object is the payloads' zstd frames, one after the other, in the order of [`Store::segments`]; the catalog's
//! rows are its index. A late segment of a compacted replay is staged or a piece again until the next compaction.

use std::collections::BTreeSet;

use bytes::{Bytes, BytesMut};
use playhead_schemas::ReplayId;

use super::{Place, SegmentMeta};
use crate::engine::{Dialect, Tx, values};
use crate::objects::ObjectKey;
use crate::payload::{Fingerprint, fingerprint};
use crate::{ReplayState, Result, Store, StoreError};

const MOVE: &str = "UPDATE segments SET object = $4, first_byte = $5
    WHERE replay = $1 AND n = $2 AND stream = $3 AND object IS NOT DISTINCT FROM $6 AND first_byte = $7";
/// The same for all of them: PostgreSQL is asked over a network.
const MOVE_ALL: &str = "UPDATE segments s SET object = $2, first_byte = m.next_byte
    FROM unnest($3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::bigint[])
        AS m (n, stream, object, first_byte, next_byte)
    WHERE s.replay = $1 AND s.n = m.n AND s.stream = m.stream AND coalesce(s.object, '') = m.object
      AND s.first_byte = m.first_byte";
const UNSTAGE_ALL: &str = "DELETE FROM staged_segments WHERE replay = $1
    AND (n, stream) IN (SELECT * FROM unnest($2::bigint[], $3::text[]))";
const UNSTAGE: &str = "DELETE FROM staged_segments WHERE replay = $1 AND n = $2 AND stream = $3";

impl Store {
    /// Joins the payloads of a closed replay into one object of independent zstd frames. The catalog's rows switch to
    /// it in one transaction, and the pieces are deleted afterwards. `false` when there was nothing to do.
    ///
    /// # Errors
    /// `Conflict` when another compaction came first: nothing was changed.
    pub async fn compact_replay(&self, replay: ReplayId) -> Result<bool> {
        let row = self.replay(replay).await?;
        let segments = self.segments(replay).await?;
        let staged = segments.iter().any(|s| s.place == Place::Staged);
        let before: BTreeSet<String> = segments.iter().filter_map(|s| s.place.object().map(str::to_owned)).collect();
        if row.state == ReplayState::Open || (before.len() < 2 && !staged) {
            return Ok(false);
        }
        let (segments, frames): (Vec<_>, Vec<Bytes>) = self.read_replay(replay).await?.into_iter().unzip();
        let computed = self.background().run(move || join(&frames)).await;
        let (joined, content) = computed.map_err(|e| StoreError::engine("join the payloads of a replay", e))?;
        let key = ObjectKey::Compacted { project: row.project, replay, content: &content };
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

fn join(frames: &[Bytes]) -> (Bytes, Fingerprint) {
    let mut joined = BytesMut::with_capacity(frames.iter().map(Bytes::len).sum());
    frames.iter().for_each(|frame| joined.extend_from_slice(frame));
    let joined = joined.freeze();
    let content = fingerprint(&joined);
    (joined, content)
}

fn switch(tx: &Tx<'_>, segments: &[SegmentMeta], object: &str) -> Result<()> {
    if tx.dialect() == Dialect::Postgres {
        return switch_all(tx, segments, object);
    }
    let mut next_byte = 0;
    for s in segments {
        let (old, from) = match &s.place {
            Place::Staged => (None, 0),
            Place::Object { object, first_byte } => (Some(object.as_str()), *first_byte),
        };
        let stream = s.stream.as_str();
        if tx.execute(MOVE, &values![s.replay, s.n, stream, object, next_byte, old, from])? != 1 {
            return Err(compacted_meanwhile());
        }
        if old.is_none() {
            tx.execute(UNSTAGE, &values![s.replay, s.n, stream])?;
        }
        next_byte += s.stored_bytes;
    }
    Ok(())
}

fn switch_all(tx: &Tx<'_>, segments: &[SegmentMeta], object: &str) -> Result<()> {
    let Some(replay) = segments.first().map(|s| s.replay) else { return Ok(()) };
    let size = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
    let key = |s: &SegmentMeta| (i64::from(s.n.0), s.stream.as_str().to_owned());
    let (ns, streams): (Vec<i64>, Vec<String>) = segments.iter().map(key).unzip();
    let place = |s: &SegmentMeta| match &s.place {
        Place::Staged => (String::new(), 0),
        Place::Object { object, first_byte } => (object.clone(), size(*first_byte)),
    };
    let (objects, first_bytes): (Vec<String>, Vec<i64>) = segments.iter().map(place).unzip();
    let ends = segments.iter().scan(0, |end, s| Some(std::mem::replace(end, *end + s.stored_bytes)));
    let next_bytes: Vec<i64> = ends.map(size).collect();
    let moved = tx.execute(MOVE_ALL, &values![replay, object, ns, streams, objects, first_bytes, next_bytes])?;
    if moved != segments.len() as u64 {
        return Err(compacted_meanwhile());
    }
    let (ns, streams): (Vec<i64>, Vec<String>) = segments.iter().filter(|s| s.place == Place::Staged).map(key).unzip();
    if !ns.is_empty() {
        tx.execute(UNSTAGE_ALL, &values![replay, ns, streams])?;
    }
    Ok(())
}

fn compacted_meanwhile() -> StoreError {
    StoreError::Conflict("the replay was compacted by another call meanwhile".into())
}
