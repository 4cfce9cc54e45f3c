//! SQLite behind the engine's traits.
//!
//! WAL with `synchronous = FULL`: a commit is one write and one fsync of the log. Many connections read while one
//! writes; each reader sees the state of its first statement until its transaction ends.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::types::{ToSqlOutput, Value as Owned, ValueRef};
use rusqlite::{CachedStatement, Connection, OpenFlags, ToSql, params_from_iter};

use super::{Connector, Row, Session, Value, dialect};
use crate::{Result, StoreError};

/// Statements that one connection keeps prepared: more than this crate has.
const STATEMENTS_KEPT: usize = 512;
/// How long a connection waits for another one's lock, milliseconds. Only a checkpoint takes one that readers meet.
const BUSY_MS: u32 = 10_000;
/// Bytes of the log after which a commit copies them into the file. With SQLite's default of 1,000 pages, a busy server
/// copies the same pages again and again.
const LOG_BYTES: u32 = 16 << 20;
/// SQLite's default size of a page.
pub(crate) const PAGE_BYTES: u32 = 4096;

/// How much of the machine the catalog may use.
#[derive(Clone, Debug)]
pub(crate) struct SqliteSettings {
    /// MiB of pages that all connections together keep in memory.
    pub(crate) cache_mib: u32,
    /// Connections that share it.
    pub(crate) connections: u32,
    /// Bytes of a page of a file that is created: a power of two from 512 to 65,536.
    pub(crate) page_bytes: u32,
}

/// An SQLite file.
pub(crate) struct Sqlite {
    file: PathBuf,
    cache_kib: u32,
    page_bytes: u32,
}

impl Sqlite {
    /// Opens or creates the file. That no other process works with it is the caller's business.
    pub(crate) fn open(file: &Path, settings: &SqliteSettings) -> Result<Self> {
        let cache_kib = settings.cache_mib.max(1) * 1024 / settings.connections.max(1);
        let page_bytes = settings.page_bytes;
        let opened = Self { file: file.to_owned(), cache_kib: cache_kib.max(256), page_bytes };
        opened.connect()?.batch("PRAGMA journal_mode = WAL")?;
        Ok(opened)
    }
}

impl Connector for Sqlite {
    fn connect(&self) -> Result<Box<dyn Session>> {
        let failed = |e| StoreError::engine("open the catalog", e);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.file, flags).map_err(failed)?;
        let (cache_kib, page_bytes) = (self.cache_kib, self.page_bytes);
        let log_pages = LOG_BYTES / page_bytes.max(1);
        connection
            .execute_batch(&format!(
                "PRAGMA page_size = {page_bytes}; PRAGMA busy_timeout = {BUSY_MS}; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;
                 PRAGMA wal_autocheckpoint = {log_pages}; PRAGMA cache_size = -{cache_kib};
                 PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON"
            ))
            .map_err(failed)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
        Ok(Box::new(SqliteSession { connection, statements: RefCell::default() }))
    }

    fn reads_are_short(&self) -> bool {
        true
    }
}

struct SqliteSession {
    connection: Connection,
    /// Each statement of this crate as SQLite reads it, by the place of its text.
    statements: RefCell<HashMap<(usize, usize), Arc<str>>>,
}

/// True when the disk is full, read-only or failing.
pub(super) fn is_outage(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{CannotOpen, DiskFull, ReadOnly, SystemIoFailure};
    matches!(error.sqlite_error_code(), Some(CannotOpen | DiskFull | ReadOnly | SystemIoFailure))
}

impl SqliteSession {
    fn prepare(&self, sql: &'static str) -> rusqlite::Result<CachedStatement<'_>> {
        let mut statements = self.statements.borrow_mut();
        let place = (sql.as_ptr() as usize, sql.len());
        let theirs = statements.entry(place).or_insert_with(|| dialect::sqlite(sql).into()).clone();
        self.connection.prepare_cached(&theirs)
    }
}

impl Session for SqliteSession {
    fn execute(&self, sql: &'static str, params: &[Value]) -> Result<u64> {
        let run = || self.prepare(sql)?.execute(params_from_iter(params));
        run().map(|rows| rows as u64).map_err(|e| StoreError::engine(sql, e))
    }

    fn query(&self, sql: &'static str, params: &[Value]) -> Result<Vec<Row>> {
        let run = || {
            let mut statement = self.prepare(sql)?;
            let columns = statement.column_count();
            let mut rows = statement.query(params_from_iter(params))?;
            let mut out = Vec::new();
            while let Some(row) = rows.next()? {
                let values = (0..columns).map(|i| Ok(value_of(row.get_ref(i)?)));
                out.push(Row(values.collect::<rusqlite::Result<_>>()?));
            }
            Ok(out)
        };
        run().map_err(|e: rusqlite::Error| StoreError::engine(sql, e))
    }

    fn append(&self, table: &'static str, rows: &[Vec<Value>]) -> Result<()> {
        let Some(columns) = rows.first().map(Vec::len) else { return Ok(()) };
        let places: Vec<String> = (1..=columns).map(|i| format!("?{i}")).collect();
        let sql = format!("INSERT INTO {table} VALUES ({})", places.join(", "));
        let run = || {
            let mut statement = self.connection.prepare_cached(&sql)?;
            rows.iter().try_for_each(|row| statement.execute(params_from_iter(row)).map(drop))
        };
        run().map_err(|e| StoreError::engine(table, e))
    }

    fn batch(&self, sql: &str) -> Result<()> {
        self.connection.execute_batch(sql).map_err(|e| StoreError::engine("run a batch of statements", e))
    }

    fn checkpoint(&self) -> Result<()> {
        self.batch("PRAGMA wal_checkpoint(TRUNCATE)")
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let text = |text: &dyn Fn() -> serde_json::Result<String>| match text() {
            Ok(text) => Ok(ToSqlOutput::Owned(Owned::Text(text))),
            Err(error) => Err(rusqlite::Error::ToSqlConversionFailure(error.into())),
        };
        match self {
            Self::Null => Ok(ToSqlOutput::Borrowed(ValueRef::Null)),
            Self::Bool(b) => Ok(ToSqlOutput::Borrowed(ValueRef::Integer((*b).into()))),
            Self::Int(n) => Ok(ToSqlOutput::Borrowed(ValueRef::Integer(*n))),
            Self::Text(text) => Ok(ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes()))),
            Self::Bytes(bytes) => Ok(ToSqlOutput::Borrowed(ValueRef::Blob(bytes))),
            Self::Id(id) => Ok(ToSqlOutput::Owned(Owned::Text(id.to_string()))),
            Self::Ids(ids) => text(&|| serde_json::to_string(ids)),
            Self::Texts(texts) => text(&|| serde_json::to_string(texts)),
            Self::Ints(ints) => text(&|| serde_json::to_string(ints)),
        }
    }
}

fn value_of(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Integer(n) => Value::Int(n),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_owned()),
        // No table of this crate has a column of real numbers; a reader of one gets an error.
        ValueRef::Null | ValueRef::Real(_) => Value::Null,
    }
}
