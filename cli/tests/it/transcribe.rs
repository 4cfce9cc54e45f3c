//! `transcribe` and the schema of what it prints.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use playhead_schemas::{Moment, MomentId, MomentKind, Timeline};
use serde_json::Value;

use crate::playhead::{Place, case};

const CASE: &str = "coupon-typeerror";

fn transcribe(format: &str) -> String {
    let place = Place::new();
    let (events, console) = (case(CASE, "events.json.zst"), case(CASE, "console.json.zst"));
    let network = case(CASE, "network.har.json.zst");
    let done = place.run(&["transcribe", &events, "--console", &console, "--network", &network, "--format", format]);
    assert_eq!(done.code(), 0, "{}", done.stderr());
    assert!(!place.data().exists(), "transcribe opens no store");
    done.stdout()
}

#[test]
fn json_is_the_timeline_and_follows_the_committed_schema() {
    let text = transcribe("json");
    let timeline: Timeline = serde_json::from_str(&text).unwrap();
    let ids: Vec<u32> = timeline.moments.iter().map(|moment| moment.id.0).collect();
    assert_eq!(ids, (1..=ids.len() as u32).collect::<Vec<_>>());
    assert!(timeline.moments.is_sorted_by_key(|moment| moment.t_ms));
    let kinds = |kind: MomentKind| timeline.moments.iter().filter(|moment| moment.kind == kind).count();
    for kind in [MomentKind::PageLoad, MomentKind::Click, MomentKind::Input, MomentKind::Request, MomentKind::Error] {
        assert!(kinds(kind) > 0, "no {kind}");
    }
    let error = timeline.moments.iter().find(|moment| moment.kind == MomentKind::Error).unwrap();
    assert!(error.message.as_ref().unwrap().contains("TypeError"), "{error:?}");
    let known = |id: &MomentId| timeline.moments.iter().any(|moment| moment.id == *id);
    assert!(timeline.failures.iter().all(|failure| known(&failure.moment)));
    assert_eq!(serde_json::to_value(&timeline).unwrap(), serde_json::from_str::<Value>(&text).unwrap());

    let schema: Value = serde_json::from_str(&std::fs::read_to_string(schema_path()).unwrap()).unwrap();
    let errors: Vec<String> = jsonschema::validator_for(&schema)
        .unwrap()
        .iter_errors(&serde_json::from_str(&text).unwrap())
        .map(|error| error.to_string())
        .collect();
    assert_eq!(errors, Vec::<String>::new());
}

#[test]
fn summary_says_what_failed_in_four_kilobytes() {
    let summary = transcribe("summary");
    assert!(summary.len() <= playhead_schemas::limits::SUMMARY_BYTES_MAX + 1, "{} bytes", summary.len());
    assert!(summary.contains("TypeError"), "{summary}");
    assert!(summary.contains("Apply"), "{summary}");
}

#[test]
fn thresholds_are_settings() {
    let place = Place::new();
    let events = case("dead-button", "events.json.zst");
    for (clicks, marked) in [("3", true), ("50", false)] {
        let mut command = place.command(&["transcribe", &events]);
        let output = command.env("PLAYHEAD_RAGE_CLICKS", clicks).output().unwrap();
        let summary = String::from_utf8(output.stdout).unwrap();
        assert_eq!(summary.contains("rage click"), marked, "{summary}");
    }
}

#[test]
fn detailed_has_a_line_for_each_moment() {
    let detailed = transcribe("detailed");
    let timeline: Timeline = serde_json::from_str(&transcribe("json")).unwrap();
    // A line begins with its moment, or with the first and the last of those that it folds.
    let id = |text: &str| text.parse::<MomentId>().ok();
    let told: Vec<_> = detailed
        .lines()
        .filter_map(|line| {
            let ids = line.split(' ').next()?;
            let (first, last) = ids.split_once('–').unwrap_or((ids, ids));
            Some(id(first)?..=id(last)?)
        })
        .collect();
    let has_line = |moment: &&Moment| told.iter().any(|ids| ids.contains(&moment.id));
    let missing: Vec<_> = timeline.moments.iter().filter(|moment| !has_line(moment)).map(|m| m.id).collect();
    assert_eq!(missing, []);
}

#[test]
fn standard_input_gives_the_same_as_a_file() {
    let place = Place::new();
    let events = case(CASE, "events.json.zst");
    let from_file = place.run(&["transcribe", &events, "--format", "json"]).stdout();
    let mut child = place
        .command(&["transcribe", "-", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&std::fs::read(&events).unwrap()).unwrap();
    let from_stdin = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    assert_eq!(from_stdin, from_file);
    assert!(from_file.len() > 1000);
}

#[test]
fn flaws_are_defects_and_missing_files_are_errors() {
    let place = Place::new();
    let path = place.folder.path().join("nonsense.json");
    std::fs::write(&path, "[{\"type\":3,\"timestamp\":1,\"data\":{\"source\":0}},17,{\"type\":99}").unwrap();
    let done = place.run(&["transcribe", path.to_str().unwrap(), "--format", "json"]);
    assert_eq!(done.code(), 0, "{}", done.stderr());
    let timeline: Timeline = serde_json::from_str(&done.stdout()).unwrap();
    assert!(!timeline.defects.is_empty());

    let missing = place.run(&["transcribe", "no-such-file.json"]);
    assert_eq!(missing.code(), 1);
    assert!(missing.stderr().contains("no-such-file.json"), "{}", missing.stderr());
}

#[test]
fn what_is_no_recording_is_an_error_that_says_what_was_found() {
    let place = Place::new();
    let console = case(CASE, "console.json.zst");
    let network = case(CASE, "network.har.json.zst");
    let shot = place.folder.path().join("shot.png");
    std::fs::write(&shot, b"\x89PNG\r\n\x1a\n").unwrap();
    let other = place.folder.path().join("package.json");
    std::fs::write(&other, "{\"name\":\"shop\",\"version\":\"1\"}").unwrap();
    let empty = place.folder.path().join("empty.json");
    std::fs::write(&empty, "").unwrap();
    for (file, found) in [
        (console.as_str(), "--console"),
        (&network, "--network"),
        (shot.to_str().unwrap(), "a picture (image/png)"),
        (other.to_str().unwrap(), "JSON of another kind"),
        (empty.to_str().unwrap(), "it is empty"),
    ] {
        // Console lines of their own don't make up for it.
        for more in [&[][..], &["--console", &console]] {
            let done = place.run(&[&["transcribe", file][..], more].concat());
            assert_eq!((done.code(), done.stdout().as_str()), (1, ""), "{file}");
            let said = done.stderr();
            assert!(said.contains(file) && said.contains("no rrweb events") && said.contains(found), "{said}");
        }
    }
    // A recording may be empty.
    std::fs::write(&empty, "{\"events\":[]}").unwrap();
    assert_eq!(place.run(&["transcribe", empty.to_str().unwrap()]).code(), 0);
}

fn schema_path() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas/json/timeline.schema.json")
}

#[test]
fn the_committed_schema_is_the_one_that_is_printed() {
    let printed = Place::new().run(&["schema"]).stdout();
    let committed = std::fs::read_to_string(schema_path()).unwrap();
    assert!(
        printed == committed,
        "schemas/json/timeline.schema.json is out of date; write it again: playhead schema > schemas/json/timeline.schema.json"
    );
}
