//! The results of transcriptions: an SQLite file of timeline blocks and a DuckDB file of columns beside the catalog, or a
//! PostgreSQL schema beside that of the catalog.
//!
//! In: whole generations, many in one commit. Out: the block of a generation, from memory where it was read lately.
//! Never here: which generation readers see. That is the catalog's business (`transcripts/publish.rs`): blocks are
//! durable before the catalog names them, and what it names no longer is deleted here some time later.
//!
//! A block is read by its key, and DuckDB takes 0.6 ms to plan such a read, where SQLite takes 0.01 to do it; columns are
//! scanned, which DuckDB is made for. The columns hold nothing that the blocks lack: they are written after them, and
//! again from them when their file was lost.

mod block;
mod carry;
mod columns;
mod open;
mod rows;
mod sweep;
#[cfg(test)]
mod tests;
mod writer;

use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;
use ulid::Ulid;

pub(crate) use block::{BlockLine, TimelineBlock};
pub(crate) use open::{Opened, ResultsFiles, ResultsSettings};
pub(crate) use rows::Publication;
pub(crate) use sweep::Extent;
use writer::ResultsWriter;

use crate::engine::{Readers, Session, values};
use crate::{Result, StoreError};

const BLOCK: &str = "SELECT block FROM timelines WHERE generation = $1";

/// The results. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Results {
    readers: Readers,
    writer: Arc<ResultsWriter>,
    /// By generation: what is in it never changes, so nothing has to be dropped but for its size.
    cache: Arc<Cache<Ulid, Arc<TimelineBlock>, ByBytes>>,
}

/// The block of a generation; `None` when there is none.
fn read_block(session: &dyn Session, generation: Ulid) -> Result<Option<TimelineBlock>> {
    let Some(row) = session.query_one(BLOCK, &values![generation])? else { return Ok(None) };
    TimelineBlock::decode(&row.get::<Vec<u8>>(0)?).map(Some)
}

/// Weighs blocks by the memory that they take.
#[derive(Clone)]
struct ByBytes;

impl Weighter<Ulid, Arc<TimelineBlock>> for ByBytes {
    fn weight(&self, _: &Ulid, block: &Arc<TimelineBlock>) -> u64 {
        block.memory_bytes() as u64
    }
}

impl Results {
    /// Makes the results of these transcripts durable. No reader sees them before the catalog names them.
    pub(crate) async fn add(&self, publication: Publication) -> Result<()> {
        self.writer.add(publication).await
    }

    /// Deletes generations that the catalog no longer names, some time later.
    pub(crate) fn delete_later(&self, generation: Ulid) {
        self.cache.remove(&generation);
        self.writer.delete_later(generation);
    }

    /// Keeps a block in memory that was just published.
    pub(crate) fn keep(&self, generation: Ulid, block: Arc<TimelineBlock>) {
        self.cache.insert(generation, block);
    }

    /// The block of a generation; `None` when it was deleted.
    pub(crate) async fn block(&self, generation: Ulid) -> Result<Option<Arc<TimelineBlock>>> {
        if let Some(block) = self.cache.get(&generation) {
            return Ok(Some(block));
        }
        let read = self.readers.read(move |s| read_block(s, generation)).await?;
        let Some(block) = read.map(Arc::new) else { return Ok(None) };
        self.cache.insert(generation, block.clone());
        Ok(Some(block))
    }

    /// Checks that the results can be read.
    pub(crate) async fn health(&self) -> Result<()> {
        self.readers.read(|s| s.query("SELECT 1", &[]).map(drop)).await
    }

    /// Waits for running reads, writes what waits and closes the file.
    pub(crate) async fn close(&self) {
        self.readers.close().await;
        let writer = self.writer.clone();
        // Closing the writer doesn't panic: an error here means that the runtime is shutting down.
        let _ = tokio::task::spawn_blocking(move || writer.close()).await;
    }
}

/// An error of a block that can't be read.
fn unreadable(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::engine("read a timeline block", source)
}
