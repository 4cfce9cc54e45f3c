//! What only an engine with a server and several nodes can get wrong. Runs when `PLAYHEAD_TEST_CATALOG_URL` is set.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::mpsc::channel;

use futures::future::join_all;

use super::{CatalogUrl, Heard, Postgres};
use crate::Result;
use crate::config::test_catalog_url;
use crate::engine::contract::NoBuffers;
use crate::engine::{Connector, Session, Writer, migrate, values};

const TABLE: &str = "CREATE TABLE t (name text PRIMARY KEY, n bigint NOT NULL)";
const READ: &str = "SELECT n FROM t WHERE name = $1";
const SET: &str = "UPDATE t SET n = $2 WHERE name = $1";
const ADD: &str = "INSERT INTO t (name, n) VALUES ($1, $2)";
const PID: &str = "SELECT pg_backend_pid()";
const ENCRYPTED: &str = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
const KILL: &str = "SELECT pg_terminate_backend($1::int, 5000)";
const KILL_OTHERS: &str = "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
    WHERE application_name = 'playhead' AND query = $1";

fn opened(dir: &tempfile::TempDir) -> Option<Postgres> {
    let postgres = Postgres::open(&test_catalog_url(dir.path())?).unwrap();
    let session = postgres.connect().unwrap();
    migrate(&*session, &[]).unwrap();
    session.batch(TABLE).unwrap();
    Some(postgres)
}

fn n(session: &dyn Session, name: &str) -> i64 {
    session.query_one(READ, &values![name]).unwrap().unwrap().get(0).unwrap()
}

async fn change_and_add(writer: &Writer) -> (Result<u64>, Result<u64>) {
    let change = writer.write(|tx| {
        let sum: i64 = tx.query_one(READ, &values!["sum"])?.unwrap().get(0)?;
        tx.execute(SET, &values!["sum", sum + 1])
    });
    let add = writer.write(|tx| {
        // Whoever finds no row adds it: a second one would be a violation.
        match tx.query_one(READ, &values!["once"])? {
            Some(_) => Ok(0),
            None => tx.execute(ADD, &values!["once", 1i64]),
        }
    });
    futures::future::join(change, add).await
}

/// Four nodes read a number and write one more, 40 times each.
#[tokio::test]
async fn nodes_that_write_at_once_write_as_one() {
    let dir = tempfile::tempdir().unwrap();
    let Some(postgres) = opened(&dir) else { return };
    let session = postgres.connect().unwrap();
    session.execute(ADD, &values!["sum", 0i64]).unwrap();
    let node = || Writer::start(postgres.connect().unwrap(), Arc::new(NoBuffers)).unwrap();
    let nodes: Vec<Writer> = (0..4).map(|_| node()).collect();
    let results = join_all((0..160).map(|i| change_and_add(&nodes[i % 4]))).await;
    let added: u64 = results.iter().map(|(_, added)| *added.as_ref().unwrap()).sum();
    assert!(results.iter().all(|(changed, _)| matches!(changed, Ok(1))));
    assert_eq!((n(&*session, "sum"), added), (160, 1));
}

#[test]
fn a_lost_connection_is_opened_again_but_not_within_a_transaction() {
    let dir = tempfile::tempdir().unwrap();
    let Some(postgres) = opened(&dir) else { return };
    let (session, killer) = (postgres.connect().unwrap(), postgres.connect().unwrap());
    let kill = || {
        let pid: i64 = session.query_one(PID, &[]).unwrap().unwrap().get(0).unwrap();
        killer.query(KILL, &values![pid]).unwrap();
        pid
    };
    session.execute(ADD, &values!["kept", 1i64]).unwrap();
    let before = kill();
    assert_eq!(n(&*session, "kept"), 1);
    assert_ne!(session.query_one(PID, &[]).unwrap().unwrap().get::<i64>(0).unwrap(), before);

    session.begin_write(0).unwrap();
    session.execute(SET, &values!["kept", 2i64]).unwrap();
    kill();
    assert!(session.execute(SET, &values!["kept", 3i64]).is_err());
    assert!(session.query_one(READ, &values!["kept"]).is_err(), "not on another connection");
    assert!(session.batch("COMMIT").is_err());
    assert_eq!(n(&*session, "kept"), 1);

    session.begin_write(0).unwrap();
    kill();
    assert!(session.batch("COMMIT").is_err());
    let _ = session.batch("ROLLBACK");
    session.begin_write(0).unwrap();
    session.execute(SET, &values!["kept", 4i64]).unwrap();
    session.batch("COMMIT").unwrap();
    assert_eq!(n(&*killer, "kept"), 4);
}

