//! One connection, with its prepared statements.

use std::cell::{Cell, Ref, RefCell};
use std::collections::HashMap;
use std::pin::pin;

use futures::TryStreamExt;
use futures::executor::block_on;
use futures::future::try_join_all;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Statement};

use super::{Postgres, connect};
use crate::engine::{Dialect, Row, Session, Value};
use crate::{Result, StoreError};

/// Rows that are added by inserts sent all at once; more are sent by COPY, which takes two more round trips.
const INSERTS_MAX: usize = 32;

/// Every writer locks the table of migrations: an ordinary transaction together with all others, one that is run again
/// alone. `LOCK` takes no snapshot, so the transaction sees what was committed while it waited.
const BEGIN: &str = "BEGIN ISOLATION LEVEL SERIALIZABLE; LOCK TABLE schema_migrations IN ROW EXCLUSIVE MODE";
const BEGIN_ALONE: &str = "BEGIN ISOLATION LEVEL SERIALIZABLE; LOCK TABLE schema_migrations IN EXCLUSIVE MODE";
const NOTIFY: &str = "SELECT pg_notify($1, $2)";

/// A session. It connects with its first statement, and again with the first one after a loss.
pub(super) struct PgSession {
    postgres: Postgres,
    live: RefCell<Option<Live>>,
    transaction: Cell<Transaction>,
}

struct Live {
    client: Client,
    /// Each statement of this crate, by the place of its text.
    statements: RefCell<HashMap<(usize, usize), Statement>>,
    /// By table: an insert of a whole row.
    inserts: RefCell<HashMap<&'static str, Statement>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Transaction {
    None,
    Open,
    /// A statement failed: what would commit it rolls it back, without an error.
    Failed,
}

type PgResult<T> = std::result::Result<T, tokio_postgres::Error>;

impl PgSession {
    pub(super) fn new(postgres: Postgres) -> Self {
        Self { postgres, live: RefCell::new(None), transaction: Cell::new(Transaction::None) }
    }

    fn live(&self) -> Result<Ref<'_, Live>> {
        let is_live = self.live.borrow().as_ref().is_some_and(|live| !live.client.is_closed());
        if !is_live {
            if self.transaction.get() != Transaction::None {
                return Err(StoreError::engine("go on with a transaction", "the connection to PostgreSQL was lost"));
            }
            *self.live.borrow_mut() = None;
            let Postgres { server, schema } = self.postgres.clone();
            let handle = server.io.handle()?.clone();
            let connecting = handle.spawn(async move {
                let connected = connect(&server, &schema).await;
                connected.map_err(|e| server.failed(e))
            });
            let client = block_on(connecting).map_err(|e| StoreError::engine("connect to PostgreSQL", e))??;
            let live = Live { client, statements: RefCell::default(), inserts: RefCell::default() };
            *self.live.borrow_mut() = Some(live);
        }
        Ref::filter_map(self.live.borrow(), Option::as_ref).map_err(|_| StoreError::Closed)
    }

    /// Runs one statement. Outside of a transaction it is run once more when the connection turns out to be lost: all that
    /// this crate runs there are reads.
    fn run<T>(&self, doing: &'static str, run: impl AsyncFn(&Live) -> PgResult<T>) -> Result<T> {
        let mut result = block_on(run(&*self.live()?));
        if self.transaction.get() == Transaction::None && result.as_ref().is_err_and(is_lost) {
            *self.live.borrow_mut() = None;
            result = block_on(run(&*self.live()?));
        }
        result.map_err(|e| {
            if self.transaction.get() == Transaction::Open {
                self.transaction.set(Transaction::Failed);
            }
            StoreError::engine(doing, e)
        })
    }

    fn begin(&self, sql: &str) -> Result<()> {
        self.run("begin a transaction", async |live| live.client.batch_execute(sql).await)?;
        self.transaction.set(Transaction::Open);
        Ok(())
    }

    fn end(&self, sql: &str) -> Result<()> {
        match self.transaction.get() {
            Transaction::None => return Ok(()),
            Transaction::Failed if sql == "COMMIT" => {
                return Err(StoreError::engine("commit", "a statement of the transaction failed"));
            }
            Transaction::Open | Transaction::Failed => {}
        }
        let ended = self.run("end a transaction", async |live| live.client.batch_execute(sql).await);
        self.transaction.set(Transaction::None);
        if ended.is_err() {
            // The connection may be within a transaction or not: the next statement gets a new one.
            *self.live.borrow_mut() = None;
        }
        ended
    }
}

