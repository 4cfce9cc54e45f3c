//! Servers that leave a command alone in the middle: one that never answers an upload, and one that ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use serde_json::{Value, json};

/// The id of the key that it gives out.
pub(crate) const KEY: &str = "01JD3M6ZQK8V0W2X4Y6Z8A0B2C";

/// A server that gives out an ingest key and never answers an upload.
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

/// Gives these answers, one for each request, and ends. Returns its address.
pub(crate) fn ending_server(answers: Vec<Value>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for body in answers {
            let (connection, _) = listener.accept().unwrap();
            read_request(&mut BufReader::new(&connection));
            write_answer(&connection, &body);
        }
    });
    url
}

/// Reads a request; its method and its path.
fn read_request(reader: &mut BufReader<&TcpStream>) -> String {
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
    std::io::copy(&mut reader.take(body_bytes), &mut std::io::sink()).unwrap();
    head.rsplit_once(' ').unwrap().0.to_owned()
}

fn write_answer(mut connection: &TcpStream, body: &Value) {
    let body = body.to_string();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}", body.len());
    write!(connection, "{head}\r\nConnection: close\r\n\r\n{body}").unwrap();
}

/// Reads one request and answers it, unless it is an upload: its connection stays open without an answer.
fn answer(connection: TcpStream, sender: &Sender<String>) {
    let mut reader = BufReader::new(&connection);
    let request = read_request(&mut reader);
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
    write_answer(&connection, &body);
}
