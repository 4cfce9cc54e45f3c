//! Messages that are no requests, and parameters that can't be read.

use playhead_query::{Principal, QueryConfig, serve_io};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

use crate::mcp::{body, request};
use crate::support::TestServer;

#[tokio::test]
async fn what_is_no_message_is_an_error_of_json_rpc() {
    let server = TestServer::new().await;
    let caller = server.reader().await;
    let post = |text: &'static str, kind: &'static str| {
        let request = server.http.post(format!("{}/mcp", server.url)).bearer_auth(&caller.secret).body(text);
        request.header("Accept", "application/json, text/event-stream").header("Content-Type", kind)
    };
    for (text, code, id) in [
        ("", -32700, Value::Null),
        ("nonsense", -32700, Value::Null),
        ("{\"jsonrpc\":\"2.0\",", -32700, Value::Null),
        ("[]", -32600, Value::Null),
        ("{}", -32600, Value::Null),
        ("{\"jsonrpc\":\"2.0\",\"id\":7}", -32600, json!(7)),
        ("{\"jsonrpc\":\"1.0\",\"id\":\"a\",\"method\":\"tools/list\"}", -32600, json!("a")),
    ] {
        let (status, answer) = body(post(text, "application/json; charset=utf-8")).await;
        assert_eq!((status, &answer["error"]["code"], &answer["id"]), (400, &json!(code), &id), "{text}: {answer}");
        assert_eq!(answer["jsonrpc"], "2.0");
    }
    assert_eq!(post("{}", "text/plain").send().await.unwrap().status(), 415, "it does not say that it is JSON");
}

#[tokio::test]
async fn parameters_that_cannot_be_read_are_invalid_params() {
    let server = TestServer::new().await;
    let caller = server.reader().await;
    for params in [
        json!({"name": "list_bugs", "arguments": "none"}),
        json!({"name": "list_bugs", "arguments": []}),
        json!({"name": 5, "arguments": {}}),
        json!({"arguments": {}}),
    ] {
        let (status, answer) = body(caller.mcp(&request("tools/call", params.clone()))).await;
        assert_eq!((status, &answer["error"]["code"]), (200, &json!(-32602)), "{params}: {answer}");
        assert!(answer["error"]["message"].as_str().unwrap().contains("name, a text, and arguments, an object"));
        if params["name"].is_string() {
            let (status, answer) = body(caller.modern("tools/call", params.clone())).await;
            assert_eq!((status, &answer["error"]["code"]), (200, &json!(-32602)), "{params}: {answer}");
        }
    }
    for method in ["tools/list", "tools/call", "initialize", "ping"] {
        for params in [json!(5), json!("x"), json!(true), json!([1])] {
            let (_, answer) = body(caller.mcp(&request(method, params.clone()))).await;
            assert_eq!((&answer["id"], &answer["error"]["code"]), (&json!(7), &json!(-32602)), "{method} {params}");
        }
    }
    let (status, answer) = body(caller.mcp(&request("bugs/steal", json!({})))).await;
    assert_eq!((status, &answer["error"]["code"]), (200, &json!(-32601)), "{answer}");
    let said = answer["error"]["message"].as_str().unwrap();
    assert!(said.starts_with("The method bugs/steal is not known") && said.ends_with('.'), "{said}");
}

#[tokio::test]
async fn over_streams_parameters_are_checked_too() {
    let server = TestServer::new().await;
    let principal = Principal::local(server.workspace);
    let (near, far) = tokio::io::duplex(1 << 20);
    let (input, output) = tokio::io::split(far);
    tokio::spawn(serve_io(server.store.clone(), principal, QueryConfig::default(), input, output));
    let (answers, mut requests) = tokio::io::split(near);
    let mut answers = BufReader::new(answers).lines();
    let client =
        json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "c", "version": "1"}});
    for message in [
        request("initialize", client),
        json!({"jsonrpc": "2.0", "method": "notifications/initialized"}),
        request("tools/call", json!({"name": "list_bugs", "arguments": "none"})),
    ] {
        requests.write_all(format!("{message}\n").as_bytes()).await.unwrap();
    }
    answers.next_line().await.unwrap().unwrap();
    let refused: Value = serde_json::from_str(&answers.next_line().await.unwrap().unwrap()).unwrap();
    assert_eq!((&refused["id"], &refused["error"]["code"]), (&json!(7), &json!(-32602)), "{refused}");
}
