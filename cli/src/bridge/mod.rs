//! JSON-RPC lines on one side, an MCP server's Streamable HTTP on the other.
//!
//! In: one message a line. Out: the server's answers, one a line, and nothing else. A message is passed on as it
//! is; the bridge reads of it only what HTTP wants as headers, and the client's name, so that the audit log has it. A
//! server that went away is looked for again before a request is given up, so that an assistant survives a restart of
//! the server. Never here: tools, their arguments, their results.

mod answer;
mod head;
mod lines;

use std::collections::HashMap;
use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};
use tokio::task::{AbortHandle, JoinSet};

use crate::client::reason;
use answer::Answer;
use head::{Agreed, Head};
pub(crate) use lines::refusing_bad_lines;
use lines::{Lines, Message, error_line};

/// Messages that wait for an answer at the same time. Further ones wait to be read.
const RUNNING_MAX: usize = 64;
/// How long running requests may take once the input has ended.
const LAST_ANSWERS: Duration = Duration::from_secs(10);

/// JSON-RPC: the request could not be carried out.
const INTERNAL_ERROR: i32 = -32603;

/// Where messages go.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// The endpoint, such as `http://127.0.0.1:4600/mcp`.
    pub(crate) url: String,
    /// The bearer token.
    pub(crate) token: String,
    /// Counts up when the target changes.
    pub(crate) generation: u64,
}

/// Finds the server, and finds it again when it has gone.
pub(crate) trait Endpoint: Send + Sync {
    /// Where messages go now.
    fn target(&self) -> impl Future<Output = Target> + Send;
    /// Looks for the server and a token again, unless that was done since `generation`.
    fn renew(&self, generation: u64) -> impl Future<Output = anyhow::Result<Target>> + Send;
}

