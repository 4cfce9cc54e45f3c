//! The store: opening, closing, health, and how the catalog is read and written.

use std::fmt;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use playhead_cpu::{CpuPool, Priority};
use tokio::sync::Semaphore;
use ulid::Ulid;

use crate::engine::{
    Connector, DuckSettings, Heard, Listener, Migration, PAGE_BYTES, Postgres, Readers, Row, Session, Sqlite,
    SqliteSettings, Tx, Value, Writer, in_snapshot, migrate,
};
use crate::error::{Result, StoreError};
use crate::objects::Objects;
use crate::results::{self, Results, ResultsFiles, ResultsSettings};
use crate::segments::UploadBatches;
use crate::shared::{Counters, EMBEDDED_SEARCHES_MAX, Limiters, Lookups, SharedState, Wakeups, WriteBuffers};
use crate::upgrade::{Files, UpgradeProgress, upgrade};
use crate::{StoreConfig, bugs, jobs, tenants, transcripts};

const CATALOG_FILE: &str = "catalog.sqlite";
const OLD_CATALOG_FILE: &str = "catalog.duckdb";
const OBJECTS_FOLDER: &str = "objects";
/// Held by the process that has the data folder, when the folder has no database file that would be locked.
const LOCK_FILE: &str = "lock";

/// Every migration of the catalog, oldest first.
pub(crate) const CATALOG_MIGRATIONS: &[Migration] = &[
    (1, "catalog", include_str!("../migrations/sqlite/0001_catalog.sql")),
    (2, "sdk uploads", include_str!("../migrations/sqlite/0002_sdk_uploads.sql")),
    (3, "tags", include_str!("../migrations/sqlite/0003_tags.sql")),
    (4, "tracker", include_str!("../migrations/sqlite/0004_tracker.sql")),
    (10, "words without prefixes", include_str!("../migrations/sqlite/0010_words_without_prefixes.sql")),
    (11, "stored checks", include_str!("../migrations/sqlite/0011_stored_checks.sql")),
];

const POSTGRES_MIGRATIONS: &[Migration] = &[
    (1, "catalog", include_str!("../migrations/postgres/0001_catalog.sql")),
    (2, "sdk uploads", include_str!("../migrations/postgres/0003_sdk_uploads.sql")),
    (3, "tags", include_str!("../migrations/postgres/0004_tags.sql")),
    (4, "tracker", include_str!("../migrations/postgres/0005_tracker.sql")),
    (11, "stored checks", include_str!("../migrations/postgres/0006_stored_checks.sql")),
];

/// A change that changes nothing, but is written.
const PROBE: &str = "UPDATE workspaces SET name = name";

/// Compressing and fingerprinting need little.
const STACK_BYTES: usize = 1024 * 1024;

const CATALOG_REMEDY: &str = "put the data folder back from a backup: nothing can make the catalog again";

const HAS_TABLES: &str = "SELECT name FROM sqlite_master WHERE name = 'schema_migrations'";
const NAMED_EXTENT: &str = "SELECT count(*), max(generation) FROM transcripts";
const NAMED: &str = "SELECT t.generation, r.project FROM transcripts t JOIN replays r ON r.id = t.replay";

/// Objects, catalog and results together. Cheap to clone; all clones are one store.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    data_dir: PathBuf,
    objects: Objects,
    readers: Readers,
    writer: Arc<Writer>,
    results: Results,
    background: CpuPool,
    stage_bytes_max: u64,
    shared: SharedState,
    /// Hears what other nodes change.
    listener: Mutex<Option<Listener>>,
    /// The locked [`LOCK_FILE`].
    lock: Mutex<Option<File>>,
}

