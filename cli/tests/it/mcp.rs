//! `mcp`: raw JSON-RPC lines over the pipe, embedded and as a bridge.

use serde_json::{Value, json};

use crate::playhead::{Place, Process, case};

/// An MCP client of one line at a time.
struct Client {
    process: Process,
    id: u64,
}

impl Client {
    fn start(place: &Place) -> Self {
        Self { process: Process::start(place.command(&["mcp"])), id: 0 }
    }

    fn request(&mut self, method: &str, params: Value) -> Value {
        self.id += 1;
        let request = json!({ "jsonrpc": "2.0", "id": self.id, "method": method, "params": params });
        self.process.write_line(&request.to_string());
        let line = self.process.read_line();
        let answer: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("not JSON-RPC: {line:?}"));
        assert_eq!((&answer["jsonrpc"], &answer["id"]), (&"2.0".into(), &self.id.into()), "{answer}");
        answer
    }

    fn initialize(&mut self) {
        let answer = self.request(
            "initialize",
            json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } }),
        );
        assert_eq!(answer["result"]["protocolVersion"], "2025-06-18", "{answer}");
        self.process.write_line(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
    }

    fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let answer = self.request("tools/call", json!({ "name": tool, "arguments": arguments }));
        answer["result"].clone()
    }
}

#[test]
fn a_wrong_folder_is_an_error_and_not_an_empty_store() {
    let place = Place::new();
    let done = place.run(&["mcp"]);
    assert_eq!((done.code(), done.stdout()), (4, String::new()));
    assert!(done.stderr().contains("--data"), "{}", done.stderr());
    assert!(!place.data().exists());
}

fn place_with_bug() -> (Place, String) {
    let place = Place::new();
    place.json(&["project", "create", "shop", "--json"]);
    let events = case("coupon-typeerror", "events.json.zst");
    let imported = place.json(&["import", &events, "--project", "shop", "--title", "Coupon", "--json"]);
    (place, imported["bug"].as_str().unwrap().to_owned())
}

/// What every way of serving must answer.
fn converse(client: &mut Client, bug: &str) {
    client.initialize();
    let tools = client.request("tools/list", json!({}));
    let names: Vec<&str> =
        tools["result"]["tools"].as_array().unwrap().iter().filter_map(|tool| tool["name"].as_str()).collect();
    for tool in ["list_bugs", "get_bug", "get_bug_context", "get_replay_transcript", "generate_fix_prompt"] {
        assert!(names.contains(&tool), "{tool} is not among {names:?}");
    }
    // The same rights whoever has the folder: bugs and recordings, but neither cookies nor the audit log.
    let may = |tool: &str| names.contains(&tool);
    assert!(may("get_replay_raw") && !may("get_bug_cookies") && !may("list_audit_log"), "{names:?}");
    let bugs = client.call("list_bugs", json!({}));
    assert!(bugs["content"].to_string().contains(bug), "{bugs}");
    let transcript = client.call("get_replay_transcript", json!({ "bug_id": bug, "verbosity": "detailed" }));
    let text = transcript["content"][0]["text"].as_str().unwrap();
    assert!(text.contains("m1 ") && text.contains("TypeError"), "{text}");
    let unknown = client.call("get_bug", json!({ "bug_id": "01JD3M6ZQK8V0W2X4Y6Z8A0B2C" }));
    assert_eq!(unknown["isError"], true, "{unknown}");
}

