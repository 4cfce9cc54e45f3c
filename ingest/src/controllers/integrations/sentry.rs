//! `POST /api/{n}/envelope/`, and the same for a tunnel.
//!
//! A browser's SDK stops recording when a segment is answered with any 4xx or 5xx that it may read, and sends a segment
//! again when it may not read the answer. So whatever is wrong with a body is answered 200 and told in it; what can't be
//! stored now is answered without the headers that let a page read it; only a wrong key is refused in the open.

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Json, Router};
use http::header::{AUTHORIZATION, HeaderMap};
use http::request::Parts;
use http::{Method, StatusCode};
use playhead_schemas::ErrorCode;
use playhead_web::{ApiError, Problem};
use serde::Serialize;

use crate::access::query_value;
use crate::app::App;
use crate::body::{BodyError, linger};
use crate::integrations::access::{self, Refusal, Sender};
use crate::integrations::intake::{Intake, TryAgain};
use crate::integrations::sentry::envelope::Envelope;
use crate::integrations::{Account, sentry};

/// How much memory the trees of events take, for each byte of an envelope without its recordings.
const TREE_FACTOR: u64 = 8;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/api/{project}/envelope/", any(envelope))
        .route("/api/{project}/envelope", any(envelope))
        .route("/sentry/tunnel", any(envelope))
        .route("/sentry/tunnel/", any(envelope))
}

/// What an SDK is answered; it reads nothing of it.
#[derive(Serialize)]
struct Received {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(flatten)]
    account: Account,
}

async fn envelope(State(app): State<App>, request: Request) -> Response {
    let asked = request.headers().clone();
    if request.method() == Method::OPTIONS {
        let mut response = StatusCode::NO_CONTENT.into_response();
        access::preflight(&mut response, &asked);
        return response;
    }
    if request.method() != Method::POST {
        return only_post();
    }
    match receive(&app, request).await {
        Ok(received) => {
            received.account.log("sentry");
            let mut response = Json(received).into_response();
            access::expose(&mut response, &asked);
            response
        }
        Err(Refusal::WrongKey(error)) => {
            let mut response = error.into_response();
            access::expose(&mut response, &asked);
            response
        }
        // Without the headers that expose it, the browser reports a broken connection, and the SDK sends it again.
        Err(Refusal::Later(TryAgain(error))) => error.with_status(StatusCode::SERVICE_UNAVAILABLE).into_response(),
    }
}

fn only_post() -> Response {
    let problem = Problem::invalid("envelopes are posted", "send them with POST");
    ApiError::new(problem).with_status(StatusCode::METHOD_NOT_ALLOWED).into_response()
}

async fn receive(app: &App, request: Request) -> Result<Received, Refusal> {
    let (head, mut body) = request.into_parts();
    let sender = match sender_of_head(app, &head).await {
        Ok(sender) => sender,
        Err(refusal) => {
            linger(&mut body, &head.headers).await;
            return Err(refusal);
        }
    };
    let mut account = Account::default();
    let mut decoded = match app.reader().read(body, &head.headers, true).await {
        Ok(decoded) => decoded,
        Err(error) => return unreadable(error, sender.is_some(), account),
    };
    let bytes = decoded.bytes.clone();
    let envelope = app.cpu.run(move || Envelope::parse(&bytes)).await.map_err(later)?;
    let sender = match sender {
        Some(sender) => sender,
        None => access::sender(app, &head, envelope.dsn_key().or(envelope.trace_key())).await?,
    };
    let recorded: usize = envelope.items.iter().filter(|item| !item.is_tree()).map(|item| item.payload.len()).sum();
    let trees = decoded.bytes.len().saturating_sub(recorded) as u64;
    decoded.lease.grow(decoded.bytes.len() as u64 + trees * TREE_FACTOR).await.map_err(later)?;
    let id = envelope.event_id();
    let now = app.clock.now();
    let read = move || {
        let found = sentry::found(envelope, now, &mut account);
        (found, account)
    };
    let (found, mut account) = app.cpu.run(read).await.map_err(later)?;
    sentry::store(Intake { app, sender }, found, &mut account).await?;
    Ok(Received { id, account })
}

/// The sender whose key is in the head. A tunnel's requests have none there.
async fn sender_of_head(app: &App, head: &Parts) -> Result<Option<Sender>, Refusal> {
    access::count_address(app, head)?;
    match key_of(head) {
        Some(key) => access::sender(app, head, Some(&key)).await.map(Some),
        None => Ok(None),
    }
}

/// The body can't be read, and won't be when it comes again, unless the server was busy.
fn unreadable(error: BodyError, is_known: bool, mut account: Account) -> Result<Received, Refusal> {
    match error {
        BodyError::Refused(problem) if problem.code != ErrorCode::RateLimited => {
            if !is_known {
                return Err(Refusal::WrongKey(ApiError::new(problem)));
            }
            account.reject("envelope", problem.message);
            Ok(Received { id: None, account })
        }
        other => Err(later(other)),
    }
}

fn later(error: impl Into<ApiError>) -> Refusal {
    Refusal::Later(TryAgain(error.into()))
}

/// The key in `?sentry_key=`, `X-Sentry-Auth` or `Authorization: Sentry ..`.
fn key_of(head: &Parts) -> Option<String> {
    query_value(&head.uri, "sentry_key").or_else(|| key_of_headers(&head.headers))
}

fn key_of_headers(headers: &HeaderMap) -> Option<String> {
    let values = [headers.get("x-sentry-auth"), headers.get(AUTHORIZATION)];
    values.into_iter().flatten().find_map(|value| {
        let text = value.to_str().ok()?.trim();
        let pairs = text.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("sentry"));
        let pairs = pairs.map_or(text, |(_, pairs)| pairs);
        pairs.split(',').find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            (name.trim() == "sentry_key").then(|| value.trim().trim_matches('"').to_owned())
        })
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn keys_of_headers() {
        for (name, value, want) in [
            ("x-sentry-auth", "Sentry sentry_version=7, sentry_key=phk_a, sentry_client=x/1", Some("phk_a")),
            ("x-sentry-auth", "sentry sentry_key=\"phk_a\"", Some("phk_a")),
            ("x-sentry-auth", "sentry_version=7,sentry_key=phk_a", Some("phk_a")),
            ("authorization", "Sentry sentry_key=phk_a", Some("phk_a")),
            ("authorization", "Bearer phk_a", None),
            ("x-sentry-auth", "Sentry", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            assert_eq!(key_of_headers(&headers).as_deref(), want, "{name}: {value}");
        }
    }
}
