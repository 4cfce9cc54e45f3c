//! What all calls share: the store, the settings, and what was looked up once.

use playhead_schemas::EpochMs;
use playhead_store::Store;

use crate::config::{CursorKey, QueryConfig};
use crate::cursor::Cursors;
use crate::projects::Projects;

/// Made once for a server; every call holds it.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) config: QueryConfig,
    pub(crate) cursors: Cursors,
    pub(crate) projects: Projects,
}

impl Shared {
    pub(crate) fn new(store: Store, config: QueryConfig) -> Self {
        let cursors = Cursors::new(config.cursor_key.clone().unwrap_or_else(CursorKey::random));
        Self { store, config, cursors, projects: Projects::default() }
    }

    pub(crate) fn now(&self) -> EpochMs {
        self.config.clock.now()
    }
}
