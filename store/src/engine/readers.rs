//! Readers: a fixed number of connections, each used by one blocking call at a time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Connector, Session};
use crate::{Result, StoreConfig, StoreError};

/// The pool. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Readers {
    pool: Arc<Pool>,
}

struct Pool {
    idle: Mutex<Vec<Box<dyn Session>>>,
    free: Arc<Semaphore>,
    count: u32,
}

impl Readers {
    /// Opens `count` connections.
    pub(crate) fn open(connector: &dyn Connector, count: usize) -> Result<Self> {
        let count = count.clamp(1, StoreConfig::READERS_MAX);
        let idle = (0..count).map(|_| connector.connect()).collect::<Result<Vec<_>>>()?;
        let free = Arc::new(Semaphore::new(count));
        Ok(Self { pool: Arc::new(Pool { idle: Mutex::new(idle), free, count: u32::try_from(count).unwrap_or(1) }) })
    }

    /// Runs one statement, or several that need not see the same state of the catalog.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        run: impl FnOnce(&dyn Session) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let permit = self.pool.free.clone().acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let pool = self.pool.clone();
        let work = tokio::task::spawn_blocking(move || {
            let session = pool.idle().pop().ok_or(StoreError::Closed)?;
            let borrowed = BorrowedSession { session: Some(session), pool, _permit: permit };
            match &borrowed.session {
                Some(session) => run(&**session),
                None => Err(StoreError::Closed),
            }
        });
        work.await.map_err(|e| StoreError::engine("read", e))?
    }

    /// Runs statements that see one state of the catalog.
    pub(crate) async fn snapshot<T: Send + 'static>(
        &self,
        run: impl FnOnce(&dyn Session) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.read(move |session| {
            session.batch("BEGIN TRANSACTION")?;
            let result = run(session);
            // Nothing was written, so a rollback ends it as well as a commit, and it works after a failed query too.
            let ended = session.batch("ROLLBACK");
            let value = result?;
            ended.map(|()| value)
        })
        .await
    }

    /// Waits for running reads and closes every connection.
    pub(crate) async fn close(&self) {
        // An error means that the pool is closed already.
        let all = self.pool.free.acquire_many(self.pool.count).await;
        self.pool.free.close();
        self.pool.idle().clear();
        drop(all);
    }
}

/// A connection in use. It is returned to the pool before its permit is released, even after a panic.
struct BorrowedSession {
    session: Option<Box<dyn Session>>,
    pool: Arc<Pool>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for BorrowedSession {
    fn drop(&mut self) {
        self.pool.idle().extend(self.session.take());
    }
}

impl Pool {
    fn idle(&self) -> MutexGuard<'_, Vec<Box<dyn Session>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
