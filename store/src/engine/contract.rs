//! The suite that every engine must pass. Another engine is one more call of [`contract`].
#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use futures::future::join_all;
use ulid::Ulid;

use super::{
    BufferedWrites, Connector, Duck, DuckSettings, PAGE_BYTES, Postgres, Readers, Row, Session, Sqlite, SqliteSettings,
    Tx, Value, Writer, in_snapshot, migrate, values,
};
use crate::config::test_catalog_url;
use crate::{Result, StoreError};

const TABLE: &str =
    "CREATE TABLE t (id text NOT NULL PRIMARY KEY, name text UNIQUE, n bigint, small bigint, yes boolean,
    bytes bytea, long_text text)";
const ADD: &str = "INSERT INTO t (id, name, n) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING RETURNING id";
const COUNT: &str = "SELECT count(*) FROM t";
const SUM: &str = "SELECT n FROM t WHERE name = $1";
const GROW: &str = "UPDATE t SET n = n + $2 WHERE name = $1";

/// Nothing is ever buffered.
#[derive(Default)]
pub(crate) struct NoBuffers;

impl BufferedWrites for NoBuffers {
    fn is_due(&self) -> bool {
        false
    }
    fn take(&self) {}
    fn write(&self, _: &Tx<'_>) -> Result<()> {
        Ok(())
    }
    fn ended(&self, _: bool) {}
}

#[tokio::test]
async fn duckdb_keeps_the_contract() {
    let dir = tempfile::tempdir().unwrap();
    let settings = DuckSettings { memory_mib: 128, threads: 1 };
    let duck = Duck::open(&dir.path().join("c.duckdb"), &settings).unwrap();
    contract(&duck).await;
}

#[tokio::test]
async fn sqlite_keeps_the_contract() {
    let dir = tempfile::tempdir().unwrap();
    let settings = SqliteSettings { cache_mib: 1, connections: 3, page_bytes: PAGE_BYTES };
    contract(&Sqlite::open(&dir.path().join("c.sqlite"), &settings).unwrap()).await;
}

#[tokio::test]
async fn postgres_keeps_the_contract() {
    let dir = tempfile::tempdir().unwrap();
    let Some(url) = test_catalog_url(dir.path()) else { return };
    contract(&Postgres::open(&url).unwrap()).await;
}

async fn contract(connector: &dyn Connector) {
    let session = connector.connect().unwrap();
    migrate(&*session, &[]).unwrap();
    session.batch(TABLE).unwrap();
    values_survive(&*session);
    lists_match(&*session);
    failures_leave_the_session_usable(&*session);
    many_rows_are_added(&*session);
    let readers = Readers::open(connector, 2).unwrap();
    let writer = Writer::start(session, Arc::new(NoBuffers)).unwrap();
    a_group_shares_a_commit_and_no_failure(&writer, &readers).await;
    snapshots_stand_still(&writer, &readers).await;
    readers.close().await;
    assert!(matches!(readers.read(|_| Ok(())).await, Err(StoreError::Closed)));
    writer.close();
    assert!(matches!(writer.write(|_| Ok(())).await, Err(StoreError::Closed)));
}

fn values_survive(s: &dyn Session) {
    let id = Ulid::generate();
    let long = "é\u{1f600}\"\\\n".repeat(5000);
    let full = values![id, "full", i64::MAX, 7u32, true, vec![0u8, 255], long.as_str()].to_vec();
    let mut bare = vec![Value::Null; 7];
    bare[0] = Ulid::from(u128::MAX).into();
    s.append("t", &[full.clone(), bare]).unwrap();
    s.append("t", &[]).unwrap();
    let row = s.query_one("SELECT * FROM t WHERE id = $1", &values![id]).unwrap().unwrap();
    assert_eq!(row.get::<Ulid>(0).unwrap(), id);
    assert_eq!(row.get::<i64>(2).unwrap(), i64::MAX);
    assert_eq!((row.get::<u32>(3).unwrap(), row.get::<bool>(4).unwrap()), (7, true));
    assert_eq!((row.get::<Vec<u8>>(5).unwrap(), row.get::<String>(6).unwrap()), (vec![0, 255], long));
    let row = s.query_one("SELECT * FROM t WHERE name IS NULL", &[]).unwrap().unwrap();
    assert_eq!(row.get::<Ulid>(0).unwrap(), Ulid::from(u128::MAX), "the largest id");
    assert!((1..7).all(|i| row.get::<Option<String>>(i).unwrap().is_none()));
    assert_eq!(s.execute("DELETE FROM t WHERE true", &[]).unwrap(), 2);
    assert_eq!(s.query_one("SELECT * FROM t", &[]).unwrap(), None);
}

fn lists_match(s: &dyn Session) {
    let ids: Vec<Ulid> = (0..3).map(|_| Ulid::generate()).collect();
    for (id, n) in ids.iter().zip(0i64..) {
        assert_eq!(s.query(ADD, &values![*id, format!("row {n}"), n]).unwrap().len(), 1);
    }
    assert!(s.query(ADD, &values![Ulid::generate(), "row 1", 9i64]).unwrap().is_empty(), "the name is taken");
    let count = |sql, list: Value| s.query(sql, &[list]).unwrap().len();
    assert_eq!(count("SELECT id FROM t WHERE id = ANY($1::text[])", ids[1..].to_vec().into()), 2);
    assert_eq!(count("SELECT id FROM t WHERE id = ANY($1::text[])", Value::Ids(vec![])), 0);
    assert_eq!(count("SELECT id FROM t WHERE name = ANY($1::text[])", Value::Texts(vec!["row 0".into()])), 1);
    assert_eq!(count("SELECT id FROM t WHERE n = ANY($1::bigint[])", Value::Ints(vec![0, 2, 5])), 2);
    assert_eq!(count("SELECT id FROM t WHERE $1::text IS NULL OR id = $1::text", Value::Null), 3);
    assert_eq!(count("SELECT id FROM t WHERE $1::text IS NULL OR id = $1::text", ids[0].into()), 1);
    let after = s.query("SELECT id FROM t WHERE id > $1 ORDER BY id", &values![Ulid::from(0u128)]).unwrap();
    let mut sorted = ids;
    sorted.sort();
    assert_eq!(after, sorted.iter().map(|id| Row(vec![id.to_string().into()])).collect::<Vec<_>>());
    s.execute("DELETE FROM t", &[]).unwrap();
}

