//! The answer of the server: one JSON body, or a stream of server-sent events. Bounded either way.

use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt};
use reqwest::header::CONTENT_TYPE;
use sse_stream::{Sse, SseStream};

/// One answer, in bytes.
const BYTES_MAX: usize = 64 << 20;

const TOO_LARGE: &str = "the server's answer is too large";
const ENDED_EARLY: &str = "the server's answer ended early";

/// An answer whose body was not read yet.
pub(super) enum Answer {
    /// One body.
    Whole(Body),
    /// A message in each event.
    Events(Events),
}

/// Looks at the head of an answer.
pub(super) fn open(response: reqwest::Response) -> Answer {
    let kind = response.headers().get(CONTENT_TYPE);
    let is_stream = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    let body = bounded(response.bytes_stream(), BYTES_MAX).boxed();
    if is_stream {
        Answer::Events(Events(SseStream::from_bytes_stream(body).boxed()))
    } else {
        Answer::Whole(Body(body))
    }
}

/// The body of an answer.
pub(super) struct Body(BoxStream<'static, Result<Bytes, Problem>>);

impl Body {
    /// All of it; the error says what went wrong.
    pub(super) async fn read(mut self) -> Result<Vec<u8>, &'static str> {
        let mut bytes = Vec::new();
        while let Some(chunk) = self.0.next().await {
            bytes.extend_from_slice(&chunk.map_err(|problem| problem.0)?);
        }
        Ok(bytes)
    }
}

/// The messages of a stream of events.
pub(super) struct Events(BoxStream<'static, Result<Sse, sse_stream::Error>>);

impl Events {
    /// The next message; the error says what went wrong, and nothing follows it.
    pub(super) async fn next(&mut self) -> Option<Result<String, &'static str>> {
        loop {
            let event = match self.0.next().await? {
                Ok(event) => event,
                Err(sse_stream::Error::Body(problem)) => {
                    return Some(Err(problem.downcast_ref::<Problem>().map_or(ENDED_EARLY, |problem| problem.0)));
                }
                Err(error) => {
                    tracing::debug!("the server's events are not well-formed: {error}");
                    return Some(Err("the server's answer is not a valid stream of server-sent events"));
                }
            };
            // Events without data keep the connection open and say nothing.
            if let Some(data) = event.data.filter(|data| !data.trim().is_empty()) {
                return Some(Ok(data));
            }
        }
    }
}

/// Why a body ends early.
#[derive(Debug)]
struct Problem(&'static str);

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Problem {}

/// The chunks of a body, up to `bytes_max` in all.
fn bounded<E>(
    chunks: impl Stream<Item = Result<Bytes, E>>,
    bytes_max: usize,
) -> impl Stream<Item = Result<Bytes, Problem>> {
    let mut left = bytes_max;
    chunks.map(move |chunk| {
        let chunk = chunk.map_err(|_| Problem(ENDED_EARLY))?;
        left = left.checked_sub(chunk.len()).ok_or(Problem(TOO_LARGE))?;
        Ok(chunk)
    })
}

#[cfg(test)]
mod tests {
    use futures::stream;

    use super::*;

    /// The messages of a stream that comes in chunks of `step` bytes, and how it ends.
    async fn messages(text: &str, step: usize, bytes_max: usize) -> (Vec<String>, Option<&'static str>) {
        let chunks: Vec<_> =
            text.as_bytes().chunks(step).map(|c| Ok::<_, Problem>(Bytes::copy_from_slice(c))).collect();
        let body = bounded(stream::iter(chunks), bytes_max).boxed();
        let mut events = Events(SseStream::from_bytes_stream(body).boxed());
        let mut read = Vec::new();
        while let Some(event) = events.next().await {
            match event {
                Ok(message) => read.push(message),
                Err(problem) => return (read, Some(problem)),
            }
        }
        (read, None)
    }

    #[tokio::test]
    async fn events_are_taken_whole() {
        let text =
            ": keep\n\nid: 0\nretry: 3000\ndata: \n\ndata: {\"a\":\ndata: 1}\n\nevent: x\r\ndata: 2\r\n\r\ndata: cut";
        for step in [1, 3, 1000] {
            assert_eq!(messages(text, step, 1000).await, (vec!["{\"a\":\n1}".to_owned(), "2".to_owned()], None));
        }
    }

    #[tokio::test]
    async fn what_is_too_large_or_malformed_ends_with_a_reason() {
        let text = "data: 1\n\ndata: 2\n\n";
        assert_eq!(messages(text, 9, 12).await, (vec!["1".to_owned()], Some(TOO_LARGE)));
        let (read, problem) = messages("data: 1\n\nnonsense\n", 9, 100).await;
        assert_eq!(read, ["1"]);
        assert!(problem.is_some_and(|problem| problem.contains("server-sent events")));
        let body = Body(bounded(stream::iter([Ok::<_, Problem>(Bytes::from_static(b"12345"))]), 4).boxed());
        assert_eq!(body.read().await, Err(TOO_LARGE));
    }
}
