//! The writer of results: one thread, one connection, one commit for all generations that wait.
//!
//! A transcript is answered from its block alone, so the blocks are made durable at once. The rows for questions across
//! replays follow within a second or two, many generations in one commit; those that a crash came before are written at
//! the next start.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use playhead_cpu::{Priority, give_way};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use ulid::Ulid;

use super::Publication;
use super::rows::Columns;
use crate::engine::{Dialect, Session, Value, in_transaction};
use crate::{Result, StoreError};

/// Generations in one commit at most.
const GROUP_MAX: usize = 64;
/// Generations that may wait; further callers wait. Each holds its rows in memory.
const QUEUE_MAX: usize = 128;
/// How long rows and deletions that nobody waits for are gathered.
pub(super) const INTERVAL: Duration = Duration::from_secs(1);
/// Rows that are written at once when so many wait.
const COLUMN_ROWS_MAX: usize = 50_000;
/// Deletions that are done at once when so many wait.
const DELETE_MAX: usize = 1_000;

const DELETE: [&str; 5] = [
    "DELETE FROM timelines WHERE generation = ANY($1::text[])",
    "DELETE FROM transcripts WHERE generation = ANY($1::text[])",
    "DELETE FROM moments WHERE generation = ANY($1::text[])",
    "DELETE FROM console_entries WHERE generation = ANY($1::text[])",
    "DELETE FROM network_entries WHERE generation = ANY($1::text[])",
];

/// The handle of the thread.
pub(crate) struct ResultsWriter {
    requests: Mutex<Option<Sender<Request>>>,
    places: Arc<Semaphore>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

enum Request {
    Add(Waiting),
    Delete(Ulid),
}

struct Waiting {
    publication: Publication,
    reply: oneshot::Sender<Result<()>>,
    _place: OwnedSemaphorePermit,
}

impl ResultsWriter {
    /// Starts the thread.
    pub(super) fn start(session: Box<dyn Session>) -> Result<Self> {
        let (requests, queue) = channel();
        let thread = std::thread::Builder::new()
            .name("results-writer".into())
            .spawn(move || write_loop(&*session, &queue))
            .map_err(|e| StoreError::engine("start the writer of results", e))?;
        Ok(Self {
            requests: Mutex::new(Some(requests)),
            places: Arc::new(Semaphore::new(QUEUE_MAX)),
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Writes a generation and returns when its block is durable.
    pub(super) async fn add(&self, publication: Publication) -> Result<()> {
        let place = self.places.clone().acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let (reply, answer) = oneshot::channel();
        self.send(Request::Add(Waiting { publication, reply, _place: place }))?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Deletes a generation some time later. What a crash forgets is swept at the next start.
    pub(super) fn delete_later(&self, generation: Ulid) {
        // After closing, the next start sweeps it.
        let _ = self.send(Request::Delete(generation));
    }

    fn send(&self, request: Request) -> Result<()> {
        match self.requests.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            Some(requests) => requests.send(request).map_err(|_| StoreError::Closed),
            None => Err(StoreError::Closed),
        }
    }

    /// Writes what waits, checkpoints and ends the thread. Blocks.
    pub(super) fn close(&self) {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).take();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the writer of results ended in a panic");
        }
    }
}

impl Drop for ResultsWriter {
    fn drop(&mut self) {
        self.close();
    }
}

fn write_loop(session: &dyn Session, queue: &Receiver<Request>) {
    give_way(Priority::Background);
    let mut later = Later::default();
    loop {
        let mut group = Vec::new();
        match queue.recv_timeout(INTERVAL) {
            Ok(first) => {
                for request in std::iter::once(first).chain(queue.try_iter()).take(GROUP_MAX) {
                    match request {
                        Request::Add(waiting) => group.push(waiting),
                        Request::Delete(generation) => later.ended.push(generation),
                    }
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        add_group(session, group, &mut later);
        later.write_if_due(session);
    }
    later.write(session);
    if let Err(error) = session.checkpoint() {
        tracing::warn!(%error, "the results were closed without a checkpoint; opening them will replay their log");
    }
}

/// What nobody waits for, gathered for some time: DuckDB plans each statement for half a millisecond, however many rows it
/// has.
pub(super) struct Later {
    pub(super) columns: Columns,
    ended: Vec<Ulid>,
    pub(super) written_at: Instant,
}

impl Default for Later {
    fn default() -> Self {
        Self { columns: Columns::default(), ended: Vec::new(), written_at: Instant::now() }
    }
}

impl Later {
    pub(super) fn write_if_due(&mut self, session: &dyn Session) {
        let is_full = self.columns.rows() >= COLUMN_ROWS_MAX || self.ended.len() >= DELETE_MAX;
        if is_full || self.written_at.elapsed() >= INTERVAL {
            self.write(session);
        }
    }

    fn write(&mut self, session: &dyn Session) {
        let Self { columns, ended, .. } = std::mem::take(self);
        let generations = columns.generations();
        if generations > 0
            && let Err(error) = in_transaction(session, || columns.append(session))
        {
            tracing::warn!(%error, generations, "rows of results could not be written; the next start writes them");
        }
        delete_group(session, &ended);
    }
}

/// Makes the blocks durable in one commit; after a failure, each in its own.
fn add_group(session: &dyn Session, group: Vec<Waiting>, later: &mut Later) {
    if group.is_empty() {
        return;
    }
    let blocks: Vec<Vec<Value>> = group.iter().map(|waiting| waiting.publication.timeline.clone()).collect();
    // Nodes of one PostgreSQL can't tell whose rows are still to come; there, a statement is planned quickly.
    let at_once = session.dialect() == Dialect::Postgres;
    let written = in_transaction(session, || {
        session.append("timelines", &blocks)?;
        if at_once { group.iter().try_for_each(|w| w.publication.columns.append(session)) } else { Ok(()) }
    });
    match written {
        Err(_) if group.len() > 1 => group.into_iter().for_each(|waiting| add_group(session, vec![waiting], later)),
        Err(error) => group.into_iter().take(1).for_each(|waiting| drop(waiting.reply.send(Err(error_again(&error))))),
        Ok(()) => {
            for Waiting { publication, reply, .. } in group {
                if !at_once {
                    later.columns.extend(publication.columns);
                }
                // Sending fails when the caller has gone; the next start sweeps what it wrote.
                let _ = reply.send(Ok(()));
            }
        }
    }
}

/// Writes generations whole, in one commit.
pub(super) fn add(session: &dyn Session, publications: Vec<Publication>) -> Result<()> {
    let (mut blocks, mut columns) = (Vec::new(), Columns::default());
    for publication in publications {
        blocks.push(publication.timeline);
        columns.extend(publication.columns);
    }
    in_transaction(session, || {
        session.append("timelines", &blocks)?;
        columns.append(session)
    })
}

fn error_again(error: &StoreError) -> StoreError {
    let cause = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
    StoreError::engine("write results", cause)
}

fn delete_group(session: &dyn Session, ended: &[Ulid]) {
    if ended.is_empty() {
        return;
    }
    if let Err(error) = delete_all(session, ended) {
        tracing::warn!(%error, count = ended.len(), "old results could not be deleted; the next start tries again");
    }
}

/// Deletes the rows of generations.
pub(super) fn delete_all(session: &dyn Session, generations: &[Ulid]) -> Result<()> {
    in_transaction(session, || {
        for some in generations.chunks(DELETE_MAX) {
            for sql in DELETE {
                session.execute(sql, &[Value::Ids(some.to_vec())])?;
            }
        }
        Ok(())
    })
}
