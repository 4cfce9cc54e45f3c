//! The recorded bugs of the demo shop: what each tool's answer costs a model.

// A table for the person who asks for it with --nocapture.
#![allow(clippy::print_stdout)]

use std::path::{Path, PathBuf};

use playhead_query::count_llm_tokens;
use playhead_schemas::limits::RESULT_TOKENS_DEFAULT;
use playhead_schemas::{BugId, Scope, SegmentNo, Stream};
use playhead_store::{NewBug, NewScreenshot};
use playhead_transcriber::{Options, SegmentInput, Transcription, transcribe};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::data;
use crate::support::{Form, TestServer};

/// Every recorded case in a store, each as the bug that its user reported.
async fn recorded(server: &TestServer) -> Vec<(String, BugId)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/cases");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut bugs = Vec::new();
    for path in paths.iter().filter(|path| path.is_dir()) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        bugs.push((name.clone(), reported(server, path, &name).await));
    }
    bugs
}

async fn reported(server: &TestServer, folder: &Path, name: &str) -> BugId {
    let files = [
        (Stream::Rrweb, "events.json.zst"),
        (Stream::Console, "console.json.zst"),
        (Stream::Network, "network.har.json.zst"),
    ];
    let streams: Vec<(Stream, Vec<u8>)> = files
        .iter()
        .filter_map(|(stream, file)| Some((*stream, std::fs::File::open(folder.join(file)).ok()?)))
        .map(|(stream, file)| (stream, zstd::decode_all(file).unwrap()))
        .collect();
    let input = |(stream, bytes): &(Stream, Vec<u8>)| (*stream, bytes.clone());
    let owned: Vec<(Stream, Vec<u8>)> = streams.iter().map(input).collect();
    let inputs: Vec<SegmentInput<'_>> = owned
        .iter()
        .map(|(stream, bytes)| SegmentInput { n: SegmentNo(0), stream: *stream, window: None, bytes })
        .collect();
    let Transcription { timeline, summary } = transcribe(&inputs, &Options::default());
    let payloads: Vec<(Stream, &[u8])> = streams.iter().map(|(stream, bytes)| (*stream, bytes.as_slice())).collect();
    let replay = data::upload(&server.store, server.shop, name, &payloads).await;
    data::publish(&server.store, replay, &timeline, &summary).await;
    server.store.create_bug(bug(server, folder, name)).await.unwrap().0.id
}

fn bug(server: &TestServer, folder: &Path, name: &str) -> NewBug {
    let report: Value = serde_json::from_slice(&std::fs::read(folder.join("context.json")).unwrap()).unwrap();
    let screenshot = NewScreenshot {
        bytes: std::fs::read(folder.join("screenshot.png")).unwrap().into(),
        media_type: "image/png".to_owned(),
        width: 1280,
        height: 800,
    };
    NewBug {
        description: field(&report, "description"),
        reporter: field(&report, "reporter"),
        page: field(&report, "page"),
        system: field(&report, "system"),
        metadata: field(&report, "metadata"),
        tags: field(&report, "tags"),
        priority: field(&report, "priority"),
        cookies: field(&report, "cookies"),
        replay: Some(name.parse().unwrap()),
        screenshots: vec![screenshot],
        ..data::bug(server.shop, report["title"].as_str().unwrap())
    }
}

fn field<T: DeserializeOwned>(report: &Value, name: &str) -> T {
    serde_json::from_value(report[name].clone()).unwrap()
}

/// One call of every tool about a bug.
fn calls(bug: BugId, screenshot: &str) -> Vec<(&'static str, Value)> {
    vec![
        ("list_projects", json!({})),
        ("list_bugs", json!({})),
        ("search_bugs", json!({"query": "cart"})),
        ("get_bug_context", json!({"bug_id": bug})),
        ("get_replay_transcript", json!({"bug_id": bug})),
        ("get_replay_transcript", json!({"bug_id": bug, "verbosity": "detailed"})),
        ("get_replay_transcript", json!({"bug_id": bug, "focus": "m9"})),
        ("get_replay_moments", json!({"bug_id": bug, "ids": ["m1-m10"]})),
        ("generate_fix_prompt", json!({"bug_id": bug})),
        ("get_bug", json!({"bug_id": bug})),
        ("get_bug_media", json!({"bug_id": bug})),
        ("get_screenshot", json!({"screenshot_id": screenshot})),
        ("get_replay_raw", json!({"bug_id": bug, "stream": "rrweb"})),
        ("get_bug_cookies", json!({"bug_id": bug})),
        ("list_audit_log", json!({"limit": 20})),
    ]
}

/// Run with `--nocapture` for the table.
#[tokio::test]
async fn answers_about_recorded_bugs_are_counted() {
    let server = TestServer::new().await;
    let caller = server.caller(&Scope::ALL).await;
    for (name, bug) in recorded(&server).await {
        let screenshot = server.store.screenshots(bug).await.unwrap()[0].id.to_string();
        for (tool, arguments) in calls(bug, &screenshot) {
            let text = caller.call_in(Form::Text, tool, arguments.clone()).await.tokens();
            let typed = caller.call_in(Form::Structured, tool, arguments.clone()).await.tokens();
            let what = arguments.get("verbosity").or(arguments.get("focus")).and_then(Value::as_str).unwrap_or("");
            println!("TOKENS\t{name}\t{tool} {what}\t{text}\t{typed}");
            assert!(text <= RESULT_TOKENS_DEFAULT as usize, "{name} {tool}: {text}");
        }
    }
    for (form, path) in [("text", "/mcp"), ("structured", "/mcp?output=structured")] {
        let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}});
        let listed: Value = caller.mcp_at(path, &list).send().await.unwrap().json().await.unwrap();
        let tools = listed["result"]["tools"].as_array().unwrap();
        let all: usize = tools.iter().map(|tool| count_llm_tokens(&tool.to_string())).sum();
        println!("TOKENS\tdefinitions\t{} tools, {form}\t{all}\t", tools.len());
    }
}

/// Tokens into which the whole brief of a recorded bug fits.
const BRIEF_TOKENS: usize = 4_000;

/// An agent gets all of a brief for a small share of its context.
#[tokio::test]
async fn the_whole_fix_prompt_of_every_recorded_bug_is_short() {
    let server = TestServer::new().await;
    let caller = server.reader().await;
    for (name, bug) in recorded(&server).await {
        let called = caller.text("generate_fix_prompt", json!({"bug_id": bug})).await;
        assert!(called.tokens() <= BRIEF_TOKENS, "{name}: {}", called.tokens());
        let short = caller.text("generate_fix_prompt", json!({"bug_id": bug, "max_tokens": BRIEF_TOKENS})).await;
        assert_eq!(short.text(), called.text(), "{name}: whole within that size");
        assert!(!called.text().contains("cut to fit"), "{name}");
    }
}