/// Passes messages on until the input ends.
pub(crate) async fn run<E: Endpoint + 'static>(
    endpoint: E,
    input: impl AsyncRead + Unpin + Send,
    output: impl AsyncWrite + Unpin + Send + 'static,
) -> anyhow::Result<()> {
    let bridge = Arc::new(Bridge {
        http: reqwest::Client::builder().connect_timeout(Duration::from_secs(5)).build()?,
        endpoint,
        output: Mutex::new(output),
        agreed: StdMutex::new(Agreed::default()),
        running: StdMutex::new(HashMap::new()),
    });
    let slots = Arc::new(Semaphore::new(RUNNING_MAX));
    let mut lines = Lines::new(input);
    let mut tasks = JoinSet::new();
    while let Some(message) = lines.next().await? {
        while tasks.try_join_next().is_some() {}
        let Message { line, value } = match message {
            Ok(message) => message,
            Err(answer) => {
                bridge.write(answer).await?;
                continue;
            }
        };
        let head = Head::from_message(&value);
        if let Some(client) = &head.client {
            bridge.agreed().client = Some(client.clone());
        }
        if let Some(id) = &head.cancels {
            bridge.cancel(id);
        }
        let slot = Arc::clone(&slots).acquire_owned().await?;
        // An initialize is answered before anything else is read: what it negotiates counts for the rest.
        let in_order = head.method.as_deref() == Some("initialize");
        bridge.spawn(&mut tasks, head, line, slot);
        if in_order {
            while tasks.join_next().await.is_some() {}
        }
    }
    let rest = async { while tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(LAST_ANSWERS, rest).await.is_err() {
        tracing::warn!("the input ended while requests were running; they are cancelled");
    }
    Ok(())
}

struct Bridge<E, W> {
    http: reqwest::Client,
    endpoint: E,
    output: Mutex<W>,
    /// What `initialize` said and agreed on.
    agreed: StdMutex<Agreed>,
    /// Requests under way by their id.
    running: StdMutex<HashMap<String, AbortHandle>>,
}

impl<E: Endpoint + 'static, W: AsyncWrite + Unpin + Send + 'static> Bridge<E, W> {
    fn running(&self) -> std::sync::MutexGuard<'_, HashMap<String, AbortHandle>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn agreed(&self) -> std::sync::MutexGuard<'_, Agreed> {
        self.agreed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Passes a message on in a task of its own, which can be cancelled by the message's id.
    fn spawn(self: &Arc<Self>, tasks: &mut JoinSet<()>, head: Head, line: Vec<u8>, slot: OwnedSemaphorePermit) {
        let key = head.id.as_ref().map(Value::to_string);
        let bridge = Arc::clone(self);
        // Held until the task is in the list, so that the task can't remove itself before that.
        let mut running = self.running();
        let task = tasks.spawn({
            let key = key.clone();
            async move {
                if let Err(error) = bridge.pass(&head, line).await {
                    tracing::debug!("an answer can't be written: {error:#}");
                }
                if let Some(key) = key {
                    bridge.running().remove(&key);
                }
                drop(slot);
            }
        });
        if let Some(key) = key {
            running.insert(key, task);
        }
    }

    /// Ends a request: the server sees its connection close, and no answer is written.
    fn cancel(&self, id: &Value) {
        if let Some(task) = self.running().remove(&id.to_string()) {
            task.abort();
        }
    }

    /// Sends one message and writes what comes back; a request that can't be sent is answered with an error.
    async fn pass(&self, head: &Head, line: Vec<u8>) -> anyhow::Result<()> {
        match self.send(head, line).await {
            Ok(response) => self.answer(head, response).await,
            Err(error) => match &head.id {
                Some(id) => self.fail(id, INTERNAL_ERROR, &format!("{error:#}")).await,
                None => {
                    tracing::warn!("a notification can't be sent: {error:#}");
                    Ok(())
                }
            },
        }
    }

    async fn send(&self, head: &Head, line: Vec<u8>) -> anyhow::Result<reqwest::Response> {
        // Shared by both tries.
        let line = bytes::Bytes::from(line);
        let mut target = self.endpoint.target().await;
        let mut renewed = false;
        loop {
            let agreed = self.agreed().clone();
            let sent = self
                .http
                .post(&target.url)
                .headers(head.headers(&agreed))
                .bearer_auth(&target.token)
                .body(line.clone())
                .send()
                .await;
            let retry = match &sent {
                Ok(response) => response.status() == reqwest::StatusCode::UNAUTHORIZED,
                Err(error) => error.is_connect(),
            };
            if !retry || renewed {
                return sent
                    .map_err(|error| anyhow::anyhow!("the Playhead server does not answer: {}", error.without_url()));
            }
            renewed = true;
            target = self.endpoint.renew(target.generation).await?;
        }
    }

    async fn answer(&self, head: &Head, response: reqwest::Response) -> anyhow::Result<()> {
        let status = response.status();
        let body = match answer::open(response) {
            Answer::Events(mut events) => {
                while let Some(message) = events.next().await {
                    match message {
                        Ok(message) => self.take(head, message.as_bytes()).await?,
                        Err(problem) => return self.fail_request(head, problem).await,
                    }
                }
                return Ok(());
            }
            Answer::Whole(body) => match body.read().await {
                Ok(body) => body,
                Err(problem) => return self.fail_request(head, problem).await,
            },
        };
        if status.is_success() && body.is_empty() {
            return Ok(());
        }
        match serde_json::from_slice::<Value>(&body) {
            Ok(message) if message.get("jsonrpc").is_some() => self.take(head, &body).await,
            _ => {
                let said = reason(&body).unwrap_or_else(|| "it gave no reason".to_owned());
                self.fail_request(head, &format!("the Playhead server answered {status}: {said}")).await
            }
        }
    }

    /// Writes a message of the server, after a look at what `initialize` agreed on.
    async fn take(&self, head: &Head, message: &[u8]) -> anyhow::Result<()> {
        let mut line = message.trim_ascii().to_vec();
        if head.method.as_deref() == Some("initialize")
            && let Ok(answer) = serde_json::from_slice::<Value>(&line)
            && let Some(version) = answer.pointer("/result/protocolVersion").and_then(Value::as_str)
        {
            self.agreed().version = Some(version.to_owned());
        }
        // Inside JSON strings line breaks are escaped, so that one in the text is only layout.
        for byte in &mut line {
            if matches!(*byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
        self.write(line).await
    }

    async fn fail_request(&self, head: &Head, message: &str) -> anyhow::Result<()> {
        match &head.id {
            Some(id) => self.fail(id, INTERNAL_ERROR, message).await,
            None => Ok(()),
        }
    }

    async fn fail(&self, id: &Value, code: i32, message: &str) -> anyhow::Result<()> {
        self.write(error_line(id, code, message)).await
    }

    async fn write(&self, mut line: Vec<u8>) -> anyhow::Result<()> {
        line.push(b'\n');
        let mut output = self.output.lock().await;
        output.write_all(&line).await?;
        Ok(output.flush().await?)
    }
}
