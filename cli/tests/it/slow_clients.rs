//! Clients that neither send nor read what they announced, beside others.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::playhead::{Place, Serving, http};

const FORM: &str = "POST /token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                    Content-Length: 100\r\n\r\ngrant";

fn serve(place: &Place, settings: &[(&str, &str)]) -> Serving {
    let mut command = place.command(&["serve", "--json", "--listen", "127.0.0.1:0"]);
    for (name, value) in settings {
        command.env(format!("PLAYHEAD_{name}"), value);
    }
    Serving::start(command)
}

fn connect(server: &Serving, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.url().strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream.write_all(text.as_bytes()).unwrap();
    stream
}

/// True once the server has closed a connection, whatever it said before.
fn is_closed(mut stream: TcpStream) -> bool {
    let mut rest = Vec::new();
    match stream.read_to_end(&mut rest) {
        Ok(_) => true,
        Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
    }
}

#[test]
fn a_body_that_never_comes_ends_its_connection() {
    let place = Place::new();
    let server = serve(&place, &[("CLIENT_STALL_MS_MAX", "200")]);
    assert!(is_closed(connect(&server, FORM)));
    assert!(is_closed(connect(&server, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")));
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn an_answer_that_is_never_read_ends_its_connection() {
    let place = Place::new();
    let server = serve(&place, &[("CLIENT_STALL_MS_MAX", "200"), ("HEAD_MS_MAX", "600000")]);
    // More than the buffers of both sides hold; writing ends with an error when the server has closed.
    let ask = "GET /v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(100);
    let mut stream = connect(&server, &ask);
    stream.set_write_timeout(Some(Duration::from_secs(60))).unwrap();
    let ended = (0..100_000).find_map(|_| stream.write_all(ask.as_bytes()).err());
    let kind = ended.map(|error| error.kind());
    assert!(
        matches!(kind, Some(std::io::ErrorKind::ConnectionReset | std::io::ErrorKind::BrokenPipe)),
        "the server goes on with a client that does not read: {kind:?}"
    );
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn slow_clients_give_their_places_to_others() {
    let place = Place::new();
    let server =
        serve(&place, &[("CONNECTIONS_MAX", "256"), ("CLIENT_STALL_MS_MAX", "600000"), ("HEAD_MS_MAX", "600000")]);
    let slow: Vec<TcpStream> = (0..400).map(|_| connect(&server, FORM)).collect();
    for path in ["healthz", "readyz", "v1/openapi.json", "api/v1/openapi.json"] {
        assert_eq!(http("GET", &format!("{}/{path}", server.url()), None, None).0, 200, "{path}");
    }
    drop(slow);
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_request_that_two_servers_may_read_differently_is_refused() {
    let place = Place::new();
    let server = serve(&place, &[]);
    for (headers, wanted) in [
        ("Host: a\r\n", "HTTP/1.1 200"),
        ("Host: a\r\nHost: b\r\n", "HTTP/1.1 400"),
        ("Host: a\r\nTransfer-Encoding: chunked, chunked\r\n", "HTTP/1.1 400"),
        ("Host: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "HTTP/1.1 400"),
    ] {
        let mut stream =
            connect(&server, &format!("GET /healthz HTTP/1.1\r\nConnection: close\r\n{headers}\r\n0\r\n\r\n"));
        let mut answer = String::new();
        // After a refusal the connection may be reset, because nobody reads what is left of the request.
        let _ = stream.read_to_string(&mut answer);
        assert!(answer.starts_with(wanted), "{headers:?}: {answer}");
    }
    assert_eq!(server.stop(), Some(0));
}
