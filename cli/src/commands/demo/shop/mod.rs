//! The demo shop of `testdata/shop`, with the browser SDK in its pages: whoever tries the demo can report a bug of their own.
//!
//! In: an ingest key and the server's address. Out: the shop on a port of this machine. Its bugs are planted. Never here:
//! anything of the server itself; nothing is kept, and nothing can be bought.

mod api;
mod pages;

pub(super) use pages::sdk_tag;

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use rand::distr::{Alphanumeric, SampleString};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use api::{Answer, Visit};

/// The first choice of a port, and how many after it are tried.
const PORT: u16 = 4620;
const PORTS_TRIED: u16 = 10;
/// Visitors that are remembered.
const VISITS_MAX: usize = 100;
/// Bytes of a request's body.
const BODY_BYTES_MAX: usize = 64 << 10;
/// The attribute of the script tag by which the SDK learns the shop's release.
const RELEASE: &str = " data-options='{\"release\":\"3.4.1\"}'";
const COOKIE_NAME: &str = "kp_session=";
/// A network is never instant.
const LATENCY: Duration = Duration::from_millis(40);

/// A running shop, which ends when it is dropped.
pub(super) struct Shop {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Shop {
    /// Opens the shop, on the port `kept` of an earlier start if that is free. Its pages record themselves to the server at
    /// `endpoint`, with this ingest key.
    pub(super) async fn open(key: &str, endpoint: &str, kept: Option<u16>) -> anyhow::Result<Self> {
        let listener = listen(kept).await.context("the demo shop finds no free port")?;
        let address = listener.local_addr()?;
        let tag = pages::sdk_tag(key, endpoint, RELEASE);
        let state = Arc::new(Open { tag, visits: Mutex::default() });
        let router = Router::new().fallback(answer).with_state(state);
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::warn!(%error, "the demo shop ended");
            }
        });
        Ok(Self { address, task })
    }

    /// For the next start.
    pub(super) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Where it is.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(kept: Option<u16>) -> std::io::Result<TcpListener> {
    for port in kept.into_iter().chain(PORT..PORT + PORTS_TRIED) {
        if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
            return Ok(listener);
        }
    }
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await
}

struct Open {
    /// The script tag of the SDK.
    tag: String,
    /// The latest visitors, each under the value of its cookie.
    visits: Mutex<VecDeque<(String, Visit)>>,
}

impl Open {
    /// Does something with the visit of a cookie; a new one begins when there is none. Gives the new cookie, too.
    fn visit<T>(&self, headers: &HeaderMap, work: impl FnOnce(&mut Visit) -> T) -> (T, Option<HeaderValue>) {
        let mut visits = self.visits.lock().unwrap_or_else(PoisonError::into_inner);
        let cookies = headers.get(COOKIE).and_then(|cookies| cookies.to_str().ok()).unwrap_or_default();
        let known = cookies.split("; ").find_map(|cookie| cookie.strip_prefix(COOKIE_NAME));
        if let Some((_, visit)) = visits.iter_mut().find(|(id, _)| Some(id.as_str()) == known) {
            return (work(visit), None);
        }
        let id = Alphanumeric.sample_string(&mut rand::rng(), 16);
        let cookie = HeaderValue::from_str(&format!("{COOKIE_NAME}{id}; Path=/; HttpOnly; SameSite=Lax")).ok();
        let mut visit = Visit::default();
        let done = work(&mut visit);
        visits.truncate(VISITS_MAX - 1);
        visits.push_front((id, visit));
        (done, cookie)
    }
}

async fn answer(State(shop): State<Arc<Open>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path();
    if let Some(at) = path.strip_prefix("/api") {
        let Ok(body) = to_bytes(body, BODY_BYTES_MAX).await else {
            return (StatusCode::PAYLOAD_TOO_LARGE, "Too large").into_response();
        };
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let query = parts.uri.query().unwrap_or_default();
        let (answer, cookie) = shop.visit(&parts.headers, |visit| api::answer(visit, &parts.method, at, query, &body));
        let Answer { status, body, after } = answer;
        tokio::time::sleep(LATENCY + after).await;
        let json = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
        let body = if status == StatusCode::NO_CONTENT { Body::empty() } else { Body::from(body.to_string()) };
        return with_cookie((status, json, body).into_response(), cookie);
    }
    if let Some(page) = pages::page(path, &shop.tag) {
        let (_, cookie) = shop.visit(&parts.headers, |_| ());
        return with_cookie(axum::response::Html(page).into_response(), cookie);
    }
    match pages::file(path) {
        Some((content_type, bytes)) => {
            ([(CONTENT_TYPE, HeaderValue::from_static(content_type))], bytes).into_response()
        }
        None => (StatusCode::NOT_FOUND, "Not found\n").into_response(),
    }
}

fn with_cookie(mut response: Response, cookie: Option<HeaderValue>) -> Response {
    if let Some(cookie) = cookie {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    response
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn the_port_of_the_last_start_comes_first() {
        let first = listen(None).await.unwrap();
        let taken = first.local_addr().unwrap().port();
        let second = listen(Some(taken)).await.unwrap();
        let port = second.local_addr().unwrap().port();
        assert_ne!(port, taken, "a port that is taken is left alone");
        drop(second);
        let shop = Shop::open("phk_x", "http://127.0.0.1:4610", Some(port)).await.unwrap();
        assert_eq!(shop.port(), port);
        assert!(shop.url().ends_with(&port.to_string()));
    }
}
