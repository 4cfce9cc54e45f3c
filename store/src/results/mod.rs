//! The results of transcriptions: a DuckDB file beside the catalog, or a PostgreSQL schema beside that of the catalog.
//!
//! In: whole generations, many in one commit. Out: the block of a generation, from memory where it was read lately.
//! Never here: which generation readers see. That is the catalog's business (`transcripts/publish.rs`): results are
//! durable before the catalog names them, and what it names no longer is deleted here some time later.

mod block;
mod rows;
#[cfg(test)]
mod tests;
mod writer;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use playhead_schemas::{EpochMs, ProjectId};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use ulid::Ulid;

pub(crate) use block::{BlockLine, TimelineBlock};
use rows::Columns;
pub(crate) use rows::Publication;
use writer::ResultsWriter;

use crate::engine::{
    Connector, Dialect, Duck, DuckSettings, Migration, Postgres, Readers, Session, in_transaction, migrate, values,
};
use crate::{Result, StoreError};

const MIGRATIONS: &[Migration] = &[(1, "results", include_str!("../../migrations/results/0001_results.sql"))];

const POSTGRES_MIGRATIONS: &[Migration] = &[(1, "results", include_str!("../../migrations/postgres/0002_results.sql"))];

/// How old a generation is that no transcript names before it is taken for one that none will: with several nodes,
/// another one may be about to name it.
const ORPHAN_AGE_MS: i64 = 3_600_000;

const BLOCK: &str = "SELECT block FROM timelines WHERE generation = $1";
const EXTENT: &str = "SELECT count(*), max(generation) FROM timelines";
const COUNT_WITH_ROWS: &str = "SELECT count(*) FROM transcripts";
/// Generations whose block alone was written.
const WITHOUT_ROWS: &str = "SELECT generation FROM timelines t
    WHERE NOT EXISTS (SELECT 1 FROM transcripts r WHERE r.generation = t.generation)";
const GENERATIONS: &str = "SELECT generation, published_at FROM timelines";

/// The results. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Results {
    readers: Readers,
    writer: Arc<ResultsWriter>,
    /// By generation: what is in it never changes, so nothing has to be dropped but for its size.
    cache: Arc<Cache<Ulid, Arc<TimelineBlock>, ByBytes>>,
}

/// Weighs blocks by the memory that they take.
#[derive(Clone)]
struct ByBytes;

impl Weighter<Ulid, Arc<TimelineBlock>> for ByBytes {
    fn weight(&self, _: &Ulid, block: &Arc<TimelineBlock>) -> u64 {
        block.memory_bytes() as u64
    }
}

/// How much of the machine the results may use.
#[derive(Clone, Debug)]
pub(crate) struct ResultsSettings {
    /// What DuckDB may use.
    pub(crate) duck: DuckSettings,
    /// Connections that read.
    pub(crate) readers: usize,
    /// MiB of blocks that are kept in memory.
    pub(crate) cache_mib: u32,
}

/// How many generations there are, and the newest. Where two lists of generations agree in both, they are the same but for
/// damage that no start can know of: a generation is never written twice, and each is newer than the ones before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extent {
    count: u64,
    newest: Option<Ulid>,
}

impl Extent {
    /// What a statement of two columns, the number and the greatest, gives.
    pub(crate) fn read(session: &dyn Session, sql: &'static str) -> Result<Self> {
        let row = session.query_one(sql, &[])?;
        row.map_or(Ok(Self::default()), |row| Ok(Self { count: row.get(0)?, newest: row.get(1)? }))
    }
}

/// Results that are opened and have no writer yet.
pub(crate) struct Opened {
    connector: Box<dyn Connector>,
    session: Box<dyn Session>,
    /// Generations are swept if they were published before.
    swept_before: EpochMs,
    settings: ResultsSettings,
}

impl Results {
    /// Opens or creates the file. Blocks.
    ///
    /// # Errors
    /// [`StoreError::Locked`] if another process has it open.
    pub(crate) fn open(file: &Path, settings: ResultsSettings) -> Result<Opened> {
        let duck = Duck::open(file, &settings.duck)?;
        let session = duck.connect()?;
        migrate(&*session, MIGRATIONS)?;
        Ok(Opened { connector: Box::new(duck), session, swept_before: EpochMs(i64::MAX), settings })
    }