impl Live {
    async fn prepare(&self, sql: &'static str) -> PgResult<Statement> {
        let place = (sql.as_ptr() as usize, sql.len());
        if let Some(known) = self.statements.borrow().get(&place) {
            return Ok(known.clone());
        }
        let statement = self.client.prepare(sql).await?;
        self.statements.borrow_mut().insert(place, statement.clone());
        Ok(statement)
    }

    /// The insert of a whole row of `columns` values; its parameters have the types of the table's columns.
    async fn insert(&self, table: &'static str, columns: usize) -> PgResult<Statement> {
        if let Some(known) = self.inserts.borrow().get(table) {
            return Ok(known.clone());
        }
        let places: Vec<String> = (1..=columns).map(|i| format!("${i}")).collect();
        let statement = self.client.prepare(&format!("INSERT INTO {table} VALUES ({})", places.join(", "))).await?;
        self.inserts.borrow_mut().insert(table, statement.clone());
        Ok(statement)
    }

    async fn copy(&self, table: &str, types: &[Type], rows: &[Vec<Value>]) -> PgResult<()> {
        let sink = self.client.copy_in(&format!("COPY {table} FROM STDIN BINARY")).await?;
        let mut writer = pin!(BinaryCopyInWriter::new(sink, types));
        for row in rows {
            writer.as_mut().write_raw(row).await?;
        }
        writer.finish().await.map(drop)
    }
}

/// True when the connection had ended before the statement came, or ended with it.
pub(super) fn is_lost(error: &tokio_postgres::Error) -> bool {
    let is_io = std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>());
    let ends = [SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN];
    error.is_closed() || is_io || error.code().is_some_and(|code| ends.contains(code))
}

impl Session for PgSession {
    fn execute(&self, sql: &'static str, params: &[Value]) -> Result<u64> {
        self.run(sql, async |live| live.client.execute_raw(&live.prepare(sql).await?, params).await)
    }

    fn query(&self, sql: &'static str, params: &[Value]) -> Result<Vec<Row>> {
        self.run(sql, async |live| {
            let rows = live.client.query_raw(&live.prepare(sql).await?, params).await?;
            rows.and_then(async |row| (0..row.len()).map(|i| row.try_get(i)).collect::<PgResult<_>>().map(Row))
                .try_collect()
                .await
        })
    }

    fn append(&self, table: &'static str, rows: &[Vec<Value>]) -> Result<()> {
        let Some(columns) = rows.first().map(Vec::len) else { return Ok(()) };
        if rows.iter().any(|row| row.len() != columns) {
            return Err(StoreError::engine(table, "the rows have different numbers of columns"));
        }
        self.run(table, async |live| {
            let insert = live.insert(table, columns).await?;
            if rows.len() > INSERTS_MAX {
                return live.copy(table, insert.params(), rows).await;
            }
            // Sent one behind the other, without waiting for answers.
            try_join_all(rows.iter().map(|row| live.client.execute_raw(&insert, row))).await.map(drop)
        })
    }

    fn batch(&self, sql: &str) -> Result<()> {
        match sql {
            "BEGIN TRANSACTION" => self.begin(sql),
            "COMMIT" | "ROLLBACK" => self.end(sql),
            _ => self.run("run a batch of statements", async |live| live.client.batch_execute(sql).await),
        }
    }

    /// PostgreSQL checkpoints by itself.
    fn checkpoint(&self) -> Result<()> {
        Ok(())
    }

    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn begin_write(&self, attempt: u32) -> Result<()> {
        self.begin(if attempt == 0 { BEGIN } else { BEGIN_ALONE })
    }

    fn may_succeed_again(&self, error: &StoreError, attempt: u32) -> bool {
        let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<tokio_postgres::Error>());
        let Some(code) = source.and_then(tokio_postgres::Error::code) else { return false };
        // Another node may have added the same key since this transaction looked: the next run finds it.
        let is_overtaken = attempt == 0 && *code == SqlState::UNIQUE_VIOLATION;
        is_overtaken || [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED].contains(code)
    }

    fn notify(&self, what: &'static str) -> Result<()> {
        let channel = super::listener::channel(&self.postgres.schema);
        self.query(NOTIFY, &crate::engine::values![channel, what]).map(drop)
    }
}
