//! The store: opening, closing, health, and the two ways into the catalog.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use playhead_schemas::{Actor, ActorRoles};
use tokio::sync::Notify;

use crate::buffers::Buffers;
use crate::counters::Counters;
use crate::engine::{Connector, Duck, DuckSettings, Readers, Session, Tx, Value, Writer, migrate};
use crate::error::{Result, StoreError};
use crate::keys::IngestKey;
use crate::lookup::Lookup;
use crate::oauth::AccessGrant;
use crate::objects::Objects;
use crate::segments::Batches;
use crate::tokens::Token;
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
    batches: Batches,
    buffers: Arc<Buffers>,
    keys: Arc<Lookup<IngestKey>>,
    tokens: Arc<Lookup<Token>>,
    standings: Arc<Lookup<ActorRoles, Actor>>,
    grants: Arc<Lookup<AccessGrant>>,
    wakeup: Arc<Notify>,
    jobs_done: Arc<AtomicU64>,
}

impl Store {
    /// Opens the store of `config.data_dir`, creating and migrating it, with the workspace `default` if there is none.
    ///
    /// # Errors
    /// [`StoreError::Locked`] if another process has it open; `Invalid` if a newer playhead made it, or if the
    /// objects URL is malformed.
    pub async fn open(config: StoreConfig) -> Result<Self> {
        let opened = tokio::task::spawn_blocking(move || open_blocking(&config)).await;
        let parts = opened.map_err(|e| StoreError::engine("open the store", e))??;
        let wakeup = Arc::new(Notify::new());
        let batches = Batches::start(parts.writer.clone(), wakeup.clone());
        let Parts { data_dir, objects, readers, writer, buffers } = parts;
        let inner = Inner {
            data_dir,
            objects,
            readers,
            writer,
            batches,
            buffers,
            keys: Arc::default(),
            tokens: Arc::default(),
            standings: Arc::default(),
            grants: Arc::default(),
            wakeup,
            jobs_done: Arc::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Writes what is buffered, checkpoints and lets go of the files. Later calls answer [`StoreError::Closed`].
    pub async fn close(&self) {
        self.inner.readers.close().await;
        let inner = self.inner.clone();
        // The writer never panics into its closer: an error here means that the runtime is going down.
        let _ = tokio::task::spawn_blocking(move || inner.writer.close()).await;
    }

    /// Reads from the catalog, writes to it and asks the objects, once each.
    pub async fn health(&self) -> Result<()> {
        self.read(|s| s.query("SELECT 1", &[]).map(drop)).await?;
        self.write(|_| Ok(())).await?;
        self.objects().health().await
    }

    pub(crate) fn objects(&self) -> &Objects {
        &self.inner.objects
    }

    pub(crate) fn buffers(&self) -> &Arc<Buffers> {
        &self.inner.buffers
    }

    pub(crate) fn keys_lookup(&self) -> &Arc<Lookup<IngestKey>> {
        &self.inner.keys
    }

    pub(crate) fn tokens_lookup(&self) -> &Arc<Lookup<Token>> {
        &self.inner.tokens
    }

    pub(crate) fn standings(&self) -> &Arc<Lookup<ActorRoles, Actor>> {
        &self.inner.standings
    }

    pub(crate) fn grants_lookup(&self) -> &Arc<Lookup<AccessGrant>> {
        &self.inner.grants
    }

    pub(crate) fn batches(&self) -> &Batches {
        &self.inner.batches
    }

    pub(crate) fn jobs_done(&self) -> &Arc<AtomicU64> {
        &self.inner.jobs_done
    }

    pub(crate) fn wakeup(&self) -> &Arc<Notify> {
        &self.inner.wakeup
    }

    /// Runs one statement, or several that need not agree with each other.
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

    /// Runs a change and answers when it is durable. `run` may be called twice.
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

/// What is opened off the runtime's threads.
struct Parts {
    data_dir: PathBuf,
    objects: Objects,
    readers: Readers,
    writer: Arc<Writer>,
    buffers: Arc<Buffers>,
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
    let buffers = Arc::new(Buffers::over(Counters::load(&*session)?));
    let writer = Arc::new(Writer::start(session, buffers.clone())?);
    Ok(Parts { data_dir, objects, readers, writer, buffers })
}
