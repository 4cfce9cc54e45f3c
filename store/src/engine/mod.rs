//! The catalog's engine: execute, query, append, transactions, and one writer that groups commits.
//!
//! In: SQL of the subset that DuckDB and PostgreSQL both run, with `$n` parameters, as constants of the modules
//! that own the tables. Out: rows of plain values. Never here: what a table means.
//!
//! DuckDB is the one engine today. A second one implements [`Session`] and [`Connector`]; what is left to it
//! is to drop `USING COMPRESSION uncompressed` from the migrations, to know one writer from many (claims need no
//! lock here because there is one writer) and to answer [`Session::append`] with COPY.
//!
//! Ids are stored as UUIDs, made of the ULID's 128 bits: both engines have the type, it keeps the ULID's order,
//! takes 16 bytes in rows and keys, and DuckDB's zone maps compare all of them (of a text they keep 8
//! characters, which for ULIDs is a quarter of a second). Times are epoch milliseconds in `bigint`.

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
pub(crate) use writer::{Housekeeping, Tx, Writer};

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
