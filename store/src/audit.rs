//! The audit log: who did what.

use playhead_schemas::{EpochMs, ErrorCode, ProjectId};
use serde::Serialize;
use ulid::Ulid;

use crate::store::pending;
use crate::{Page, Result, Store};

/// One thing that a principal did or was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditEntry {
    /// When.
    pub at: EpochMs,
    /// Who, such as `token 01J..` or `local`.
    pub principal: String,
    /// With what client, in its own words.
    pub client: Option<String>,
    /// What, such as `tool get_bug`.
    pub action: String,
    /// In which project.
    pub project: Option<ProjectId>,
    /// On what, such as a bug's id.
    pub subject: Option<String>,
    /// Why it was refused; `None` when it was done.
    pub code: Option<ErrorCode>,
    /// How long it took, milliseconds.
    pub duration_ms: u64,
}

impl Store {
    /// Notes an entry. Buffered in memory and written with the next batch (at most a second later, and on close);
    /// never waits, never fails. Past 10,000 unwritten entries, further ones are counted and their number logged.
    pub fn audit(&self, entry: AuditEntry) {
        let _ = entry;
    }

    /// The entries, newest first, with what is buffered written before.
    pub async fn audit_entries(&self, after: Option<Ulid>, limit: u32) -> Result<Page<AuditEntry, Ulid>> {
        let _ = (after, limit);
        pending()
    }
}
