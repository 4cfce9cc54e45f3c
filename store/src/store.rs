//! The store: opening, closing, health, and how the catalog is read and written.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::engine::{Connector, Duck, DuckSettings, Readers, Session, Tx, Value, Writer, migrate};
use crate::error::{Result, StoreError};
use crate::objects::Objects;
use crate::segments::UploadBatches;
use crate::shared::{Counters, Limiters, Lookups, SharedState, Wakeups, WriteBuffers};
use crate::{StoreConfig, tenants};

const CATALOG_FILE: &str = "catalog.duckdb";
const OBJECTS_FOLDER: &str = "objects";

/// Objects and catalog together. Cheap to clone; all clones are one store.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    data_dir: PathBuf,
    objects: Objects,
    readers: Readers,
    writer: Arc<Writer>,
    shared: SharedState,
}

impl Store {
    /// Opens the store of `config.data_dir`, creating and migrating it, with the workspace `default` if there is none.
    ///
    /// # Errors
    /// [`StoreError::Locked`] if another process has it open; `Invalid` if a newer playhead made it, or if the
    /// objects URL is malformed.
    pub async fn open(config: StoreConfig) -> Result<Self> {
        let rate_buckets_max = config.rate_buckets_max;
        let opened = tokio::task::spawn_blocking(move || open_blocking(&config)).await;
        let parts = opened.map_err(|e| StoreError::engine("open the store", e))??;
        let Parts { data_dir, objects, readers, writer, write_buffers } = parts;
        let wakeups = Wakeups::default();
        let shared = SharedState {
            lookups: Lookups::default(),
            write_buffers,
            limiters: Limiters::new(rate_buckets_max),
            upload_batches: UploadBatches::start(writer.clone(), wakeups.clone()),
            wakeups,
            jobs_completed: Arc::default(),
        };
        let inner = Inner { data_dir, objects, readers, writer, shared };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Writes what is buffered, checkpoints and closes the files. Later calls fail with [`StoreError::Closed`].
    pub async fn close(&self) {
        self.inner.readers.close().await;
        let inner = self.inner.clone();
        // Closing the writer doesn't panic: an error here means that the runtime is shutting down.
        let _ = tokio::task::spawn_blocking(move || inner.writer.close()).await;
    }

    /// Checks that the catalog can be read and written and that the object storage answers.
    ///
    /// # Errors
    /// The first of the three that fails.
    pub async fn health(&self) -> Result<()> {
        self.read(|s| s.query("SELECT 1", &[]).map(drop)).await?;
        self.write(|_| Ok(())).await?;
        self.objects().health().await
    }

    pub(crate) fn objects(&self) -> &Objects {
        &self.inner.objects
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
        row: fn(&crate::engine::Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        let params = params.into();
        self.read(move |s| s.query(sql, &params)?.iter().map(row).collect()).await
    }

    /// The first row of one query.
    pub(crate) async fn find<T: Send + 'static>(
        &self,
        sql: &'static str,
        params: impl Into<Vec<Value>>,
        row: fn(&crate::engine::Row) -> Result<T>,
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
    write_buffers: Arc<WriteBuffers>,
}

fn open_blocking(config: &StoreConfig) -> Result<Parts> {
    let data_dir = config.data_dir.clone();
    std::fs::create_dir_all(&data_dir)
        .map_err(|e| StoreError::Invalid(format!("the data directory {} can't be created: {e}", data_dir.display())))?;
    let objects = match &config.objects_url {
        Some(url) => Objects::from_url(url)?,
        None => Objects::local(&data_dir.join(OBJECTS_FOLDER))?,
    };
    let settings = DuckSettings { memory_mib: config.catalog_memory_mib, threads: config.catalog_threads };
    let duck = Duck::open(&data_dir.join(CATALOG_FILE), &settings)?;
    let session = duck.connect()?;
    migrate(&*session)?;
    tenants::ensure_default_workspace(&*session)?;
    let readers = Readers::open(&duck, config.readers)?;
    let write_buffers = Arc::new(WriteBuffers::from_counters(Counters::load(&*session)?));
    let writer = Arc::new(Writer::start(session, write_buffers.clone())?);
    Ok(Parts { data_dir, objects, readers, writer, write_buffers })
}
