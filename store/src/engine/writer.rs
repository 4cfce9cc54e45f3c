//! The writer: one thread, one connection, grouped commits.
//!
//! Every change of the catalog is a task. The thread takes the tasks that wait, runs them in one transaction and
//! commits once, because a commit costs a write to the disk and a task does not. A caller gets its result only after
//! the commit. A task may be run several times (when another task of its group failed, the transaction is rolled back and
//! each task runs alone; when another node came in the way, the transaction is run again), so it changes nothing but the
//! catalog. What must follow the commit is passed to
//! [`Tx::after_commit`], which runs even if the caller has gone.

use std::cell::{Cell, RefCell};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::{Dialect, Row, Session, Value};
use crate::{Result, StoreError};

/// Tasks in one transaction at most.
const GROUP_TASKS_MAX: usize = 128;
/// Tasks that may wait; further callers wait.
const QUEUE_TASKS_MAX: usize = 1024;
/// How often a transaction is run again that another node's came in the way of. From the second run on it is alone.
const RUNS_MAX: u32 = 4;
/// How often buffered rows are written.
const FLUSH_INTERVAL: Duration = Duration::from_millis(1000);

/// Rows that are buffered in memory and written once a second.
pub(crate) trait BufferedWrites: Send + Sync + 'static {
    /// True when something waits.
    fn is_due(&self) -> bool;
    /// Takes what waits, to be written by the next transaction.
    fn take(&self);
    /// Writes what was taken, in a transaction of its own. May run several times.
    fn write(&self, tx: &Tx<'_>) -> Result<()>;
    /// The transaction has ended. What was taken and is not written waits again.
    fn ended(&self, written: bool);
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
    attempt: u32,
    wrote: Cell<bool>,
    /// What the other nodes will be told; each is told once.
    notified: RefCell<Vec<&'static str>>,
    after: RefCell<Vec<Box<dyn FnOnce() + Send>>>,
}

impl<'s> Tx<'s> {
    fn new(session: &'s dyn Session, attempt: u32) -> Self {
        Self { session, attempt, wrote: Cell::new(false), notified: RefCell::default(), after: RefCell::default() }
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

    /// Whose SQL the session speaks.
    pub(crate) fn dialect(&self) -> Dialect {
        self.session.dialect()
    }

    /// Tells the other nodes when the transaction has been committed.
    pub(crate) fn notify(&self, what: &'static str) -> Result<()> {
        if !self.notified.borrow().contains(&what) {
            self.session.notify(what)?;
            self.notified.borrow_mut().push(what);
        }
        Ok(())
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
    /// Another node's transaction came in the way: the transaction must be rolled back, and may be run again.
    MayRunAgain,
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
        let end = match &result {
            Ok(_) => TaskEnd::CanCommit,
            Err(error) if tx.session.may_succeed_again(error, tx.attempt) => TaskEnd::MayRunAgain,
            // DuckDB and PostgreSQL abort a transaction in which any statement failed.
            Err(StoreError::Engine { .. }) => TaskEnd::MustRollBack,
            Err(_) if tx.wrote.get() => TaskEnd::MustRollBack,
            Err(_) => TaskEnd::CanCommit,
        };
        if result.is_err() {
            tx.after.borrow_mut().truncate(hooks);
        }
        self.result = Some(result);
        end
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

    /// Runs `run` in a transaction and returns when it is committed. `run` may be called several times.
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
    match run_until_decided(session, |attempt| run_transaction(session, &mut group, attempt)) {
        Ok(()) => group.into_iter().for_each(|task| task.finish(Ok(()))),
        Err(error) if alone => {
            if let Some(task) = group.pop() {
                task.finish(Err(error));
            }
        }
        Err(_) => group.into_iter().for_each(|task| run_group(session, vec![task])),
    }
}

/// Why a transaction is not committed.
enum Failure {
    /// It may succeed when it is run again.
    MayRunAgain(StoreError),
    Final(StoreError),
}

impl Failure {
    fn of(session: &dyn Session, error: StoreError, attempt: u32) -> Self {
        if session.may_succeed_again(&error, attempt) { Self::MayRunAgain(error) } else { Self::Final(error) }
    }
}

/// Runs a transaction, and again as long as another node's came in its way.
fn run_until_decided(
    session: &dyn Session,
    mut run: impl FnMut(u32) -> std::result::Result<(), Failure>,
) -> Result<()> {
    let mut attempt = 0;
    loop {
        let ended = run(attempt);
        if ended.is_err() {
            // After a failed commit there may be no transaction left to roll back.
            let _ = session.batch("ROLLBACK");
        }
        attempt += 1;
        match ended {
            Ok(()) => return Ok(()),
            Err(Failure::MayRunAgain(_)) if attempt < RUNS_MAX => {}
            Err(Failure::MayRunAgain(error) | Failure::Final(error)) => return Err(error),
        }
    }
}

/// Runs the tasks and commits. After an error none of their changes is in the catalog.
fn run_transaction(
    session: &dyn Session,
    group: &mut [Box<dyn Task>],
    attempt: u32,
) -> std::result::Result<(), Failure> {
    let failed = |error| Failure::of(session, error, attempt);
    session.begin_write(attempt).map_err(failed)?;
    let tx = Tx::new(session, attempt);
    for task in group {
        let rolled_back = || StoreError::engine("run a task", "the transaction was rolled back");
        match task.run(&tx) {
            TaskEnd::CanCommit => {}
            TaskEnd::MustRollBack => return Err(Failure::Final(rolled_back())),
            TaskEnd::MayRunAgain => return Err(Failure::MayRunAgain(rolled_back())),
        }
    }
    session.batch("COMMIT").map_err(failed)?;
    tx.after.into_inner().into_iter().for_each(|then| then());
    Ok(())
}

fn flush(session: &dyn Session, buffers: &dyn BufferedWrites) {
    if !buffers.is_due() {
        return;
    }
    buffers.take();
    let ended = run_until_decided(session, |attempt| {
        let run = || {
            session.begin_write(attempt)?;
            buffers.write(&Tx::new(session, attempt))?;
            session.batch("COMMIT")
        };
        run().map_err(|error| Failure::of(session, error, attempt))
    });
    buffers.ended(ended.is_ok());
    if let Err(error) = ended {
        let cause = std::error::Error::source(&error);
        tracing::error!(%error, ?cause, "buffered rows could not be written; they are tried again with the next ones");
    }
}
