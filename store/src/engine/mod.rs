//! The engines below the store: execute, query, append, transactions, and one writer that groups commits.
//!
//! In: SQL of the subset that SQLite and PostgreSQL share, with `$n` parameters, as constants of the modules that own
//! the tables; DuckDB's own SQL from `results`. Out: rows of plain values. Never here: what a table means.
//!
//! SQLite holds the catalog: rows that come and go, read by key in 7.5 µs. DuckDB holds the results: it plans every
//! statement again, prepared or not, which costs 340 to 690 µs for a read by key, but it scans columns across replays.
//! Another catalog implements [`Session`] and [`Connector`] and passes `contract`.
//!
//! Ids are stored as text of 26 characters: people can search for the ids that they see, and their order is the order
//! of time. Times are epoch milliseconds.

#[cfg(test)]
mod contract;
mod dialect;
mod duck;
mod migrate;
mod readers;
mod sqlite;
mod value;
mod writer;

pub(crate) use duck::{Duck, DuckSettings};
pub(crate) use migrate::{Migration, migrate};
pub(crate) use readers::Readers;
pub(crate) use sqlite::{Sqlite, SqliteSettings};
pub(crate) use value::{Row, Value, values};
pub(crate) use writer::{BufferedWrites, Tx, Writer};

use crate::Result;

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

    /// The first row of a query, if there is one.
    fn query_one(&self, sql: &'static str, params: &[Value]) -> Result<Option<Row>> {
        Ok(self.query(sql, params)?.into_iter().next())
    }
}

/// Makes connections to one catalog.
pub(crate) trait Connector: Send + Sync {
    /// A new connection.
    fn connect(&self) -> Result<Box<dyn Session>>;
}
