//! JSON-RPC lines on one side, an MCP server's Streamable HTTP on the other.
//!
//! In: one message a line. Out: the server's answers, one a line, and nothing else. A message is passed on as it
//! is; the bridge reads of it only what HTTP wants as headers. A server that went away is looked for again before
//! a request is given up, so that an assistant survives a restart of the server.
//! Never here: tools, their arguments, their results.

use std::collections::HashMap;
use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use futures::StreamExt;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};
use tokio::task::{AbortHandle, JoinSet};
use tokio_util::codec::{FramedRead, LinesCodec, LinesCodecError};

/// One message, in bytes.
const LINE_BYTES_MAX: usize = 16 << 20;
/// One answer, in bytes.
const ANSWER_BYTES_MAX: usize = 64 << 20;
/// Messages that wait for an answer at the same time; further ones wait to be read.
const RUNNING_MAX: usize = 64;
/// How long answers that are under way may take once the input has ended.
const LAST_ANSWERS: Duration = Duration::from_secs(10);

/// JSON-RPC: the line is not JSON.
const PARSE_ERROR: i32 = -32700;
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

/// Finds the server, again when it went away.
pub(crate) trait Endpoint: Send + Sync {
    /// Where messages go now.
    fn target(&self) -> impl Future<Output = Target> + Send;
    /// Looks for the server or a token again, unless that was done since `generation`.
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
        version: StdMutex::new(None),
        user_agent: StdMutex::new(None),
        running: StdMutex::new(HashMap::new()),
    });
    let slots = Arc::new(Semaphore::new(RUNNING_MAX));
    let mut lines = FramedRead::new(input, LinesCodec::new_with_max_length(LINE_BYTES_MAX));
    let mut tasks = JoinSet::new();
    while let Some(line) = lines.next().await {
        while tasks.try_join_next().is_some() {}
        let line = match line {
            Ok(line) if line.trim().is_empty() => continue,
            Ok(line) => line,
            Err(LinesCodecError::MaxLineLengthExceeded) => {
                let message = format!("the message has more than {LINE_BYTES_MAX} bytes");
                bridge.fail(&Value::Null, PARSE_ERROR, &message).await?;
                continue;
            }
            Err(LinesCodecError::Io(error)) => return Err(error.into()),
        };
        let Ok(message) = serde_json::from_str::<Value>(&line) else {
            bridge.fail(&Value::Null, PARSE_ERROR, "the line is not JSON").await?;
            continue;
        };
        let head = Head::of(&message);
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
        tracing::warn!("the input ended while requests still ran; they are given up");
    }
    Ok(())
}

struct Bridge<E, W> {
    http: reqwest::Client,
    endpoint: E,
    output: Mutex<W>,
    /// The protocol version that `initialize` agreed on.
    version: StdMutex<Option<String>>,
    /// The program that `initialize` named: the server's audit log is to name it, not the bridge.
    user_agent: StdMutex<Option<String>>,
    /// Requests under way by their id.
    running: StdMutex<HashMap<String, AbortHandle>>,
}

