//! The writer of columns that have a database of their own: one thread that gathers what follows the blocks.
//!
//! DuckDB plans each statement for half a millisecond, however many rows it has, and it packs many rows more closely than
//! a few at a time. Nobody waits for columns; those that a crash came before are written at the next start.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use playhead_cpu::{Priority, give_way};
use ulid::Ulid;

use super::rows::Columns;
use super::writer::delete_columns;
use crate::engine::{Session, in_transaction};
use crate::{Result, StoreError};

/// Generations that may wait; the writer of blocks waits for a place. Each holds its rows in memory.
const QUEUE_MAX: usize = 256;
/// How long rows and deletions are gathered.
pub(super) const INTERVAL: Duration = Duration::from_secs(5);
/// Rows that are written at once when so many wait.
const ROWS_MAX: usize = 50_000;
/// Deletions that are done at once when so many wait.
const DELETE_MAX: usize = 5_000;

/// The handle of the thread.
pub(super) struct ColumnsWriter {
    requests: Mutex<Option<SyncSender<Request>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

enum Request {
    Add(Columns),
    Delete(Ulid),
}

impl ColumnsWriter {
    /// Starts the thread.
    pub(super) fn start(session: Box<dyn Session>) -> Result<Self> {
        let (requests, queue) = sync_channel(QUEUE_MAX);
        let thread = std::thread::Builder::new()
            .name("columns-writer".into())
            .spawn(move || write_loop(&*session, &queue))
            .map_err(|e| StoreError::engine("start the writer of columns", e))?;
        Ok(Self { requests: Mutex::new(Some(requests)), thread: Mutex::new(Some(thread)) })
    }

    /// Writes rows some time later. Blocks while too many wait.
    pub(super) fn add(&self, columns: Columns) {
        self.send(Request::Add(columns));
    }

    /// Deletes the rows of a generation some time later. Blocks while too many requests wait.
    pub(super) fn delete(&self, generation: Ulid) {
        self.send(Request::Delete(generation));
    }

    fn send(&self, request: Request) {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // After closing, the next start does it.
        let _ = requests.map(|requests| requests.send(request));
    }

    /// Writes what waits, checkpoints and ends the thread. Blocks.
    pub(super) fn close(&self) {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).take();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the writer of columns ended in a panic");
        }
    }
}

fn write_loop(session: &dyn Session, queue: &Receiver<Request>) {
    give_way(Priority::Background);
    let mut later = Later::default();
    loop {
        match queue.recv_timeout(later.rest()) {
            Ok(Request::Add(columns)) => later.columns.extend(columns),
            Ok(Request::Delete(generation)) => later.ended.push(generation),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        later.write_if_due(session);
    }
    later.write(session);
    if let Err(error) = session.checkpoint() {
        tracing::warn!(%error, "the columns were closed without a checkpoint; opening them will replay their log");
    }
}

/// What is gathered.
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
    /// How long there is nothing to do unless something comes.
    fn rest(&self) -> Duration {
        let is_empty = self.columns.generations() == 0 && self.ended.is_empty();
        if is_empty { INTERVAL } else { INTERVAL.saturating_sub(self.written_at.elapsed()) }
    }

    pub(super) fn write_if_due(&mut self, session: &dyn Session) {
        let is_full = self.columns.rows() >= ROWS_MAX || self.ended.len() >= DELETE_MAX;
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
            tracing::warn!(%error, generations, "columns could not be written; the next start writes them");
        }
        if !ended.is_empty()
            && let Err(error) = in_transaction(session, || delete_columns(session, &ended))
        {
            tracing::warn!(%error, count = ended.len(), "old columns could not be deleted; the next start does it");
        }
    }
}
