//! `demo`: from nothing to a bug that an assistant can read.

use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::playhead::{Place, Process, http};

/// Starts a demo; what it printed.
fn start(place: &Place, args: &[&str]) -> (Process, Value) {
    let mut demo = Process::start(place.command(&[&["demo", "--json"], args].concat()));
    let printed = serde_json::from_str(&demo.read_line()).unwrap();
    (demo, printed)
}

fn stop(demo: Process) {
    demo.signal(rustix::process::Signal::INT);
    assert_eq!(demo.end().0, Some(0));
}

fn bugs_of(printed: &Value) -> Vec<Value> {
    let url = format!("{}/v1/tools/list_bugs", printed["url"].as_str().unwrap());
    let limit = serde_json::json!({ "limit": 100 });
    let (status, answer) = http("POST", &url, printed["token"].as_str(), Some(limit));
    assert_eq!(status, 200, "{answer}");
    answer["structuredContent"]["bugs"].as_array().unwrap().clone()
}

#[test]
fn once_shows_a_bug_and_no_configuration_of_a_dead_server() {
    let place = Place::new();
    let done = place.run(&["demo", "--once"]);
    assert_eq!(done.code(), 0, "{}", done.stderr());
    let text = done.stdout();
    for want in ["recorded bugs of a demo shop", "POST", " 500", "`playhead demo` serves the bugs"] {
        assert!(text.contains(want), "no {want:?} in:\n{text}");
    }
    for unwanted in ["pht_", "mcpServers", "claude mcp add", "sign-in", "Ctrl-C"] {
        assert!(!text.contains(unwanted), "{unwanted:?} in:\n{text}");
    }
    assert!(!place.data().exists(), "the demo keeps away from the configured data folder");
    let folder = place.folder.path().join("home/playhead-demo");
    assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    assert!(!folder.join("server.json").exists() && !folder.join("starting.json").exists());
    let again: Value = place.json(&["demo", "--once", "--json"]);
    assert!(again["bugs"].as_array().unwrap().len() >= 8 && again.get("token").is_none(), "{again}");
}

#[test]
fn a_later_start_keeps_address_token_and_sign_in() {
    let place = Place::new();
    let (demo, first) = start(&place, &[]);
    let bugs = bugs_of(&first);
    assert!(bugs.len() >= 8 && bugs.len() == first["bugs"].as_array().unwrap().len(), "{first}");
    assert!(bugs.iter().all(|bug| bug["has_replay"] == true), "{bugs:?}");
    assert_eq!(first["sign_in"]["email"], "admin@localhost");
    assert!(first["sign_in"]["password"].as_str().unwrap().len() > 20);
    stop(demo);
    let (demo, second) = start(&place, &[]);
    assert_eq!(bugs_of(&second).len(), bugs.len());
    let data = second["data"].as_str().unwrap();
    let kept: Value = serde_json::from_slice(&std::fs::read(format!("{data}/demo.json")).unwrap()).unwrap();
    let shop = format!("http://127.0.0.1:{}", kept["shop_port"]);
    assert_eq!(second["shop"], shop, "the next start opens the shop there");
    let keys = place.json(&["key", "list", "--project", "demo", "--all", "--json", "--data", data]);
    let keys = keys.as_array().unwrap();
    let (pages, uploads): (Vec<&Value>, Vec<&Value>) = keys.iter().partition(|key| key["label"] == "demo pages");
    assert_eq!(uploads.len(), 1, "a second start uploads nothing, and needs no key for it: {keys:?}");
    assert!(uploads[0]["revoked_at"].is_number(), "{keys:?}");
    assert!(pages.len() == 1 && pages[0]["revoked_at"].is_null(), "the shop keeps its key: {keys:?}");
    for kept in ["url", "token", "key", "sign_in", "data"] {
        assert_eq!(second[kept], first[kept], "{kept}");
    }
    stop(demo);

    let listening = first["url"].as_str().unwrap().strip_prefix("http://").unwrap();
    let taken = std::net::TcpListener::bind(listening).unwrap();
    let output = Process::start(place.command(&["demo", "--json"]));
    let mut demo = output;
    let elsewhere: Value = serde_json::from_str(&demo.read_line()).unwrap();
    assert_ne!(elsewhere["url"], first["url"], "a port that is taken is left alone");
    assert_eq!(elsewhere["token"], first["token"]);
    drop(taken);
    stop(demo);
    assert!(!place.folder.path().join("home/playhead-demo/server.json").exists());
}

#[test]
fn a_text_says_how_to_connect_and_to_sign_in() {
    let place = Place::new();
    let folder = place.folder.path().join("kept");
    let mut demo =
        Process::start(place.command(&["demo", "--data", folder.to_str().unwrap(), "--listen", "127.0.0.1:0"]));
    let mut text = String::new();
    while !text.contains("Ctrl-C stops the demo") {
        text.push_str(&demo.read_line());
    }
    for want in [
        "recorded bugs of a demo shop",
        "sign in at http://127.0.0.1:",
        "one-time password",
        "pht_",
        "claude mcp add --transport http playhead http://127.0.0.1:",
        "\"mcpServers\"",
        ".vscode/mcp.json",
        "\"servers\"",
        "\"--data\"",
        "is kept in",
    ] {
        assert!(text.contains(want), "no {want:?} in:\n{text}");
    }
    let second = place.run(&["demo", "--data", folder.to_str().unwrap(), "--listen", "127.0.0.1:0"]);
    assert_eq!(second.code(), 4);
    assert!(second.stderr().contains("already runs"), "{}", second.stderr());
    stop(demo);
}
