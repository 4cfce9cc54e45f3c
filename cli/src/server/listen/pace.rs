//! How long a connection waits for its client, and an end to it.
//!
//! In: when reading and writing wait, and the bytes that then come or go. Out: how much a client is behind the speed that
//! it must have at least, and an error once that is too much. Never here: a decision about other connections.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

/// How slow a client may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// How long a body, or an answer, may be behind `bytes_per_second_min` altogether.
    pub(crate) stall_max: Duration,
    /// The speed of a client that is never cut off.
    pub(crate) bytes_per_second_min: u64,
}

/// What a connection waits for when it waits for its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The head of a request; the listener bounds its time by itself.
    Head,
    /// The rest of a request's body.
    Body,
    /// That the client reads an answer.
    Answer,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    /// When the present wait began.
    began: Option<Instant>,
    /// Earlier waits of this phase.
    waited: Duration,
    /// What came or went in this phase.
    bytes: u64,
    /// True between the head of a request and the end of its answer.
    is_busy: bool,
}

/// The waits of one connection; clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
    state: Arc<Mutex<State>>,
    patience: Patience,
}

impl Pace {
    /// A connection that waits for its first request.
    pub(crate) fn new(patience: Patience, now: Instant) -> Self {
        let state = State { phase: Phase::Head, began: Some(now), waited: Duration::ZERO, bytes: 0, is_busy: false };
        Self { state: Arc::new(Mutex::new(state)), patience }
    }

    /// How much the client is behind; `None` when nothing waits for it.
    pub(crate) fn behind(&self, now: Instant) -> Option<Duration> {
        let state = self.lock();
        let waited = state.waited + now.saturating_duration_since(state.began?);
        Some(waited.saturating_sub(self.credit(&state)))
    }

    /// A request's head has come.
    pub(crate) fn begin_request(&self) {
        let mut state = self.lock();
        state.is_busy = true;
        state.began = None;
    }

    /// An answer is made, though perhaps not sent. From here the next request is waited for.
    fn end_request(&self, now: Instant) {
        let mut state = self.lock();
        state.is_busy = false;
        state.enter(Phase::Head, now);
    }

    /// Something waits for the client in `phase`. Gives the time at which its patience ends.
    fn wait(&self, phase: Phase, now: Instant) -> Instant {
        let mut state = self.lock();
        if state.phase != phase || state.began.is_none() {
            state.enter(phase, now);
        }
        let began = state.began.unwrap_or(now);
        began + (self.patience.stall_max + self.credit(&state)).saturating_sub(state.waited)
    }

    /// `bytes` came or went in `phase`.
    fn advance(&self, phase: Phase, bytes: usize, now: Instant) {
        let mut state = self.lock();
        if state.phase == phase {
            state.pause(now);
            state.bytes += bytes as u64;
        }
    }

    /// Reading waits, which means nothing while a request is worked on.
    fn wait_for_head(&self, now: Instant) {
        let mut state = self.lock();
        if !state.is_busy && state.began.is_none() {
            state.enter(Phase::Head, now);
        }
    }

