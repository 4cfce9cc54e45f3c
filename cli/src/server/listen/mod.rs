//! The accept loop: connections in, requests to the router, a stop that lets running requests end.
//!
//! Bounds what a connection may cost before any handler sees it: how many there are, altogether and of one address, how
//! long a request's head may take, how large it may be, and how slowly bodies may come and answers be read. When all
//! places are taken, those of the slowest clients are given to others; `/healthz` and `/readyz` need no place.

mod clients;
mod pace;

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::StatusCode;
use http::header::{HOST, HeaderMap, HeaderValue, TRANSFER_ENCODING};
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use playhead_schemas::ErrorCode;
use playhead_web::{ApiError, Problem, trace};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use clients::{Clients, Whose};
pub(crate) use pace::Patience;
use pace::{AnswerBody, Pace, PacedBody, PacedIo};

/// Connections beyond `connections_max` that are read, so that questions about health are answered; any other request of
/// theirs waits for a place.
pub(crate) const WAITING_MAX: usize = 256;
/// How many of them never wait for a place, so that there is room for questions about health.
const FOR_HEALTH: usize = 64;
/// How long the loop waits before it looks again for a client that is too slow.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// Time between two warnings that there are no places.
const WARN_EVERY: Duration = Duration::from_secs(60);

/// What the loop allows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Connections whose requests are worked on; the requests of further ones wait.
    pub(crate) connections_max: usize,
    /// Those of one address. Loopback has no such limit, and no address has one behind reverse proxies.
    pub(crate) connections_per_address_max: usize,
    /// True behind reverse proxies, whose addresses are those of all clients.
    pub(crate) has_proxies: bool,
    /// How long the head of a request may take.
    pub(crate) head_time_max: Duration,
    /// How large the head of a request may be, in bytes. Hyper's least is 8 KiB.
    pub(crate) head_bytes_max: usize,
    /// How slow a client may be.
    pub(crate) patience: Patience,
    /// How long running requests may take once the loop was told to stop.
    pub(crate) grace: Duration,
}

/// What all connections share.
#[derive(Clone, Debug)]
struct Places {
    limits: Limits,
    clients: Clients,
    /// For each connection that is read.
    open: Arc<Semaphore>,
    /// For each connection whose requests are worked on.
    places: Arc<Semaphore>,
    /// For each request that waits for a place.
    waiting: Arc<Semaphore>,
    warned: Arc<Mutex<Option<Instant>>>,
    /// What answers a request that gets no place.
    refusing: Router,
    /// What answers an ambiguous request.
    rejecting: Router,
}

/// One connection's place, once it has one.
type Place = Arc<tokio::sync::Mutex<Option<OwnedSemaphorePermit>>>;

/// Serves until `stop`, then until the running requests have ended or their grace is over.
pub(crate) async fn serve(listener: TcpListener, router: Router, limits: Limits, stop: CancellationToken) {
    let places = Places::new(limits);
    let connections = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = accept(&listener, &places) => accepted,
        };
        let Some((stream, peer, open)) = accepted else {
            continue;
        };
        let pace = Pace::new(limits.patience, Instant::now());
        let client = places.clients.add(peer.ip(), pace.clone());
        let place: Place = Arc::new(tokio::sync::Mutex::new(places.take_place()));
        let service = service(router.clone(), peer, places.clone(), pace.clone(), place);
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.head_time_max)
            .max_buf_size(limits.head_bytes_max)
            .serve_connection(TokioIo::new(PacedIo::new(stream, pace)), service);
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            let ended = tokio::select! {
                ended = connection => ended,
                () = client.close.cancelled() => Ok(()),
            };
            // Connections that end early are the peer's doing and would only fill the log.
            if let Err(error) = ended {
                tracing::debug!(%error, "connection ended");
            }
            drop((open, client));
        });
    }
    drop(listener);
    if tokio::time::timeout(limits.grace, connections.shutdown()).await.is_err() {
        tracing::warn!("requests still ran after the grace time; they are cut off");
    }
}

impl Places {
    fn new(limits: Limits) -> Self {
        let places = limits.connections_max.clamp(1, Semaphore::MAX_PERMITS - WAITING_MAX);
        Self {
            limits,
            clients: Clients::default(),
            open: Arc::new(Semaphore::new(places + WAITING_MAX)),
            places: Arc::new(Semaphore::new(places)),
            waiting: Arc::new(Semaphore::new(WAITING_MAX - FOR_HEALTH)),
            warned: Arc::default(),
            refusing: refusing(),
            rejecting: rejecting(),
        }
    }

    /// The right to read one more connection.
    async fn may_open(&self) -> Option<OwnedSemaphorePermit> {
        self.acquire(&self.open).await
    }

    /// A place, if one is free. If not, the slowest client loses its own.
    fn take_place(&self) -> Option<OwnedSemaphorePermit> {
        let place = Arc::clone(&self.places).try_acquire_owned().ok();
        if place.is_none() {
            let let_go = self.clients.let_slowest_go(Whose::Anybodys, Instant::now());
            self.warn(let_go);
        }
        place
    }

