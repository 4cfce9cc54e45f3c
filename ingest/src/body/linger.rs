//! Reading on after a refusal.
//!
//! A client that is still sending when its connection is closed often sees a broken connection and not
//! the answer. So what it sends is taken and dropped for a short while before it is answered.

use std::time::Duration;

use axum::body::{Body, HttpBody};
use http::HeaderMap;
use http::header::EXPECT;
use http_body_util::BodyExt;
use tokio::time::timeout;

/// Bytes that are dropped at most.
const BYTES_MAX: usize = 32 << 20;
/// How long in all.
const TIME_MAX: Duration = Duration::from_secs(3);
/// How long a client may pause; longer means that it waits for the answer.
const PAUSE_MAX: Duration = Duration::from_millis(250);

/// Takes what a refused client still sends. `headers` are those of its request.
pub(crate) async fn linger(body: &mut Body, headers: &HeaderMap) {
    // A client that asked whether to send has not begun.
    if headers.contains_key(EXPECT) {
        return;
    }
    // When the time is over, the client is answered as well.
    let _ = timeout(TIME_MAX, take(body)).await;
}

async fn take(body: &mut Body) {
    let mut left = BYTES_MAX;
    while !body.is_end_stream() {
        let Ok(Some(Ok(frame))) = timeout(PAUSE_MAX, body.frame()).await else { return };
        let length = frame.data_ref().map_or(0, bytes::Bytes::len);
        match left.checked_sub(length) {
            Some(less) => left = less,
            None => return,
        }
    }
}
