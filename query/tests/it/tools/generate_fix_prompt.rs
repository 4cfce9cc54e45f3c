//! Every statement of a fix prompt names its source, and the source says it.

use std::collections::BTreeMap;

use playhead_schemas::timeline::{FailureKind, Outcome};
use playhead_schemas::{MomentId, MomentKind, Timeline};
use serde_json::{Value, json};

use crate::data::{coupon_timeline, failure, moment, transcribed};
use crate::support::{Called, TestServer};

/// The statements of a prompt: what stands in labelled blocks and in lists, line by line.
fn statements(prompt: &str) -> Vec<&str> {
    let first = prompt.find("\n## ").unwrap();
    prompt[first..]
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with("## ") && !line.starts_with('<'))
        .filter(|line| !line.starts_with("- get_replay") && !line.starts_with("This brief is cut"))
        .collect()
}

/// The text of a statement without its number, time and name, and the source that it names.
fn parted(statement: &str) -> (&str, &str) {
    let (said, source) = statement.rsplit_once(" [").unwrap_or_else(|| panic!("no source: {statement:?}"));
    let source = source.strip_suffix(']').unwrap_or_else(|| panic!("no source: {statement:?}"));
    // A quotation that was cut is one of the beginning.
    let said = said.trim_start().trim_end_matches('…');
    for name in [
        "led to",
        "page",
        "message",
        "stack",
        "request URL",
        "error",
        "sent",
        "answer",
        "after",
        "also",
        "element",
        "went well",
        "error in the answer",
        "no answer because",
        "media type",
    ] {
        if let Some(said) = said.strip_prefix(&format!("{name}: ")) {
            return (said, source);
        }
    }
    let numbered = said.split_once(". ").filter(|(number, _)| number.chars().all(|c| c.is_ascii_digit()));
    let Some((_, timed)) = numbered else { return (said, source) };
    let timed = timed.strip_prefix("at ").unwrap_or(timed);
    (timed.split_once(' ').unwrap().1, source)
}

/// Every text and number of a moment, one a line.
fn sayings(value: &Value, out: &mut String) {
    match value {
        Value::Object(fields) => fields.values().for_each(|value| sayings(value, out)),
        Value::Array(items) => items.iter().for_each(|item| sayings(item, out)),
        Value::String(text) => out.push_str(&format!("{text}\n")),
        other => out.push_str(&format!("{other}\n")),
    }
}

