//! Request ids and the log.

use axum::body::Body;
use http::Request;
use playhead_query::{QueryConfig, router};
use playhead_web::testing::{Answer, logged, request_lines, send};
use serde_json::json;

use crate::support::TestServer;

/// Requests of every kind, sent to the routes in this task; with the log of each.
async fn answers(server: &TestServer, secret: &str) -> Vec<(u16, Answer, String)> {
    let router = router(server.store.clone(), QueryConfig::default());
    let mcp = |body: String| {
        let request = Request::post("/mcp?output=text").header("host", "localhost").header("x-request-id", "r-1");
        let request = request.header("content-type", "application/json").header("authorization", secret);
        request.header("accept", "application/json, text/event-stream").body(Body::from(body)).unwrap()
    };
    let rest = |method: &str, path: &str, secret: &str| {
        let request = Request::builder().method(method).uri(path).header("x-request-id", "r-1");
        request.header("authorization", secret).body(Body::empty()).unwrap()
    };
    let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "list_projects"}});
    let mut answers = Vec::new();
    for (status, request) in [
        (200, mcp(call.to_string())),
        (400, mcp("{".to_owned())),
        (200, rest("GET", "/v1/tools", secret)),
        (200, rest("POST", "/v1/tools/list_projects", secret)),
        (404, rest("POST", "/v1/tools/none", secret)),
        (405, rest("DELETE", "/v1/tools", secret)),
        (401, rest("GET", "/v1/tools", "Bearer pht_hunter2")),
        (401, rest("GET", "/p/shop/mcp", "Bearer pht_hunter2")),
    ] {
        let (answer, log) = logged(send(&router, request)).await;
        answers.push((status, answer, log));
    }
    answers
}

#[tokio::test]
async fn every_request_has_an_id_and_one_line_without_secrets() {
    let server = TestServer::new().await;
    let secret = server.reader().await.secret;
    for (status, answer, log) in answers(&server, &format!("Bearer {secret}")).await {
        assert_eq!(answer.status, status, "{}", answer.text);
        assert_eq!((answer.header("x-request-id"), answer.header("cache-control")), ("r-1", "no-store"));
        let lines = request_lines(&log);
        assert_eq!(lines.len(), 1, "{log}");
        assert!(lines[0].contains("id=r-1") && lines[0].contains(&format!("status={status}")), "{log}");
        for hidden in [secret.as_str(), "hunter2"] {
            assert!(!log.contains(hidden) && !answer.text.contains(hidden), "{hidden} in {log} or {}", answer.text);
        }
    }
}