impl Store {
    /// Opens the store of `config.data_dir`, creating and migrating it, with the workspace `default` if there is none.
    ///
    /// # Errors
    /// [`StoreError::Locked`] if another process has it open; `Invalid` if a newer playhead made it, or if the
    /// objects URL is malformed.
    pub async fn open(config: StoreConfig) -> Result<Self> {
        let log = |p: UpgradeProgress| tracing::info!(what = p.what, done = p.done, total = p.total, "taking over");
        Self::open_reporting(config, log).await
    }

    /// [`Store::open`], telling how far it is when it takes over the folder of an older version, which can take minutes.
    ///
    /// # Errors
    /// Those of [`Store::open`].
    pub async fn open_reporting(
        config: StoreConfig,
        report: impl Fn(UpgradeProgress) + Send + 'static,
    ) -> Result<Self> {
        let (rate_buckets_max, stage_bytes_max) = (config.rate_buckets_max, config.staged_bytes_max());
        let searches_max = if config.catalog_url.is_some() { config.readers.max(1) } else { EMBEDDED_SEARCHES_MAX };
        let opened = tokio::task::spawn_blocking(move || open_blocking(&config, &report)).await;
        let parts = opened.map_err(|e| StoreError::engine("open the store", e))??;
        let Parts { data_dir, objects, readers, writer, results, write_buffers, postgres, lock } = parts;
        let (lookups, wakeups) = (Lookups::new(), Wakeups::default());
        let listener = postgres.map(|postgres| listen(&postgres, &lookups, &wakeups, drop)).transpose()?;
        let shared = SharedState {
            lookups,
            write_buffers,
            limiters: Limiters::new(rate_buckets_max),
            upload_batches: UploadBatches::start(writer.clone(), wakeups.clone()),
            wakeups,
            jobs_completed: Arc::default(),
            searches: Arc::new(Semaphore::new(searches_max)),
        };
        let (listener, lock) = (Mutex::new(listener), Mutex::new(lock));
        let background = CpuPool::new(0, "store-background", STACK_BYTES, Priority::Background);
        let inner =
            Inner { data_dir, objects, readers, writer, results, background, stage_bytes_max, shared, listener, lock };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Writes what is buffered, checkpoints and closes the files. Later calls fail with [`StoreError::Closed`].
    pub async fn close(&self) {
        self.inner.readers.close().await;
        let inner = self.inner.clone();
        // Closing the writer doesn't panic: an error here means that the runtime is shutting down.
        let _ = tokio::task::spawn_blocking(move || inner.writer.close()).await;
        self.inner.results.close().await;
        self.inner.listener.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.inner.lock.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Checks that the results can be read, and that catalog and object storage keep what is written: a small change of
    /// each becomes durable.
    ///
    /// # Errors
    /// The first of these that fails.
    pub async fn health(&self) -> Result<()> {
        self.write(|tx| tx.execute(PROBE, &[]).map(drop)).await?;
        self.results().health().await?;
        self.objects().health().await
    }

    pub(crate) fn objects(&self) -> &Objects {
        &self.inner.objects
    }

    pub(crate) fn results(&self) -> &Results {
        &self.inner.results
    }

    /// Threads for computing that nobody waits for.
    pub(crate) fn background(&self) -> &CpuPool {
        &self.inner.background
    }

    /// Bytes up to which a segment is staged.
    pub(crate) fn stage_bytes_max(&self) -> u64 {
        self.inner.stage_bytes_max
    }

    /// The state that nodes would share.
    pub(crate) fn shared(&self) -> &SharedState {
        &self.inner.shared
    }

    /// Runs one statement that reads a few rows by an index, or several that need not see the same state of the catalog.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        run: impl FnOnce(&dyn Session) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.inner.readers.read(run).await
    }

    /// [`Store::read`] for what may take longer than a millisecond: many rows, large values, a search.
    pub(crate) async fn read_long<T: Send + 'static>(
        &self,
        run: impl FnOnce(&dyn Session) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.inner.readers.read_long(run).await
    }

