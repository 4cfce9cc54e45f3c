//! `demo`: from nothing to a bug that an assistant can read.

use serde_json::Value;

use crate::playhead::{Done, Place, Process, http};

#[test]
fn once_prints_everything_that_is_needed() {
    let place = Place::new();
    let temporary = tempfile::tempdir().unwrap();
    let output = place.command(&["demo", "--once"]).env("TMPDIR", temporary.path()).output().unwrap();
    let done = Done(output);
    assert_eq!(done.code(), 0, "{}", done.stderr());
    assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 0, "its data goes with it");
    let text = done.stdout();
    for want in [
        "recorded bugs of a demo shop",
        "POST",
        " 500",
        "pht_",
        "claude mcp add --transport http playhead http://127.0.0.1:",
        "\"mcpServers\"",
        ".vscode/mcp.json",
        "\"servers\"",
        "\"--data\"",
    ] {
        assert!(text.contains(want), "no {want:?} in:\n{text}");
    }
    assert!(!place.data().exists(), "the demo keeps away from the configured data folder");
}

#[test]
fn it_serves_what_it_printed_until_it_is_told_to_stop() {
    let place = Place::new();
    let folder = place.folder.path().join("kept");
    let start = || {
        let mut demo = Process::start(place.command(&["demo", "--json", "--data", folder.to_str().unwrap()]));
        let printed: Value = serde_json::from_str(&demo.read_line()).unwrap();
        (demo, printed)
    };
    let bugs_of = |printed: &Value| {
        let url = format!("{}/v1/tools/list_bugs", printed["url"].as_str().unwrap());
        let limit = serde_json::json!({ "limit": 100 });
        let (status, answer) = http("POST", &url, printed["token"].as_str(), Some(limit));
        assert_eq!(status, 200, "{answer}");
        answer["structuredContent"]["bugs"].as_array().unwrap().clone()
    };
    let (demo, printed) = start();
    let bugs = bugs_of(&printed);
    assert!(bugs.len() >= 8 && bugs.len() == printed["bugs"].as_array().unwrap().len(), "{printed}");
    assert!(bugs.iter().all(|bug| bug["has_replay"] == true), "{bugs:?}");
    demo.signal(rustix::process::Signal::INT);
    assert_eq!(demo.end().0, Some(0));

    let (demo, printed) = start();
    assert_eq!(bugs_of(&printed).len(), bugs.len(), "a second start uploads nothing twice");
    demo.signal(rustix::process::Signal::TERM);
    assert_eq!(demo.end().0, Some(0));
    assert!(!folder.join("server.json").exists());
}
