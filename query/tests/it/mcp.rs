//! The protocol: both eras, a real client, stdio, and requests that lie.

use playhead_query::{Principal, QueryConfig, serve_io};
use playhead_schemas::Scope;
use rmcp::model::{CallToolRequestParams, ClientConfig, ProtocolVersion};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::{ClientLifecycleMode, ClientServiceExt, ServiceExt};
use serde_json::{Value, json};

use crate::data::{clicks, coupon_timeline, transcribed};
use crate::support::{Caller, MODERN, TestServer, modern_meta};

const LEGACY: [&str; 4] = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];

/// The answer to a request: its status, and its body, which is JSON.
pub(crate) async fn body(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    assert_eq!(response.headers()["content-type"], "application/json");
    (status, response.json().await.unwrap())
}

/// A request of JSON-RPC.
pub(crate) fn request(method: &str, params: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params})
}

/// The tools as a client of text sees them: as REST lists them, but without output schemas.
async fn text_tools(caller: &Caller) -> Value {
    let mut tools = caller.tools().await;
    for tool in &mut tools {
        tool.as_object_mut().unwrap().remove("outputSchema");
    }
    Value::Array(tools)
}

#[tokio::test]
async fn clients_before_2026_are_served() {
    let server = TestServer::new().await;
    let (bug, _) = transcribed(&server.store, server.shop, &clicks(2), "s").await;
    let caller = server.reader().await;
    for version in LEGACY {
        let params =
            json!({"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "old", "version": "1"}});
        let (status, opened) = body(caller.mcp(&request("initialize", params))).await;
        assert_eq!(status, 200);
        assert_eq!(opened["result"]["protocolVersion"], version);
        assert_eq!(opened["result"]["serverInfo"]["name"], "playhead");
        assert!(opened["result"]["instructions"].as_str().unwrap().contains("untrusted"));

        let initialized = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        let accepted = caller.mcp(&initialized).header("MCP-Protocol-Version", version).send().await.unwrap();
        assert_eq!(accepted.status(), 202);

        let (_, listed) =
            body(caller.mcp(&request("tools/list", json!({}))).header("MCP-Protocol-Version", version)).await;
        assert_eq!(listed["result"]["tools"], text_tools(&caller).await);
        let params = json!({"name": "get_replay_transcript", "arguments": {"bug_id": bug, "verbosity": "detailed"}});
        let (_, called) =
            body(caller.mcp(&request("tools/call", params)).header("MCP-Protocol-Version", version)).await;
        let result = &called["result"];
        assert_eq!(result["isError"], false, "{called}");
        assert!(result["content"][0]["text"].as_str().unwrap().contains("m2 00:02.0"));
        assert_eq!(result.get("structuredContent"), None, "a model would be charged twice");
        assert_eq!(result.get("resultType"), None, "older clients don't know it");
    }
    // Without the header, 2025-03-26 is meant.
    let (status, listed) = body(caller.mcp(&request("tools/list", json!({})))).await;
    assert_eq!((status, listed["result"]["tools"].as_array().unwrap().len()), (200, 14));
}

#[tokio::test]
async fn clients_of_2026_are_served() {
    let server = TestServer::new().await;
    let (bug, _) = transcribed(&server.store, server.shop, &clicks(2), "s").await;
    let caller = server.reader().await;
    let (status, discovered) = body(caller.modern("server/discover", json!({}))).await;
    assert_eq!(status, 200, "{discovered}");
    let result = &discovered["result"];
    assert!(result["supportedVersions"].as_array().unwrap().contains(&json!(MODERN)), "{result}");
    assert_eq!(result["resultType"], "complete");

    let (_, listed) = body(caller.modern("tools/list", json!({}))).await;
    let result = &listed["result"];
    assert_eq!(result["tools"], text_tools(&caller).await);
    assert_eq!(result["cacheScope"], "private", "what is listed depends on the token");
    assert!(result["ttlMs"].is_number());

    let params = json!({"name": "get_replay_transcript", "arguments": {"bug_id": bug}});
    let (status, called) = body(caller.modern("tools/call", params)).await;
    assert_eq!(status, 200);
    assert_eq!(called["result"]["resultType"], "complete");
    assert_eq!(called["result"]["isError"], false, "{called}");
}

#[tokio::test]
async fn failures_of_tools_are_results() {
    let server = TestServer::new().await;
    let caller = server.reader().await;
    for (name, arguments, code) in [
        ("no_such_tool", json!({}), "NOT_FOUND"),
        ("list_bugs", json!({"limit": 0}), "INVALID_INPUT"),
        ("get_bug", json!({"bug_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV"}), "NOT_FOUND"),
    ] {
        let params = json!({"name": name, "arguments": arguments});
        let modern = caller.modern("tools/call", params.clone());
        let legacy = caller.mcp(&request("tools/call", params));
        for era in [modern, legacy] {
            let (status, called) = body(era).await;
            assert_eq!((status, called.get("error")), (200, None), "{name}: {called}");
            assert_eq!(called["result"]["isError"], true);
            assert_eq!(called["result"].get("structuredContent"), None);
            assert!(called["result"]["content"][0]["text"].as_str().unwrap().starts_with(code));
        }
    }
}

#[tokio::test]
async fn programs_get_typed_answers_when_they_ask_for_them() {
    let server = TestServer::new().await;
    let (bug, _) = transcribed(&server.store, server.shop, &coupon_timeline(), "s").await;
    let caller = server.reader().await;
    let list = request("tools/list", json!({}));
    let call = request("tools/call", json!({"name": "get_bug_context", "arguments": {"bug_id": bug}}));
    let wrong = request("tools/call", json!({"name": "get_bug", "arguments": {}}));
    let by_query = |body: &Value| caller.mcp_at("/mcp?output=structured", body);
    let by_header = |body: &Value| caller.mcp(body).header("Playhead-Output", "structured");
    for ask in [&by_query as &dyn Fn(&Value) -> reqwest::RequestBuilder, &by_header] {
        let (_, listed) = body(ask(&list)).await;
        assert_eq!(listed["result"]["tools"], Value::Array(caller.tools().await), "with output schemas");
        let (_, called) = body(ask(&call)).await;
        let result = &called["result"];
        let text: Value = serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap();
        assert_eq!(text, result["structuredContent"], "the text is the same JSON");
        assert_eq!(result["structuredContent"]["id"], json!(bug));
        let (_, refused) = body(ask(&wrong)).await;
        let result = &refused["result"];
        assert_eq!(result["structuredContent"]["code"], "INVALID_INPUT");
        assert!(result["content"][0]["text"].as_str().unwrap().contains("bug_id"), "the text says everything");
    }
    let text = body(caller.mcp_at("/mcp?output=text", &call).header("Playhead-Output", "structured")).await.1;
    assert_eq!(text["result"].get("structuredContent"), None, "the query goes before the header");
    for (path, header) in [("/mcp?output=json", "text"), ("/mcp", "xml")] {
        let (status, refused) = body(caller.mcp_at(path, &call).header("Playhead-Output", header)).await;
        assert_eq!((status, &refused["code"]), (400, &json!("INVALID_INPUT")), "{refused}");
        assert!(refused["message"].as_str().unwrap().contains("text, structured"), "{refused}");
    }
}

#[tokio::test]
async fn requests_that_lie_or_ask_for_too_much_are_refused() {
    let server = TestServer::new().await;
    let (bug, _) = transcribed(&server.store, server.shop, &clicks(2), "s").await;
    let caller = server.reader().await;
    let call =
        |name: &str| request("tools/call", json!({"name": name, "arguments": {"bug_id": bug}, "_meta": modern_meta()}));
    let with = |body: &Value, version: &str, method: &str, name: &str| {
        let request = caller.mcp(body).header("MCP-Protocol-Version", version);
        request.header("Mcp-Method", method).header("Mcp-Name", name)
    };
    for (what, sent, status, code) in [
        ("a spoofed Mcp-Name", with(&call("get_bug"), MODERN, "tools/call", "get_bug_cookies"), 400, -32020),
        ("a spoofed Mcp-Method", with(&call("get_bug"), MODERN, "tools/list", "get_bug"), 400, -32020),
        ("a spoofed version", with(&call("get_bug"), "2025-11-25", "tools/call", "get_bug"), 400, -32020),
        ("an unknown method", caller.modern("bugs/steal", json!({})), 404, -32601),
        ("a cursor that nobody gave out", caller.modern("tools/list", json!({"cursor": "x"})), 200, -32602),
        (
            "no metadata",
            caller
                .mcp(&request("tools/list", json!({})))
                .header("MCP-Protocol-Version", MODERN)
                .header("Mcp-Method", "tools/list"),
            400,
            -32602,
        ),
    ] {
        let (got, answer) = body(sent).await;
        assert_eq!((got, &answer["error"]["code"]), (status, &json!(code)), "{what}: {answer}");
    }
    let mut unknown = modern_meta();
    unknown["io.modelcontextprotocol/protocolVersion"] = json!("2099-01-01");
    let sent = with(&request("tools/list", json!({"_meta": unknown})), "2099-01-01", "tools/list", "");
    let (status, answer) = body(sent).await;
    assert_eq!((status, &answer["error"]["code"]), (400, &json!(-32022)), "{answer}");
    assert_eq!(answer["error"]["data"]["requested"], "2099-01-01");

    // The scope is taken from the body: a header that agrees with it changes nothing.
    let (status, answer) = body(with(&call("get_bug_cookies"), MODERN, "tools/call", "get_bug_cookies")).await;
    assert_eq!((status, &answer["code"]), (403, &json!("FORBIDDEN")));
    let (status, answer) = body(with(&call("get_bug_cookies"), MODERN, "tools/call", "get_bug")).await;
    assert_eq!((status, &answer["code"]), (403, &json!("FORBIDDEN")), "the spoof gets no further than the scope");

    let large = request("tools/call", json!({"name": "list_bugs", "arguments": {"tag": "x".repeat(2 << 20)}}));
    assert_eq!(caller.mcp(&large).send().await.unwrap().status(), 413);
}

#[tokio::test]
async fn other_hosts_origins_and_methods_are_refused() {
    let server = TestServer::with(QueryConfig {
        allowed_hosts: vec!["tools.example.com".into()],
        allowed_origins: vec!["https://app.example.com".into()],
        ..QueryConfig::default()
    })
    .await;
    let caller = server.reader().await;
    let list = request("tools/list", json!({}));
    for (header, value, status) in [
        ("Host", "evil.example.com", 403),
        ("Host", "tools.example.com", 200),
        ("Host", "localhost:1", 200),
        ("Origin", "https://evil.example.com", 403),
        ("Origin", "null", 403),
        ("Origin", "https://app.example.com.evil.com", 403),
        ("Origin", "http://app.example.com", 403),
        ("Origin", "https://app.example.com", 200),
        ("Origin", server.url.as_str(), 200),
    ] {
        let response = caller.mcp(&list).header(header, value).send().await.unwrap();
        assert_eq!(response.status(), status, "{header}: {value}");
    }
    for method in ["GET", "DELETE", "PUT"] {
        let request = server.http.request(method.parse().unwrap(), format!("{}/mcp", server.url));
        let answer = request.bearer_auth(&caller.secret).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.headers()["allow"].to_str().unwrap()), (405, "POST"), "{method}");
    }
    let request = server.http.delete(format!("{}/v1/tools", server.url)).bearer_auth(&caller.secret);
    let answer = request.send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers()["allow"].to_str().unwrap()), (405, "GET,HEAD"));
}