    /// A place as soon as there is one; `None` when that takes too long, or too many wait already.
    async fn wait_for_place(&self) -> Option<OwnedSemaphorePermit> {
        let _waits = self.waiting.try_acquire().ok()?;
        tokio::time::timeout(self.limits.head_time_max, self.acquire(&self.places)).await.ok().flatten()
    }

    /// A permit. As long as there is none, the slowest clients are let go.
    async fn acquire(&self, permits: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
        if let Ok(permit) = Arc::clone(permits).try_acquire_owned() {
            return Some(permit);
        }
        let mut permit = std::pin::pin!(Arc::clone(permits).acquire_owned());
        loop {
            self.clients.let_slowest_go(Whose::Anybodys, Instant::now());
            if let Ok(permit) = tokio::time::timeout(LOOK_AGAIN, &mut permit).await {
                return permit.ok();
            }
        }
    }

    /// True when an address has as many connections as it may, and none of them is slow.
    fn is_full(&self, ip: IpAddr) -> bool {
        !self.limits.has_proxies
            && !ip.to_canonical().is_loopback()
            && self.clients.of(ip) >= self.limits.connections_per_address_max
            && !self.clients.let_slowest_go(Whose::Of(ip), Instant::now())
    }

    fn warn(&self, let_go: bool) {
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        if warned.is_some_and(|at| at.elapsed() < WARN_EVERY) {
            return;
        }
        *warned = Some(Instant::now());
        let connections_max = self.limits.connections_max;
        if let_go {
            tracing::warn!(connections_max, "all connections are taken; those of the slowest clients are closed");
        } else {
            tracing::warn!(connections_max, "all connections are taken; further requests wait");
        }
    }
}

async fn accept(listener: &TcpListener, places: &Places) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let open = places.may_open().await?;
    match listener.accept().await {
        Ok((_, peer)) if places.is_full(peer.ip()) => {
            tracing::debug!(%peer, "a connection is refused: its address has too many");
            None
        }
        Ok((stream, peer)) => {
            // Answers are written whole; waiting to fill a packet would only delay them.
            let _ = stream.set_nodelay(true);
            Some((stream, peer, open))
        }
        Err(error) => {
            // Most likely there are no file descriptors left: wait until some are free.
            tracing::warn!(%error, "a connection can't be accepted");
            tokio::time::sleep(Duration::from_millis(100)).await;
            None
        }
    }
}

fn service(
    router: Router,
    peer: SocketAddr,
    places: Places,
    pace: Pace,
    place: Place,
) -> impl hyper::service::Service<http::Request<Incoming>, Response = http::Response<Body>, Error = Infallible, Future: Send>
{
    hyper::service::service_fn(move |request: http::Request<Incoming>| {
        let router = router.clone();
        let (places, pace, place) = (places.clone(), pace.clone(), Arc::clone(&place));
        pace.begin_request();
        async move {
            if is_ambiguous(request.headers()) {
                let response = places.rejecting.clone().oneshot(request.map(Body::new)).await?;
                return Ok(response.map(|body| Body::new(AnswerBody::new(body, pace))));
            }
            if !asks_for_health(&request) {
                let mut place = place.lock().await;
                if place.is_none() {
                    *place = places.wait_for_place().await;
                }
                if place.is_none() {
                    let request = request.map(Body::new);
                    let response = places.refusing.clone().oneshot(request).await?;
                    return Ok(response.map(|body| Body::new(AnswerBody::new(body, pace))));
                }
            }
            let mut request = request.map(|body| Body::new(PacedBody::new(body, pace.clone())));
            request.extensions_mut().insert(ConnectInfo(peer));
            let response = router.oneshot(request).await?;
            Ok(response.map(|body| Body::new(AnswerBody::new(body, pace))))
        }
    })
}

/// What answers when all places are taken.
fn refusing() -> Router {
    let problem = Problem::new(
        ErrorCode::RateLimited,
        "the server works on as many requests as it may",
        "send the request again after the seconds of Retry-After",
    );
    answering(ApiError::new(problem).with_status(StatusCode::SERVICE_UNAVAILABLE).retry_after(5))
}

/// What answers a request that a proxy may have read as another one.
fn rejecting() -> Router {
    let problem = Problem::invalid(
        "the request has more than one Host, or a Transfer-Encoding other than `chunked`",
        "send each of these headers once (RFC 9112, sections 3.2 and 6.1)",
    );
    answering(ApiError::new(problem).with_status(StatusCode::BAD_REQUEST))
}

fn answering(error: ApiError) -> Router {
    Router::new().fallback(move || std::future::ready(error.clone())).layer(axum::middleware::from_fn(trace))
}

/// True for a request that two servers in a row may understand differently.
fn is_ambiguous(headers: &HeaderMap) -> bool {
    let mut encodings = headers.get_all(TRANSFER_ENCODING).iter();
    let is_odd = |value: &HeaderValue| !value.as_bytes().eq_ignore_ascii_case(b"chunked");
    headers.get_all(HOST).iter().nth(1).is_some() || encodings.next().is_some_and(is_odd) || encodings.next().is_some()
}

fn asks_for_health(request: &http::Request<Incoming>) -> bool {
    matches!(request.uri().path(), "/healthz" | "/readyz")
}