    /// Runs a few statements, each short, that see one state of the catalog.
    pub(crate) async fn snapshot<T: Send + 'static>(
        &self,
        run: impl FnOnce(&dyn Session) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.read(move |session| in_snapshot(session, run)).await
    }

    /// Runs a change and returns when it is durable. `run` may be called several times.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        run: impl FnMut(&Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.inner.writer.write(run).await
    }

    /// The rows of one query.
    pub(crate) async fn list<T: Send + 'static>(
        &self,
        sql: &'static str,
        params: impl Into<Vec<Value>>,
        row: fn(&Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        let params = params.into();
        self.read(move |s| s.query(sql, &params)?.iter().map(row).collect()).await
    }

    /// [`Store::list`] for many rows.
    pub(crate) async fn list_long<T: Send + 'static>(
        &self,
        sql: &'static str,
        params: impl Into<Vec<Value>>,
        row: fn(&Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        let params = params.into();
        self.read_long(move |s| s.query(sql, &params)?.iter().map(row).collect()).await
    }

    /// The first row of one query.
    pub(crate) async fn find<T: Send + 'static>(
        &self,
        sql: &'static str,
        params: impl Into<Vec<Value>>,
        row: fn(&Row) -> Result<T>,
    ) -> Result<Option<T>> {
        let params = params.into();
        self.read(move |s| s.query_one(sql, &params)?.as_ref().map(row).transpose()).await
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("data_dir", &self.inner.data_dir).finish_non_exhaustive()
    }
}

/// What is opened on a blocking thread.
struct Parts {
    data_dir: PathBuf,
    objects: Objects,
    readers: Readers,
    writer: Arc<Writer>,
    results: Results,
    write_buffers: Arc<WriteBuffers>,
    postgres: Option<Postgres>,
    lock: Option<File>,
}

fn open_blocking(config: &StoreConfig, report: &dyn Fn(UpgradeProgress)) -> Result<Parts> {
    let data_dir = config.data_dir.clone();
    std::fs::create_dir_all(&data_dir)
        .map_err(|e| StoreError::Invalid(format!("the data directory {} can't be created: {e}", data_dir.display())))?;
    let objects = match &config.objects_url {
        Some(url) => Objects::from_url(url)?,
        None => Objects::local(&data_dir.join(OBJECTS_FOLDER))?,
    };
    match &config.catalog_url {
        None => open_embedded(config, objects, report),
        Some(url) => {
            let lock = Some(lock_folder(&data_dir)?);
            let postgres = Postgres::open(url)?;
            let parts = open_postgres(config, objects, &postgres)?;
            Ok(Parts { postgres: Some(postgres), lock, ..parts })
        }
    }
}

fn open_embedded(config: &StoreConfig, objects: Objects, report: &dyn Fn(UpgradeProgress)) -> Result<Parts> {
    let data_dir = &config.data_dir;
    // Only one process can open the results: that guards the catalog too.
    let results_files = ResultsFiles::of(data_dir);
    let results = Results::open(&results_files, results_settings(config))?;
    let catalog_file = data_dir.join(CATALOG_FILE);
    upgrade(&Files { old: &data_dir.join(OLD_CATALOG_FILE), new: &catalog_file }, &results, report)?;
    let connections = u32::try_from(config.readers).unwrap_or(u32::MAX).saturating_add(1);
    let settings = SqliteSettings { cache_mib: config.catalog_memory_mib, connections, page_bytes: PAGE_BYTES };
    let (sqlite, session, is_new) = open_sqlite(&catalog_file, &settings)
        .map_err(|error| StoreError::unopened(&catalog_file, CATALOG_REMEDY, error))?;
    if is_new && results.count()? > 0 {
        return Err(StoreError::Invalid(format!(
            "{} is missing or empty, but {blocks} has transcripts of its replays: put the catalog back from a backup; to \
             start again, use another data folder or move {blocks} away",
            catalog_file.display(),
            blocks = results_files.blocks.display()
        )));
    }
    migrate(&*session, CATALOG_MIGRATIONS)?;
    tenants::ensure_default_workspace(&*session)?;
    jobs::release_all(&*session)?;
    start(config, objects, &sqlite, session, results)
}

