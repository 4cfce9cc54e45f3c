//! Readers: a fixed number of connections, each used by one call at a time.
//!
//! In: closures that read. Out: their results. A short read of a catalog in the same process takes some 10 µs, less than
//! handing it to another thread: it runs where it is called. What reads many rows, or asks a server, runs on a thread
//! that may block.

use std::panic::{AssertUnwindSafe, catch_unwind};
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
    /// Short reads run where they are called.
    is_immediate: bool,
}

impl Readers {
    /// Opens `count` connections.
    pub(crate) fn open(connector: &dyn Connector, count: usize) -> Result<Self> {
        let count = count.clamp(1, StoreConfig::READERS_MAX);
        let idle = (0..count).map(|_| connector.connect()).collect::<Result<Vec<_>>>()?;
        let (idle, free) = (Mutex::new(idle), Arc::new(Semaphore::new(count)));
        let (count, is_immediate) = (u32::try_from(count).unwrap_or(1), connector.reads_are_short());
        Ok(Self { pool: Arc::new(Pool { idle, free, count, is_immediate }) })
    }

    /// Runs one statement that reads a few rows by an index, or several that need not see the same state of the catalog.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        run: impl FnOnce(&dyn Session) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if self.pool.is_immediate {
            let permit = self.permit().await?;
            return catch_unwind(AssertUnwindSafe(|| self.pool.clone().run(permit, run)))
                .unwrap_or_else(|_| Err(StoreError::engine("read", "it panicked")));
        }
        self.read_long(run).await
    }

    /// [`Readers::read`] for what may take longer than a millisecond: many rows, large values, a search.
    pub(crate) async fn read_long<T: Send + 'static>(
        &self,
        run: impl FnOnce(&dyn Session) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (permit, pool) = (self.permit().await?, self.pool.clone());
        let work = tokio::task::spawn_blocking(move || pool.run(permit, run));
        work.await.map_err(|e| StoreError::engine("read", e))?
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit> {
        self.pool.free.clone().acquire_owned().await.map_err(|_| StoreError::Closed)
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
    fn run<T>(self: Arc<Self>, permit: OwnedSemaphorePermit, run: impl FnOnce(&dyn Session) -> Result<T>) -> Result<T> {
        let session = self.idle().pop().ok_or(StoreError::Closed)?;
        let borrowed = BorrowedSession { session: Some(session), pool: self, _permit: permit };
        match &borrowed.session {
            Some(session) => run(&**session),
            None => Err(StoreError::Closed),
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Box<dyn Session>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
