//! The store: opening, closing, health, and how the catalog is read and written.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use ulid::Ulid;

use crate::engine::{
    Connector, DuckSettings, Migration, Readers, Row, Session, Sqlite, SqliteSettings, Tx, Value, Writer, migrate,
};
use crate::error::{Result, StoreError};
use crate::objects::Objects;
use crate::results::{Results, ResultsSettings};
use crate::segments::UploadBatches;
use crate::shared::{Counters, Limiters, Lookups, SharedState, Wakeups, WriteBuffers};
use crate::upgrade::{Files, UpgradeProgress, upgrade};
use crate::{StoreConfig, tenants};

const CATALOG_FILE: &str = "catalog.sqlite";
const OLD_CATALOG_FILE: &str = "catalog.duckdb";
const RESULTS_FILE: &str = "results.duckdb";
const OBJECTS_FOLDER: &str = "objects";

/// Every migration of the catalog, oldest first.
pub(crate) const CATALOG_MIGRATIONS: &[Migration] =
    &[(1, "catalog", include_str!("../migrations/sqlite/0001_catalog.sql"))];

const NAMED_COUNT: &str = "SELECT count(*) FROM transcripts";
const NAMED: &str = "SELECT generation FROM transcripts";

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
    stage_bytes_max: u64,
    shared: SharedState,
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
        let (rate_buckets_max, stage_bytes_max) = (config.rate_buckets_max, config.stage_bytes_max);
        let opened = tokio::task::spawn_blocking(move || open_blocking(&config, &report)).await;
        let parts = opened.map_err(|e| StoreError::engine("open the store", e))??;
        let Parts { data_dir, objects, readers, writer, results, write_buffers } = parts;
        let wakeups = Wakeups::default();
        let shared = SharedState {
            lookups: Lookups::default(),
            write_buffers,
            limiters: Limiters::new(rate_buckets_max),
            upload_batches: UploadBatches::start(writer.clone(), wakeups.clone()),
            wakeups,
            jobs_completed: Arc::default(),
        };
        let inner = Inner { data_dir, objects, readers, writer, results, stage_bytes_max, shared };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Writes what is buffered, checkpoints and closes the files. Later calls fail with [`StoreError::Closed`].
    pub async fn close(&self) {
        self.inner.readers.close().await;
        let inner = self.inner.clone();
        // Closing the writer doesn't panic: an error here means that the runtime is shutting down.
        let _ = tokio::task::spawn_blocking(move || inner.writer.close()).await;
        self.inner.results.close().await;
    }

    /// Checks that the catalog can be read and written, the results can be read and the object storage answers.
    ///
    /// # Errors
    /// The first of these that fails.
    pub async fn health(&self) -> Result<()> {
        self.read(|s| s.query("SELECT 1", &[]).map(drop)).await?;
        self.write(|_| Ok(())).await?;
        self.results().health().await?;
        self.objects().health().await
    }

    pub(crate) fn objects(&self) -> &Objects {
        &self.inner.objects
    }

    pub(crate) fn results(&self) -> &Results {
        &self.inner.results
    }

    /// Bytes up to which a segment is staged.
    pub(crate) fn stage_bytes_max(&self) -> u64 {
        self.inner.stage_bytes_max
    }

    /// The state that nodes would share.
    pub(crate) fn shared(&self) -> &SharedState {
        &self.inner.shared
    }

    /// Runs one statement, or several that need not see the same state of the catalog.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        run: impl FnOnce(&dyn Session) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.inner.readers.read(run).await
    }

    /// Runs statements that see one state of the catalog.
    pub(crate) async fn snapshot<T: Send + 'static>(
        &self,
        run: impl FnOnce(&dyn Session) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.inner.readers.snapshot(run).await
    }

    /// Runs a change and returns when it is durable. `run` may be called twice.
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
}

fn open_blocking(config: &StoreConfig, report: &dyn Fn(UpgradeProgress)) -> Result<Parts> {
    let data_dir = config.data_dir.clone();
    std::fs::create_dir_all(&data_dir)
        .map_err(|e| StoreError::Invalid(format!("the data directory {} can't be created: {e}", data_dir.display())))?;
    let objects = match &config.objects_url {
        Some(url) => Objects::from_url(url)?,
        None => Objects::local(&data_dir.join(OBJECTS_FOLDER))?,
    };
    // Only one process can open the results: that guards the catalog too.
    let results = Results::open(&data_dir.join(RESULTS_FILE), results_settings(config))?;
    let catalog_file = data_dir.join(CATALOG_FILE);
    upgrade(&Files { old: &data_dir.join(OLD_CATALOG_FILE), new: &catalog_file }, &results, report)?;
    let connections = u32::try_from(config.readers).unwrap_or(u32::MAX).saturating_add(1);
    let settings = SqliteSettings { cache_mib: config.catalog_memory_mib, connections };
    let sqlite = Sqlite::open(&catalog_file, &settings)?;
    let session = sqlite.connect()?;
    migrate(&*session, CATALOG_MIGRATIONS)?;
    tenants::ensure_default_workspace(&*session)?;
    let named: u64 = session.query_one(NAMED_COUNT, &[])?.map_or(Ok(0), |row| row.get(0))?;
    results.sweep(named, || session.query(NAMED, &[])?.iter().map(|row| row.get::<Ulid>(0)).collect())?;
    let results = results.start()?;
    let readers = Readers::open(&sqlite, config.readers)?;
    let write_buffers = Arc::new(WriteBuffers::from_counters(Counters::load(&*session)?));
    let writer = Arc::new(Writer::start(session, write_buffers.clone())?);
    Ok(Parts { data_dir, objects, readers, writer, results, write_buffers })
}

fn results_settings(config: &StoreConfig) -> ResultsSettings {
    ResultsSettings {
        duck: DuckSettings { memory_mib: config.results_memory_mib, threads: config.results_threads },
        readers: config.readers,
        cache_mib: config.cache_mib,
    }
}