fn check(called: &Called, timeline: &Timeline) -> BTreeMap<String, usize> {
    let prompt = called.data()["prompt"].as_str().unwrap();
    assert_eq!(prompt, called.text());
    let mut sources: BTreeMap<String, usize> = BTreeMap::new();
    for statement in statements(prompt) {
        let (said, source) = parted(statement);
        *sources.entry(source.to_owned()).or_default() += 1;
        if let Ok(id) = source.parse::<MomentId>() {
            let moment = timeline.moments.iter().find(|moment| moment.id == id);
            let moment = moment.unwrap_or_else(|| panic!("{statement:?} cites a moment that is not stored"));
            let mut says = String::new();
            sayings(&serde_json::to_value(moment).unwrap(), &mut says);
            assert!(says.contains(said), "{id} does not say {said:?} but {says}");
        } else {
            assert!(["report", "coverage", "computed"].contains(&source), "{statement:?}");
        }
    }
    let cites: Vec<&str> = called.data()["cites"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    let cited: Vec<&String> = sources.keys().filter(|source| source.starts_with('m')).collect();
    assert_eq!(cites.len(), cited.len());
    assert!(cited.iter().all(|id| cites.contains(&id.as_str())));
    sources
}

#[tokio::test]
async fn each_statement_is_found_in_the_moment_that_it_cites() {
    let server = TestServer::new().await;
    let timeline = coupon_timeline();
    let (bug, _) = transcribed(&server.store, server.shop, &timeline, "summary").await;
    let called = server.reader().await.call("generate_fix_prompt", json!({"bug_id": bug})).await;
    let sources = check(&called, &timeline);
    for source in ["m1", "m2", "m3", "m4", "m5", "m6", "m7", "report", "coverage"] {
        assert!(sources.contains_key(source), "{source} in {sources:?}");
    }
    assert!(!sources.contains_key("m8"), "what came after the failures is no step");
    for part in [
        "title: Coupon field throws [report]",
        "2. 00:05.0 input textbox \"Coupon\" [#coupon] = \"SAVE10\" [m2]",
        "   stack: applyCoupon (app.js:42:7) [m4]",
        "   after: click button \"Apply\"",
        "   answer: {\"error\":\"no card processor\"} [m6]",
        "   also: console error \"payment failed\" [m7]",
        "- Requests were not captured: absent requests prove nothing. [coverage]",
        "browser: Firefox 140 [report]",
        "\"ids\":[\"m3\",\"m4\",\"m5\",\"m6\"]",
    ] {
        assert!(called.text().contains(part), "{part:?} in {}", called.text());
    }
    assert!(!called.text().contains("s3cr3t"), "cookies are never in a prompt");
}

#[tokio::test]
async fn what_a_refused_action_led_to_is_evidence() {
    let server = TestServer::new().await;
    let mut timeline = coupon_timeline();
    // The form refuses, and the request behind it is the reason; the other request is none.
    timeline.moments[4].outcome =
        Some(Outcome { requests: vec![MomentId(6), MomentId(2)], errors: vec![MomentId(7)], ..Outcome::default() });
    timeline.failures = vec![failure(FailureKind::FormRefused, "input refused", 5, Some(5), &[])];
    let (bug, _) = transcribed(&server.store, server.shop, &timeline, "summary").await;
    let called = server.reader().await.call("generate_fix_prompt", json!({"bug_id": bug})).await;
    check(&called, &timeline);
    for part in
        ["   led to: request POST /api/pay 500 (182 ms) [m6]", "   answer: {\"error\":\"no card processor\"} [m6]"]
    {
        assert!(called.text().contains(part), "{part:?} in {}", called.text());
    }
    assert!(!called.text().contains("after: "), "it is no action before itself: {}", called.text());
    assert!(!called.text().contains("led to: input"), "{}", called.text());
}

#[tokio::test]
async fn a_session_without_failures_says_so() {
    let server = TestServer::new().await;
    let timeline = Timeline { failures: Vec::new(), ..coupon_timeline() };
    let (bug, _) = transcribed(&server.store, server.shop, &timeline, "summary").await;
    let called = server.reader().await.call("generate_fix_prompt", json!({"bug_id": bug})).await;
    check(&called, &timeline);
    assert!(called.text().contains("lists no failure"), "{}", called.text());
    assert!(called.text().contains("Pay now"), "the steps of the whole session");
}

#[tokio::test]
async fn a_long_way_to_the_failure_is_cut_at_its_far_end() {
    let server = TestServer::new().await;
    let mut moments: Vec<_> = (1..=2_500)
        .map(|id| moment(id, MomentKind::Click, u64::from(id) * 10, &format!("click button \"{id}\"")))
        .collect();
    moments.push(moment(2_501, MomentKind::Error, 25_010, "error late"));
    moments.push(moment(2_502, MomentKind::Click, 30_000, "click button \"after\""));
    let failures = vec![failure(FailureKind::UncaughtError, "late", 2_501, None, &[])];
    let timeline = Timeline { moments, failures, ..Timeline::default() };
    let (bug, _) = transcribed(&server.store, server.shop, &timeline, "summary").await;
    let caller = server.reader().await;
    for max_tokens in [2_000, 10_000] {
        let called = caller.call("generate_fix_prompt", json!({"bug_id": bug, "max_tokens": max_tokens})).await;
        let sources = check(&called, &timeline);
        assert!(sources.contains_key("m2501"));
        assert!(!sources.contains_key("m2502") && !sources.contains_key("m1"));
        if max_tokens == 10_000 {
            assert!(sources.contains_key("m2500"));
            assert!(called.tokens() >= max_tokens * 95 / 100, "{}", called.tokens());
        }
    }
}
