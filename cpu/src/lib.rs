//! A pool of threads for work that computes, callable from async code.
//!
//! In: a closure. Out: its result, or the message of its panic. Work whose caller has gone (a closed connection, a
//! timeout) is skipped when its turn comes. Never here: work that waits for the network or for a lock.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tokio::sync::oneshot;

/// How much threads that compute give way to those that answer requests, on a machine that is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// Somebody waits for an answer: about half of what a thread gets that answers.
    Request,
    /// Nobody waits: about a thirtieth. Once such a thread runs, it keeps its processor for some milliseconds.
    Background,
    /// Whatever is left over, given up as soon as anybody else wants it. On a machine that is full for long, next to
    /// nothing.
    Idle,
}

/// Input that is worked on where it is: decompressing or scanning it takes some 50 µs, two switches of threads 10 to 50.
const SMALL_BYTES: usize = 64 << 10;

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
    /// Starts `threads` threads (0: one for each processor), each with a stack of `stack_bytes`.
    ///
    /// # Panics
    /// When the machine can't start the threads.
    pub fn new(threads: usize, name: &'static str, stack_bytes: usize, priority: Priority) -> Self {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .stack_size(stack_bytes)
            .thread_name(move |n| format!("{name}-{n}"))
            .start_handler(move |_| give_way(priority))
            .build()
            .expect("a machine that can't start a few threads can't serve");
        Self { pool: Arc::new(pool) }
    }

    /// Runs `work`, which takes time in proportion to `input_bytes`: on the pool, or right here when the input is so small
    /// that handing it over and back costs as much as the work.
    ///
    /// # Errors
    /// [`Panicked`] when `work` panics.
    pub async fn run_sized<T: Send + 'static>(
        &self,
        input_bytes: usize,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Panicked> {
        if input_bytes > SMALL_BYTES {
            return self.run(work).await;
        }
        catch_unwind(AssertUnwindSafe(work)).map_err(|panic| Panicked(panic_text(panic.as_ref())))
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

/// Makes the calling thread give way, by its niceness or its policy (sched(7)). Where that is not allowed, it stays as
/// it is.
#[cfg(target_os = "linux")]
pub fn give_way(priority: Priority) {
    use thread_priority::{
        NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy, set_thread_priority_and_policy,
        thread_native_id,
    };
    // Each step is a fifth less. Linux takes "the calling process" for the calling thread (setpriority(2), Bugs).
    let be_nice = |niceness| {
        let _ = rustix::process::setpriority_process(None, niceness);
    };
    match priority {
        Priority::Request => be_nice(3),
        Priority::Background => be_nice(15),
        Priority::Idle => {
            be_nice(19);
            let policy = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
            let _ = set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, policy);
        }
    }
}

/// Makes the calling thread give way, where the system knows how.
#[cfg(not(target_os = "linux"))]
pub fn give_way(_: Priority) {}

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
        CpuPool::new(1, "test", 1 << 20, Priority::Request)
    }

    #[tokio::test]
    async fn a_panic_is_an_error_and_the_pool_lives() {
        let cpu = one_thread();
        let error = cpu.run(|| panic!("no {}", "luck")).await.map(|(): ()| ()).unwrap_err();
        assert_eq!(error.to_string(), "a computation panicked: no luck");
        assert_eq!(cpu.run(|| 2 + 2).await.unwrap(), 4);
    }

    #[tokio::test]
    async fn only_small_input_is_worked_on_where_it_is() {
        let cpu = one_thread();
        let here = std::thread::current().id();
        for (bytes, is_here) in [(0, true), (SMALL_BYTES, true), (SMALL_BYTES + 1, false)] {
            let id = cpu.run_sized(bytes, || std::thread::current().id()).await.unwrap();
            assert_eq!(id == here, is_here, "{bytes}");
            let error = cpu.run_sized(bytes, || panic!("bad luck")).await.map(|(): ()| ()).unwrap_err();
            assert_eq!(error.to_string(), "a computation panicked: bad luck");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn idle_threads_have_the_idle_policy() {
        let policy = std::thread::spawn(|| {
            give_way(Priority::Idle);
            // Field 41, counted after the name, which may have blanks (proc_pid_stat(5)).
            let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
            stat.rsplit(')').next().unwrap().split_whitespace().nth(38).unwrap().to_owned()
        });
        assert_eq!(policy.join().unwrap(), "5");
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
