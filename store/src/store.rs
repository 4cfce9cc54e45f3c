//! The store: opening, closing, health.

use std::sync::Arc;

use crate::error::{Result, StoreError};
use crate::StoreConfig;

/// Objects and catalog together. Cheap to clone; all clones are one store.
#[derive(Clone, Debug)]
pub struct Store {
    _inner: Arc<()>,
}

pub(crate) fn pending<T>() -> Result<T> {
    Err(StoreError::Closed)
}

impl Store {
    /// Opens the store of `config.data_dir`, creating and migrating it, with the workspace `default` if there is none.
    ///
    /// # Errors
    /// [`StoreError::Locked`] if another process has it open.
    pub async fn open(config: StoreConfig) -> Result<Self> {
        let _ = config;
        pending()
    }

    /// Writes what is buffered, checkpoints and lets go of the files. Later calls answer [`StoreError::Closed`].
    pub async fn close(&self) {}

    /// Reads from the catalog and from the objects once.
    pub async fn health(&self) -> Result<()> {
        pending()
    }
}
