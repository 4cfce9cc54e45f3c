//! Every statement of a fix prompt names its source, and the source says it.

use std::collections::BTreeMap;

use playhead_schemas::timeline::{
    Contrast, ContrastKind, Difference, DifferencePart, FailureKind, Outcome, Request, Target, Try,
};
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

/// The prompt of a session.
async fn prompt_of(server: &TestServer, timeline: &Timeline) -> Called {
    let (bug, _) = transcribed(&server.store, server.shop, timeline, "summary").await;
    let called = server.reader().await.call("generate_fix_prompt", json!({"bug_id": bug})).await;
    check(&called, timeline);
    called
}

fn difference(part: DifferencePart, name: &str, failed: Option<&str>, well: Option<&str>) -> Difference {
    Difference { part, name: Some(name.to_owned()), failed: failed.map(str::to_owned), well: well.map(str::to_owned) }
}

/// The payment of the session goes well later; the comparison lists what differs in the order of the transcriber.
fn with_contrast(mut timeline: Timeline) -> Timeline {
    let mut well = moment(9, MomentKind::Request, 21_000, "request POST /api/pay 201 (90 ms)");
    well.request = Some(Request {
        method: "POST".into(),
        url: "https://shop.example.com/api/pay".into(),
        status: Some(201),
        ..Request::default()
    });
    timeline.moments.push(well);
    let contrast = Contrast {
        kind: ContrastKind::Request,
        failed: MomentId(6),
        well: MomentId(9),
        differs: vec![
            difference(DifferencePart::Status, "code", Some("500"), Some("201")),
            difference(DifferencePart::Answer, "total", None, Some("12")),
            difference(DifferencePart::Answer, "error", Some("no card processor"), None),
            difference(DifferencePart::Sent, "method", Some("card"), Some("invoice")),
        ],
    };
    timeline.failures.iter_mut().for_each(|failure| failure.contrast = Some(contrast.clone()));
    timeline
}

#[tokio::test]
async fn a_comparison_is_told_once_with_its_likeliest_cause_first() {
    let server = TestServer::new().await;
    let called = prompt_of(&server, &with_contrast(coupon_timeline())).await;
    let text = called.text();
    assert_eq!(text.matches("contrast: the same request went well, m9 beside m6").count(), 1, "{text}");
    assert!(text.contains("contrast: as told in 1 [computed]"), "{text}");
    let place = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part:?} in {text}"));
    assert!(place("differs: sent body at method: card in m6, invoice in m9") < place("differs: status at code: 500"));
    assert!(!text.contains("answer at total") && !text.contains("answer at error"), "what follows from the status");
}

/// An error that tells of a request is that request's failure: its stack stands there, and it has no number of its own.
#[tokio::test]
async fn what_another_failure_tells_is_told_once() {
    let server = TestServer::new().await;
    let mut timeline = coupon_timeline();
    let line = &mut timeline.moments[6];
    line.stack = Some("payNow (pay.js:7:1)".into());
    line.message = Some("payment failed".into());
    timeline.failures.remove(0);
    timeline.failures.push(failure(FailureKind::ConsoleError, "payment failed", 7, Some(5), &[]));
    let text = prompt_of(&server, &timeline).await.text().to_owned();
    assert_eq!(text.matches("stack: payNow (pay.js:7:1) [m7]").count(), 1, "{text}");
    assert!(text.contains("1. at 00:15.0: request POST") && !text.contains("2. at "), "{text}");
    // What it is compared with is not lost with its number.
    let mut compared = with_contrast(timeline);
    compared.failures[0].contrast = None;
    let text = prompt_of(&server, &compared).await.text().to_owned();
    assert!(text.contains("contrast: the same request went well, m9 beside m6"), "{text}");
}

#[tokio::test]
async fn tries_tell_what_was_tried() {
    let server = TestServer::new().await;
    let mut timeline = coupon_timeline();
    let typed = |id: u32, t_ms: u64, field: &str, value: &str| {
        let mut typed = moment(id, MomentKind::Input, t_ms, &format!("type \"{value}\" into textbox \"{field}\""));
        typed.value = Some(value.to_owned());
        typed.target = Some(Target {
            role: "textbox".into(),
            name: Some(field.into()),
            selector: format!("#{field}"),
            ..Target::default()
        });
        typed
    };
    let mut hidden = typed(11, 16_200, "Card", "****");
    hidden.masked = true;
    timeline.moments.extend([typed(9, 15_900, "Town", "Kiel"), typed(10, 16_000, "Code", "AB"), hidden]);
    timeline.moments.extend([typed(12, 17_000, "Code", "AC"), moment(13, MomentKind::Click, 17_500, "click again")]);
    let mut refused = failure(FailureKind::FormRefused, "refused", 5, Some(5), &[13]);
    let one = |at: u32, entered: &[u32]| Try {
        moment: MomentId(at),
        entered: entered.iter().copied().map(MomentId).collect(),
        message: Some("Unknown code.".into()),
    };
    refused.tries = vec![one(5, &[9, 10, 11]), one(13, &[12])];
    timeline.failures = vec![refused.clone()];
    let text = prompt_of(&server, &timeline).await.text().to_owned();
    for part in [
        "try 1 (m5): \"AB\" in Code (m10), 2 more fields, told \"Unknown code.\"",
        "try 2 (m13): \"AC\" in Code (m12), told",
        "00:17.0 type \"AC\" into textbox \"Code\" [m12]",
    ] {
        assert!(text.contains(part), "{part:?} in {text}");
    }
    // Of one try all is told but what is hidden.
    refused.tries.truncate(1);
    timeline.failures = vec![refused];
    let text = prompt_of(&server, &timeline).await.text().to_owned();
    assert!(text.contains("try 1 (m5): \"Kiel\" in Town (m9), \"AB\" in Code (m10), 1 more field,"), "{text}");
}

#[tokio::test]
async fn what_stays_open_bears_on_the_bug() {
    let server = TestServer::new().await;
    let mut timeline = coupon_timeline();
    timeline.failures.push(failure(FailureKind::DeadClick, "dead", 3, Some(3), &[]));
    timeline.moments[3].stack = None;
    let text = prompt_of(&server, &timeline).await.text().to_owned();
    for part in [
        "- No stack was recorded for m4. [coverage]",
        "- What the server did for m6 was not recorded, only its answer. [coverage]",
        "- Nothing that the recorder sees followed m3; whether a listener was attached",
        "- The version of the application was not reported. [coverage]",
    ] {
        assert!(text.contains(part), "{part:?} in {text}");
    }
}

/// Moments that share words with the report are told once, and named where they are steps.
#[tokio::test]
async fn likely_moments_are_not_told_again_as_steps() {
    let server = TestServer::new().await;
    let mut timeline = Timeline { failures: Vec::new(), ..coupon_timeline() };
    timeline.moments[2].text = "click button \"Apply\" typed SAVE10 coupon".into();
    let text = prompt_of(&server, &timeline).await.text().to_owned();
    assert!(text.starts_with("# A bug report whose recording shows no failure"), "{text}");
    assert_eq!(text.matches("typed SAVE10 coupon [m3]").count(), 1, "{text}");
    assert!(text.contains("00:09.0 m3, told above [computed]"), "{text}");
}
