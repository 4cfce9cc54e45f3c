//! DuckDB behind the engine's traits.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use duckdb::types::{ToSqlOutput, Value as DuckValue, ValueRef};
use duckdb::{Config, Connection, ToSql, appender_params_from_iter, params_from_iter};

use super::{Connector, Row, Session, Value};
use crate::{Result, StoreError};

/// The catalog's name inside DuckDB.
const DATABASE: &str = "playhead";
/// Bytes of the log after which a commit copies it into the file. Each time, the last row group of each column is packed
/// anew, and what it took before is left over: with DuckDB's default of 16 MB, the file is an eighth larger.
const LOG_BYTES: &str = "32MB";
/// Optimizers of DuckDB that are switched off. Late materialization turns `ORDER BY .. LIMIT` into a hash join of the
/// table with itself by row id. In DuckDB 2.0.1 the Bloom filter of that join allocates as many hashes as rows passed,
/// but writes each hash at its row's index (`RowIdColumnData::Filter`): it overwrites foreign memory and crashes.
const OPTIMIZERS_OFF: &str = "late_materialization";
/// Statements that one connection keeps prepared.
const STATEMENTS_KEPT: usize = 128;

/// How much of the machine the catalog may use.
#[derive(Clone, Debug)]
pub(crate) struct DuckSettings {
    /// MiB.
    pub(crate) memory_mib: u32,
    /// Threads for one query, the caller's included.
    pub(crate) threads: u32,
}

/// A DuckDB file that this process holds open.
pub(crate) struct Duck {
    root: Mutex<Connection>,
}

impl Duck {
    /// Opens or creates the file, which no other process may have open.
    pub(crate) fn open(file: &Path, settings: &DuckSettings) -> Result<Self> {
        let failed = |e| StoreError::engine("open the catalog", e);
        let config = Config::default()
            .enable_autoload_extension(false)
            .and_then(|c| c.with("autoinstall_known_extensions", "false"))
            .and_then(|c| c.with("allow_community_extensions", "false"))
            .and_then(|c| c.max_memory(&format!("{}MiB", settings.memory_mib.max(64))))
            .and_then(|c| c.threads(i64::from(settings.threads.max(1))))
            .map_err(failed)?;
        // An attached file has the same name inside DuckDB, whatever it is called.
        let root = Connection::open_in_memory_with_flags(config).map_err(failed)?;
        let (path, spill) = (quoted(file), quoted(&file.with_extension("spill")));
        root.execute_batch(&format!("ATTACH {path} AS {DATABASE}")).map_err(|e| open_error(file, e))?;
        // From here on no statement can make DuckDB read or write any other file.
        let lock = format!(
            "SET temp_directory = {spill}; SET wal_autocheckpoint = '{LOG_BYTES}'; SET enable_external_access = false; SET disabled_optimizers = '{OPTIMIZERS_OFF}'; SET lock_configuration = true;"
        );
        root.execute_batch(&lock).map_err(failed)?;
        Ok(Self { root: Mutex::new(root) })
    }
}

/// A path as an SQL string.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.to_string_lossy().replace('\'', "''"))
}

/// Tells "another process has it open" from other errors. DuckDB reports it only in the message.
fn open_error(file: &Path, error: duckdb::Error) -> StoreError {
    let text = error.to_string();
    if text.contains("Could not set lock") || text.contains("being used by another process") {
        return StoreError::Locked { path: file.parent().map_or_else(PathBuf::new, Path::to_owned) };
    }
    StoreError::engine("open the catalog", error)
}

impl Connector for Duck {
    fn connect(&self) -> Result<Box<dyn Session>> {
        let root = self.root.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let connection = root.try_clone().map_err(|e| StoreError::engine("connect to the catalog", e))?;
        let choose = connection.execute_batch(&format!("USE {DATABASE}"));
        choose.map_err(|e| StoreError::engine("connect to the catalog", e))?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
        Ok(Box::new(DuckSession { connection }))
    }
}

