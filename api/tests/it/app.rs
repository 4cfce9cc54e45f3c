//! One application for each test: a store in its own folder, the routes with those of uploads, a clock to move.

use axum::Router;
use axum::body::Body;
use http::{Method, Request};
use playhead_api::ApiConfig;
use playhead_ingest::IngestConfig;
use playhead_schemas::clock::Clock;
use playhead_schemas::{EpochMs, Scope};
use playhead_store::{NewToken, Project, Store, StoreConfig};
use playhead_web::testing::{self, Answer};
use playhead_worker::{Progress, Worker, WorkerConfig};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const LOCAL_SECRET: &str = "local-secret-of-this-boot";

const HOUR_MS: i64 = 3_600_000;

/// A running application.
pub(crate) struct TestApp {
    pub(crate) store: Store,
    pub(crate) router: Router,
    pub(crate) clock: Clock,
    pub(crate) project: Project,
    /// An ingest key of the project, for every origin.
    pub(crate) key: String,
    _dir: TempDir,
}

impl TestApp {
    pub(crate) async fn new() -> Self {
        Self::with(|config| config).await
    }

    /// One whose API is configured otherwise.
    pub(crate) async fn with(change: impl FnOnce(ApiConfig) -> ApiConfig) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(StoreConfig::for_tests(dir.path())).await.unwrap();
        // The store stamps rows with the machine's time; this clock is ahead of it for as long as any test takes.
        let clock = Clock::manual(EpochMs::now().plus_ms(HOUR_MS));
        let workspace = store.default_workspace().await.unwrap().id;
        let project = store.create_project(workspace, "shop", "Shop").await.unwrap();
        let (_, secret) = store.create_ingest_key(project.id, "test", Vec::new()).await.unwrap();
        let config = ApiConfig {
            local_secret: Some(LOCAL_SECRET.to_owned()),
            clock: clock.clone(),
            trusted_proxies: 1,
            ..ApiConfig::default()
        };
        let router = playhead_ingest::router_with_clock(store.clone(), IngestConfig::default(), clock.clone())
            .merge(playhead_api::router(store.clone(), change(config)));
        Self { store, router, clock, project, key: secret.expose().to_owned(), _dir: dir }
    }

    /// A request with the ingest key.
    pub(crate) fn request(&self, method: Method, path: &str) -> http::request::Builder {
        Request::builder().method(method).uri(path).header("authorization", format!("Bearer {}", self.key))
    }

    /// Puts a JSON body as a segment.
    pub(crate) async fn put(&self, replay: &str, n: u32, body: impl Into<Body>) -> Answer {
        let path = format!("/v1/replays/{replay}/segments/{n}");
        self.send(self.request(Method::PUT, &path).body(body.into()).unwrap()).await
    }

    /// Works until no job is due.
    pub(crate) async fn drain(&self) -> Progress {
        let config = WorkerConfig { threads: 2, ..WorkerConfig::default() };
        let worker = Worker::new(self.store.clone(), config).with_clock(self.clock.clone());
        worker.drain(|_| ()).await.unwrap()
    }

    /// The secret of a token of the workspace with these scopes, changed as `change` says.
    pub(crate) async fn token(&self, scopes: &[Scope], change: impl FnOnce(&mut NewToken)) -> String {
        let mut new = NewToken {
            workspace: self.project.workspace,
            projects: None,
            scopes: scopes.to_vec(),
            label: "test".to_owned(),
            expires_at: None,
            actor: None,
            bound_project: None,
        };
        change(&mut new);
        self.store.create_token(new).await.unwrap().1.expose().to_owned()
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        testing::send(&self.router, request).await
    }

    /// Calls a route as the commands of this machine do.
    pub(crate) async fn admin(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        self.call(LOCAL_SECRET, method, path, body).await
    }

    /// Calls a route with a bearer token.
    pub(crate) async fn call(&self, token: &str, method: Method, path: &str, body: Option<Value>) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {token}"))
            .body(body.map_or_else(Body::empty, |body| Body::from(body.to_string())));
        self.send(request.unwrap()).await
    }
}

/// rrweb events that a transcriber reads.
pub(crate) fn events() -> String {
    let t = 1_795_193_955_508u64;
    let meta = r#"{"href":"https://shop.example/","width":1280,"height":720}"#;
    let node = r#"{"type":0,"id":1,"childNodes":[]}"#;
    format!(
        "[{{\"type\":4,\"timestamp\":{t},\"data\":{meta}}},\
         {{\"type\":2,\"timestamp\":{},\"data\":{{\"node\":{node},\"initialOffset\":{{\"top\":0,\"left\":0}}}}}}]",
        t + 5
    )
}

pub(crate) fn body() -> String {
    format!("{{\"rrweb\":{}}}", events())
}
