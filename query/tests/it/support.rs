//! A server for one test, and the ways to call it.

use std::net::SocketAddr;

use playhead_query::{QueryConfig, router};
use playhead_schemas::{MemberId, ProjectId, Scope, WorkspaceId};
use playhead_store::{NewMember, NewToken, Store, StoreConfig};
use serde_json::{Value, json};

/// A store in a folder of its own behind a listening server, with the projects `shop` and `other`.
pub(crate) struct TestServer {
    pub(crate) store: Store,
    pub(crate) workspace: WorkspaceId,
    pub(crate) shop: ProjectId,
    pub(crate) other: ProjectId,
    pub(crate) url: String,
    pub(crate) http: reqwest::Client,
    _dir: tempfile::TempDir,
}

/// A caller: a server and a token.
#[derive(Clone)]
pub(crate) struct Caller {
    url: String,
    http: reqwest::Client,
    pub(crate) secret: String,
}

impl TestServer {
    pub(crate) async fn new() -> Self {
        Self::with(QueryConfig::default()).await
    }

    pub(crate) async fn with(config: QueryConfig) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(settings(dir.path())).await.unwrap();
        let workspace = store.default_workspace().await.unwrap().id;
        let shop = store.create_project(workspace, "shop", "Shop").await.unwrap().id;
        let other = store.create_project(workspace, "other", "Other").await.unwrap().id;
        let url = listen(&store, config).await;
        Self { store, workspace, shop, other, url, http: reqwest::Client::new(), _dir: dir }
    }

    /// A server over the same data, closed and opened again.
    pub(crate) async fn reopened(self, config: QueryConfig) -> Self {
        self.store.close().await;
        let store = Store::open(settings(self._dir.path())).await.unwrap();
        let url = listen(&store, config).await;
        Self { store, url, ..self }
    }

    /// Its data folder.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self._dir.path()
    }

    /// A caller with these scopes who sees every project.
    pub(crate) async fn caller(&self, scopes: &[Scope]) -> Caller {
        self.caller_of(scopes, None).await
    }

    /// A caller who reads bugs of every project.
    pub(crate) async fn reader(&self) -> Caller {
        self.caller(&[Scope::BugsRead]).await
    }

    pub(crate) async fn caller_of(&self, scopes: &[Scope], projects: Option<Vec<ProjectId>>) -> Caller {
        let new = NewToken {
            workspace: self.workspace,
            projects,
            scopes: scopes.to_vec(),
            label: "test".to_owned(),
            expires_at: None,
            actor: None,
            bound_project: None,
        };
        let (_, secret) = self.store.create_token(new).await.unwrap();
        self.bearing(secret.expose())
    }

    /// A server of its own over the same store, as after a restart, for a caller with this secret.
    pub(crate) async fn restarted(&self, config: QueryConfig, secret: &str) -> Caller {
        Caller { url: listen(&self.store, config).await, ..self.bearing(secret) }
    }

    /// A caller with a token of all scopes that differs from the plain one as `change` says.
    pub(crate) async fn caller_like(&self, change: impl FnOnce(&mut NewToken)) -> Caller {
        let mut new = NewToken {
            workspace: self.workspace,
            projects: None,
            scopes: Scope::ALL.to_vec(),
            label: "test".to_owned(),
            expires_at: None,
            actor: None,
            bound_project: None,
        };
        change(&mut new);
        let (_, secret) = self.store.create_token(new).await.unwrap();
        self.bearing(secret.expose())
    }

    /// A member without any role.
    pub(crate) async fn member(&self) -> MemberId {
        let new = NewMember {
            workspace: self.workspace,
            email: format!("{}@example.com", MemberId::new()),
            name: "Ann".to_owned(),
            password_hash: None,
            must_change_password: false,
            admin: false,
        };
        self.store.create_member(new).await.unwrap().id
    }

    /// A caller with this secret.
    pub(crate) fn bearing(&self, secret: &str) -> Caller {
        Caller { url: self.url.clone(), http: self.http.clone(), secret: secret.to_owned() }
    }
}

fn settings(dir: &std::path::Path) -> StoreConfig {
    StoreConfig { readers: 2, results_memory_mib: 256, results_threads: 1, ..StoreConfig::for_tests(dir) }
}

async fn listen(store: &Store, config: QueryConfig) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let routes = router(store.clone(), QueryConfig { public_url: url.clone(), ..config });
    let routes = routes.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    url
}

