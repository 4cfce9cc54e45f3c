//! The suite that every way of sharing state between nodes must pass: within one process, and through PostgreSQL.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use playhead_schemas::{Actor, ActorRoles, AgentId, WorkspaceId};

use super::{Lookups, Wakeups};
use crate::config::test_catalog_url;
use crate::engine::contract::NoBuffers;
use crate::engine::{Connector, Heard, Listener, PAGE_BYTES, Postgres, Sqlite, SqliteSettings, Writer, migrate};
use crate::{Result, StoreError};

/// A node that changes something and one that must notice. Within one process they are the same.
struct Nodes {
    writer: Writer,
    here: (Lookups, Wakeups),
    there: (Lookups, Wakeups),
    /// Told when the other node has noticed; `None` when it notices with the commit.
    noticed: Option<Receiver<Heard>>,
    _listener: Option<Listener>,
}

#[tokio::test]
async fn one_process_keeps_the_contract() {
    let dir = tempfile::tempdir().unwrap();
    let settings = SqliteSettings { cache_mib: 1, connections: 1, page_bytes: PAGE_BYTES };
    let session = Sqlite::open(&dir.path().join("c.sqlite"), &settings).unwrap().connect().unwrap();
    migrate(&*session, &[]).unwrap();
    let writer = Writer::start(session, Arc::new(NoBuffers)).unwrap();
    let here = (Lookups::new(), Wakeups::default());
    contract(Nodes { writer, there: here.clone(), here, noticed: None, _listener: None }).await;
}

#[tokio::test]
async fn nodes_of_one_postgresql_keep_the_contract() {
    let dir = tempfile::tempdir().unwrap();
    let Some(url) = test_catalog_url(dir.path()) else { return };
    let postgres = Postgres::open(&url).unwrap();
    let session = postgres.connect().unwrap();
    migrate(&*session, &[]).unwrap();
    let writer = Writer::start(session, Arc::new(NoBuffers)).unwrap();
    let (here, there) = ((Lookups::new(), Wakeups::default()), (Lookups::new(), Wakeups::default()));
    let (tell, noticed) = channel();
    let listener = crate::store::listen(&postgres, &there.0, &there.1, move |heard| drop(tell.send(heard))).unwrap();
    assert_eq!(noticed.recv().unwrap(), Heard::Listening);
    // It was woken because anything may have been queued before it listened.
    there.1.jobs().notified().await;
    contract(Nodes { writer, here, there, noticed: Some(noticed), _listener: Some(listener) }).await;
}

async fn contract(nodes: Nodes) {
    what_changed_is_forgotten_everywhere(&nodes).await;
    what_was_rolled_back_changes_nothing(&nodes).await;
    a_job_wakes_every_node(&nodes).await;
}

impl Nodes {
    fn wait(&self) {
        if let Some(noticed) = &self.noticed {
            assert!(matches!(noticed.recv().unwrap(), Heard::Change(_)));
        }
    }
}

fn actor() -> Actor {
    Actor::Agent(AgentId(ulid::Ulid::nil()))
}

async fn remember(lookups: &Lookups) {
    let roles = ActorRoles { workspace: WorkspaceId::new(), name: "a".into(), admin: false, roles: Default::default() };
    assert!(lookups.actor_roles.get(actor(), async { Ok(Some(roles)) }).await.unwrap().is_some());
    assert!(lookups.actor_roles.cached(&actor()).is_some());
}

async fn what_changed_is_forgotten_everywhere(nodes: &Nodes) {
    remember(&nodes.here.0).await;
    remember(&nodes.there.0).await;
    let tokens = nodes.here.0.tokens.clone();
    nodes.writer.write(move |tx| tokens.clear_after(tx)).await.unwrap();
    nodes.wait();
    assert!(nodes.there.0.actor_roles.cached(&actor()).is_some(), "another kind is kept");
    let roles = nodes.here.0.actor_roles.clone();
    nodes.writer.write(move |tx| roles.clear_after(tx)).await.unwrap();
    assert!(nodes.here.0.actor_roles.cached(&actor()).is_none(), "forgotten here with the commit");
    nodes.wait();
    assert!(nodes.there.0.actor_roles.cached(&actor()).is_none());
}

async fn what_was_rolled_back_changes_nothing(nodes: &Nodes) {
    remember(&nodes.here.0).await;
    remember(&nodes.there.0).await;
    let (roles, tokens) = (nodes.here.0.actor_roles.clone(), nodes.here.0.tokens.clone());
    let refused: Result<()> = nodes
        .writer
        .write(move |tx| {
            roles.clear_after(tx)?;
            tx.execute("DELETE FROM schema_migrations", &[])?;
            Err(StoreError::NotFound("row"))
        })
        .await;
    assert!(refused.is_err());
    nodes.writer.write(move |tx| tokens.clear_after(tx)).await.unwrap();
    nodes.wait();
    assert!(nodes.here.0.actor_roles.cached(&actor()).is_some());
    assert!(nodes.there.0.actor_roles.cached(&actor()).is_some());
}

async fn a_job_wakes_every_node(nodes: &Nodes) {
    let wakeups = nodes.here.1.clone();
    nodes.writer.write(move |tx| wakeups.job_enqueued(tx)).await.unwrap();
    nodes.wait();
    nodes.here.1.jobs().notified().await;
    if nodes.noticed.is_some() {
        nodes.there.1.jobs().notified().await;
    }
}
