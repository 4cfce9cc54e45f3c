//! Hearing what other nodes committed: LISTEN on a connection of its own.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_postgres::{AsyncMessage, Client, Connection, NoTls};

use super::{Postgres, Server};
use crate::Result;

/// How often the connection is asked whether it is still there, and how long it may take to answer. A node that is cut off
/// in silence keeps what it cached for as long as both together.
const PROBE_EVERY: Duration = Duration::from_secs(5);
const PROBE_MAX: Duration = Duration::from_secs(5);
/// How long is waited before the next attempt to connect.
const RECONNECT: Duration = Duration::from_millis(500);

/// What a listener tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// From now on every change is heard. What changed before was not.
    Listening,
    /// A transaction that announced this was committed, on this node or another one.
    Change(String),
    /// From now on nothing is heard.
    Deaf,
}

/// Listens until it is dropped.
pub(crate) struct Listener {
    task: JoinHandle<()>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The channel of a schema.
pub(super) fn channel(schema: &str) -> String {
    format!("{schema}_changes")
}

type Tell = Arc<dyn Fn(Heard) + Send + Sync>;

impl Postgres {
    /// Tells `tell` what is committed, on the thread of the connections. After a loss it connects again.
    pub(crate) fn listen(&self, tell: impl Fn(Heard) + Send + Sync + 'static) -> Result<Listener> {
        // Not this whole value: the task would keep the thread alive that drives it.
        let (server, channel) = (Arc::downgrade(&self.server), channel(&self.schema));
        let tell: Tell = Arc::new(tell);
        let task = self.server.io.handle()?.spawn(async move {
            loop {
                let Some(connecting) = server.upgrade() else { return };
                listen_once(&connecting, &channel, &tell).await;
                drop(connecting);
                sleep(RECONNECT).await;
            }
        });
        Ok(Listener { task })
    }
}

/// Listens until the connection is lost.
async fn listen_once(server: &Server, channel: &str, tell: &Tell) {
    let connected = match &server.tls {
        Some(tls) => match server.config.connect(tls.clone()).await {
            Ok((client, connection)) => Ok((client, forward(connection, tell))),
            Err(error) => Err(error),
        },
        None => match server.config.connect(NoTls).await {
            Ok((client, connection)) => Ok((client, forward(connection, tell))),
            Err(error) => Err(error),
        },
    };
    let (client, mut forwarding) = match connected {
        Ok(connected) => connected,
        Err(error) => return tracing::warn!(%error, address = server.address, "changes of other nodes are not heard"),
    };
    if client.batch_execute(&format!("LISTEN {}", super::url::quoted(channel))).await.is_ok() {
        tell(Heard::Listening);
        until_lost(&client, &mut forwarding).await;
        tell(Heard::Deaf);
    }
    forwarding.abort();
}

/// Drives a connection and passes on what it is notified of.
fn forward<S, T>(mut connection: Connection<S, T>, tell: &Tell) -> JoinHandle<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let tell = tell.clone();
    tokio::spawn(async move {
        while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
            if let AsyncMessage::Notification(notification) = message {
                tell(Heard::Change(notification.payload().to_owned()));
            }
        }
    })
}

async fn until_lost(client: &Client, forwarding: &mut JoinHandle<()>) {
    loop {
        if timeout(PROBE_EVERY, &mut *forwarding).await.is_ok() {
            return;
        }
        if !matches!(timeout(PROBE_MAX, client.check_connection()).await, Ok(Ok(()))) {
            return;
        }
    }
}
