//! The writer of results: one commit for all blocks that wait.
//!
//! A transcript is answered from its block alone, so blocks are made durable at once. Columns for questions across replays
//! follow some seconds later, on a thread of their own (`columns.rs`); those that a crash came before are written at the
//! next start. In PostgreSQL both are one transaction.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use playhead_cpu::{Priority, give_way};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use ulid::Ulid;

use super::Publication;
use super::columns::ColumnsWriter;
use crate::engine::{Session, Value, in_transaction};
use crate::{Result, StoreError};

/// Generations in one commit at most.
const GROUP_MAX: usize = 64;
/// Generations that may wait; further callers wait. Each holds its rows in memory.
const QUEUE_MAX: usize = 128;
/// Generations in one statement that deletes.
const DELETE_MAX: usize = 1_000;

const DELETE_BLOCKS: &str = "DELETE FROM timelines WHERE generation = ANY($1::text[])";
const DELETE_COLUMNS: [&str; 4] = [
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
    /// Starts the thread, and one for columns that have a database of their own.
    pub(super) fn start(session: Box<dyn Session>, columns: Option<Box<dyn Session>>) -> Result<Self> {
        let (requests, queue) = channel();
        let columns = columns.map(ColumnsWriter::start).transpose()?;
        let thread = std::thread::Builder::new()
            .name("results-writer".into())
            .spawn(move || write_loop(&*session, columns.as_ref(), &queue))
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

    /// Writes what waits, checkpoints and ends the threads. Blocks.
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

fn write_loop(session: &dyn Session, columns: Option<&ColumnsWriter>, queue: &Receiver<Request>) {
    give_way(Priority::Background);
    while let Ok(first) = queue.recv() {
        let (mut group, mut ended) = (Vec::new(), Vec::new());
        for request in std::iter::once(first).chain(queue.try_iter()).take(GROUP_MAX) {
            match request {
                Request::Add(waiting) => group.push(waiting),
                Request::Delete(generation) => ended.push(generation),
            }
        }
        add_group(session, columns, group);
        delete_group(session, columns, &ended);
    }
    if let Some(columns) = columns {
        columns.close();
    }
    if let Err(error) = session.checkpoint() {
        tracing::warn!(%error, "the results were closed without a checkpoint; opening them will replay their log");
    }
}

/// Makes the blocks durable in one commit; after a failure, each in its own.
fn add_group(session: &dyn Session, columns: Option<&ColumnsWriter>, group: Vec<Waiting>) {
    if group.is_empty() {
        return;
    }
    let blocks: Vec<Vec<Value>> = group.iter().map(|waiting| waiting.publication.timeline.clone()).collect();
    let written = in_transaction(session, || {
        session.append("timelines", &blocks)?;
        if columns.is_some() {
            return Ok(());
        }
        group.iter().try_for_each(|waiting| waiting.publication.columns.append(session))
    });
    match written {
        Err(_) if group.len() > 1 => group.into_iter().for_each(|waiting| add_group(session, columns, vec![waiting])),
        Err(error) => group.into_iter().take(1).for_each(|waiting| drop(waiting.reply.send(Err(error_again(&error))))),
        Ok(()) => {
            for Waiting { publication, reply, .. } in group {
                // Sending fails when the caller has gone; the next start sweeps what it wrote.
                let _ = reply.send(Ok(()));
                if let Some(columns) = columns {
                    columns.add(publication.columns);
                }
            }
        }
    }
}

fn error_again(error: &StoreError) -> StoreError {
    let cause = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
    StoreError::engine("write results", cause)
}

fn delete_group(session: &dyn Session, columns: Option<&ColumnsWriter>, ended: &[Ulid]) {
    if ended.is_empty() {
        return;
    }
    match delete_here(session, columns.is_none(), ended) {
        Ok(()) => ended.iter().for_each(|generation| {
            if let Some(columns) = columns {
                columns.delete(*generation);
            }
        }),
        Err(error) => {
            tracing::warn!(%error, count = ended.len(), "old results could not be deleted; the next start tries again");
        }
    }
}

/// Deletes the blocks of generations, in the transaction that is open.
pub(super) fn delete_blocks(session: &dyn Session, generations: &[Ulid]) -> Result<()> {
    delete(session, &[DELETE_BLOCKS], generations)
}

/// Deletes the blocks of generations, and their columns where these lie beside them, in one transaction.
pub(super) fn delete_here(session: &dyn Session, with_columns: bool, generations: &[Ulid]) -> Result<()> {
    in_transaction(session, || {
        delete_blocks(session, generations)?;
        if with_columns { delete_columns(session, generations) } else { Ok(()) }
    })
}

/// Deletes the columns of generations, in the transaction that is open.
pub(super) fn delete_columns(session: &dyn Session, generations: &[Ulid]) -> Result<()> {
    delete(session, &DELETE_COLUMNS, generations)
}

fn delete(session: &dyn Session, statements: &[&'static str], generations: &[Ulid]) -> Result<()> {
    for some in generations.chunks(DELETE_MAX) {
        for sql in statements {
            session.execute(sql, &[Value::Ids(some.to_vec())])?;
        }
    }
    Ok(())
}
