//! The writer of results: one thread, one connection, one commit for all generations that wait.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use ulid::Ulid;

use super::Publication;
use crate::engine::{Session, Value, in_transaction};
use crate::{Result, StoreError};

/// Generations in one commit at most.
const GROUP_MAX: usize = 64;
/// Generations that may wait; further callers wait. Each holds its rows in memory.
const QUEUE_MAX: usize = 128;
/// How long deletions are gathered at most. Nobody waits for them.
const DELETE_INTERVAL: Duration = Duration::from_secs(2);
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
    publication: Arc<Publication>,
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

    /// Writes a generation and returns when it is durable.
    pub(super) async fn add(&self, publication: Arc<Publication>) -> Result<()> {
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
    let mut ended: Vec<Ulid> = Vec::new();
    let mut deleted_at = Instant::now();
    loop {
        let mut group = Vec::new();
        match queue.recv_timeout(DELETE_INTERVAL) {
            Ok(first) => {
                for request in std::iter::once(first).chain(queue.try_iter()).take(GROUP_MAX) {
                    match request {
                        Request::Add(waiting) => group.push(waiting),
                        Request::Delete(generation) => ended.push(generation),
                    }
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        add_group(session, group);
        if !ended.is_empty() && (deleted_at.elapsed() >= DELETE_INTERVAL || ended.len() >= DELETE_MAX) {
            delete_group(session, &mut ended);
            deleted_at = Instant::now();
        }
    }
    delete_group(session, &mut ended);
    if let Err(error) = session.checkpoint() {
        tracing::warn!(%error, "the results were closed without a checkpoint; opening them will replay their log");
    }
}

/// Writes the generations in one commit; after a failure, each in its own.
fn add_group(session: &dyn Session, group: Vec<Waiting>) {
    if group.is_empty() {
        return;
    }
    let publications: Vec<&Publication> = group.iter().map(|waiting| &*waiting.publication).collect();
    match add(session, &publications) {
        Err(_) if group.len() > 1 => group.into_iter().for_each(|waiting| add_group(session, vec![waiting])),
        Err(error) => group.into_iter().take(1).for_each(|waiting| drop(waiting.reply.send(Err(error_again(&error))))),
        // Sending fails when the caller has gone; the next start sweeps what it wrote.
        Ok(()) => group.into_iter().for_each(|waiting| drop(waiting.reply.send(Ok(())))),
    }
}

/// Writes generations in one commit.
pub(super) fn add(session: &dyn Session, publications: &[&Publication]) -> Result<()> {
    in_transaction(session, || append(session, publications))
}

fn error_again(error: &StoreError) -> StoreError {
    let cause = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
    StoreError::engine("write results", cause)
}

fn append(session: &dyn Session, publications: &[&Publication]) -> Result<()> {
    let all = |of: fn(&Publication) -> &[Vec<Value>]| -> Vec<Vec<Value>> {
        publications.iter().flat_map(|p| of(p)).cloned().collect()
    };
    session.append("timelines", &all(|p| std::slice::from_ref(&p.timeline)))?;
    session.append("transcripts", &all(|p| std::slice::from_ref(&p.transcript)))?;
    session.append("moments", &all(|p| &p.moments))?;
    session.append("console_entries", &all(|p| &p.console))?;
    session.append("network_entries", &all(|p| &p.network))
}

fn delete_group(session: &dyn Session, ended: &mut Vec<Ulid>) {
    if ended.is_empty() {
        return;
    }
    let generations = std::mem::take(ended);
    if let Err(error) = delete_all(session, &generations) {
        tracing::warn!(%error, count = generations.len(), "old results could not be deleted; the next start tries again");
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