#[tokio::test]
async fn a_foreign_host_is_told_which_setting_is_missing() {
    let server = TestServer::new().await;
    for caller in [server.reader().await, server.bearing("")] {
        for path in ["/mcp", "/p/shop/mcp"] {
            let list = request("tools/list", json!({}));
            let (status, refused) = body(caller.mcp_at(path, &list).header("Host", "play.example.com:8443")).await;
            assert_eq!((status, &refused["code"]), (403, &json!("FORBIDDEN")), "{refused}");
            assert!(refused["message"].as_str().unwrap().contains("play.example.com:8443"), "{refused}");
            let action = refused["action"].as_str().unwrap();
            assert!(action.contains("--public-url") && action.contains("allowed_hosts"), "{action}");
        }
    }
    let rest = server.http.get(format!("{}/v1/tools", server.url)).bearer_auth(&server.reader().await.secret);
    assert_eq!(rest.header("Host", "play.example.com").send().await.unwrap().status(), 200, "a browser asks no token");
}

fn client_transport(
    server: &TestServer,
    caller: &Caller,
    query: &str,
) -> StreamableHttpClientTransport<reqwest::Client> {
    let config = StreamableHttpClientTransportConfig::with_uri(format!("{}/mcp{query}", server.url));
    StreamableHttpClientTransport::from_config(config.auth_header(caller.secret.clone()))
}

