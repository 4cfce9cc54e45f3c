//! The audit log: who did what.

use std::sync::{Arc, Mutex, PoisonError};

use playhead_schemas::{EpochMs, ErrorCode, ProjectId, WorkspaceId};
use serde::Serialize;
use ulid::Ulid;

use crate::engine::{BufferedWrites, Row, Value, values};
use crate::page::page_limit;
use crate::{Page, Result, Store, StoreError};

/// One action of a principal, carried out or refused. It never contains a secret or an argument, only the id of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditEntry {
    /// When it happened.
    pub at: EpochMs,
    /// In which workspace; `None` when it is unknown, as for a failed sign-in.
    pub workspace: Option<WorkspaceId>,
    /// The principal, such as `token 01J..`, `grant 01J..`, `member 01J..` or `local`.
    pub principal: String,
    /// The client, as it names itself.
    pub client_name: Option<String>,
    /// The client's version, as it names itself.
    pub client_version: Option<String>,
    /// The action, such as `tools/call` or `POST /api/v1/tokens`.
    pub action: String,
    /// The tool, for a call of a tool.
    pub tool: Option<String>,
    /// In which project.
    pub project: Option<ProjectId>,
    /// The row that it was about, such as a bug's id.
    pub subject: Option<String>,
    /// Why it was refused; `None` when it was done.
    pub code: Option<ErrorCode>,
    /// How long it took, milliseconds.
    pub duration_ms: u64,
}

/// Which entries to read. Conditions are joined by and; the default is every entry.
#[derive(Clone, Debug, Default)]
pub struct AuditQuery {
    /// Of this workspace.
    pub workspace: Option<WorkspaceId>,
    /// Of these projects; `None`: of every project, and entries without a project.
    pub projects: Option<Vec<ProjectId>>,
    /// By this principal, as entries name it.
    pub principal: Option<String>,
    /// With this client, by its name.
    pub client_name: Option<String>,
    /// Of this tool.
    pub tool: Option<String>,
    /// Refused with this code.
    pub code: Option<ErrorCode>,
    /// Only what was refused.
    pub refused: bool,
    /// Not before.
    pub since: Option<EpochMs>,
    /// Before.
    pub until: Option<EpochMs>,
}

const LIST: &str = "SELECT id, happened_at, principal, client_name, action, project, subject, code, duration_ms,
    client_version, tool, workspace
    FROM audit_log WHERE id < $1::text
      AND ($3::text IS NULL OR workspace = $3::text) AND ($4 OR project = ANY($12::text[]))
      AND ($5::text IS NULL OR principal = $5::text) AND ($6::text IS NULL OR client_name = $6::text)
      AND ($7::text IS NULL OR tool = $7::text) AND ($8::text IS NULL OR code = $8::text)
      AND (NOT $9 OR code IS NOT NULL)
      AND ($10::bigint IS NULL OR happened_at >= $10::bigint) AND ($11::bigint IS NULL OR happened_at < $11::bigint)
    ORDER BY id DESC LIMIT $2";
const DELETE_OLD: &str = "DELETE FROM audit_log WHERE happened_at < $1";

impl Store {
    /// Adds an entry. Buffered in memory and written within a second, and on close; never waits, never fails. When
    /// 10,000 entries wait, further ones are dropped and their number is logged.
    pub fn audit(&self, entry: AuditEntry) {
        self.shared().write_buffers.audit(entry);
    }

    /// The entries with their ids, newest first. Buffered entries are written before the list is read.
    pub async fn audit_entries(
        &self,
        query: AuditQuery,
        after: Option<Ulid>,
        limit: u32,
    ) -> Result<Page<(Ulid, AuditEntry), Ulid>> {
        if self.shared().write_buffers.is_due() {
            let waiting = Arc::new(Mutex::new(self.shared().write_buffers.take_waiting()));
            let written = {
                let waiting = waiting.clone();
                self.write(move |tx| waiting.lock().unwrap_or_else(PoisonError::into_inner).write(tx)).await
            };
            let waiting = std::mem::take(&mut *waiting.lock().unwrap_or_else(PoisonError::into_inner));
            match &written {
                Ok(()) => self.shared().write_buffers.written(&waiting),
                Err(_) => self.shared().write_buffers.put_back(waiting),
            }
            written?;
        }
        let before = after.unwrap_or(Ulid::from(u128::MAX));
        let AuditQuery { workspace, projects, principal, client_name, tool, code, refused, since, until } = query;
        let code = code.map(ErrorCode::as_str);
        let (rows, all) = (page_limit(limit) + 1, projects.is_none());
        let projects: Vec<Ulid> = projects.unwrap_or_default().iter().map(|id| id.0).collect();
        let params =
            values![before, rows, workspace, all, principal, client_name, tool, code, refused, since, until, projects];
        let rows = self.list_long(LIST, params, entry).await?;
        Ok(Page::from_rows(rows, limit, |(id, _)| *id))
    }

    /// Deletes the entries older than `time` and returns their number.
    pub async fn delete_audit_entries(&self, time: EpochMs) -> Result<u64> {
        self.write(move |tx| tx.execute(DELETE_OLD, &values![time])).await
    }
}

/// A row of the table `audit_log`, for the appender.
pub(crate) fn row(id: Ulid, e: &AuditEntry) -> Vec<Value> {
    let (principal, client, action) = (e.principal.as_str(), e.client_name.as_deref(), e.action.as_str());
    let (subject, code) = (e.subject.as_deref(), e.code.map(ErrorCode::as_str));
    let (version, tool) = (e.client_version.as_deref(), e.tool.as_deref());
    values![id, e.at, principal, client, action, e.project, subject, code, e.duration_ms, version, tool, e.workspace]
        .to_vec()
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
        workspace: row.get(11)?,
        principal: row.get(2)?,
        client_name: row.get(3)?,
        client_version: row.get(9)?,
        action: row.get(4)?,
        tool: row.get(10)?,
        project: row.get(5)?,
        subject: row.get(6)?,
        code,
        duration_ms: row.get(8)?,
    };
    Ok((row.get(0)?, entry))
}
