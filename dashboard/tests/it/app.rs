//! One server for each test, with a clock to move and a browser to sign in.

use std::ops::Deref;
use std::sync::Arc;

use async_trait::async_trait;
use axum::body::Body;
use http::{Request, StatusCode};
use playhead_access::oauth::ClientIdUrl;
use playhead_access::password;
use playhead_dashboard::DashboardConfig;
use playhead_oauth::{ClientDocuments, FetchError, OAuth, OAuthConfig};
use playhead_schemas::EpochMs;
use playhead_schemas::clock::Clock;
use playhead_store::{Member, NewMember, Project, Store, StoreConfig};
use playhead_web::testing::Answer;
use playhead_web::testing::oauth::{ISSUER, Site, authorization_query, encoded, form};
use serde_json::json;
use tempfile::TempDir;

pub(crate) const EMAIL: &str = "ann@example.com";
pub(crate) const PASSWORD: &str = "seven tired herons";
pub(crate) const DOCUMENT: &str = "https://client.example/oauth.json";

/// A running application.
pub(crate) struct TestApp {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) member: Member,
    pub(crate) project: Project,
    site: Site,
    _dir: TempDir,
}

impl Deref for TestApp {
    type Target = Site;
    fn deref(&self) -> &Site {
        &self.site
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
        Self { store, site: Site::new(router), clock, member, project, _dir: dir }
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
    format!("/authorize?{}", authorization_query(client, more))
}