async fn use_tools(client: &rmcp::service::RunningService<rmcp::RoleClient, ClientConfig>, bug: &str, is_typed: bool) {
    let tools = client.list_all_tools().await.unwrap();
    assert_eq!(tools.len(), 14);
    let with_schema = tools.iter().filter(|tool| tool.output_schema.is_some()).count();
    assert_eq!(with_schema, if is_typed { 13 } else { 0 }, "a screenshot has none");
    for (tool, part) in [
        ("get_replay_transcript", "A summary."),
        ("get_bug_context", "TypeError: rate is undefined"),
        ("generate_fix_prompt", "[m4]"),
    ] {
        let arguments = json!({"bug_id": bug}).as_object().unwrap().clone();
        let params = CallToolRequestParams::new(tool).with_arguments(arguments);
        let result = client.call_tool(params).await.unwrap();
        assert_eq!(result.is_error, Some(false), "{tool}");
        assert!(result.content[0].as_text().unwrap().text.contains(part), "{tool}: {part:?}");
        assert_eq!(result.structured_content.is_some(), is_typed);
    }
}

#[tokio::test]
async fn a_real_client_uses_the_tools_in_both_lifecycles() {
    let server = TestServer::new().await;
    let (bug, _) = transcribed(&server.store, server.shop, &coupon_timeline(), "A summary.").await;
    let caller = server.reader().await;
    for (query, is_typed) in [("", false), ("?output=structured", true)] {
        let transport = || client_transport(&server, &caller, query);
        let legacy = ClientConfig::default().serve(transport()).await.unwrap();
        use_tools(&legacy, &bug.to_string(), is_typed).await;
        legacy.cancel().await.unwrap();

        let lifecycle = ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] };
        let modern = ClientConfig::default().serve_with_lifecycle(transport(), lifecycle).await.unwrap();
        use_tools(&modern, &bug.to_string(), is_typed).await;
        modern.cancel().await.unwrap();
    }
}

#[tokio::test]
async fn a_pair_of_streams_serves_one_principal() {
    let server = TestServer::new().await;
    let (bug, _) = transcribed(&server.store, server.shop, &coupon_timeline(), "A summary.").await;
    let mut principal = Principal::local(server.workspace);
    principal.scopes = vec![Scope::BugsRead];
    let (near, far) = tokio::io::duplex(1 << 20);
    let (input, output) = tokio::io::split(far);
    let serving = tokio::spawn(serve_io(server.store.clone(), principal, QueryConfig::default(), input, output));
    let client = ClientConfig::default().serve(tokio::io::split(near)).await.unwrap();
    use_tools(&client, &bug.to_string(), false).await;
    client.cancel().await.unwrap();
    serving.await.unwrap().unwrap();
    let entries = server.store.audit_entries(playhead_store::AuditQuery::default(), None, 1).await.unwrap().items;
    assert_eq!(entries[0].1.principal, "local");
}
