//! What all calls share: the store, the settings, and what was looked up once.

use playhead_schemas::EpochMs;
use playhead_store::{Store, StoreError};
use tokio::sync::OnceCell;

use crate::config::QueryConfig;
use crate::cursor::{CursorKey, Cursors};
use crate::projects::Projects;

/// Made once for a server; every call holds it.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) config: QueryConfig,
    pub(crate) projects: Projects,
    cursors: OnceCell<Cursors>,
}

impl Shared {
    pub(crate) fn new(store: Store, config: QueryConfig) -> Self {
        Self { store, config, projects: Projects::default(), cursors: OnceCell::new() }
    }

    pub(crate) fn now(&self) -> EpochMs {
        self.config.clock.now()
    }

    /// What makes and reads cursors, with the key that the catalog keeps: cursors outlive a restart.
    pub(crate) async fn cursors(&self) -> Result<&Cursors, StoreError> {
        let with_key = async || Ok(Cursors::new(CursorKey::new(self.store.cursor_key().await?)));
        self.cursors.get_or_try_init(with_key).await
    }
}
