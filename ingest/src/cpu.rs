//! The bridge from async requests to the threads that compute.
//!
//! In: a closure. Out: its result. Never here: waiting for the network. Work whose caller has left
//! (a closed connection, a timeout) is skipped when its turn comes.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tokio::sync::oneshot;

/// A pool of threads for decompressing, checking and compressing.
#[derive(Clone, Debug)]
pub(crate) struct Cpu {
    pool: Arc<rayon::ThreadPool>,
}

/// The work panicked. What it said went to the log through the panic hook.
#[derive(Debug, thiserror::Error)]
#[error("a computation panicked: {0}")]
pub(crate) struct Panicked(String);

impl Cpu {
    /// A pool of `threads` (0: one for each processor).
    pub(crate) fn new(threads: usize, name: &'static str, stack_bytes: usize) -> Self {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .stack_size(stack_bytes)
            .thread_name(move |n| format!("{name}-{n}"))
            .build()
            .expect("a machine that can't start a few threads can't serve");
        Self { pool: Arc::new(pool) }
    }

    /// Runs `work` on the pool. Dropping the returned future before the work began skips it.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Panicked> {
        let (answer, result) = oneshot::channel();
        self.pool.spawn(move || {
            if answer.is_closed() {
                return;
            }
            // A caller that left meanwhile needs no result.
            let _ = answer.send(catch_unwind(AssertUnwindSafe(work)));
        });
        match result.await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(panic)) => Err(Panicked(panic_text(panic.as_ref()))),
            Err(_) => Err(Panicked("the thread is gone".to_owned())),
        }
    }
}

/// What a panic said.
pub(crate) fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    playhead_schemas::text::one_line(text.unwrap_or("no message"), 300)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::mpsc;

    fn one_thread() -> Cpu {
        Cpu::new(1, "test", 1 << 20)
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