struct DuckSession {
    connection: Connection,
}

impl Session for DuckSession {
    fn execute(&self, sql: &'static str, params: &[Value]) -> Result<u64> {
        let run = || self.connection.prepare_cached(sql)?.execute(params_from_iter(params));
        run().map(|rows| rows as u64).map_err(|e| StoreError::engine(sql, e))
    }

    fn query(&self, sql: &'static str, params: &[Value]) -> Result<Vec<Row>> {
        let run = || {
            let mut statement = self.connection.prepare_cached(sql)?;
            let mut rows = statement.query(params_from_iter(params))?;
            let mut out = Vec::new();
            while let Some(row) = rows.next()? {
                let columns = row.as_ref().column_count();
                let values = (0..columns).map(|i| Ok(value_of(row.get_ref(i)?)));
                out.push(Row(values.collect::<duckdb::Result<_>>()?));
            }
            Ok(out)
        };
        run().map_err(|e: duckdb::Error| StoreError::engine(sql, e))
    }

    fn append(&self, table: &'static str, rows: &[Vec<Value>]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let run = || {
            let mut appender = self.connection.appender(table)?;
            for row in rows {
                appender.append_row(appender_params_from_iter(row))?;
            }
            appender.flush()
        };
        run().map_err(|e| StoreError::engine(table, e))
    }

    fn batch(&self, sql: &str) -> Result<()> {
        self.connection.execute_batch(sql).map_err(|e| StoreError::engine("run a batch of statements", e))
    }

    fn checkpoint(&self) -> Result<()> {
        self.batch("CHECKPOINT")
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> duckdb::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Self::Bool(b) => ToSqlOutput::Borrowed(ValueRef::Boolean(*b)),
            Self::Int(n) => ToSqlOutput::Borrowed(ValueRef::BigInt(*n)),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
            Self::Id(id) => ToSqlOutput::Owned(DuckValue::Text(id.to_string())),
            Self::Ids(ids) => list(ids.iter().map(|id| DuckValue::Text(id.to_string()))),
            Self::Texts(texts) => list(texts.iter().cloned().map(DuckValue::Text)),
            Self::Ints(ints) => list(ints.iter().copied().map(DuckValue::BigInt)),
        })
    }
}

fn list(items: impl Iterator<Item = DuckValue>) -> ToSqlOutput<'static> {
    ToSqlOutput::Owned(DuckValue::List(items.collect()))
}

fn value_of(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Boolean(b) => Value::Bool(b),
        ValueRef::TinyInt(n) => Value::Int(n.into()),
        ValueRef::SmallInt(n) => Value::Int(n.into()),
        ValueRef::Int(n) => Value::Int(n.into()),
        ValueRef::BigInt(n) => Value::Int(n),
        ValueRef::HugeInt(n) => i64::try_from(n).map_or(Value::Null, Value::Int),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_owned()),
        // No statement of this crate selects another type; a reader of such a column gets an error.
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_page_of_a_table_is_no_join_by_row_id() {
        let dir = tempfile::tempdir().unwrap();
        let duck = Duck::open(&dir.path().join("c.duckdb"), &DuckSettings { memory_mib: 128, threads: 1 }).unwrap();
        let session = duck.connect().unwrap();
        session
            .batch(
                "CREATE TABLE jobs (id TEXT NOT NULL, due BIGINT NOT NULL, kind TEXT, body TEXT);
                 INSERT INTO jobs SELECT n::text, n, 'kind', 'body' FROM range(5000) t(n);",
            )
            .unwrap();
        let plan =
            session.query("EXPLAIN SELECT * FROM jobs WHERE kind = 'kind' ORDER BY due, id LIMIT 2", &[]).unwrap();
        let plan = format!("{plan:?}");
        assert!(plan.contains("Top N") && !plan.contains("Join"), "{plan}");
    }
}
