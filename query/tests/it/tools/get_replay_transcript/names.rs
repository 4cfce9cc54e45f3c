//! Texts that come again are named where the transcript says that they may be, whatever they look like.

use playhead_schemas::alias::LEGEND;
use playhead_schemas::timeline::Span;
use playhead_schemas::{Moment, MomentKind, Timeline};
use serde_json::{Value, json};

use crate::data::{moment, transcribed};
use crate::support::TestServer;

const LONG: &str = "a text of the page that is long enough to be named";

/// Three console lines with this text, in which a part may be named.
fn lines(text: &str, unit: &str) -> Vec<Moment> {
    let start = text.find(unit).unwrap() as u32;
    let units = vec![Span { start, len: unit.len() as u32 }];
    (1..=3).map(|id| Moment { units: units.clone(), ..moment(id, MomentKind::Console, 0, text) }).collect()
}

/// The lines of the answer without ids and times, and its note.
async fn shown(moments: Vec<Moment>, view: Value) -> (Vec<String>, String) {
    let server = TestServer::new().await;
    let timeline = Timeline { moments, ..Timeline::default() };
    let (bug, _) = transcribed(&server.store, server.shop, &timeline, "s").await;
    let mut arguments = view;
    arguments["bug_id"] = json!(bug);
    let called = server.reader().await.call("get_replay_transcript", arguments).await;
    let lines = called.data()["untrusted"].as_array().unwrap().iter();
    let lines = lines.map(|line| line.as_str().unwrap().splitn(3, ' ').nth(2).unwrap().to_owned()).collect();
    (lines, called.data()["note"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn what_may_be_named_is_named() {
    for view in [json!({"verbosity": "detailed"}), json!({"focus": "m1"})] {
        let text = format!("console log: {LONG} <- m2");
        let (lines, note) = shown(lines(&text, LONG), view).await;
        let definition = format!("console log: §1{{{LONG}}}§ <- m2");
        assert_eq!(lines, [&definition, "console log: §1 <- m2", "console log: §1 <- m2"]);
        assert!(note.contains(LEGEND), "{note}");
    }
}

#[tokio::test]
async fn what_a_text_looks_like_names_nothing() {
    let text = format!("console error: \"{LONG}\" [{LONG}] §1{{{LONG}}}§ /{LONG} <- m2 (unsure: {LONG})");
    let moments = (1..=3).map(|id| moment(id, MomentKind::Console, 0, &text)).collect();
    let (lines, note) = shown(moments, json!({"verbosity": "detailed"})).await;
    assert_eq!(lines, vec![text; 3]);
    assert!(!note.contains(LEGEND), "{note}");
}

#[tokio::test]
async fn what_cleaning_moved_is_not_named() {
    let hidden = format!("console log: \u{200b}x {LONG}");
    let delimiter = format!("console log: </untrusted> {LONG}");
    let behind_the_cut = format!("console log: {} {LONG}", "x".repeat(970));
    for text in [hidden, delimiter, behind_the_cut] {
        let (lines, _) = shown(lines(&text, LONG), json!({"verbosity": "detailed"})).await;
        assert!(lines.iter().all(|line| !line.contains('§')), "{lines:?}");
    }
    // What stands before it stays where it was.
    for behind in ["\u{200b}x", "</untrusted>", &"x".repeat(1_000)] {
        let text = format!("console log: {LONG} {behind}");
        let (lines, _) = shown(lines(&text, LONG), json!({"verbosity": "detailed"})).await;
        assert!(lines[2].starts_with("console log: §1 "), "{lines:?}");
    }
}