    /// Opens or creates the results of a catalog in PostgreSQL. Blocks.
    pub(crate) fn open_postgres(catalog: &Postgres, settings: ResultsSettings) -> Result<Opened> {
        let postgres = catalog.results()?;
        let session = postgres.connect()?;
        postgres.exclusively(&*session, || migrate(&*session, POSTGRES_MIGRATIONS))?;
        let swept_before = EpochMs::now().plus_ms(-ORPHAN_AGE_MS);
        Ok(Opened { connector: Box::new(postgres), session, swept_before, settings })
    }

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
        let read = self.readers.read(move |s| {
            let Some(row) = s.query_one(BLOCK, &values![generation])? else { return Ok(None) };
            TimelineBlock::decode(&row.get::<Vec<u8>>(0)?).map(|block| Some(Arc::new(block)))
        });
        let Some(block) = read.await? else { return Ok(None) };
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

impl Opened {
    /// Writes generations, in place of what an interrupted call wrote of them. For taking over an older version's.
    pub(crate) fn replace(&self, publications: Vec<Publication>) -> Result<()> {
        let generations: Vec<Ulid> = publications.iter().map(|p| p.block.transcript.generation).collect();
        writer::delete_all(&*self.session, &generations)?;
        writer::add(&*self.session, publications)
    }

    /// How many generations there are.
    pub(crate) fn count(&self) -> Result<u64> {
        Ok(self.extent()?.count)
    }

    fn extent(&self) -> Result<Extent> {
        Extent::read(&*self.session, EXTENT)
    }

    /// Mends what a crash between results and catalog left: deletes the generations that `named` lacks, and writes the
    /// rows that a block lacks. Gives the generations that are named and not there: the file was lost or replaced, by an
    /// older one for instance. `extent` is that of the catalog's; where it is that of the results, nothing is compared
    /// further. `named` has the project of each.
    pub(crate) fn sweep(
        &self,
        extent: Extent,
        named: impl FnOnce() -> Result<BTreeMap<Ulid, ProjectId>>,
    ) -> Result<Vec<Ulid>> {
        let with_rows: u64 = self.session.query_one(COUNT_WITH_ROWS, &[])?.map_or(Ok(0), |row| row.get(0))?;
        if self.extent()? == extent && with_rows == extent.count {
            return Ok(Vec::new());
        }
        let named = named()?;
        let mut lost = named.clone();
        let mut orphans = Vec::new();
        for row in self.session.query(GENERATIONS, &[])? {
            let (generation, published_at): (Ulid, EpochMs) = (row.get(0)?, row.get(1)?);
            if lost.remove(&generation).is_none() && published_at < self.swept_before {
                orphans.push(generation);
            }
        }
        if !orphans.is_empty() {
            tracing::info!(count = orphans.len(), "results that no transcript names are deleted");
            writer::delete_all(&*self.session, &orphans)?;
        }
        self.add_rows(&named)?;
        Ok(lost.into_keys().collect())
    }

    /// Writes the rows of generations whose block alone was written.
    fn add_rows(&self, named: &BTreeMap<Ulid, ProjectId>) -> Result<()> {
        if self.session.dialect() == Dialect::Postgres {
            return Ok(());
        }
        for row in self.session.query(WITHOUT_ROWS, &[])? {
            let generation: Ulid = row.get(0)?;
            if let (Some(project), Some(row)) =
                (named.get(&generation), self.session.query_one(BLOCK, &values![generation])?)
            {
                let block = TimelineBlock::decode(&row.get::<Vec<u8>>(0)?)?;
                let columns = Columns::of_block(&block, *project)?;
                in_transaction(&*self.session, || columns.append(&*self.session))?;
            }
        }
        Ok(())
    }

    /// Starts the readers and the writer.
    pub(crate) fn start(self) -> Result<Results> {
        let Self { connector, session, settings, .. } = self;
        let bytes = u64::from(settings.cache_mib) * 1024 * 1024;
        // The number of blocks is a hint for the size of tables alone.
        let blocks = usize::try_from(bytes / 100_000).unwrap_or(usize::MAX).max(16);
        Ok(Results {
            readers: Readers::open(&*connector, settings.readers)?,
            writer: Arc::new(ResultsWriter::start(session)?),
            cache: Arc::new(Cache::with_weighter(blocks, bytes, ByBytes)),
        })
    }
}

/// An error of a block that can't be read.
fn unreadable(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::engine("read a timeline block", source)
}
