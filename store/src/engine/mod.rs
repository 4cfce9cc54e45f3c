//! The catalog's engine: execute, query, append, transactions, and one writer that groups commits.
//!
//! In: SQL of the subset that DuckDB and PostgreSQL both run, with `$n` parameters, as constants of the modules
//! that own the tables. Out: rows of plain values. Never here: what a table means.
//!
//! DuckDB is the one engine today. A second one implements [`Session`] and [`Connector`]; what is left to it
//! is to drop `USING COMPRESSION uncompressed` from the migrations, to know one writer from many (claims need no
//! lock here because there is one writer) and to answer [`Session::append`] with COPY.
//!
//! Ids are stored as their 26 characters of text. Measured against `uuid` at 100,000 rows, a list of the newest 50
//! takes 1.7 ms of CPU instead of 6.6 (DuckDB skips row groups for `ORDER BY .. LIMIT` by text, not by uuid; the 8
//! characters that its zone maps keep of a text are a quarter of a second of a ULID), an insert 0.23 instead of 0.63
//! (a text parameter for a uuid column makes it plan anew), a point read the same 0.5; and people can look up the
//! ids that they see. On PostgreSQL the database wants the collation `C`. Times are epoch milliseconds in `bigint`.
//!
//! DuckDB plans every query anew, prepared or not: about 0.5 ms of CPU for a point read, 0.7 for an update, 1.9 for
//! an `INSERT .. ON CONFLICT .. RETURNING`. So the fast paths of this crate are those with the fewest statements.

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
    /// Runs a statement and gives the number of rows that it changed.
    fn execute(&self, sql: &'static str, params: &[Value]) -> Result<u64>;

    /// Runs a statement and gives its rows: a query, or a change with `RETURNING`.
    fn query(&self, sql: &'static str, params: &[Value]) -> Result<Vec<Row>>;

    /// Adds whole rows to a table, in the order of its columns: the fast way in for more than a few.
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
