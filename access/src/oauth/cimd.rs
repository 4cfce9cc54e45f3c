//! Client-ID metadata documents: a client whose id is the URL of a document that describes it.

use url::{Host, Url};

use super::client::{Metadata, RegisteredClient};
use super::error::{OAuthError, Refusal};

/// A document, in bytes: 5 KB (the draft's recommendation, section 6.6).
pub const DOCUMENT_BYTES_MAX: usize = 5 * 1024;
/// A client id, in bytes.
const URL_BYTES_MAX: usize = 1000;

/// A client id that is a URL, which may be fetched if its host resolves to public addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientIdUrl {
    text: String,
    url: Url,
}

impl ClientIdUrl {
    /// True when a client id is meant to be a URL, good or bad.
    pub fn is_meant(client_id: &str) -> bool {
        client_id.contains("://")
    }

    /// Reads a client id: `https`, a host name (never an address), the usual port, a path, and nothing that two parsers
    /// could read differently.
    ///
    /// # Errors
    /// `invalid_client`, with what is wrong.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let refuse = |description| Refusal::new(OAuthError::InvalidClient, description);
        if text.len() > URL_BYTES_MAX || !text.bytes().all(|b| (0x21..0x7f).contains(&b)) {
            return Err(refuse("a client id that is a URL has at most 1,000 printable characters"));
        }
        let url = Url::parse(text).map_err(|_| refuse("the client id is not a URL"))?;
        if url.as_str() != text {
            return Err(refuse("a client id that is a URL must be written in its normal form"));
        }
        if url.scheme() != "https" {
            return Err(refuse("a client id that is a URL must be https"));
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() || url.query().is_some() {
            return Err(refuse("a client id that is a URL has no user, query or fragment"));
        }
        if url.path() == "/" {
            return Err(refuse("a client id that is a URL has a path"));
        }
        if url.port().is_some() {
            return Err(refuse("a client id that is a URL has no port"));
        }
        match url.host() {
            Some(Host::Domain(name)) if name.contains('.') && !name.ends_with('.') => {}
            _ => return Err(refuse("a client id that is a URL has a public host name, not an address")),
        }
        Ok(Self { text: text.to_owned(), url })
    }

    /// The id as it was sent.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The name to resolve.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }
}

/// Reads the document of a client id.
///
/// # Errors
/// `invalid_client` when it is none, or that of another client; `invalid_redirect_uri` when a redirect URI can't be used.
pub fn check_document(id: &ClientIdUrl, body: &[u8]) -> Result<RegisteredClient, Refusal> {
    let refuse = |description| Refusal::new(OAuthError::InvalidClient, description);
    if body.len() > DOCUMENT_BYTES_MAX {
        return Err(refuse("the client's document has more than 5 KB"));
    }
    let metadata = Metadata::read(body).ok_or(refuse("the client's document is not client metadata as JSON"))?;
    if metadata.client_id.as_deref() != Some(id.as_str()) {
        return Err(refuse("the client_id in the client's document is not its URL"));
    }
    if metadata.client_secret.is_some() {
        return Err(refuse("the client's document must not hold a secret"));
    }
    if !matches!(metadata.token_endpoint_auth_method.as_deref(), None | Some("none")) {
        return Err(refuse("the client's document must have token_endpoint_auth_method none"));
    }
    let registration = metadata.registration(id.host())?;
    Ok(RegisteredClient {
        id: id.as_str().to_owned(),
        name: registration.name,
        redirect_uris: registration.redirect_uris,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::{Value, json};

    use super::*;

    const ID: &str = "https://client.example/oauth/metadata.json";

    #[test]
    fn only_plain_public_https_urls() {
        assert!(ClientIdUrl::parse(ID).is_ok());
        assert!(ClientIdUrl::is_meant(ID) && ClientIdUrl::is_meant("http://x/") && !ClientIdUrl::is_meant("01J0"));
        for bad in [
            "http://client.example/a",
            "https://client.example",
            "https://client.example/",
            "https://client.example/a#b",
            "https://client.example/a?b",
            "https://u@client.example/a",
            "https://client.example:8443/a",
            "https://client.example:443/a",
            "https://client.example/../a",
            "https://client.example/a/./b",
            "https://CLIENT.example/a",
            "https://127.0.0.1/a",
            "https://0177.0.0.1/a",
            "https://0x7f000001/a",
            "https://2130706433/a",
            "https://127.1/a",
            "https://[::1]/a",
            "https://[::ffff:127.0.0.1]/a",
            "https://localhost/a",
            "https://metadata/a",
            "https://client.example./a",
            "https://client.example/a b",
            "https://client.example\\@127.0.0.1/a",
            "file:///etc/passwd",
            "ftp://client.example/a",
            "https://",
        ] {
            assert!(ClientIdUrl::parse(bad).is_err(), "{bad}");
        }
    }

    fn check(document: Value) -> Result<RegisteredClient, Refusal> {
        check_document(&ClientIdUrl::parse(ID).unwrap(), document.to_string().as_bytes())
    }

    #[test]
    fn a_document_speaks_for_its_own_url_alone() {
        let good = json!({"client_id": ID, "client_name": "Client", "redirect_uris": ["http://localhost/callback"]});
        let client = check(good.clone()).unwrap();
        assert_eq!((client.id.as_str(), client.name.as_str()), (ID, "Client"));
        assert!(client.redirect("http://localhost:7777/callback").is_some());
        let with = |name: &str, value: Value| {
            let mut document = good.clone();
            document[name] = value;
            check(document)
        };
        assert_eq!(with("client_name", Value::Null).unwrap().name, "client.example");
        for (name, value) in [
            ("client_id", json!("https://client.example/oauth/other.json")),
            ("client_id", Value::Null),
            ("client_secret", json!("s")),
            ("token_endpoint_auth_method", json!("client_secret_basic")),
            ("token_endpoint_auth_method", json!("private_key_jwt")),
            ("redirect_uris", json!([])),
            ("redirect_uris", json!(["http://evil.example/"])),
            ("client_name", json!("x".repeat(6000))),
            ("grant_types", json!(["implicit"])),
        ] {
            assert!(with(name, value.clone()).is_err(), "{name} {value}");
        }
        assert!(check(json!("text")).is_err());
    }
}
