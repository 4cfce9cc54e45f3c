//! Over a real socket: peers, and bodies that come slowly or not at all.

use std::net::SocketAddr;

use playhead_ingest::{IngestConfig, Rate};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::app::{TestApp, body};

async fn listen(app: &TestApp) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = app.router.clone().into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    address
}

/// Sends bytes and reads the answer to its end.
async fn exchange(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

fn head(app: &TestApp, length: usize) -> String {
    format!(
        "PUT /v1/replays/r1/segments/0 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
         Authorization: Bearer {}\r\nContent-Length: {length}\r\n\r\n",
        app.key
    )
}

#[tokio::test]
async fn a_body_that_stalls_is_refused() {
    let config = IngestConfig { body_pause_ms_max: 20, ..IngestConfig::default() };
    let app = TestApp::with(config).await;
    let address = listen(&app).await;
    let answer = exchange(address, format!("{}{{\"rr", head(&app, 1000)).as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert!(answer.contains("too slowly"), "{answer}");
}

#[tokio::test]
async fn a_body_that_trickles_is_refused_at_its_deadline() {
    let config = IngestConfig { body_pause_ms_max: 60_000, body_ms_max: 30, ..IngestConfig::default() };
    let app = TestApp::with(config).await;
    let address = listen(&app).await;
    let answer = exchange(address, head(&app, 1000).as_bytes()).await;
    assert!(answer.contains("too slowly"), "{answer}");
}

#[tokio::test]
async fn an_announced_length_over_the_limit_is_refused_before_the_body() {
    let app = TestApp::new().await;
    let address = listen(&app).await;
    let answer = exchange(address, head(&app, 17 << 20).as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(answer.contains("16 MiB"), "{answer}");
}

#[tokio::test]
async fn the_peer_is_what_counts() {
    let config = IngestConfig { rate_per_address: Rate { per_second: 0.001, burst: 1 }, ..IngestConfig::default() };
    let app = TestApp::with(config).await;
    let address = listen(&app).await;
    let request = format!("{}{}", head(&app, body().len()), body());
    let first = exchange(address, request.as_bytes()).await;
    assert!(first.starts_with("HTTP/1.1 202"), "{first}");
    let forged = request.replace("Host: x", "Host: x\r\nX-Forwarded-For: 8.8.8.8");
    let second = exchange(address, forged.as_bytes()).await;
    assert!(second.starts_with("HTTP/1.1 429"), "{second}");
}

#[tokio::test]
async fn who_sends_too_much_still_reads_why() {
    let app = TestApp::new().await;
    let address = listen(&app).await;
    let body = vec![b' '; 20 << 20];
    for request in [head(&app, body.len()), head(&app, body.len()).replace(&app.key, "phk_wrong")] {
        let status = if request.contains("phk_wrong") { "401" } else { "413" };
        let answer = exchange(address, &[request.into_bytes(), body.clone()].concat()).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
    }
}
