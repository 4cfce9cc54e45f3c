//! A client of a Playhead server's own HTTP API.
//!
//! In: method, path, body. Out: the JSON of the answer, or an error that says what the server said and carries
//! the exit code: refused, unavailable or failed.

use std::time::Duration;

use anyhow::Context;
use reqwest::header::RETRY_AFTER;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::exit::{Exit, Failure};

/// The longest that one call may take.
const CALL_TIME_MAX: Duration = Duration::from_secs(150);

/// The longest pause that a server may ask for.
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// How often a server may ask for a pause before its refusal is taken as final.
const PAUSES_MAX: usize = 10;

/// A server and the credential for it.
#[derive(Clone)]
pub(crate) struct ApiClient {
    http: reqwest::Client,
    base: String,
    credential: String,
}

impl std::fmt::Debug for ApiClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApiClient").field("base", &self.base).finish_non_exhaustive()
    }
}

impl ApiClient {
    /// A client of the server at `base`, such as `http://127.0.0.1:4600`.
    pub(crate) fn new(base: &str, credential: &str) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(5))
            .timeout(CALL_TIME_MAX)
            // A redirect must not take the credential to another server.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("playhead/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { http, base: base.trim_end_matches('/').to_owned(), credential: credential.to_owned() })
    }

    /// The same server with another credential.
    pub(crate) fn with_credential(&self, credential: &str) -> Self {
        Self { credential: credential.to_owned(), ..self.clone() }
    }

    /// Where the server answers.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// A request to `path`, which begins with `/`.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.credential)
    }

    /// Reads from `path`.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        self.send(self.request(Method::GET, path)).await
    }

    /// Posts JSON to `path`.
    pub(crate) async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> anyhow::Result<T> {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    /// Posts to `path` without a body.
    pub(crate) async fn post_nothing<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        self.send(self.request(Method::POST, path)).await
    }

    /// Deletes what `path` names.
    pub(crate) async fn delete<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// Sends a request and reads its answer as JSON.
    pub(crate) async fn send<T: DeserializeOwned>(&self, request: RequestBuilder) -> anyhow::Result<T> {
        let response = self.patiently(request).await.map_err(|error| {
            // A connection that breaks off before the answer is a server that has ended.
            let is_gone = error.is_connect() || (error.is_request() && !error.is_timeout());
            let exit = if is_gone { Exit::Unavailable } else { Exit::Failed };
            let why = anyhow::Error::new(error.without_url());
            Failure::error(exit, format!("the server at {} does not answer: {why:#}", self.base))
        })?;
        let status = response.status();
        let body = response.bytes().await.context("the server's answer ended early")?;
        if !status.is_success() {
            return Err(refusal(status, &body));
        }
        serde_json::from_slice(&body).context("the server's answer is not the JSON that was expected")
    }

    /// Sends a request, and sends it again after the pause that a busy server asks for.
    async fn patiently(&self, request: RequestBuilder) -> reqwest::Result<Response> {
        let mut request = request;
        for _ in 0..PAUSES_MAX {
            let Some(again) = request.try_clone() else {
                break;
            };
            let response = request.send().await?;
            let Some(pause) = asked_pause(&response) else {
                return Ok(response);
            };
            tracing::debug!(?pause, "the server asks to wait");
            tokio::time::sleep(pause).await;
            request = again;
        }
        request.send().await
    }
}

/// The pause that a busy server asks for, unless it is too long.
fn asked_pause(response: &Response) -> Option<Duration> {
    if response.status() != StatusCode::TOO_MANY_REQUESTS {
        return None;
    }
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds)).filter(|pause| *pause <= PAUSE_MAX)
}

/// What the body of a refusal says: the message, what to do, and the code. Bodies of this server are
/// `{code, message, action}`, alone or under `error`; `None` for any other body.
pub(crate) fn reason(body: &[u8]) -> Option<String> {
    let said: Value = serde_json::from_slice(body).ok()?;
    let text = |key: &str| fault(&said).get(key).and_then(Value::as_str);
    let mut reason = text("message")?.to_owned();
    if let Some(action) = text("action") {
        reason = format!("{}; {action}", reason.trim_end_matches('.'));
    }
    if let Some(code) = text("code") {
        reason.push_str(&format!(" ({code})"));
    }
    Some(reason)
}

fn fault(said: &Value) -> &Value {
    said.get("error").unwrap_or(said)
}

/// The server's refusal as an error.
fn refusal(status: StatusCode, body: &[u8]) -> anyhow::Error {
    let message = reason(body).unwrap_or_else(|| format!("the server answered {status}"));
    let exit = match status {
        StatusCode::SERVICE_UNAVAILABLE => Exit::Unavailable,
        status if status.is_client_error() => Exit::Refused,
        _ => Exit::Failed,
    };
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    let code = fault(&said).get("code").and_then(|code| serde_json::from_value(code.clone()).ok());
    Failure::refused(exit, code, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_the_server_said() {
        let body = br#"{"error":{"code":"NOT_FOUND","message":"no such project","action":"check the id"}}"#;
        let bare = br#"{"code":"NOT_FOUND","message":"Not found.","action":"Check the id."}"#;
        for (status, body, want, exit) in [
            (404, &body[..], "no such project; check the id (NOT_FOUND)", Exit::Refused),
            (404, &bare[..], "Not found; Check the id. (NOT_FOUND)", Exit::Refused),
            (400, br#"{"error":"invalid_token"}"#, "the server answered 400 Bad Request", Exit::Refused),
            (500, b"", "the server answered 500 Internal Server Error", Exit::Failed),
            (400, b"<html>", "the server answered 400 Bad Request", Exit::Refused),
        ] {
            let status = StatusCode::from_u16(status).expect("a status");
            let error = refusal(status, body);
            assert_eq!(error.to_string(), want);
            assert_eq!(crate::exit::of(&error), exit);
            assert_eq!(crate::exit::code_of(&error).is_some(), want.contains("NOT_FOUND"));
        }
    }
}
