//! `/ph/{key}/..`: everything that posthog-js asks of its `api_host`.
//!
//! posthog-js takes 200 alone for success. It sends a request again after a 5xx, and drops it after a 4xx; neither stops
//! a recording.

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Json, Router};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::request::Parts;
use http::{Method, StatusCode};
use playhead_schemas::ErrorCode;
use playhead_web::{ApiError, Problem};
use serde::Serialize;

use crate::access::query_value;
use crate::app::App;
use crate::body::{BodyError, Decoded, Encoding, linger};
use crate::integrations::access::{self, Refusal, Sender};
use crate::integrations::intake::{Intake, TryAgain};
use crate::integrations::posthog::body::{Batch, EVENTS_MAX, Flaw, events, of_form};
use crate::integrations::posthog::{config, scripts};
use crate::integrations::{Account, posthog};

/// How much memory the trees of events take, for each byte of a batch.
const TREE_FACTOR: u64 = 4;
/// Compressions around a base64 text, and in it.
const LAYERS_MAX: usize = 3;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/ph/{key}/{*path}", any(handle))
}

/// What posthog-js is answered; it looks for `quota_limited` alone.
#[derive(Serialize)]
struct Received {
    status: u8,
    #[serde(flatten)]
    account: Account,
}

/// What a path asks for.
#[derive(Debug, PartialEq, Eq)]
enum Asked<'a> {
    /// The configuration, for a token.
    Config(&'a str),
    /// The same as a script.
    ConfigScript(&'a str),
    /// The configuration, as the answer to a POST.
    Flags,
    /// To take events.
    Capture,
    Script(&'a str),
}

impl<'a> Asked<'a> {
    fn of(path: &'a str) -> Option<Self> {
        let path = path.trim_end_matches('/');
        match path {
            "flags" | "decide" => return Some(Self::Flags),
            "s" | "e" | "i/v0/e" | "batch" | "capture" | "track" | "engage" | "i/v1/e" => return Some(Self::Capture),
            _ => {}
        }
        let (first, rest) = path.split_once('/')?;
        match (first, rest.split_once('/')) {
            ("array", Some((token, "config"))) => Some(Self::Config(token)),
            ("array", Some((token, "config.js"))) => Some(Self::ConfigScript(token)),
            ("static", _) => Some(Self::Script(rest)),
            _ => None,
        }
    }
}

async fn handle(State(app): State<App>, Path((key, path)): Path<(String, String)>, request: Request) -> Response {
    let asked = request.headers().clone();
    if request.method() == Method::OPTIONS {
        let mut response = StatusCode::NO_CONTENT.into_response();
        access::preflight(&mut response, &asked);
        return response;
    }
    let mut response = match answer(&app, &key, &path, request).await {
        Ok(response) => response,
        Err(Refusal::WrongKey(error)) => error.into_response(),
        Err(Refusal::Later(TryAgain(error))) => error.with_status(StatusCode::SERVICE_UNAVAILABLE).into_response(),
    };
    access::expose(&mut response, &asked);
    response
}

async fn answer(app: &App, key: &str, path: &str, request: Request) -> Result<Response, Refusal> {
    let (head, mut body) = request.into_parts();
    let sender = match sender(app, &head, key).await {
        Ok(sender) => sender,
        Err(refusal) => {
            linger(&mut body, &head.headers).await;
            return Err(refusal);
        }
    };
    match Asked::of(path) {
        Some(Asked::Capture) if head.method == Method::POST => capture(app, sender, &head, body).await,
        Some(Asked::Config(token)) => Ok(Json(config::config(token)).into_response()),
        Some(Asked::ConfigScript(token)) => Ok(script(config::script(token).into())),
        Some(Asked::Flags) => {
            linger(&mut body, &head.headers).await;
            Ok(Json(config::config(key)).into_response())
        }
        Some(Asked::Script(path)) => Ok(recorder_script(app, &head, path).await),
        Some(Asked::Capture) | None => {
            linger(&mut body, &head.headers).await;
            let advice = "docs/sdks.md says which addresses there are";
            Ok(ApiError::not_found("address of PostHog's", advice).into_response())
        }
    }
}

async fn sender(app: &App, head: &Parts, key: &str) -> Result<Sender, Refusal> {
    access::count_address(app, head)?;
    access::sender(app, head, Some(key)).await
}

/// Takes the events of a request.
async fn capture(app: &App, sender: Sender, head: &Parts, body: Body) -> Result<Response, Refusal> {
    let read = app.reader().read(body, &head.headers, true).await;
    let mut decoded = match read {
        Ok(decoded) => decoded,
        Err(error) => return refused(error).map(IntoResponse::into_response),
    };
    let batch = match batch(app, &mut decoded).await {
        Ok(batch) => batch,
        Err(error) => return refused(error).map(IntoResponse::into_response),
    };
    decoded.lease.grow(decoded.bytes.len() as u64 * TREE_FACTOR).await.map_err(later)?;
    let mut account = Account::default();
    let now = app.clock.now();
    let read = move || {
        let found = posthog::found(batch, now, &mut account);
        (found, account)
    };
    let (found, mut account) = app.cpu.run(read).await.map_err(later)?;
    posthog::store(Intake { app, sender }, found, &mut account).await?;
    account.log("posthog");
    Ok(Json(Received { status: 1, account }).into_response())
}

/// The events of a body, whatever they are wrapped in.
async fn batch(app: &App, decoded: &mut Decoded) -> Result<Batch, BodyError> {
    for _ in 0..LAYERS_MAX {
        let bytes = decoded.bytes.clone();
        decoded.lease.grow(bytes.len() as u64).await?;
        let read = move || {
            let batch = events(&bytes);
            let form = if matches!(batch, Err(Flaw::NotJson)) { of_form(&bytes) } else { None };
            (form, batch)
        };
        let (form, batch) = app.cpu.run(read).await?;
        let inner = match (batch, form) {
            (Ok(batch), _) => return Ok(batch),
            (Err(Flaw::TooMany), _) => return Err(too_many().into()),
            (Err(Flaw::NotJson), None) => break,
            (Err(Flaw::NotJson), Some(inner)) => inner,
        };
        *decoded = match Encoding::sniff(&inner) {
            Encoding::Identity => Decoded { bytes: inner, lease: app.budget.lease() },
            encoding => app.reader().unpack(inner, encoding, app.config.body_decoded_bytes_max).await?,
        };
    }
    Err(Problem::invalid(
        "the body holds no events",
        "send JSON, its gzip, or a form with base64 of either in data, as posthog-js does",
    )
    .into())
}

fn too_many() -> Problem {
    Problem::new(
        ErrorCode::PayloadTooLarge,
        format!("the request has more than {EVENTS_MAX} events"),
        "send fewer at a time",
    )
}

/// What can't be read is refused for good, unless the server was busy.
fn refused(error: BodyError) -> Result<ApiError, Refusal> {
    match error {
        BodyError::Refused(problem) if problem.code != ErrorCode::RateLimited => Ok(problem.into()),
        other => Err(later(other)),
    }
}

fn later(error: impl Into<ApiError>) -> Refusal {
    Refusal::Later(TryAgain(error.into()))
}

async fn recorder_script(app: &App, head: &Parts, path: &str) -> Response {
    let version = query_value(&head.uri, "v");
    let found = match &app.config.posthog_scripts {
        Some(folder) => scripts::read(folder, path, version.as_deref()).await,
        None => None,
    };
    let advice =
        "set posthog_scripts to a folder with the npm package posthog-js, or use a build that bundles the recorder";
    found.map_or_else(
        || ApiError::not_found("script", advice).into_response(),
        |bytes| {
            let mut response = script(bytes.into());
            response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400"));
            response
        },
    )
}

fn script(bytes: Bytes) -> Response {
    let mut response = Response::new(Body::from(bytes));
    let javascript = HeaderValue::from_static("text/javascript; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, javascript);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_apart() {
        for (path, want) in [
            ("array/phk_a/config.js", Some(Asked::ConfigScript("phk_a"))),
            ("array/phk_a/config", Some(Asked::Config("phk_a"))),
            ("flags/", Some(Asked::Flags)),
            ("decide", Some(Asked::Flags)),
            ("s/", Some(Asked::Capture)),
            ("i/v0/e/", Some(Asked::Capture)),
            ("static/1.449.2/lazy-recorder.js", Some(Asked::Script("1.449.2/lazy-recorder.js"))),
            ("static/recorder.js", Some(Asked::Script("recorder.js"))),
            ("array/phk_a/array.js", None),
            ("api/surveys/", None),
            ("", None),
        ] {
            assert_eq!(Asked::of(path), want, "{path}");
        }
    }
}