impl Caller {
    /// Calls a tool over REST: the HTTP status and the body.
    pub(crate) async fn rest(&self, tool: &str, arguments: Value) -> (u16, Value) {
        let request = self.http.post(format!("{}/v1/tools/{tool}", self.url)).bearer_auth(&self.secret);
        let response = request.json(&arguments).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    /// A successful call over REST.
    pub(crate) async fn call(&self, tool: &str, arguments: Value) -> Called {
        let (status, body) = self.rest(tool, arguments.clone()).await;
        assert_eq!(status, 200, "{tool} {arguments}: {body}");
        assert_eq!(body["isError"], false);
        Called(body)
    }

    /// A refused call over REST, after the two forms were checked to say the same.
    pub(crate) async fn refused(&self, tool: &str, arguments: Value) -> Refused {
        let (status, body) = self.rest(tool, arguments.clone()).await;
        assert_eq!(body["isError"], true, "{tool} {arguments}: {body}");
        let error = &body["structuredContent"];
        let part = |key: &str| error[key].as_str().unwrap().to_owned();
        let refused = Refused { status, code: part("code"), message: part("message"), action: part("action") };
        let text = body["content"][0]["text"].as_str().unwrap();
        for part in [&refused.code, &refused.message, &refused.action] {
            assert!(!part.is_empty() && text.contains(part.as_str()), "{part:?} in {text:?}");
        }
        refused
    }

    /// A successful call in a form.
    pub(crate) async fn call_in(&self, form: Form, tool: &str, arguments: Value) -> Called {
        let path = match form {
            Form::Rest => return self.call(tool, arguments).await,
            Form::Text => "/mcp",
            Form::Structured => "/mcp?output=structured",
        };
        let (status, _, body) = self.call_at(path, tool, arguments.clone()).await;
        assert_eq!((status, &body["isError"]), (200, &json!(false)), "{tool} {arguments}: {body}");
        Called(body)
    }

    /// A successful call over MCP, answered as text alone.
    pub(crate) async fn text(&self, tool: &str, arguments: Value) -> Called {
        self.call_in(Form::Text, tool, arguments).await
    }

    /// The HTTP status of a call over REST that may be answered in any form.
    pub(crate) async fn refused_status(&self, tool: &str) -> u16 {
        self.rest(tool, json!({})).await.0
    }

    /// The seconds that a refused call over REST says to wait.
    pub(crate) async fn retry_after(&self, tool: &str, arguments: Value) -> u64 {
        let request = self.http.post(format!("{}/v1/tools/{tool}", self.url)).bearer_auth(&self.secret);
        let response = request.json(&arguments).send().await.unwrap();
        response.headers()["retry-after"].to_str().unwrap().parse().unwrap()
    }

    /// The tools that REST lists.
    pub(crate) async fn tools(&self) -> Vec<Value> {
        let request = self.http.get(format!("{}/v1/tools", self.url)).bearer_auth(&self.secret);
        let body: Value = request.send().await.unwrap().json().await.unwrap();
        body["tools"].as_array().unwrap().clone()
    }

    /// A request to `/mcp`, ready for further headers.
    pub(crate) fn mcp(&self, body: &Value) -> reqwest::RequestBuilder {
        self.mcp_at("/mcp", body)
    }

    /// A request to an MCP endpoint, ready for further headers.
    pub(crate) fn mcp_at(&self, path: &str, body: &Value) -> reqwest::RequestBuilder {
        self.http
            .post(format!("{}{path}", self.url))
            .bearer_auth(&self.secret)
            .header("Accept", "application/json, text/event-stream")
            .json(body)
    }

    /// A call of a tool at an MCP endpoint: status, challenge, and the result or the body of the refusal.
    pub(crate) async fn call_at(&self, path: &str, tool: &str, arguments: Value) -> (u16, String, Value) {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": {"name": tool, "arguments": arguments}});
        let response = self.mcp_at(path, &body).send().await.unwrap();
        let challenge = response.headers().get("www-authenticate");
        let challenge = challenge.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
        let status = response.status().as_u16();
        let body: Value = response.json().await.unwrap();
        (status, challenge, body.get("result").unwrap_or(&body).clone())
    }

    /// A request of the 2026-07-28 era: metadata in the body, and the headers that repeat it.
    pub(crate) fn modern(&self, method: &str, mut params: Value) -> reqwest::RequestBuilder {
        params["_meta"] = modern_meta();
        let name = params["name"].as_str().unwrap_or_default().to_owned();
        let request = self
            .mcp(&json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}))
            .header("MCP-Protocol-Version", MODERN)
            .header("Mcp-Method", method);
        if name.is_empty() { request } else { request.header("Mcp-Name", name) }
    }
}

pub(crate) const MODERN: &str = "2026-07-28";

pub(crate) fn modern_meta() -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientInfo": {"name": "modern-client", "version": "2"},
        "io.modelcontextprotocol/clientCapabilities": {}
    })
}

/// How a tool is called, and so in which form it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Over REST: typed JSON, and text beside it.
    Rest,
    /// Over MCP: text alone.
    Text,
    /// Over MCP as programs ask for it: typed JSON, which is the text too.
    Structured,
}

impl Form {
    pub(crate) const ALL: [Self; 3] = [Self::Rest, Self::Text, Self::Structured];
}

/// A result.
pub(crate) struct Called(pub(crate) Value);

impl Called {
    pub(crate) fn text(&self) -> &str {
        self.0["content"][0]["text"].as_str().unwrap()
    }

    /// The typed form; null when there is none.
    pub(crate) fn data(&self) -> &Value {
        &self.0["structuredContent"]
    }

    /// The cursor of the next page, from the typed form or from the text.
    pub(crate) fn cursor(&self) -> Option<&str> {
        if !self.data().is_null() {
            return self.data()["next_cursor"].as_str();
        }
        let (_, rest) = self.text().rsplit_once("cursor \"")?;
        Some(rest.split_once('"')?.0)
    }

    /// Tokens of the form that counts.
    pub(crate) fn tokens(&self) -> usize {
        match self.data() {
            Value::Null => playhead_query::count_llm_tokens(self.text()),
            data => playhead_query::count_llm_tokens(&data.to_string()),
        }
    }
}

/// Every page of a list, from the first to the last.
pub(crate) async fn walk(caller: &Caller, form: Form, tool: &str, arguments: Value) -> Vec<Called> {
    let mut pages = vec![caller.call_in(form, tool, arguments.clone()).await];
    while let Some(cursor) = pages.last().unwrap().cursor() {
        let mut next = arguments.clone();
        next["cursor"] = json!(cursor);
        assert!(pages.last().unwrap().text().contains(cursor), "the text states the way on");
        pages.push(caller.call_in(form, tool, next).await);
        assert!(pages.len() < 1_000, "no end");
    }
    pages
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) action: String,
}
