//! PostgreSQL behind the engine's traits.
//!
//! A session is one connection. Connections are driven by one thread of their own (`catalog-io`), so that a session may
//! be used and dropped on any thread, inside and outside of an asynchronous runtime; the caller's thread waits. A
//! connection that was lost is opened again with the next statement, never within a transaction: what was begun before
//! the loss fails, and nothing of it is in the database.
//!
//! Writers run SERIALIZABLE, so that several nodes write as one would. A transaction that PostgreSQL refuses because
//! another node's came between is run again with all other writers held off, see [`Session::begin_write`].

mod listener;
mod session;
#[cfg(test)]
mod tests;
mod tls;
mod url;
mod values;

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio_postgres::{Client, Config};
use tokio_postgres_rustls::MakeRustlsConnect;

pub(crate) use listener::{Heard, Listener};
pub use url::CatalogUrl;
use url::Place;

use super::{Connector, Session, values};
use crate::{Result, StoreError};
use session::PgSession;

/// True when the connection to the server has ended, or the server ends it.
pub(super) fn is_outage(error: &tokio_postgres::Error) -> bool {
    session::is_lost(error)
}

/// How long a connection may take to be made.
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// After how long a silence a connection is probed, how often then, and how many probes may stay unanswered.
const KEEPALIVE: (Duration, Duration, u32) = (Duration::from_secs(10), Duration::from_secs(5), 3);

const HAS_SCHEMA: &str = "SELECT 1 FROM pg_namespace WHERE nspname = $1";
const LOCK: &str = "SELECT pg_advisory_lock(hashtextextended('playhead ' || $1, 0))";
const UNLOCK: &str = "SELECT pg_advisory_unlock(hashtextextended('playhead ' || $1, 0))";

/// A schema of a PostgreSQL database. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Postgres {
    server: Arc<Server>,
    schema: String,
}

/// What all connections to one database share.
struct Server {
    config: Config,
    tls: Option<MakeRustlsConnect>,
    /// Host and port, for errors.
    address: String,
    io: Io,
}

/// The thread that drives the connections.
struct Io(Option<Runtime>);

impl Io {
    fn start() -> Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("catalog-io").enable_all().build();
        runtime.map(|runtime| Self(Some(runtime))).map_err(|e| StoreError::engine("start the catalog's thread", e))
    }

    fn handle(&self) -> Result<&Handle> {
        self.0.as_ref().map(Runtime::handle).ok_or(StoreError::Closed)
    }
}

impl Drop for Io {
    fn drop(&mut self) {
        // Dropping a runtime waits for it, which is not allowed inside of another one.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Postgres {
    /// Reads the URL, connects once, and creates the schema when it is missing. Blocks.
    ///
    /// # Errors
    /// `Invalid` when the URL can't be used, `Engine` when the server can't be reached. Neither contains the password.
    pub(crate) fn open(url: &CatalogUrl) -> Result<Self> {
        let Place { mut config, tls, schema, address } = url.place()?;
        let (idle, interval, retries) = KEEPALIVE;
        config.application_name("playhead").connect_timeout(CONNECT_MAX).tcp_user_timeout(Duration::from_secs(30));
        config.keepalives(true).keepalives_idle(idle).keepalives_interval(interval).keepalives_retries(retries);
        let tls = tls.map(|tls| tls.connector()).transpose()?;
        let server = Server { config, tls, address, io: Io::start()? };
        let opened = Self { server: Arc::new(server), schema };
        opened.create_schema()?;
        Ok(opened)
    }

    /// The schema beside this one that holds the results.
    pub(crate) fn results(&self) -> Result<Self> {
        let schema = format!("{}_results", self.schema);
        let opened = Self { server: self.server.clone(), schema };
        opened.create_schema()?;
        Ok(opened)
    }

    /// Runs `run` while no other node does: for migrations.
    pub(crate) fn exclusively<T>(&self, session: &dyn Session, run: impl FnOnce() -> Result<T>) -> Result<T> {
        session.query(LOCK, &values![self.schema.as_str()])?;
        let result = run();
        let unlocked = session.query(UNLOCK, &values![self.schema.as_str()]);
        let value = result?;
        unlocked.map(|_| value)
    }

    fn create_schema(&self) -> Result<()> {
        let session = self.connect()?;
        self.exclusively(&*session, || {
            // Asked first, because `IF NOT EXISTS` wants the right to create one even if there is one.
            if session.query_one(HAS_SCHEMA, &values![self.schema.as_str()])?.is_none() {
                session.batch(&format!("CREATE SCHEMA {}", url::quoted(&self.schema)))?;
            }
            Ok(())
        })
    }
}

impl Connector for Postgres {
    fn connect(&self) -> Result<Box<dyn Session>> {
        let session = PgSession::new(self.clone());
        // A session connects with its first statement; an address that is wrong shall be told when it is opened.
        session.batch("SELECT 1")?;
        Ok(Box::new(session))
    }
}

impl Server {
    fn failed(&self, error: tokio_postgres::Error) -> StoreError {
        StoreError::engine("connect to PostgreSQL", Unreachable { address: self.address.clone(), source: error })
    }
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
#[error("no connection to {address}")]
struct Unreachable {
    address: String,
    source: tokio_postgres::Error,
}

/// What every connection is set to. Snapshots stand still; what is committed is on disk, whatever the database's
/// default; statements are short, and compiling them would take longer than running them.
fn settings(schema: &str) -> String {
    format!(
        "SET search_path TO {}; SET default_transaction_isolation = 'repeatable read'; SET jit = off;
         SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
        url::quoted(schema)
    )
}

/// Connects and drives the connection in the background until it ends.
async fn connect(server: &Server, schema: &str) -> Result<Client, tokio_postgres::Error> {
    let client = match &server.tls {
        Some(tls) => {
            let (client, connection) = server.config.connect(tls.clone()).await?;
            tokio::spawn(drive(connection));
            client
        }
        None => {
            let (client, connection) = server.config.connect(tokio_postgres::NoTls).await?;
            tokio::spawn(drive(connection));
            client
        }
    };
    client.batch_execute(&settings(schema)).await?;
    Ok(client)
}

/// An error with its causes: the driver's own text leaves them out.
fn chain(error: &dyn Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| (*cause).source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

async fn drive(connection: impl Future<Output = Result<(), tokio_postgres::Error>>) {
    if let Err(error) = connection.await {
        tracing::warn!(error = chain(&error), "a connection to PostgreSQL was lost");
    }
}
