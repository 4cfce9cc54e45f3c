//! What the tests of the surfaces share: sending a request to a router, answers that were read to their end, what is
//! logged, the checks of an OpenAPI document, and an OAuth client.
//!
//! Behind the feature `testing`, which only dev-dependencies have: nothing of it is in a server. It panics where an
//! assertion fails.
#![allow(clippy::unwrap_used)]

mod log;
pub mod oauth;
pub mod openapi;

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;
use url::form_urlencoded;

pub use log::{logged, request_lines};

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub text: String,
    /// The body as JSON; null when it is none.
    pub json: Value,
}

/// Sends a request to a router, and reads the answer to its end.
pub async fn send(router: &Router, request: Request<Body>) -> Answer {
    let (head, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let json = serde_json::from_slice(&bytes).unwrap_or_default();
    Answer { status: head.status, headers: head.headers, text: String::from_utf8(bytes.to_vec()).unwrap(), json }
}

/// Asks a router for a path.
pub async fn get(router: &Router, path: &str) -> Answer {
    send(router, Request::get(path).body(Body::empty()).unwrap()).await
}

impl Answer {
    /// The value of a header; empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Asserts a refusal, which says what was wrong and what to do.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        let error = &self.json["error"];
        assert_eq!(error["code"], code, "{}", self.text);
        for field in ["message", "action", "request_id"] {
            assert!(!error[field].as_str().unwrap().is_empty(), "{field}: {}", self.text);
        }
        assert_eq!(self.header("x-request-id"), error["request_id"].as_str().unwrap());
        self
    }

    /// Asserts that the work is durable and will be done.
    #[track_caller]
    pub fn accepted(&self) -> &Self {
        assert_eq!(self.status, StatusCode::ACCEPTED, "{}", self.text);
        self
    }

    /// The parameters of the redirect.
    pub fn sent(&self) -> BTreeMap<String, String> {
        let query = self.header("location").split_once('?').map_or("", |(_, query)| query);
        form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }

    /// The value of a hidden field of the page.
    pub fn hidden(&self, name: &str) -> String {
        let marker = format!("name=\"{name}\" value=\"");
        let rest = self.text.split_once(&marker).unwrap_or_else(|| panic!("no field {name}: {}", self.text)).1;
        rest.split('"').next().unwrap().replace("&amp;", "&")
    }

    /// What a refusal says was wrong.
    pub fn message(&self) -> &str {
        self.json["error"]["message"].as_str().unwrap_or_default()
    }

    /// What a refusal says to do.
    pub fn action(&self) -> &str {
        self.json["error"]["action"].as_str().unwrap_or_default()
    }
}
