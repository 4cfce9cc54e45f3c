//! The tools as plain requests: two addresses, typed JSON or text alone, and how they are described.

use http::StatusCode;
use playhead_query::{QueryConfig, tool_descriptions};
use playhead_schemas::{BugId, Scope};
use serde_json::{Value, json};

use crate::data;
use crate::support::{Caller, TestServer};

/// Calls a tool for who accepts `accept`: status, media type, body.
async fn asked(server: &TestServer, caller: &Caller, accept: &str, arguments: &Value) -> (StatusCode, String, String) {
    let request = server.http.post(format!("{}/api/v1/tools/get_bug", server.url)).bearer_auth(&caller.secret);
    let answer = request.header("accept", accept).json(arguments).send().await.unwrap();
    let media_type = answer.headers()["content-type"].to_str().unwrap().to_owned();
    (answer.status(), media_type, answer.text().await.unwrap())
}

#[tokio::test]
async fn both_addresses_answer_alike() {
    let server = TestServer::new().await;
    let caller = server.reader().await;
    let bug = server.store.create_bug(data::bug(server.shop, "x")).await.unwrap().0.id;
    let arguments = json!({"bug_id": bug});
    let old = caller.rest("get_bug", arguments.clone()).await;
    let (status, media_type, body) = asked(&server, &caller, "application/json", &arguments).await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status.as_u16(), media_type.as_str(), &body), (200, "application/json", &old.1));
    let list =
        server.http.get(format!("{}/api/v1/tools", server.url)).bearer_auth(&caller.secret).send().await.unwrap();
    assert_eq!(list.json::<Value>().await.unwrap()["tools"], Value::from(caller.tools().await));
}

#[tokio::test]
async fn who_accepts_text_gets_the_text_that_a_model_gets() {
    let server = TestServer::new().await;
    let caller = server.reader().await;
    let bug = server.store.create_bug(data::full_bug(server.shop, "r")).await.unwrap().0.id;
    let arguments = json!({"bug_id": bug});
    let told = caller.text("get_bug", arguments.clone()).await;
    for (accept, media_type) in
        [("text/markdown", "text/markdown; charset=utf-8"), ("text/plain", "text/plain; charset=utf-8")]
    {
        let answer = asked(&server, &caller, accept, &arguments).await;
        assert_eq!(answer, (StatusCode::OK, media_type.to_owned(), told.text().to_owned()));
    }
    let (status, media_type, text) = asked(&server, &caller, "text/plain", &json!({"bug_id": BugId::new()})).await;
    assert_eq!((status.as_u16(), media_type.as_str()), (404, "text/plain; charset=utf-8"));
    assert!(text.starts_with("NOT_FOUND: Bug not found. "), "{text}");
    let none = server.bearing("pht_none");
    let (status, media_type, text) = asked(&server, &none, "text/plain", &arguments).await;
    assert_eq!((status.as_u16(), media_type.as_str()), (401, "application/json"), "{text}");
}

#[tokio::test]
async fn every_tool_is_described_as_it_is_listed() {
    let server = TestServer::new().await;
    let listed = server.caller(&Scope::ALL).await.tools().await;
    let described = tool_descriptions(&QueryConfig::default());
    assert_eq!(described.len(), listed.len());
    for (tool, listed) in described.iter().zip(&listed) {
        assert_eq!((json!(tool.name), &tool.input), (listed["name"].clone(), &listed["inputSchema"]));
        assert_eq!(tool.output.as_ref(), listed.get("outputSchema"));
    }
}
