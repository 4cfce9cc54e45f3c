//! The accept loop: connections in, requests to the router, a stop that lets running requests end.
//!
//! Bounds what a connection may cost before any handler sees it: how many there are, how long a request's
//! head may take, how large it may be.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// What the loop allows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Connections at the same time; further ones wait to be accepted.
    pub(crate) connections_max: usize,
    /// How long the head of a request may take.
    pub(crate) head_time_max: Duration,
    /// How large the head of a request may be, in bytes. Hyper's least is 8 KiB.
    pub(crate) head_bytes_max: usize,
    /// How long running requests may take once the loop was told to stop.
    pub(crate) grace: Duration,
}

/// Serves until `stop`, then until the running requests have ended or their grace is over.
pub(crate) async fn serve(listener: TcpListener, router: Router, limits: Limits, stop: CancellationToken) {
    let slots = Arc::new(Semaphore::new(limits.connections_max));
    let connections = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = accept(&listener, &slots) => accepted,
        };
        let Some((stream, peer, slot)) = accepted else {
            continue;
        };
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.head_time_max)
            .max_buf_size(limits.head_bytes_max)
            .serve_connection(TokioIo::new(stream), service(router.clone(), peer));
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            // Connections that end early are the peer's doing and would only fill the log.
            if let Err(error) = connection.await {
                tracing::debug!(%error, "connection ended");
            }
            drop(slot);
        });
    }
    drop(listener);
    if tokio::time::timeout(limits.grace, connections.shutdown()).await.is_err() {
        tracing::warn!("requests still ran after the grace time; they are cut off");
    }
}

async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    let slot = Arc::clone(slots).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            // Answers are written whole; waiting to fill a packet would only delay them.
            let _ = stream.set_nodelay(true);
            Some((stream, peer, slot))
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
) -> impl hyper::service::Service<http::Request<Incoming>, Response = http::Response<Body>, Error = Infallible, Future: Send>
{
    hyper::service::service_fn(move |request: http::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    })
}
