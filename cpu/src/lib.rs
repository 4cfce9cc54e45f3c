//! A pool of threads for work that computes, callable from async code.
//!
//! In: a closure. Out: its result, or the message of its panic. Work whose caller has gone (a closed connection, a
//! timeout) is skipped when its turn comes. Never here: work that waits for the network or for a lock.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tokio::sync::oneshot;

/// How much the threads give way: they get about a third of what an equal thread would get on a full machine.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 5;

/// A pool of threads. Cheap to clone; all clones share the threads.
#[derive(Clone, Debug)]
pub struct CpuPool {
    pool: Arc<rayon::ThreadPool>,
}

/// The work panicked. Its message went to the log through the panic hook.
#[derive(Debug, thiserror::Error)]
#[error("a computation panicked: {0}")]
pub struct Panicked(String);

impl CpuPool {
    /// Starts `threads` threads (0: one for each processor), each with a stack of `stack_bytes`. They give way to the
    /// threads that answer requests: on Linux their niceness is raised.
    ///
    /// # Panics
    /// When the machine can't start the threads.
    pub fn new(threads: usize, name: &'static str, stack_bytes: usize) -> Self {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .stack_size(stack_bytes)
            .thread_name(move |n| format!("{name}-{n}"))
            .start_handler(|_| give_way())
            .build()
            .expect("a machine that can't start a few threads can't serve");
        Self { pool: Arc::new(pool) }
    }

    /// Runs `work` on the pool. Dropping the returned future before the work began skips it.
    ///
    /// # Errors
    /// [`Panicked`] when `work` panics; the pool goes on.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Panicked> {
        let (answer, result) = oneshot::channel();
        self.pool.spawn(move || {
            if answer.is_closed() {
                return;
            }
            // Sending fails when the caller has gone meanwhile; nobody needs the result then.
            let _ = answer.send(catch_unwind(AssertUnwindSafe(work)));
        });
        match result.await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(panic)) => Err(Panicked(panic_text(panic.as_ref()))),
            Err(_) => Err(Panicked("its thread ended".to_owned())),
        }
    }
}

/// Raises the niceness of the calling thread. Where that is not allowed, it stays as it is.
#[cfg(target_os = "linux")]
fn give_way() {
    // Linux takes "the calling process" for the calling thread (setpriority(2), Bugs).
    let _ = rustix::process::setpriority_process(None, NICENESS);
}

#[cfg(not(target_os = "linux"))]
fn give_way() {}

/// The message of a panic, in one line of at most 300 characters.
pub fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    playhead_schemas::text::one_line(text.unwrap_or("no message"), 300)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::mpsc;

    fn one_thread() -> CpuPool {
        CpuPool::new(1, "test", 1 << 20)
    }

    #[tokio::test]
    async fn a_panic_is_an_error_and_the_pool_lives() {
        let cpu = one_thread();
        let error = cpu.run(|| panic!("no {}", "luck")).await.map(|(): ()| ()).unwrap_err();
        assert_eq!(error.to_string(), "a computation panicked: no luck");
        assert_eq!(cpu.run(|| 2 + 2).await.unwrap(), 4);
    }

    #[tokio::test]
    async fn work_of_a_caller_that_left_is_skipped() {
        let cpu = one_thread();
        let (open, gate) = mpsc::channel::<()>();
        let ran = Arc::new(AtomicBool::new(false));
        let flag = ran.clone();
        let mut blocking = Box::pin(cpu.run(move || gate.recv().is_ok()));
        assert!(futures::poll!(&mut blocking).is_pending());
        let mut left = Box::pin(cpu.run(move || flag.store(true, Ordering::SeqCst)));
        assert!(futures::poll!(&mut left).is_pending());
        drop(left);
        open.send(()).unwrap();
        assert!(blocking.await.unwrap());
        cpu.run(|| ()).await.unwrap();
        assert!(!ran.load(Ordering::SeqCst));
    }
}