fn failures_leave_the_session_usable(s: &dyn Session) {
    for wrong in ["SELECT nonsense FROM t", "SELECT * FROM t WHERE n = $1", "INSERT INTO t (id) VALUES (NULL)"] {
        let error = s.query(wrong, &[]).unwrap_err();
        assert!(error.to_string().contains(wrong), "{error}");
    }
    assert!(s.append("t", &[vec![Value::Null]]).is_err());
    s.batch("BEGIN TRANSACTION").unwrap();
    s.query(ADD, &values![Ulid::generate(), "undone", 0i64]).unwrap();
    s.batch("ROLLBACK").unwrap();
    assert_eq!(s.query_one(COUNT, &[]).unwrap().unwrap().get::<i64>(0).unwrap(), 0);
    // What failed within a transaction is not committed by halves.
    s.begin_write(0).unwrap();
    s.query(ADD, &values![Ulid::generate(), "half", 0i64]).unwrap();
    s.query("SELECT nonsense FROM t", &[]).unwrap_err();
    // SQLite keeps the row, PostgreSQL refuses the commit, DuckDB accepts it and keeps nothing: so nothing is ever
    // committed after a failure.
    let committed = s.batch("COMMIT");
    let kept_max = if committed.is_err() { s.batch("ROLLBACK").map(|()| 0).unwrap() } else { 1 };
    assert!(s.execute("DELETE FROM t", &[]).unwrap() <= kept_max, "{committed:?}");
}

/// A few rows and many, which an engine may send in different ways.
fn many_rows_are_added(s: &dyn Session) {
    for count in [1i64, 40, 3000] {
        let row =
            |n| values![Ulid::generate(), format!("{count} {n}"), n, 1u32, n % 2 == 0, vec![n as u8], "x"].to_vec();
        s.append("t", &(0..count).map(row).collect::<Vec<_>>()).unwrap();
        let sum = s.query_one("SELECT count(*), max(n) FROM t WHERE small = 1", &[]).unwrap().unwrap();
        assert_eq!((sum.get::<i64>(0).unwrap(), sum.get::<i64>(1).unwrap()), (count, count - 1));
        s.execute("DELETE FROM t", &[]).unwrap();
    }
}

/// 60 tasks at once: some refuse before they write, some fail after they wrote, and half of them succeed.
async fn a_group_shares_a_commit_and_no_failure(writer: &Writer, readers: &Readers) {
    writer.write(|tx| tx.change(ADD, &values![Ulid::generate(), "sum", 0i64]).map(drop)).await.unwrap();
    let hooks = Arc::new(AtomicU32::new(0));
    let tasks = (0..60).map(|i| {
        let hooks = hooks.clone();
        writer.write(move |tx| {
            let hooks = hooks.clone();
            tx.after_commit(move || {
                hooks.fetch_add(1, Ordering::SeqCst);
            });
            match i % 6 {
                0 => return Err(StoreError::NotFound("row")),
                2 => {
                    tx.execute(GROW, &values!["sum", 1000i64])?;
                    return Err(StoreError::Conflict("changed my mind".into()));
                }
                4 => {
                    tx.execute(GROW, &values!["sum", 1000i64])?;
                    tx.query("SELECT nonsense FROM t", &[])?;
                }
                _ => {}
            }
            tx.execute(GROW, &values!["sum", 1i64])
        })
    });
    let results = join_all(tasks).await;
    for (i, result) in results.iter().enumerate() {
        assert_eq!(result.is_ok(), i % 2 == 1, "{i}: {result:?}");
    }
    let sum = readers.read(|s| s.query_one(SUM, &values!["sum"])?.unwrap().get::<i64>(0)).await.unwrap();
    assert_eq!((sum, hooks.load(Ordering::SeqCst)), (30, 30));
}

async fn snapshots_stand_still(writer: &Writer, readers: &Readers) {
    let (tell, told) = std::sync::mpsc::channel::<()>();
    let (begun, began) = tokio::sync::oneshot::channel();
    let snapshot = readers.read_long(move |s| {
        in_snapshot(s, |s| {
            let read = || s.query_one(SUM, &values!["sum"])?.unwrap().get::<i64>(0);
            let before = read()?;
            begun.send(()).unwrap();
            told.recv().unwrap();
            Ok((before, read()?))
        })
    });
    let change = async {
        began.await.unwrap();
        writer.write(|tx| tx.execute(GROW, &values!["sum", 1i64])).await.unwrap();
        tell.send(()).unwrap();
    };
    let (seen, ()) = tokio::join!(snapshot, change);
    assert_eq!(seen.unwrap(), (30, 30));
    let sum = readers.read(|s| s.query_one(SUM, &values!["sum"])?.unwrap().get::<i64>(0)).await.unwrap();
    assert_eq!(sum, 31);
}