#[test]
fn what_is_announced_is_heard_after_the_commit_and_again_after_a_loss() {
    let dir = tempfile::tempdir().unwrap();
    let Some(postgres) = opened(&dir) else { return };
    let (tell, told) = channel();
    let listener = postgres.listen(move |heard| drop(tell.send(heard))).unwrap();
    let session = postgres.connect().unwrap();
    assert_eq!(told.recv().unwrap(), Heard::Listening);
    session.begin_write(0).unwrap();
    session.notify("undone").unwrap();
    session.batch("ROLLBACK").unwrap();
    session.begin_write(0).unwrap();
    session.notify("done").unwrap();
    session.notify("done").unwrap();
    session.batch("COMMIT").unwrap();
    assert_eq!(told.recv().unwrap(), Heard::Change("done".into()), "once, and not what was rolled back");
    let listening = format!("LISTEN {}", super::url::quoted(&super::listener::channel(&postgres.schema)));
    session.query(KILL_OTHERS, &values![listening]).unwrap();
    assert_eq!((told.recv().unwrap(), told.recv().unwrap()), (Heard::Deaf, Heard::Listening));
    session.notify("after").unwrap();
    assert_eq!(told.recv().unwrap(), Heard::Change("after".into()));
    drop(listener);
    assert!(told.recv().is_err());
}

#[test]
fn text_with_nul_is_stored_without() {
    let dir = tempfile::tempdir().unwrap();
    let Some(postgres) = opened(&dir) else { return };
    let session = postgres.connect().unwrap();
    session.execute(ADD, &values!["a\0b", 1i64]).unwrap();
    assert_eq!(n(&*session, "a\u{fffd}b"), 1);
    assert_eq!(n(&*session, "a\0b"), 1, "it is found by what was stored");
}

#[test]
fn an_unreachable_server_is_named_and_its_password_is_not() {
    let url = CatalogUrl::new("postgres://ann:s3cret@127.0.0.1:1/shop");
    let error = Postgres::open(&url).map(drop).unwrap_err();
    let text = format!("{error} {:?}", std::error::Error::source(&error).unwrap().to_string());
    assert!(text.contains("127.0.0.1:1") && !text.contains("s3cret"), "{text}");
}

/// A server with TLS: `PLAYHEAD_TEST_POSTGRES_CA` is the file of its authority, its certificate is for `localhost`, and its
/// user `scram` must give a password.
#[test]
fn the_server_proves_who_it_is_and_so_does_the_user() {
    let (Ok(base), Ok(ca)) = (std::env::var("PLAYHEAD_TEST_CATALOG_URL"), std::env::var("PLAYHEAD_TEST_POSTGRES_CA"))
    else {
        return;
    };
    let admin = Postgres::open(&CatalogUrl::new(base.clone())).unwrap().connect().unwrap();
    let role = "DROP ROLE IF EXISTS scram; CREATE ROLE scram LOGIN SUPERUSER PASSWORD 's3cret/@x'";
    admin.batch(role).unwrap();
    let place = base.rsplit_once('@').unwrap().1;
    let port = place.split_once(':').unwrap().1;
    let open = |user: &str, host: &str, mode: &str| {
        let url = format!("postgres://{user}@{host}:{port}?sslmode={mode}");
        let opened = Postgres::open(&CatalogUrl::new(url)).and_then(|postgres| postgres.connect());
        opened.map(|s| s.query_one(ENCRYPTED, &[]).unwrap().unwrap().get::<bool>(0).unwrap()).map_err(|error| {
            let text = format!("{error}: {}", std::error::Error::source(&error).unwrap());
            assert!(!text.contains("s3cret"), "{text}");
            text
        })
    };
    let checked = format!("verify-full&sslrootcert={ca}");
    let user = "scram:s3cret%2F%40x";
    assert_eq!(open(user, "localhost", "disable"), Ok(false));
    for mode in ["prefer", "require", &checked] {
        assert_eq!(open(user, "localhost", mode), Ok(true), "{mode}");
    }
    assert_eq!(open(user, "127.0.0.1", "require"), Ok(true));
    assert!(open(user, "127.0.0.1", &checked).unwrap_err().contains("certificate"), "it is for another name");
    assert!(open(user, "localhost", "verify-full").unwrap_err().contains("certificate"), "nobody here trusts it");
    assert!(open("scram:wrong", "localhost", &checked).unwrap_err().contains("password authentication failed"));
}
