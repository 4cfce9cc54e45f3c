//! The writer: one thread, one connection, grouped commits.
//!
//! Every change of the catalog is a task. The thread takes the tasks that wait, runs them in one transaction and
//! commits once, because a commit costs a write to the disk and a task does not. A caller gets its result only after
//! the commit. A task may be run twice (when another task of its group failed, the transaction is rolled back and each
//! task runs alone), so it changes nothing but the catalog. What must follow the commit is passed to
//! [`Tx::after_commit`], which runs even if the caller has gone.

use std::cell::{Cell, RefCell};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::{Row, Session, Value};
use crate::{Result, StoreError};

/// Tasks in one transaction at most.
const GROUP_TASKS_MAX: usize = 128;
/// Tasks that may wait; further callers wait.
const QUEUE_TASKS_MAX: usize = 1024;
/// How often buffered rows are written.
const FLUSH_INTERVAL: Duration = Duration::from_millis(1000);

/// Rows that are buffered in memory and written once a second.
pub(crate) trait BufferedWrites: Send + Sync + 'static {
    /// True when something waits.
    fn is_due(&self) -> bool;
    /// Writes what waits, in a transaction of its own.
    fn write(&self, tx: &Tx<'_>) -> Result<()>;
}

/// The handle of the writer thread.
pub(crate) struct Writer {
    tasks: Mutex<Option<Sender<Box<dyn Task>>>>,
    places: Arc<Semaphore>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// An open transaction.
pub(crate) struct Tx<'s> {
    session: &'s dyn Session,
    wrote: Cell<bool>,
    after: RefCell<Vec<Box<dyn FnOnce() + Send>>>,
}

impl<'s> Tx<'s> {
    fn new(session: &'s dyn Session) -> Self {
        Self { session, wrote: Cell::new(false), after: RefCell::default() }
    }

    /// Runs a statement and returns the number of rows that it changed.
    pub(crate) fn execute(&self, sql: &'static str, params: &[Value]) -> Result<u64> {
        self.wrote.set(true);
        self.session.execute(sql, params)
    }

    /// Reads, within the transaction.
    pub(crate) fn query(&self, sql: &'static str, params: &[Value]) -> Result<Vec<Row>> {
        self.session.query(sql, params)
    }

    /// Reads one row, within the transaction.
    pub(crate) fn query_one(&self, sql: &'static str, params: &[Value]) -> Result<Option<Row>> {
        self.session.query_one(sql, params)
    }

    /// Runs a change with `RETURNING`.
    pub(crate) fn change(&self, sql: &'static str, params: &[Value]) -> Result<Vec<Row>> {
        self.wrote.set(true);
        self.session.query(sql, params)
    }

    /// Adds whole rows to a table.
    pub(crate) fn append(&self, table: &'static str, rows: &[Vec<Value>]) -> Result<()> {
        self.wrote.set(true);
        self.session.append(table, rows)
    }

    /// Runs `then` when the transaction has been committed, on the writer's thread: keep it short.
    pub(crate) fn after_commit(&self, then: impl FnOnce() + Send + 'static) {
        self.after.borrow_mut().push(Box::new(then));
    }
}

/// What a task did to its transaction.
enum TaskEnd {
    /// It succeeded, or it failed before it wrote: the transaction can go on.
    CanCommit,
    /// It failed after it wrote: the transaction must be rolled back.
    MustRollBack,
}

