//! The engines below the store: execute, query, append, transactions, and one writer that groups commits.
//!
//! In: SQL of the subset that SQLite and PostgreSQL share, with `$n` parameters, as constants of the modules that own
//! the tables; DuckDB's own SQL from `results`. Out: rows of plain values. Never here: what a table means.
//!
//! SQLite holds the catalog: rows that come and go, read by key in 7.5 µs. DuckDB holds the results: it plans every
//! statement again, prepared or not, which costs 340 to 690 µs for a read by key, but it scans columns across replays.
//! PostgreSQL holds both when several nodes serve them. Another catalog implements [`Session`] and [`Connector`] and
//! passes `contract`.
//!
//! Ids are stored as text of 26 characters: people can search for the ids that they see, and their order is the order
//! of time. Times are epoch milliseconds.

#[cfg(test)]
pub(crate) mod contract;
mod dialect;
mod duck;
mod migrate;
mod postgres;
mod readers;
mod sqlite;
mod value;
mod writer;

pub(crate) use duck::{Duck, DuckSettings};
pub(crate) use migrate::{Migration, migrate};
pub use postgres::CatalogUrl;
pub(crate) use postgres::{Heard, Listener, Postgres};
pub(crate) use readers::Readers;
pub(crate) use sqlite::{PAGE_BYTES, Sqlite, SqliteSettings};
pub(crate) use value::{Row, Value, values};
pub(crate) use writer::{BufferedWrites, Tx, Writer};

use crate::{Result, StoreError};

/// Whose SQL a session speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// SQLite and DuckDB: what both understand, and what each owner of a table writes for one of them alone.
    Embedded,
    /// PostgreSQL.
    Postgres,
}

/// One statement in two dialects.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sql {
    pub(crate) embedded: &'static str,
    pub(crate) postgres: &'static str,
}

impl Sql {
    /// The text for a session.
    pub(crate) fn of(self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Embedded => self.embedded,
            Dialect::Postgres => self.postgres,
        }
    }
}

/// One connection. Statements are prepared once and kept.
pub(crate) trait Session: Send {
    /// Runs a statement and returns the number of rows that it changed.
    fn execute(&self, sql: &'static str, params: &[Value]) -> Result<u64>;

    /// Runs a statement and returns its rows: a query, or a change with `RETURNING`.
    fn query(&self, sql: &'static str, params: &[Value]) -> Result<Vec<Row>>;

    /// Adds whole rows to a table, in the order of its columns: faster than inserts for more than a few rows.
    fn append(&self, table: &'static str, rows: &[Vec<Value>]) -> Result<()>;

    /// Runs statements without parameters: migrations, transactions, settings.
    fn batch(&self, sql: &str) -> Result<()>;

    /// Copies what is in the log into the file.
    fn checkpoint(&self) -> Result<()>;

    /// Whose SQL it speaks.
    fn dialect(&self) -> Dialect {
        Dialect::Embedded
    }

    /// Begins a transaction that writes. Where several nodes write, the first attempt runs beside those of others, and the
    /// database may refuse it; a later attempt runs alone.
    fn begin_write(&self, _attempt: u32) -> Result<()> {
        self.batch("BEGIN TRANSACTION")
    }

    /// True when the error of this attempt is another node's doing, and the same transaction may succeed when it is run
    /// again.
    fn may_succeed_again(&self, _error: &StoreError, _attempt: u32) -> bool {
        false
    }

    /// Tells the other nodes, when the transaction is committed. Where there is one node, nobody has to be told.
    fn notify(&self, _what: &'static str) -> Result<()> {
        Ok(())
    }

    /// The first row of a query, if there is one.
    fn query_one(&self, sql: &'static str, params: &[Value]) -> Result<Option<Row>> {
        Ok(self.query(sql, params)?.into_iter().next())
    }
}

/// True when an engine's error says that its disk or its server takes or gives nothing at present.
pub(crate) fn is_outage(error: &(dyn std::error::Error + 'static)) -> bool {
    let is_one = |error: &(dyn std::error::Error + 'static)| {
        error.is::<std::io::Error>()
            || error.downcast_ref().is_some_and(sqlite::is_outage)
            || error.downcast_ref().is_some_and(postgres::is_outage)
    };
    std::iter::successors(Some(error), |error| error.source()).any(is_one)
}

/// Runs `run` in a transaction of its own. For what is written before the writer starts, or beside it.
pub(crate) fn in_transaction<T>(session: &dyn Session, run: impl FnOnce() -> Result<T>) -> Result<T> {
    session.batch("BEGIN TRANSACTION")?;
    let ended = run().and_then(|value| session.batch("COMMIT").map(|()| value));
    if ended.is_err() {
        // The first error is the one to report. After a failed commit there may be no transaction left to roll back.
        let _ = session.batch("ROLLBACK");
    }
    ended
}

/// Runs statements that see one state of the catalog.
pub(crate) fn in_snapshot<T>(session: &dyn Session, run: impl FnOnce(&dyn Session) -> Result<T>) -> Result<T> {
    session.batch("BEGIN TRANSACTION")?;
    let result = run(session);
    // Nothing was written, so a rollback ends it as well as a commit, and it works after a failed query too.
    let ended = session.batch("ROLLBACK");
    let value = result?;
    ended.map(|()| value)
}

/// Makes connections to one catalog.
pub(crate) trait Connector: Send + Sync {
    /// A new connection.
    fn connect(&self) -> Result<Box<dyn Session>>;

    /// True when a read of a few rows takes some microseconds, as in a catalog of the same process.
    fn reads_are_short(&self) -> bool {
        false
    }
}