/// Opens the catalog's file, and tells whether it is new.
fn open_sqlite(file: &Path, settings: &SqliteSettings) -> Result<(Sqlite, Box<dyn Session>, bool)> {
    let sqlite = Sqlite::open(file, settings)?;
    let session = sqlite.connect()?;
    let is_new = session.query_one(HAS_TABLES, &[])?.is_none();
    Ok((sqlite, session, is_new))
}

fn open_postgres(config: &StoreConfig, objects: Objects, postgres: &Postgres) -> Result<Parts> {
    if [CATALOG_FILE, OLD_CATALOG_FILE].iter().any(|file| config.data_dir.join(file).exists()) {
        let folder = config.data_dir.display();
        tracing::warn!(%folder, "the data folder holds a catalog of its own, which is not used: catalog_url is set");
    }
    let session = postgres.connect()?;
    postgres.exclusively(&*session, || {
        migrate(&*session, POSTGRES_MIGRATIONS)?;
        tenants::ensure_default_workspace(&*session)
    })?;
    let results = Results::open_postgres(postgres, results_settings(config))?;
    start(config, objects, postgres, session, results)
}

/// Starts what reads and writes a catalog that is migrated.
fn start(
    config: &StoreConfig,
    objects: Objects,
    connector: &dyn Connector,
    session: Box<dyn Session>,
    results: results::Opened,
) -> Result<Parts> {
    let named = results::Extent::read(&*session, NAMED_EXTENT)?;
    let named_generations =
        || session.query(NAMED, &[])?.iter().map(|row| Ok((row.get::<Ulid>(0)?, row.get(1)?))).collect();
    let lost = results.sweep(named, named_generations)?;
    transcripts::requeue_lost(&*session, &lost)?;
    bugs::index_missing(&*session, |replay| transcripts::summary_of(&*session, &results, replay))?;
    let results = results.start()?;
    let readers = Readers::open(connector, config.readers)?;
    let write_buffers = Arc::new(WriteBuffers::from_counters(Counters::load(&*session)?));
    let writer = Arc::new(Writer::start(session, write_buffers.clone())?);
    let data_dir = config.data_dir.clone();
    Ok(Parts { data_dir, objects, readers, writer, results, write_buffers, postgres: None, lock: None })
}

/// Makes sure that one process has the data folder.
fn lock_folder(data_dir: &Path) -> Result<File> {
    let failed = |e: std::io::Error| StoreError::engine("lock the data folder", e);
    let file = File::create(data_dir.join(LOCK_FILE)).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked { path: data_dir.to_owned() }),
        Err(TryLockError::Error(e)) => Err(failed(e)),
    }
}

/// Makes a node forget what other nodes change, and wakes its workers. `then` is told afterwards.
pub(crate) fn listen(
    postgres: &Postgres,
    lookups: &Lookups,
    wakeups: &Wakeups,
    then: impl Fn(Heard) + Send + Sync + 'static,
) -> Result<Listener> {
    let (lookups, wakeups) = (lookups.clone(), wakeups.clone());
    // Nothing is kept before the first message.
    lookups.keep(false);
    postgres.listen(move |heard| {
        match &heard {
            Heard::Listening => {
                lookups.keep(true);
                wakeups.wake();
            }
            Heard::Change(what) => {
                if !wakeups.changed(what) {
                    lookups.changed(what);
                }
            }
            Heard::Deaf => lookups.keep(false),
        }
        then(heard);
    })
}

fn results_settings(config: &StoreConfig) -> ResultsSettings {
    ResultsSettings {
        duck: DuckSettings { memory_mib: config.results_memory_mib, threads: config.results_threads },
        readers: config.readers,
        cache_mib: config.cache_mib,
    }
}