/// Lines that are no messages: an error with the id, if there is one.
fn bad_lines_are_answered(client: &mut Client) {
    for (line, code, id) in [
        ("this is not JSON", -32700, Value::Null),
        ("[1]", -32600, Value::Null),
        (r#"{"jsonrpc":"2.0","id":7}"#, -32600, json!(7)),
        (r#"{"jsonrpc":"2.0","id":8,"method":"tools/list","params":5}"#, -32602, json!(8)),
    ] {
        client.process.write_line(line);
        let refused: Value = serde_json::from_str(&client.process.read_line()).unwrap();
        assert_eq!((&refused["error"]["code"], &refused["id"]), (&json!(code), &id), "{line}: {refused}");
    }
}

#[test]
fn embedded_when_no_server_runs() {
    let (place, bug) = place_with_bug();
    let mut client = Client::start(&place);
    converse(&mut client, &bug);
    let projects = place.json(&["project", "list", "--json"]);
    assert_eq!(projects[0]["slug"], "shop", "other commands go on beside it");
    let refused = place.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(refused.code(), 4);
    assert!(refused.stderr().contains("`playhead mcp` of an assistant"), "{}", refused.stderr());
    bad_lines_are_answered(&mut client);
    assert_eq!(client.process.end(), (Some(0), String::new()));
    assert!(!place.data().join("server.json").exists());
}

#[test]
fn bridged_to_a_running_server() {
    let (place, bug) = place_with_bug();
    let server = place.serve();
    let mut client = Client::start(&place);
    converse(&mut client, &bug);

    bad_lines_are_answered(&mut client);
    // A notification has no answer.
    client.process.write_line(r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":99}}"#);

    // The newest revision names itself in every request and needs no handshake.
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let params = json!({ "name": "get_bug", "arguments": { "bug_id": bug }, "_meta": meta });
    let answer = client.request("tools/call", params);
    assert_eq!(answer["result"]["resultType"], "complete", "{answer}");

    assert_eq!(client.process.end(), (Some(0), String::new()));
    let log = place.json(&["audit", "--tool", "list_bugs", "--json"]);
    assert_eq!((&log[0]["client_name"], &log[0]["client_version"]), (&"t".into(), &"1".into()), "{log}");
    let tokens = place.json(&["token", "list", "--all", "--json"]);
    let of_bridge = |token: &&Value| token["label"].as_str().unwrap().starts_with("playhead mcp");
    let bridge: Vec<&Value> = tokens.as_array().unwrap().iter().filter(of_bridge).collect();
    assert!(bridge.len() == 1 && bridge[0]["revoked_at"].is_number(), "{tokens}");
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_bridge_outlives_its_server() {
    let (place, bug) = place_with_bug();
    let server = place.serve();
    let mut client = Client::start(&place);
    client.initialize();
    assert_eq!(server.stop(), Some(0));
    let alone = client.call("get_bug", json!({ "bug_id": bug }));
    assert!(alone["content"].to_string().contains("Coupon"), "{alone}");
    assert!(place.data().join("server.json").exists(), "the bridge is the server now");
    assert_eq!(client.process.end(), (Some(0), String::new()));
    assert!(!place.data().join("server.json").exists());
}

#[test]
fn two_assistants_share_one_folder() {
    let (place, bug) = place_with_bug();
    let (mut first, mut second) = (Client::start(&place), Client::start(&place));
    for client in [&mut first, &mut second] {
        client.initialize();
        let answer = client.call("get_bug", json!({ "bug_id": bug }));
        assert!(answer["content"].to_string().contains("Coupon"), "{answer}");
    }
    assert_eq!(first.process.end().0, Some(0));
    let answer = second.call("get_bug", json!({ "bug_id": bug }));
    assert!(answer["content"].to_string().contains("Coupon"), "{answer}");
    assert_eq!(second.process.end().0, Some(0));
}

#[test]
fn a_token_limits_the_bridge() {
    let (place, bug) = place_with_bug();
    let server = place.serve();
    place.json(&["project", "create", "other", "--json"]);
    let made = place.json(&["token", "create", "--label", "x", "--project", "other", "--json"]);
    let mut command = place.command(&["mcp"]);
    command.env("PLAYHEAD_TOKEN", made["secret"].as_str().unwrap());
    let mut client = Client { process: Process::start(command), id: 0 };
    client.initialize();
    let hidden = client.call("get_bug", json!({ "bug_id": bug }));
    assert_eq!(hidden["isError"], true, "{hidden}");
    assert_eq!(client.process.end().0, Some(0));

    let mut command = place.command(&["mcp"]);
    command.env("PLAYHEAD_TOKEN", "pht_wrong");
    let mut client = Client { process: Process::start(command), id: 0 };
    let refused = client.request("tools/list", json!({}));
    let said = refused["error"]["message"].as_str().unwrap();
    assert!(said.contains("401") && said.contains("unknown, expired or revoked"), "{refused}");
    assert!(said.contains("playhead token create") && said.contains("UNAUTHENTICATED"), "{refused}");
    assert_eq!(client.process.end().0, Some(0));
    assert_eq!(server.stop(), Some(0));
}
