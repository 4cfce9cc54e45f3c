//! One server for each test, with a clock to move and a browser to sign in.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use playhead_access::oauth::ClientIdUrl;
use playhead_access::password;
use playhead_dashboard::DashboardConfig;
use playhead_oauth::{ClientDocuments, FetchError, OAuth, OAuthConfig};
use playhead_schemas::EpochMs;
use playhead_schemas::clock::Clock;
use playhead_store::{Member, NewMember, Project, Store, StoreConfig};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;
use url::form_urlencoded;

pub(crate) const ISSUER: &str = "https://play.example";
pub(crate) const EMAIL: &str = "ann@example.com";
pub(crate) const PASSWORD: &str = "seven tired herons";
/// The example of RFC 7636, appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const CALLBACK: &str = "http://127.0.0.1:7777/callback";
pub(crate) const DOCUMENT: &str = "https://client.example/oauth.json";

/// A running application.
pub(crate) struct TestApp {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) member: Member,
    pub(crate) project: Project,
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

    /// The parameters of the redirect.
    pub(crate) fn sent(&self) -> BTreeMap<String, String> {
        let query = self.header("location").split_once('?').map_or("", |(_, query)| query);
        form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }

    /// The value of a hidden field of the page.
    pub(crate) fn hidden(&self, name: &str) -> String {
        let marker = format!("name=\"{name}\" value=\"");
        let rest = self.text.split_once(&marker).unwrap_or_else(|| panic!("no field {name}: {}", self.text)).1;
        rest.split('"').next().unwrap().replace("&amp;", "&")
    }
}

/// The one document that there is.
struct Documents;

#[async_trait]
impl ClientDocuments for Documents {
    async fn fetch(&self, id: &ClientIdUrl) -> Result<Vec<u8>, FetchError> {
        if id.as_str() != DOCUMENT {
            return Err(FetchError::Unreachable);
        }
        let uris = ["http://127.0.0.1/callback"];
        Ok(json!({"client_id": DOCUMENT, "client_name": "Editor", "redirect_uris": uris}).to_string().into_bytes())
    }
}

impl TestApp {
    pub(crate) async fn new() -> Self {
        Self::with(DashboardConfig::default()).await
    }

    /// With other settings; the public URL is always [`ISSUER`], and the clock this app's own.
    pub(crate) async fn with(config: DashboardConfig) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(StoreConfig::for_tests(dir.path())).await.unwrap();
        let workspace = store.default_workspace().await.unwrap().id;
        let project = store.create_project(workspace, "shop", "Shop").await.unwrap();
        let new = NewMember {
            workspace,
            email: EMAIL.to_owned(),
            name: "Ann".to_owned(),
            password_hash: Some(password::hash(PASSWORD).unwrap()),
            must_change_password: false,
            admin: true,
        };
        let member = store.create_member(new).await.unwrap();
        let clock = Clock::manual(EpochMs::now());
        let oauth = OAuthConfig { public_url: ISSUER.to_owned(), clock: clock.clone(), ..OAuthConfig::default() };
        let oauth = OAuth::with_documents(store.clone(), oauth, Arc::new(Documents)).unwrap();
        let config = DashboardConfig { clock: clock.clone(), ..config };
        let router = oauth.router().merge(playhead_dashboard::router(store.clone(), oauth, config));
        Self { store, router, clock, member, project, _dir: dir }
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

    /// A browser that signed in.
    pub(crate) async fn browser(&self) -> Browser<'_> {
        let mut browser = Browser::new(self);
        let answer = browser.sign_in(EMAIL, PASSWORD).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        browser
    }

    /// A code that a member let the client have.
    pub(crate) async fn code(&self, client: &str) -> String {
        self.browser().await.allow(client).await.sent()["code"].clone()
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

/// A browser: it keeps its newest cookie.
pub(crate) struct Browser<'a> {
    app: &'a TestApp,
    pub(crate) cookie: String,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(app: &'a TestApp) -> Self {
        Self { app, cookie: String::new() }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        let request = Request::get(path).header("cookie", &self.cookie).body(Body::empty()).unwrap();
        let answer = self.app.send(request).await;
        self.keep(answer)
    }

    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = form(path).header("cookie", &self.cookie).header("origin", ISSUER);
        let answer = self.app.send(request.body(Body::from(encoded(fields))).unwrap()).await;
        self.keep(answer)
    }

    pub(crate) async fn sign_in(&mut self, email: &str, password: &str) -> Answer {
        let csrf = self.get("/sign-in").await.hidden("csrf");
        self.post("/sign-in", &[("csrf", &csrf), ("email", email), ("password", password)]).await
    }

    /// Asks for consent and allows what is asked.
    pub(crate) async fn allow(&mut self, client: &str) -> Answer {
        let page = self.get(&authorize(client, &[])).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        let (csrf, request) = (page.hidden("csrf"), page.hidden("request"));
        let fields = [("csrf", csrf.as_str()), ("request", &request), ("decision", "allow")];
        let scopes = [("scope", "bugs:read"), ("scope", "bugs:write")];
        self.post("/authorize", &[&fields[..], &scopes].concat()).await
    }

    fn keep(&mut self, answer: Answer) -> Answer {
        if let Some(set) = answer.headers.get_all("set-cookie").iter().next_back() {
            self.cookie = set.to_str().unwrap().split(';').next().unwrap().to_owned();
        }
        answer
    }
}

/// The path of an authorization request; `more` replaces parameters, an empty value leaves one out.
pub(crate) fn authorize(client: &str, more: &[(&str, &str)]) -> String {
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
    format!("/authorize?{}", encoded(&replaced(&own, more)))
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
