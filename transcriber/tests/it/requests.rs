//! Requests: what failed for the application, and what only looks like it.

use playhead_schemas::timeline::{FailureKind, MomentKind, Timeline};
use serde_json::json;

use crate::doc::Doc;
use crate::tape::{Script, Tape, of_kinds, played_out};

const PAGE: &str = "<button id=go>Go</button><a id=far href='http://shop.test/far'>Far</a><p id=out></p>";
const API: &str = "http://shop.test/api/orders";

fn played(script: Script) -> Timeline {
    played_out(PAGE, script)
}

fn kinds(timeline: &Timeline) -> Vec<FailureKind> {
    timeline.failures.iter().map(|failure| failure.kind).collect()
}

/// The lines of the requests.
fn lines(timeline: &Timeline) -> Vec<&str> {
    of_kinds(timeline, &[MomentKind::Request]).iter().map(|moment| moment.text.as_str()).collect()
}

#[test]
fn failures_inside_answers_of_success_are_told() {
    let timeline = played(|t, d| {
        t.click(d.at("go")).wait(20);
        let sent = r#"{"operationName":"Rename","query":"mutation Rename { a }"}"#;
        t.call(
            "POST",
            "http://shop.test/graphql",
            200,
            sent,
            r#"{"errors":[{"message":"Name is taken"}],"data":null}"#,
        );
        t.wait(200).call("GET", API, 200, "", r#"{"success":false,"message":"Sold out"}"#);
        t.wait(200).call("GET", API, 200, "", r#"{"success":true,"errors":[]}"#);
    });
    assert_eq!(kinds(&timeline), [FailureKind::AnswerError, FailureKind::AnswerError]);
    let lines = lines(&timeline);
    assert!(lines[0].starts_with("POST /graphql Rename 200 with error \"Name is taken\" (20 ms)"), "{lines:?}");
    assert!(lines[1].starts_with("GET /api/orders 200 with error \"Sold out\" (20 ms)"), "{lines:?}");
    assert!(lines[2].starts_with("GET /api/orders 200 (20 ms)"), "{lines:?}");
    let failure = &timeline.failures[0];
    assert_eq!(timeline.moments[failure.action.unwrap().0 as usize - 1].kind, MomentKind::Click);
}

#[test]
fn what_is_no_failure_of_the_application() {
    let table: [(&str, &str, Script); 8] = [
        ("aborted, without content", "POST /api/orders 204", |t, _| {
            t.request("POST", API, 204, 20).last_request()["response"]["_error"] = json!("net::ERR_ABORTED");
        }),
        ("a stream that ends", "GET /events 200", |t, _| {
            t.request("GET", "http://shop.test/events", 200, 900);
            let entry = t.last_request();
            entry["_resourceType"] = json!("eventsource");
            entry["response"]["_error"] = json!("net::ERR_INCOMPLETE_CHUNKED_ENCODING");
        }),
        ("a stream read by fetch", "GET /events 200", |t, _| {
            t.request("GET", "http://shop.test/events", 200, 9000);
            let entry = t.last_request();
            entry["response"]["content"]["mimeType"] = json!("text/event-stream");
            entry["response"]["_error"] = json!("net::ERR_ABORTED");
        }),
        ("blocked by the browser", "blocked by the browser or an extension", |t, _| {
            t.gave_up("http://count.test/collect", 4, "net::ERR_BLOCKED_BY_CLIENT").wait(10);
            t.console("error", "Failed to load resource: net::ERR_BLOCKED_BY_CLIENT");
        }),
        ("a counter that is not reached", "failed (net::ERR_NAME_NOT_RESOLVED)", |t, _| {
            t.gave_up("https://www.google-analytics.com/g/collect", 4, "net::ERR_NAME_NOT_RESOLVED");
        }),
        ("cut off by leaving", "cut off when the page was left", |t, d| {
            t.request("POST", API, 0, 210).click(d.at("far")).wait(200).load("http://shop.test/far", d);
        }),
        ("given up by the page", "cancelled", |t, d| {
            t.click(d.at("go")).gave_up(API, 300, "net::ERR_ABORTED");
        }),
        ("given up by the page in Firefox", "cancelled", |t, d| {
            t.click(d.at("go")).gave_up(API, 300, "NS_BINDING_ABORTED");
        }),
    ];
    for (what, words, script) in table {
        let timeline = played(script);
        let lines = lines(&timeline);
        assert!(lines.iter().any(|line| line.contains(words)), "{what}: {lines:?}");
        assert_eq!(kinds(&timeline), [], "{what}: {lines:?}");
    }
}

#[test]
fn what_is_a_failure_stays_one() {
    let table: [(&str, Script); 3] = [
        ("timed out", |t, d| drop(t.click(d.at("go")).gave_up(API, 3000, "net::ERR_TIMED_OUT"))),
        ("failed long before the page was left", |t, d| {
            t.request("POST", API, 0, 210).wait(4000).click(d.at("far")).wait(200).load("http://shop.test/far", d);
        }),
        ("broke off", |t, _| {
            t.request("GET", API, 200, 90).last_request()["response"]["_error"] =
                json!("net::ERR_INCOMPLETE_CHUNKED_ENCODING");
        }),
    ];
    for (what, script) in table {
        assert_eq!(kinds(&played(script)), [FailureKind::RequestFailed], "{what}");
    }
}

#[test]
fn answers_that_a_page_may_not_read_are_one_failure() {
    let url = "https://stock.test/v1/items/7";
    let said = [
        format!(
            "Access to fetch at '{url}' from origin 'http://shop.test' has been blocked by CORS policy: No header."
        ),
        format!(
            "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at {url}. (Reason: x)."
        ),
        format!("Fetch API cannot load {url} due to access control checks."),
    ];
    for said in said {
        let doc = Doc::new(PAGE);
        let mut tape = Tape::of(&doc);
        tape.click(doc.at("go")).request("GET", url, 200, 100).wait(110).console("error", &said);
        tape.console("exception", "TypeError: Failed to fetch");
        let timeline = tape.timeline();
        assert_eq!(kinds(&timeline), [FailureKind::RequestFailed], "{said}");
        assert_eq!(lines(&timeline).len(), 1);
        assert!(
            lines(&timeline)[0].starts_with("GET https://stock.test/v1/items/7 blocked by CORS (answered 200)"),
            "{said}"
        );
        let line = of_kinds(&timeline, &[MomentKind::Console])[0];
        assert!(line.text.contains(" <- m"), "{}", line.text);
        let summary = tape.transcription().summary;
        assert!(summary.contains("uncaught error: TypeError: Failed to fetch"), "{summary}");
    }
}

#[test]
fn what_was_answered_when_sent_again_says_so() {
    for by_user in [false, true] {
        let doc = Doc::new(PAGE);
        let mut tape = Tape::of(&doc);
        tape.click(doc.at("go")).wait(20).request("POST", API, 503, 20).wait(300);
        if by_user {
            tape.wait(900).click(doc.at("go")).wait(20);
        }
        tape.request("POST", API, 201, 20).wait(300).request("GET", "http://shop.test/api/cart", 500, 20);
        let timeline = tape.timeline();
        let first = lines(&timeline)[0].to_owned();
        assert_eq!(first.contains(", answered 201 when sent again (m4)"), !by_user, "{first}");
        // What came right in the end is told after what did not.
        let moments: Vec<u32> = timeline.failures.iter().map(|failure| failure.moment.0).collect();
        assert_eq!(moments.is_sorted(), by_user, "{moments:?}");
    }
}
