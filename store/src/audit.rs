//! The audit log: who did what.

use playhead_schemas::{EpochMs, ErrorCode, ProjectId};
use serde::Serialize;
use ulid::Ulid;

use crate::engine::{Housekeeping, Row, Value, values};
use crate::page::bounded;
use crate::{Page, Result, Store, StoreError};

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

const LIST: &str = "SELECT id, happened_at, principal, client, action, project, subject, code, duration_ms
    FROM audit_log WHERE id < $1::text ORDER BY id DESC LIMIT $2";

impl Store {
    /// Notes an entry. Buffered in memory and written with the next batch (at most a second later, and on close);
    /// never waits, never fails. Past 10,000 unwritten entries, further ones are counted and their number logged.
    pub fn audit(&self, entry: AuditEntry) {
        self.buffers().audit(entry);
    }

    /// The entries, newest first, with what is buffered written before.
    pub async fn audit_entries(&self, after: Option<Ulid>, limit: u32) -> Result<Page<AuditEntry, Ulid>> {
        if self.buffers().is_due() {
            let waiting = self.buffers().take();
            self.write(move |tx| waiting.write(tx)).await?;
        }
        let before = after.unwrap_or(Ulid::from(u128::MAX));
        let rows = self.list(LIST, values![before, bounded(limit) + 1], entry).await?;
        let page = Page::cut(rows, limit, |(id, _)| *id);
        Ok(Page { items: page.items.into_iter().map(|(_, entry)| entry).collect(), next: page.next })
    }
}

/// A row of the table `audit_log`, for the appender.
pub(crate) fn row(id: Ulid, e: &AuditEntry) -> Vec<Value> {
    let (principal, client, action) = (e.principal.as_str(), e.client.as_deref(), e.action.as_str());
    let (subject, code) = (e.subject.as_deref(), e.code.map(ErrorCode::as_str));
    values![id, e.at, principal, client, action, e.project, subject, code, e.duration_ms].to_vec()
}

fn entry(row: &Row) -> Result<(Ulid, AuditEntry)> {
    let code = match row.get::<Option<String>>(7)? {
        Some(code) => {
            Some(serde_json::from_value(code.into()).map_err(|e| StoreError::engine("read an error code", e))?)
        }
        None => None,
    };
    let entry = AuditEntry {
        at: row.get(1)?,
        principal: row.get(2)?,
        client: row.get(3)?,
        action: row.get(4)?,
        project: row.get(5)?,
        subject: row.get(6)?,
        code,
        duration_ms: row.get(8)?,
    };
    Ok((row.get(0)?, entry))
}
