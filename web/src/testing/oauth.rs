//! An OAuth client, as far as it talks to the server itself: registration, tokens, and the query of its authorization
//! request.

use axum::Router;
use axum::body::Body;
use http::Request;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{Answer, get, send};

/// The public URL of the servers that are tested.
pub const ISSUER: &str = "https://play.example";
/// The example of RFC 7636, appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// Where the client takes codes.
pub const CALLBACK: &str = "http://127.0.0.1:7777/callback";

/// A server, as a client without cookies sees it.
#[derive(Clone, Debug)]
pub struct Site {
    router: Router,
}

impl Site {
    /// The server behind a router.
    pub fn new(router: Router) -> Self {
        Self { router }
    }

    /// Sends a request.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        send(&self.router, request).await
    }

    /// Asks for a path.
    pub async fn get(&self, path: &str) -> Answer {
        get(&self.router, path).await
    }

    /// Posts a form.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(form(path).body(Body::from(encoded(fields))).unwrap()).await
    }

    /// Registers a client.
    pub async fn register(&self, metadata: Value) -> Answer {
        self.send(Request::post("/register").body(Body::from(metadata.to_string())).unwrap()).await
    }

    /// The id of a client that registered.
    pub async fn client(&self) -> String {
        let answer = self.register(json!({"client_name": "Robot", "redirect_uris": [CALLBACK]})).await;
        answer.json["client_id"].as_str().unwrap().to_owned()
    }

    /// Redeems a code as its client does; `more` replaces parameters.
    pub async fn redeem(&self, client: &str, code: &str, more: &[(&str, &str)]) -> Answer {
        let own =
            [("grant_type", "authorization_code"), ("client_id", client), ("code", code), ("code_verifier", VERIFIER)];
        self.post("/token", &replaced(&own, more)).await
    }

    /// Refreshes a token as its client does; `more` replaces parameters.
    pub async fn refresh(&self, client: &str, token: &str, more: &[(&str, &str)]) -> Answer {
        let own = [("grant_type", "refresh_token"), ("client_id", client), ("refresh_token", token)];
        self.post("/token", &replaced(&own, more)).await
    }
}

/// The query of an authorization request; `more` replaces parameters, an empty value leaves one out.
pub fn authorization_query(client: &str, more: &[(&str, &str)]) -> String {
    let own = [
        ("response_type", "code"),
        ("client_id", client),
        ("redirect_uri", CALLBACK),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("state", "st&te"),
        ("resource", "https://play.example/mcp"),
        ("scope", "bugs:read bugs:write"),
    ];
    encoded(&replaced(&own, more))
}

/// A request that posts a form.
pub fn form(path: &str) -> http::request::Builder {
    Request::post(path).header("content-type", "application/x-www-form-urlencoded")
}

/// Fields as a form has them.
pub fn encoded(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

fn replaced<'t>(own: &[(&'t str, &'t str)], more: &[(&'t str, &'t str)]) -> Vec<(&'t str, &'t str)> {
    let kept = own.iter().filter(|(name, _)| more.iter().all(|(other, _)| other != name));
    kept.chain(more.iter().filter(|(_, value)| !value.is_empty())).copied().collect()
}