impl<E: Endpoint + 'static, W: AsyncWrite + Unpin + Send + 'static> Bridge<E, W> {
    fn running(&self) -> std::sync::MutexGuard<'_, HashMap<String, AbortHandle>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Passes a message on in a task of its own, which can be cancelled by the message's id.
    fn spawn(self: &Arc<Self>, tasks: &mut JoinSet<()>, head: Head, line: String, slot: OwnedSemaphorePermit) {
        let key = head.id.as_ref().map(Value::to_string);
        let bridge = Arc::clone(self);
        // Held until the task is noted, so that the task can't strike itself off the list before that.
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
    async fn pass(&self, head: &Head, line: String) -> anyhow::Result<()> {
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

    async fn send(&self, head: &Head, line: String) -> anyhow::Result<reqwest::Response> {
        let mut target = self.endpoint.target().await;
        let mut renewed = false;
        if head.user_agent.is_some() {
            self.user_agent.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&head.user_agent);
        }
        loop {
            let version = self.version.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let user_agent = self.user_agent.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let sent = self
                .http
                .post(&target.url)
                .headers(head.headers(version.as_deref(), user_agent.as_deref()))
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

    async fn answer(&self, head: &Head, mut response: reqwest::Response) -> anyhow::Result<()> {
        let status = response.status();
        let is_stream =
            response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.transpose() {
            let Ok(chunk) = chunk else {
                return self.fail_request(head, "the server's answer broke off").await;
            };
            body.extend_from_slice(&chunk);
            if body.len() > ANSWER_BYTES_MAX {
                return self.fail_request(head, "the server's answer is too large").await;
            }
            if is_stream {
                while let Some(message) = next_event(&mut body) {
                    self.take(head, &message).await?;
                }
            }
        }
        if is_stream || (status.is_success() && body.is_empty()) {
            return Ok(());
        }
        match serde_json::from_slice::<Value>(&body) {
            Ok(message) if message.get("jsonrpc").is_some() => self.take(head, &body).await,
            other => {
                let said = other
                    .ok()
                    .and_then(|body| body.pointer("/error/message").and_then(Value::as_str).map(str::to_owned));
                let said = said.unwrap_or_else(|| "it gave no reason".to_owned());
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
            *self.version.lock().unwrap_or_else(PoisonError::into_inner) = Some(version.to_owned());
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
        let answer = json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } });
        self.write(answer.to_string().into_bytes()).await
    }

    async fn write(&self, mut line: Vec<u8>) -> anyhow::Result<()> {
        line.push(b'\n');
        let mut output = self.output.lock().await;
        output.write_all(&line).await?;
        Ok(output.flush().await?)
    }
}

/// Takes the data of the next whole server-sent event out of `body`.
fn next_event(body: &mut Vec<u8>) -> Option<Vec<u8>> {
    loop {
        let text_end = body.windows(2).position(|pair| pair == b"\n\n").map(|at| (at, at + 2));
        let crlf_end = body.windows(4).position(|four| four == b"\r\n\r\n").map(|at| (at, at + 4));
        let (end, next) = [text_end, crlf_end].into_iter().flatten().min()?;
        let event: Vec<u8> = body.drain(..next).take(end).collect();
        let data: Vec<&[u8]> = event
            .split(|byte| *byte == b'\n')
            .filter_map(|line| line.strip_prefix(b"data:"))
            .map(|data| data.strip_prefix(b" ").unwrap_or(data))
            .collect();
        // Comments and events without data keep the connection open and say nothing.
        if data.iter().any(|part| !part.trim_ascii().is_empty()) {
            return Some(data.join(&b'\n'));
        }
    }
}

/// What HTTP wants to know of a message.
#[derive(Debug, Default, PartialEq)]
struct Head {
    /// The id of a request; a notification has none.
    id: Option<Value>,
    method: Option<String>,
    /// The protocol version that the message itself names, from 2026-07-28 on.
    version: Option<String>,
    /// The tool, prompt or resource that is asked for.
    name: Option<String>,
    /// The request that it takes back.
    cancels: Option<Value>,
    /// The program that `initialize` names.
    user_agent: Option<String>,
}

impl Head {
    fn of(message: &Value) -> Self {
        let text = |pointer: &str| message.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let method = text("/method");
        let name = match method.as_deref() {
            Some("tools/call" | "prompts/get") => text("/params/name"),
            Some("resources/read") => text("/params/uri"),
            _ => None,
        };
        let is_cancel = method.as_deref() == Some("notifications/cancelled");
        Self {
            id: method.as_ref().and_then(|_| message.get("id").cloned()),
            version: text("/params/_meta/io.modelcontextprotocol~1protocolVersion"),
            cancels: is_cancel.then(|| message.pointer("/params/requestId").cloned()).flatten(),
            user_agent: message.pointer("/params/clientInfo").and_then(user_agent),
            name,
            method,
        }
    }

    fn headers(&self, negotiated: Option<&str>, user_agent: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
        let mut set = |name: &'static str, value: Option<&str>| {
            if let Some(value) = value.and_then(header_value) {
                headers.insert(name, value);
            }
        };
        set("user-agent", user_agent);
        set("mcp-protocol-version", self.version.as_deref().or(negotiated));
        if self.version.is_some() {
            set("mcp-method", self.method.as_deref());
            set("mcp-name", self.name.as_deref());
        }
        headers
    }
}

/// A client's `name/version` as a user agent: what can't stand in one becomes a hyphen.
fn user_agent(client: &Value) -> Option<String> {
    let part = |key: &str| {
        let text = client.get(key)?.as_str()?.trim();
        let kept = text.chars().take(80).map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' });
        Some(kept.collect::<String>()).filter(|text| !text.is_empty())
    };
    let name = part("name")?;
    Some(part("version").map_or_else(|| name.clone(), |version| format!("{name}/{version}")))
}

/// A value as MCP writes it into a header: in base64 when it can't stand there as it is.
fn header_value(text: &str) -> Option<HeaderValue> {
    let plain =
        text.bytes().all(|b| (0x20..0x7f).contains(&b)) && text.trim() == text && !text.starts_with("=?base64?");
    let text = if plain { text.to_owned() } else { format!("=?base64?{}?=", BASE64_STANDARD.encode(text)) };
    HeaderValue::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_modern_call_gets_its_headers_from_the_body() {
        let message = json!({
            "jsonrpc": "2.0", "id": "a", "method": "tools/call",
            "params": { "name": "gét", "_meta": { "io.modelcontextprotocol/protocolVersion": "2026-07-28" } }
        });
        let headers = Head::of(&message).headers(Some("2025-06-18"), None);
        assert_eq!(headers["mcp-protocol-version"], "2026-07-28");
        assert_eq!(headers["mcp-method"], "tools/call");
        assert_eq!(headers["mcp-name"], "=?base64?Z8OpdA==?=");
    }

    #[test]
    fn an_older_call_names_the_agreed_version_alone() {
        let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "get_bug" } });
        let headers = Head::of(&message).headers(Some("2025-06-18"), None);
        assert_eq!(headers["mcp-protocol-version"], "2025-06-18");
        assert!(!headers.contains_key("mcp-name") && !headers.contains_key("mcp-method"));
        assert!(!Head::of(&message).headers(None, None).contains_key("mcp-protocol-version"));
    }

    #[test]
    fn a_handshake_names_the_program_for_all_requests() {
        let client = json!({ "name": "Claude Code", "version": "2.1 (x)" });
        let message = json!({ "id": 1, "method": "initialize", "params": { "clientInfo": client } });
        let agent = Head::of(&message).user_agent;
        assert_eq!(agent.as_deref(), Some("Claude-Code/2.1--x-"));
        let call = json!({ "id": 2, "method": "tools/call", "params": { "name": "get_bug" } });
        assert_eq!(Head::of(&call).headers(None, agent.as_deref())["user-agent"], "Claude-Code/2.1--x-");
        assert_eq!(user_agent(&json!({ "name": "" })), None);
    }

    #[test]
    fn only_requests_have_an_id_and_only_cancels_cancel() {
        let answer = json!({ "jsonrpc": "2.0", "id": 1, "result": {} });
        assert_eq!(Head::of(&answer), Head::default());
        let cancel = json!({ "method": "notifications/cancelled", "params": { "requestId": 7 } });
        assert_eq!(Head::of(&cancel).cancels, Some(json!(7)));
        assert_eq!(Head::of(&json!([1])), Head::default());
    }

    #[test]
    fn events_are_taken_whole() {
        let mut body = b": keep\n\ndata: {\"a\":\ndata: 1}\n\nevent: x\r\ndata: 2\r\n\r\ndata: cut".to_vec();
        assert_eq!(next_event(&mut body).unwrap(), b"{\"a\":\n1}");
        assert_eq!(next_event(&mut body).unwrap(), b"2");
        assert_eq!(next_event(&mut body), None);
        assert_eq!(body, b"data: cut");
    }
}
