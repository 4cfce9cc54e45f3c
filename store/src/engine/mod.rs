//! The catalog's engine: execute, query, append, transactions, and one writer that groups commits.
//!
//! In: SQL of the subset that DuckDB and PostgreSQL both run, with `$n` parameters, as constants of the modules
//! that own the tables. Out: rows of plain values. Never here: what a table means.
//!
//! DuckDB is the only engine. A second one implements [`Session`] and [`Connector`], drops `USING COMPRESSION
//! uncompressed` from the migrations, answers [`Session::append`] with COPY, and locks the rows of a claim if several
//! processes write (here one writer makes that unnecessary).
//!
//! Ids are stored as text of 26 characters. Measured against `uuid` at 100,000 rows: a list of the newest 50 takes
//! 1.7 ms of CPU instead of 6.6 (DuckDB skips row groups for `ORDER BY .. LIMIT` by text, not by uuid; its zone maps
//! hold the first 8 characters of a text, which resolve a ULID to a quarter of a second), an insert takes 0.23 ms
//! instead of 0.63 (a text parameter for a uuid column makes it plan again), and a point read takes 0.5 ms with both.
//! People can also search for the ids that they see. PostgreSQL needs the collation `C`. Times are epoch milliseconds
//! in `bigint`.
//!
//! DuckDB plans every statement again, prepared or not: about 0.5 ms of CPU for a point read, 0.7 ms for an update,
//! 1.9 ms for an `INSERT .. ON CONFLICT .. RETURNING`. So a fast path of this crate is one with few statements.

#[cfg(test)]
mod contract;
mod duck;
mod migrate;
mod readers;
mod value;
mod writer;

pub(crate) use duck::{Duck, DuckSettings};
pub(crate) use migrate::migrate;
pub(crate) use readers::Readers;
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
