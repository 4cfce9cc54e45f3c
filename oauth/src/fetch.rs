//! Fetching the document of a client whose id is a URL: the one request that this server makes to an
//! address that anybody may name.
//!
//! The name is resolved once, every address that it has must be a public one, and the connection goes to those
//! addresses and no other: a name that points elsewhere a moment later changes nothing. Redirects are not followed,
//! proxies are not used, no credential is sent, and size and time are bounded.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use async_trait::async_trait;
use http::header::ACCEPT;
use playhead_access::oauth::{ClientIdUrl, DOCUMENT_BYTES_MAX, is_public};
use tokio::sync::Semaphore;

/// The whole fetch, resolution included.
const TIME_MAX: Duration = Duration::from_secs(10);
/// Documents that are fetched at the same time.
const AT_ONCE_MAX: usize = 4;
/// Addresses of one name.
const ADDRESSES_MAX: usize = 16;

/// Where the documents of clients come from.
#[async_trait]
pub trait ClientDocuments: Send + Sync {
    /// The document's bytes, at most [`DOCUMENT_BYTES_MAX`] of them.
    async fn fetch(&self, id: &ClientIdUrl) -> Result<Vec<u8>, FetchError>;
}

/// Why there is no document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The name has no address, or one that is not public; or nothing answers there in time.
    #[error("no answer from a public address")]
    Unreachable,
    /// Another status than 200; a redirect is one.
    #[error("the status is not 200")]
    Status,
    /// It is larger than a document may be.
    #[error("it is too large")]
    TooLarge,
    /// Too many are being fetched.
    #[error("too many are being fetched")]
    Busy,
}

/// The documents, over https from the public internet.
#[derive(Debug)]
pub struct HttpClientDocuments {
    places: Semaphore,
}

impl Default for HttpClientDocuments {
    fn default() -> Self {
        Self { places: Semaphore::new(AT_ONCE_MAX) }
    }
}

#[async_trait]
impl ClientDocuments for HttpClientDocuments {
    async fn fetch(&self, id: &ClientIdUrl) -> Result<Vec<u8>, FetchError> {
        let _place = self.places.try_acquire().map_err(|_| FetchError::Busy)?;
        let fetching = async {
            let found = tokio::net::lookup_host((id.host(), 443)).await.map_err(|_| FetchError::Unreachable)?;
            let addresses = admit(found.map(|address| address.ip()))?;
            let client = client(id.host(), &addresses).map_err(|_| FetchError::Unreachable)?;
            download(&client, id.as_str()).await
        };
        tokio::time::timeout(TIME_MAX, fetching).await.unwrap_or(Err(FetchError::Unreachable))
    }
}

/// The addresses to connect to. One that is not public spoils them all: an honest name has none.
fn admit(found: impl Iterator<Item = IpAddr>) -> Result<Vec<SocketAddr>, FetchError> {
    let found: Vec<IpAddr> = found.take(ADDRESSES_MAX).collect();
    if found.is_empty() || !found.iter().copied().all(is_public) {
        return Err(FetchError::Unreachable);
    }
    Ok(found.into_iter().map(|ip| SocketAddr::new(ip, 0)).collect())
}

/// A client that reaches `host` at `addresses` alone. Made anew for each fetch: it must not reuse a connection.
fn client(host: &str, addresses: &[SocketAddr]) -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .resolve_to_addrs(host, addresses)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(TIME_MAX)
        .user_agent("playhead")
        .build()
}

async fn download(client: &reqwest::Client, url: &str) -> Result<Vec<u8>, FetchError> {
    let request = client.get(url).header(ACCEPT, "application/json");
    let mut response = request.send().await.map_err(|_| FetchError::Unreachable)?;
    if response.status() != reqwest::StatusCode::OK {
        return Err(FetchError::Status);
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| FetchError::Unreachable)? {
        if body.len() + chunk.len() > DOCUMENT_BYTES_MAX {
            return Err(FetchError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    fn addresses(texts: &[&str]) -> Vec<IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn one_inside_address_spoils_a_name() {
        for (found, want) in [
            (&["8.8.8.8", "2606:4700::1111"][..], true),
            (&[], false),
            (&["127.0.0.1"], false),
            (&["8.8.8.8", "169.254.169.254"], false),
            (&["8.8.8.8", "::ffff:10.0.0.1"], false),
            (&["fe80::1"], false),
        ] {
            assert_eq!(admit(addresses(found).into_iter()).is_ok(), want, "{found:?}");
        }
    }

    /// Answers one request with `answer` and gives what was asked.
    async fn serve(answer: Vec<u8>) -> (SocketAddr, tokio::task::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            // A client that has heard enough hangs up.
            let _ = stream.write_all(&answer).await;
            String::from_utf8(head).unwrap()
        });
        (address, serving)
    }

    async fn fetch(answer: Vec<u8>) -> (Result<Vec<u8>, FetchError>, String) {
        let (address, serving) = serve(answer).await;
        // The name exists nowhere: only the pinned address can have answered.
        let client = client("client.invalid", &[SocketAddr::new(address.ip(), 0)]).unwrap();
        let got = download(&client, &format!("http://client.invalid:{}/doc.json", address.port())).await;
        (got, serving.await.unwrap())
    }

    #[tokio::test]
    async fn the_pinned_address_is_asked_without_credentials() {
        let (got, asked) = fetch(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}".to_vec()).await;
        assert_eq!(got, Ok(b"{}".to_vec()));
        let asked = asked.to_ascii_lowercase();
        assert!(asked.starts_with("get /doc.json ") && asked.contains("host: client.invalid"), "{asked}");
        assert!(!asked.contains("authorization") && !asked.contains("cookie"), "{asked}");
    }

    #[tokio::test]
    async fn redirects_and_large_answers_end_it() {
        let redirect = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/\r\ncontent-length: 0\r\n\r\n".to_vec();
        assert_eq!(fetch(redirect).await.0, Err(FetchError::Status));
        let missing = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_vec();
        assert_eq!(fetch(missing).await.0, Err(FetchError::Status));
        let size = DOCUMENT_BYTES_MAX + 1;
        let mut large = format!("HTTP/1.1 200 OK\r\ncontent-length: {size}\r\n\r\n").into_bytes();
        large.resize(large.len() + size, b'x');
        assert_eq!(fetch(large).await.0, Err(FetchError::TooLarge));
        let mut endless = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec();
        endless.resize(1 << 20, b'x');
        assert_eq!(fetch(endless).await.0, Err(FetchError::TooLarge));
    }

    #[tokio::test]
    async fn a_server_that_never_answers_is_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let client = reqwest::Client::builder().timeout(Duration::from_millis(50)).build().unwrap();
        let got = download(&client, &format!("http://{address}/")).await;
        assert_eq!(got, Err(FetchError::Unreachable));
    }

    #[tokio::test]
    async fn more_than_a_few_at_once_are_refused() {
        let internet = HttpClientDocuments::default();
        let _all = internet.places.try_acquire_many(u32::try_from(AT_ONCE_MAX).unwrap()).unwrap();
        let id = ClientIdUrl::parse("https://client.invalid/doc.json").unwrap();
        assert_eq!(internet.fetch(&id).await, Err(FetchError::Busy));
    }
}