    /// The time that what came or went is worth.
    fn credit(&self, state: &State) -> Duration {
        match state.phase {
            Phase::Head => Duration::ZERO,
            Phase::Body | Phase::Answer => {
                Duration::from_millis(state.bytes.saturating_mul(1000) / self.patience.bytes_per_second_min.max(1))
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Begins a wait: of the phase that it is in already, or of another one.
    fn enter(&mut self, phase: Phase, now: Instant) {
        if self.phase != phase || phase == Phase::Head {
            (self.phase, self.waited, self.bytes) = (phase, Duration::ZERO, 0);
        }
        self.began = Some(now);
    }

    fn pause(&mut self, now: Instant) {
        if let Some(began) = self.began.take() {
            self.waited += now.saturating_duration_since(began);
        }
    }
}

/// A timer that is set anew at each wait.
#[derive(Debug, Default)]
struct Alarm(Option<Pin<Box<Sleep>>>);

impl Alarm {
    /// Ready once `deadline` is over; else the task is woken then.
    fn poll_at(&mut self, deadline: Instant, cx: &mut Context<'_>) -> Poll<io::Error> {
        let sleep = self.0.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        if sleep.deadline() != deadline {
            sleep.as_mut().reset(deadline);
        }
        ready!(sleep.as_mut().poll(cx));
        Poll::Ready(io::Error::new(io::ErrorKind::TimedOut, "the client is too slow"))
    }
}

/// A connection whose writes end with an error when the client does not read.
#[derive(Debug)]
pub(crate) struct PacedIo<T> {
    inner: T,
    pace: Pace,
    alarm: Alarm,
}

impl<T> PacedIo<T> {
    pub(crate) fn new(inner: T, pace: Pace) -> Self {
        Self { inner, pace, alarm: Alarm::default() }
    }

    fn written(&mut self, polled: Poll<io::Result<usize>>, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        match polled {
            Poll::Ready(result) => {
                self.pace.advance(Phase::Answer, result.as_ref().copied().unwrap_or(0), Instant::now());
                Poll::Ready(result)
            }
            Poll::Pending => {
                let deadline = self.pace.wait(Phase::Answer, Instant::now());
                self.alarm.poll_at(deadline, cx).map(Err)
            }
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for PacedIo<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.inner).poll_read(cx, buf);
        if polled.is_pending() {
            self.pace.wait_for_head(Instant::now());
        }
        polled
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for PacedIo<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write(cx, buf);
        self.written(polled, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write_vectored(cx, bufs);
        self.written(polled, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

/// A request's body that ends with an error when the client does not send it.
#[derive(Debug)]
pub(crate) struct PacedBody {
    inner: Incoming,
    pace: Pace,
    alarm: Alarm,
}

impl PacedBody {
    pub(crate) fn new(inner: Incoming, pace: Pace) -> Self {
        Self { inner, pace, alarm: Alarm::default() }
    }
}

impl Body for PacedBody {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        match Pin::new(&mut self.inner).poll_frame(cx) {
            Poll::Ready(frame) => {
                let bytes = match &frame {
                    Some(Ok(frame)) => frame.data_ref().map_or(0, Bytes::len),
                    _ => 0,
                };
                self.pace.advance(Phase::Body, bytes, Instant::now());
                Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
            }
            Poll::Pending => {
                let deadline = self.pace.wait(Phase::Body, Instant::now());
                self.alarm.poll_at(deadline, cx).map(|error| Some(Err(error.into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// An answer's body that tells when it is made.
#[derive(Debug)]
pub(crate) struct AnswerBody {
    inner: axum::body::Body,
    pace: Pace,
}

impl AnswerBody {
    pub(crate) fn new(inner: axum::body::Body, pace: Pace) -> Self {
        Self { inner, pace }
    }
}

impl Drop for AnswerBody {
    fn drop(&mut self) {
        self.pace.end_request(Instant::now());
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.inner).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const PATIENCE: Patience = Patience { stall_max: Duration::from_secs(30), bytes_per_second_min: 1024 };

    fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn a_client_is_behind_by_its_waits_less_what_it_sent() {
        let start = Instant::now();
        let at = |s| start + seconds(s);
        let pace = Pace::new(PATIENCE, start);
        pace.begin_request();
        assert_eq!(pace.behind(at(0)), None, "the server works");
        assert_eq!(pace.wait(Phase::Body, at(0)), at(30));
        assert_eq!(pace.behind(at(10)), Some(seconds(10)));
        pace.advance(Phase::Body, 4096, at(10));
        assert_eq!(pace.behind(at(10)), None);
        assert_eq!(pace.wait(Phase::Body, at(110)), at(134), "30, and 4 for 4 KiB, less 10");
        assert_eq!(pace.behind(at(110)), Some(seconds(6)));
        // A byte now and then does not help.
        for n in 1..=8 {
            pace.advance(Phase::Body, 1, at(110 + 3 * n));
            pace.wait(Phase::Body, at(110 + 3 * n));
        }
        let left = pace.wait(Phase::Body, at(134)).saturating_duration_since(at(134));
        assert!(left < Duration::from_millis(10), "{left:?}");
    }

    #[test]
    fn each_answer_and_each_head_begins_anew() {
        let start = Instant::now();
        let at = |s| start + seconds(s);
        let pace = Pace::new(PATIENCE, start);
        pace.begin_request();
        pace.wait(Phase::Body, at(5));
        pace.advance(Phase::Body, 0, at(10));
        assert_eq!(pace.wait(Phase::Answer, at(10)), at(40));
        pace.advance(Phase::Answer, 100, at(15));
        pace.wait_for_head(at(15));
        assert_eq!(pace.behind(at(15)), None, "the answer is not made yet");
        pace.end_request(at(15));
        pace.wait_for_head(at(20));
        assert_eq!(pace.behind(at(22)), Some(seconds(7)));
    }
}
