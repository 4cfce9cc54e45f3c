//! Opening the results: their files, their migrations, and the start of their readers and their writer.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use playhead_schemas::EpochMs;
use quick_cache::sync::Cache;

use super::writer::ResultsWriter;
use super::{ByBytes, Publication, Results, carry};
use crate::engine::{
    Connector, Duck, DuckSettings, Migration, Postgres, Readers, Session, Sqlite, SqliteSettings, in_transaction,
    migrate,
};
use crate::{Result, StoreError};

pub(super) const BLOCK_MIGRATIONS: &[Migration] =
    &[(1, "timelines", include_str!("../../migrations/timelines/0001_timelines.sql"))];

const COLUMN_MIGRATIONS: &[Migration] = &[
    (1, "results", include_str!("../../migrations/results/0001_results.sql")),
    (2, "timelines elsewhere", include_str!("../../migrations/results/0002_timelines_elsewhere.sql")),
];

const POSTGRES_MIGRATIONS: &[Migration] = &[(1, "results", include_str!("../../migrations/postgres/0002_results.sql"))];

/// How old a generation is that no transcript names before it is taken for one that none will: with several nodes,
/// another one may be about to name it.
const ORPHAN_AGE_MS: i64 = 3_600_000;

/// A block fills several small pages and the rest of one: with pages of 1 KiB the file is 4 % larger than its blocks, with
/// 4 KiB 15 %, with 8 KiB 30 %.
const BLOCK_PAGE_BYTES: u32 = 1024;
/// MiB for pages of blocks, of all connections together: inner pages of the index. A block that was read is kept decoded.
const BLOCK_PAGES_MIB: u32 = 8;

const BLOCKS_REMEDY: &str =
    "move it away, with timelines.sqlite-wal if there is one: every replay is transcribed again after the next start";
const COLUMNS_REMEDY: &str =
    "move it away, with results.duckdb.wal if there is one: the next start writes it again from timelines.sqlite";

/// Where the results lie.
#[derive(Clone, Debug)]
pub(crate) struct ResultsFiles {
    /// The SQLite file of blocks.
    pub(crate) blocks: PathBuf,
    /// The DuckDB file of columns.
    pub(crate) columns: PathBuf,
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

/// Results that are opened and have no writer yet.
pub(crate) struct Opened {
    connector: Box<dyn Connector>,
    /// The blocks.
    pub(super) session: Box<dyn Session>,
    /// The columns, where they lie in a database of their own.
    pub(super) columns: Option<Box<dyn Session>>,
    /// Generations are swept if they were published before.
    pub(super) swept_before: EpochMs,
    settings: ResultsSettings,
}

impl ResultsFiles {
    /// The files of a data folder.
    pub(crate) fn of(data_dir: &Path) -> Self {
        Self { blocks: data_dir.join("timelines.sqlite"), columns: data_dir.join("results.duckdb") }
    }
}

impl Results {
    /// Opens or creates the files. Blocks.
    ///
    /// # Errors
    /// [`StoreError::Locked`] if another process has them open.
    pub(crate) fn open(files: &ResultsFiles, settings: ResultsSettings) -> Result<Opened> {
        // Only one process can open this file: that guards the blocks and the catalog too.
        let columns = Duck::open(&files.columns, &settings.duck)
            .and_then(|duck| duck.connect())
            .map_err(|error| StoreError::unopened(&files.columns, COLUMNS_REMEDY, error))?;
        let connections = u32::try_from(settings.readers).unwrap_or(u32::MAX).saturating_add(1);
        let pages = SqliteSettings { cache_mib: BLOCK_PAGES_MIB, connections, page_bytes: BLOCK_PAGE_BYTES };
        let open_blocks = || {
            let sqlite = Sqlite::open(&files.blocks, &pages)?;
            let session = sqlite.connect()?;
            migrate(&*session, BLOCK_MIGRATIONS)?;
            Ok((sqlite, session))
        };
        let (sqlite, session) =
            open_blocks().map_err(|error| StoreError::unopened(&files.blocks, BLOCKS_REMEDY, error))?;
        carry::blocks(&*columns, &*session)
            .and_then(|()| migrate(&*columns, COLUMN_MIGRATIONS))
            .map_err(|error| StoreError::unopened(&files.columns, COLUMNS_REMEDY, error))?;
        let (connector, columns) = (Box::new(sqlite), Some(columns));
        Ok(Opened { connector, session, columns, swept_before: EpochMs(i64::MAX), settings })
    }

    /// Opens or creates the results of a catalog in PostgreSQL. Blocks.
    pub(crate) fn open_postgres(catalog: &Postgres, settings: ResultsSettings) -> Result<Opened> {
        let postgres = catalog.results()?;
        let session = postgres.connect()?;
        postgres.exclusively(&*session, || migrate(&*session, POSTGRES_MIGRATIONS))?;
        let swept_before = EpochMs::now().plus_ms(-ORPHAN_AGE_MS);
        Ok(Opened { connector: Box::new(postgres), session, columns: None, swept_before, settings })
    }
}

impl Opened {
    /// Writes the blocks of generations, in place of what an interrupted call wrote of them; their columns follow at the
    /// next [`Opened::sweep`]. For taking over an older version's.
    pub(crate) fn replace(&self, publications: &[Publication]) -> Result<()> {
        let generations: Vec<_> = publications.iter().map(Publication::generation).collect();
        let blocks: Vec<_> = publications.iter().map(|p| p.timeline.clone()).collect();
        in_transaction(&*self.session, || {
            super::writer::delete_blocks(&*self.session, &generations)?;
            self.session.append("timelines", &blocks)
        })
    }

    /// Starts the readers and the writer.
    pub(crate) fn start(self) -> Result<Results> {
        let Self { connector, session, columns, settings, .. } = self;
        let bytes = u64::from(settings.cache_mib) * 1024 * 1024;
        // The number of blocks is a hint for the size of tables alone.
        let blocks = usize::try_from(bytes / 100_000).unwrap_or(usize::MAX).max(16);
        Ok(Results {
            readers: Readers::open(&*connector, settings.readers)?,
            writer: Arc::new(ResultsWriter::start(session, columns)?),
            cache: Arc::new(Cache::with_weighter(blocks, bytes, ByBytes)),
        })
    }
}
