//! One authorization server for each test, with a clock to move and a member who allows what is asked.

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use playhead_oauth::{Authorization, OAuth, OAuthConfig};
use playhead_schemas::clock::Clock;
use playhead_schemas::{EpochMs, Scope};
use playhead_store::{Member, NewMember, Store, StoreConfig};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;
use url::form_urlencoded;

pub(crate) const ISSUER: &str = "https://play.example";
/// The example of RFC 7636, appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const CALLBACK: &str = "http://127.0.0.1:7777/callback";

/// A running application.
pub(crate) struct TestApp {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) member: Member,
    oauth: OAuth,
    router: Router,
    _dir: TempDir,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) text: String,
    headers: HeaderMap,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl TestApp {
    pub(crate) async fn new() -> Self {
        Self::with(OAuthConfig::default()).await
    }

    /// With other settings; the public URL is always [`ISSUER`], and the clock this app's own.
    pub(crate) async fn with(config: OAuthConfig) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(StoreConfig::for_tests(dir.path())).await.unwrap();
        let workspace = store.default_workspace().await.unwrap().id;
        let new = NewMember {
            workspace,
            email: "ann@example.com".to_owned(),
            name: "Ann".to_owned(),
            password_hash: None,
            must_change_password: false,
            admin: true,
        };
        let member = store.create_member(new).await.unwrap();
        let clock = Clock::manual(EpochMs::now());
        let config = OAuthConfig { public_url: ISSUER.to_owned(), clock: clock.clone(), ..config };
        let oauth = OAuth::new(store.clone(), config).unwrap();
        Self { store, router: oauth.router(), oauth, clock, member, _dir: dir }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let (head, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer { status: head.status, headers: head.headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// Posts a form without a cookie, as clients do.
    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(form(path).body(Body::from(encoded(fields))).unwrap()).await
    }

    pub(crate) async fn register(&self, metadata: Value) -> Answer {
        self.send(Request::post("/register").body(Body::from(metadata.to_string())).unwrap()).await
    }

    /// The id of a client that registered.
    pub(crate) async fn client(&self) -> String {
        let answer = self.register(json!({"client_name": "Robot", "redirect_uris": [CALLBACK]})).await;
        answer.json()["client_id"].as_str().unwrap().to_owned()
    }

    /// A code that the member let the client have.
    pub(crate) async fn code(&self, client: &str) -> String {
        let Ok(Authorization::Ask(request)) = self.oauth.authorization(&authorization(client), true).await else {
            panic!("the request can't be asked")
        };
        let grantable = request.grantable(&self.oauth, &self.member).await.unwrap().unwrap();
        let chosen = [Scope::BugsRead, Scope::BugsWrite];
        let location = request.allow(&self.oauth, &self.member, &grantable, &chosen).await.unwrap().unwrap();
        let (_, query) = location.split_once('?').unwrap();
        form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "code").unwrap().1.into_owned()
    }

    /// Redeems a code as its client does; `more` replaces parameters.
    pub(crate) async fn redeem(&self, client: &str, code: &str, more: &[(&str, &str)]) -> Answer {
        let own =
            [("grant_type", "authorization_code"), ("client_id", client), ("code", code), ("code_verifier", VERIFIER)];
        self.post("/token", &replaced(&own, more)).await
    }

    pub(crate) async fn refresh(&self, client: &str, token: &str, more: &[(&str, &str)]) -> Answer {
        let own = [("grant_type", "refresh_token"), ("client_id", client), ("refresh_token", token)];
        self.post("/token", &replaced(&own, more)).await
    }
}

/// The query of an authorization request.
fn authorization(client: &str) -> String {
    encoded(&[
        ("response_type", "code"),
        ("client_id", client),
        ("redirect_uri", CALLBACK),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("state", "st&te"),
        ("resource", "https://play.example/mcp"),
        ("scope", "bugs:read bugs:write"),
    ])
}

fn replaced<'t>(own: &[(&'t str, &'t str)], more: &[(&'t str, &'t str)]) -> Vec<(&'t str, &'t str)> {
    let kept = own.iter().filter(|(name, _)| more.iter().all(|(other, _)| other != name));
    kept.chain(more.iter().filter(|(_, value)| !value.is_empty())).copied().collect()
}

fn form(path: &str) -> http::request::Builder {
    Request::post(path).header("content-type", "application/x-www-form-urlencoded")
}

fn encoded(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}
