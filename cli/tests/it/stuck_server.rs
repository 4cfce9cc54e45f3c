//! A server that gives out an ingest key and never answers an upload, so that a test can stop a command in the middle of one.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use serde_json::{Value, json};

/// The id of the key that it gives out.
pub(crate) const KEY: &str = "01JD3M6ZQK8V0W2X4Y6Z8A0B2C";

pub(crate) struct StuckServer {
    pub(crate) url: String,
    requests: Receiver<String>,
}

impl StuckServer {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, requests) = channel();
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let sender = sender.clone();
                std::thread::spawn(move || answer(connection.unwrap(), &sender));
            }
        });
        Self { url, requests }
    }

    /// The next request: its method and its path.
    pub(crate) fn next(&self) -> String {
        self.requests.recv_timeout(Duration::from_secs(60)).expect("a request comes")
    }
}

/// Reads one request and answers it, unless it is an upload: its connection stays open without an answer.
fn answer(connection: TcpStream, sender: &Sender<String>) {
    let mut reader = BufReader::new(&connection);
    let (mut head, mut body_bytes) = (String::new(), 0);
    reader.read_line(&mut head).unwrap();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        match line.to_ascii_lowercase().strip_prefix("content-length:") {
            Some(length) => body_bytes = length.trim().parse().unwrap(),
            None if line.trim().is_empty() => break,
            None => {}
        }
    }
    std::io::copy(&mut (&mut reader).take(body_bytes), &mut std::io::sink()).unwrap();
    let request = head.rsplit_once(' ').unwrap().0.to_owned();
    sender.send(request.clone()).unwrap();
    if request.starts_with("PUT") {
        // Ends when the client gives up.
        let _ = std::io::copy(&mut reader, &mut std::io::sink());
        return;
    }
    let key = json!({
        "id": KEY, "project": KEY, "label": "", "prefix": "phk_abcd", "allowed_origins": [], "created_at": 1,
        "revoked_at": null,
    });
    let body: Value = if request.starts_with("POST") { json!({ "key": key, "secret": "phk_abcd" }) } else { key };
    let (body, mut writer) = (body.to_string(), &connection);
    let length = body.len();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}");
    write!(writer, "{head}\r\nConnection: close\r\n\r\n{body}").unwrap();
}