trait Task: Send {
    fn run(&mut self, tx: &Tx<'_>) -> TaskEnd;
    fn finish(self: Box<Self>, commit: Result<()>);
}

struct Call<T, F> {
    run: F,
    result: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
    _place: OwnedSemaphorePermit,
}

impl<T: Send, F: FnMut(&Tx<'_>) -> Result<T> + Send> Task for Call<T, F> {
    fn run(&mut self, tx: &Tx<'_>) -> TaskEnd {
        tx.wrote.set(false);
        let hooks = tx.after.borrow().len();
        let result = (self.run)(tx);
        let must_roll_back = match &result {
            Ok(_) => false,
            // DuckDB aborts a transaction in which any statement failed.
            Err(StoreError::Engine { .. }) => true,
            Err(_) => tx.wrote.get(),
        };
        if result.is_err() {
            tx.after.borrow_mut().truncate(hooks);
        }
        self.result = Some(result);
        if must_roll_back { TaskEnd::MustRollBack } else { TaskEnd::CanCommit }
    }

    fn finish(self: Box<Self>, commit: Result<()>) {
        let result = match (self.result, commit) {
            (Some(Err(error)), _) | (_, Err(error)) => Err(error),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (None, Ok(())) => Err(StoreError::Closed),
        };
        // Sending fails when the caller has gone; the change stays.
        let _ = self.reply.send(result);
    }
}

impl Writer {
    /// Starts the thread.
    pub(crate) fn start(session: Box<dyn Session>, buffers: Arc<dyn BufferedWrites>) -> Result<Self> {
        let (tasks, queue) = channel();
        let thread = std::thread::Builder::new()
            .name("catalog-writer".into())
            .spawn(move || write_loop(&*session, &queue, &*buffers))
            .map_err(|e| StoreError::engine("start the writer", e))?;
        Ok(Self {
            tasks: Mutex::new(Some(tasks)),
            places: Arc::new(Semaphore::new(QUEUE_TASKS_MAX)),
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Runs `run` in a transaction and returns when it is committed. `run` may be called twice.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        run: impl FnMut(&Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let place = self.places.clone().acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let (reply, answer) = oneshot::channel();
        let task = Box::new(Call { run, result: None, reply, _place: place });
        match self.tasks.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            Some(tasks) => tasks.send(task).map_err(|_| StoreError::Closed)?,
            None => return Err(StoreError::Closed),
        }
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Commits what waits, checkpoints, ends the thread and closes its connection. Blocks.
    pub(crate) fn close(&self) {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).take();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the catalog's writer ended in a panic");
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.close();
    }
}

fn write_loop(session: &dyn Session, queue: &Receiver<Box<dyn Task>>, buffers: &dyn BufferedWrites) {
    let mut flushed_at = Instant::now();
    loop {
        let first = queue.recv_timeout(FLUSH_INTERVAL);
        match first {
            Ok(first) => {
                let group = std::iter::once(first).chain(queue.try_iter()).take(GROUP_TASKS_MAX).collect();
                run_group(session, group);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if flushed_at.elapsed() >= FLUSH_INTERVAL {
            flush(session, buffers);
            flushed_at = Instant::now();
        }
    }
    flush(session, buffers);
    if let Err(error) = session.checkpoint() {
        tracing::warn!(%error, "the catalog was closed without a checkpoint; opening it will replay its log");
    }
}

fn run_group(session: &dyn Session, mut group: Vec<Box<dyn Task>>) {
    let alone = group.len() == 1;
    match run_transaction(session, &mut group) {
        Ok(()) => group.into_iter().for_each(|task| task.finish(Ok(()))),
        Err(error) if alone => {
            if let Some(task) = group.pop() {
                task.finish(Err(error));
            }
        }
        Err(_) => group.into_iter().for_each(|task| run_group(session, vec![task])),
    }
}

/// Runs the tasks and commits. After an error none of their changes is in the catalog.
fn run_transaction(session: &dyn Session, group: &mut [Box<dyn Task>]) -> Result<()> {
    session.batch("BEGIN TRANSACTION")?;
    let tx = Tx::new(session);
    let must_roll_back = group.iter_mut().any(|task| matches!(task.run(&tx), TaskEnd::MustRollBack));
    let ended = if must_roll_back {
        Err(StoreError::engine("run a task", "the transaction was rolled back"))
    } else {
        session.batch("COMMIT")
    };
    if let Err(error) = ended {
        // After a failed commit there may be no transaction left to roll back.
        let _ = session.batch("ROLLBACK");
        return Err(error);
    }
    tx.after.into_inner().into_iter().for_each(|then| then());
    Ok(())
}

fn flush(session: &dyn Session, buffers: &dyn BufferedWrites) {
    if !buffers.is_due() {
        return;
    }
    let run = || {
        session.batch("BEGIN TRANSACTION")?;
        buffers.write(&Tx::new(session))?;
        session.batch("COMMIT")
    };
    if let Err(error) = run() {
        let _ = session.batch("ROLLBACK");
        tracing::error!(%error, cause = ?std::error::Error::source(&error), "buffered rows could not be written and are lost");
    }
}
