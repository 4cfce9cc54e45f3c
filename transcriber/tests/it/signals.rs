//! What patterns mean: forms, pages, errors, vitals, and what only looks like a pattern.

use playhead_schemas::timeline::{Entry, Moment, MomentKind, NavigationKind, Rating, Signal, Timeline};
use serde_json::{Value, json};

use crate::doc::Doc;
use crate::tape::{Script, Tape};

const FORM: &str = concat!(
    "<form id=order><label for=name>Name</label><input id=name><label for=town>Town</label><input id=town>",
    "<input type=password id=secret aria-label=Password><input type=password id=again aria-label='Password again'>",
    "<button id=send>Send</button><button id=cancel type=button>Cancel</button></form>",
    "<button id=load>Load</button><a id=far href='http://shop.test/far'>Far</a><a id=hash href='http://shop.test/#'>Menu</a>",
    "<p id=text>Some words to read</p><ul id=list><li key=first>One</li></ul>",
);

fn played(script: Script) -> Timeline {
    crate::tape::played_out(FORM, script)
}

/// The moments with that signal.
fn signalled(timeline: &Timeline, signal: Signal) -> Vec<&Moment> {
    timeline.moments.iter().filter(|moment| moment.signals.contains(&signal)).collect()
}

fn filled(tape: &mut Tape, doc: &Doc) {
    tape.typed(doc.at("name"), "Ada").wait(400).typed(doc.at("town"), "Bath").wait(900);
}

fn check(signal: Signal, table: &[(&str, Script, usize)]) {
    for (what, script, wanted) in table {
        let timeline = played(*script);
        assert_eq!(signalled(&timeline, signal).len(), *wanted, "{what}: {:#?}", timeline.moments);
    }
}

#[test]
fn errors_after_actions() {
    check(
        Signal::ErrorAfterAction,
        &[
            ("at once", |t, d| drop(t.click(d.at("load")).wait(40).console("exception", "TypeError: no")), 1),
            ("a console error", |t, d| drop(t.click(d.at("load")).wait(40).console("error", "no")), 1),
            ("a warning is none", |t, d| drop(t.click(d.at("load")).wait(40).console("warn", "hm")), 0),
            ("long after", |t, d| drop(t.click(d.at("load")).wait(4000).console("exception", "no")), 0),
        ],
    );
}

#[test]
fn forms_that_are_filled_and_left() {
    check(
        Signal::FormAbandoned,
        &[
            (
                "another page",
                |t, d| {
                    filled(t, d);
                    t.load("http://shop.test/b", d);
                },
                1,
            ),
            (
                "cancelled",
                |t, d| {
                    filled(t, d);
                    t.click(d.at("cancel"));
                },
                1,
            ),
            (
                "a route away",
                |t, d| {
                    filled(t, d);
                    t.event(5, json!({ "tag": "$url_changed", "payload": { "href": "/b" } }));
                },
                1,
            ),
            (
                "sent",
                |t, d| {
                    filled(t, d);
                    t.click(d.at("send")).wait(900).load("http://shop.test/b", d);
                },
                0,
            ),
            (
                "sent by a request",
                |t, d| {
                    filled(t, d);
                    t.request("POST", "http://shop.test/api/order", 200, 20).wait(900).load("http://shop.test/b", d);
                },
                0,
            ),
            ("one field", |t, d| drop(t.typed(d.at("name"), "Ada").wait(900).load("http://shop.test/b", d)), 0),
            ("still there at the end", |t, d| filled(t, d), 0),
        ],
    );
}

#[test]
fn forms_that_are_sent_again() {
    let twice = |status: u16, ms: u32, gap: i64| {
        let doc = Doc::new(FORM);
        let mut tape = Tape::of(&doc);
        filled(&mut tape, &doc);
        for _ in 0..2 {
            tape.click(doc.at("send")).wait(10).request("POST", "http://shop.test/api/order", status, ms).wait(gap);
        }
        signalled(&tape.timeline(), Signal::RepeatedSubmit).len()
    };
    assert_eq!(twice(200, 3000, 1500), 1, "before the answer");
    assert_eq!(twice(500, 100, 1500), 1, "after a failure");
    assert_eq!(twice(200, 100, 1500), 0, "after an answer it is another order");
    assert_eq!(twice(500, 100, 12_000), 0, "much later");
}

#[test]
fn pages_that_are_left_at_once() {
    let back = |stay: i64, to: &str, clicked: Option<&str>| {
        let doc = Doc::new(FORM);
        let mut tape = Tape::of(&doc);
        tape.click(doc.at("far")).wait(200).load("http://shop.test/far", &doc).wait(stay);
        if let Some(button) = clicked {
            tape.click(doc.at(button)).wait(200);
        }
        tape.load(to, &doc).wait(5000);
        signalled(&tape.timeline(), Signal::QuickBack).len()
    };
    let home = crate::tape::PAGE;
    assert_eq!(back(1200, home, None), 1);
    assert_eq!(back(1200, home, Some("cancel")), 1);
    assert_eq!(back(1200, home, Some("load")), 0, "it was gone on from");
    assert_eq!(back(5000, home, None), 0, "it was read");
    assert_eq!(back(1200, "http://shop.test/else", None), 0, "another page");
    assert_eq!(back(100, home, None), 0, "a redirect");
}

#[test]
fn idle_times_are_told_once() {
    let timeline = played(|t, d| drop(t.click(d.at("load")).wait(45_000).click(d.at("load"))));
    let idle: Vec<&Moment> = timeline.moments.iter().filter(|m| m.kind == MomentKind::Idle).collect();
    assert_eq!(idle.len(), 1);
    assert!((45_000..46_000).contains(&(idle[0].end_ms - idle[0].t_ms)));
}

#[test]
fn lists_that_are_built_anew_again_and_again() {
    let rebuilt = |before: usize, count: usize, gap: i64| {
        let mut doc = Doc::new(FORM);
        let mut tape = Tape::of(&doc);
        let mut last = doc.at("first");
        for i in 0..before + count {
            if i == before {
                tape.click(doc.at("load")).wait(50);
            }
            let adds = doc.adds("list", &format!("<li key=item{i}>Item</li>"));
            let removes = json!([{ "parentId": doc.at("list"), "id": last }]);
            tape.mutation(json!({ "adds": adds, "removes": removes })).wait(gap);
            last = doc.at(&format!("item{i}"));
        }
        signalled(&tape.timeline(), Signal::LayoutThrash).len()
    };
    assert_eq!(rebuilt(0, 8, 60), 1);
    assert_eq!(rebuilt(0, 2, 60), 0, "twice is a change");
    assert_eq!(rebuilt(0, 6, 450), 0, "slowly is no thrash");
    assert_eq!(rebuilt(8, 8, 60), 0, "what went on before is a feed");
}

#[test]
fn web_vitals_of_many_kinds_of_events() {
    let poor = json!({ "name": "LCP", "value": 5120.4, "rating": "poor" });
    let table: [(&str, i32, Value, &str, Rating); 5] = [
        ("a custom event", 5, json!({ "tag": "web-vitals", "payload": poor }), "LCP", Rating::Poor),
        ("JSON in a string", 5, json!({ "tag": "web-vital", "payload": poor.to_string() }), "LCP", Rating::Poor),
        (
            "a tag that names it",
            5,
            json!({ "tag": "CLS", "payload": { "value": 0.2 } }),
            "CLS",
            Rating::NeedsImprovement,
        ),
        (
            "a span of Sentry",
            5,
            json!({ "tag": "performanceSpan", "payload": { "op": "web-vital", "description": "interaction-to-next-paint", "startTimestamp": 1, "endTimestamp": 1, "data": { "value": 640.0 } } }),
            "INP",
            Rating::Poor,
        ),
        (
            "a plugin",
            6,
            json!({ "plugin": "rrweb/web-vitals@1", "payload": { "metric": { "name": "TTFB", "value": 90 } } }),
            "TTFB",
            Rating::Good,
        ),
    ];
    for (what, kind, data, name, rating) in table {
        let mut tape = Tape::of(&Doc::new(FORM));
        tape.event(kind, data);
        let timeline = tape.timeline();
        let found: Vec<&Moment> = timeline.moments.iter().filter(|m| m.vital.is_some()).collect();
        assert_eq!(found.len(), 1, "{what}");
        let vital = found[0].vital.as_ref().unwrap();
        assert_eq!((vital.name.as_str(), vital.rating), (name, rating), "{what}");
        assert_eq!(found[0].signals.contains(&Signal::PoorVital), rating == Rating::Poor, "{what}");
    }
}

#[test]
fn hydration_errors_of_many_frameworks() {
    let told = [
        "Error: Hydration failed because the server rendered HTML didn't match the client.",
        "Warning: Text content did not match. Server: \"1\" Client: \"2\"",
        "Uncaught Error: Minified React error #418; visit https://react.dev/errors/418 for the full message",
        "Hydration completed but contains mismatches.",
        "NG0500: During hydration Angular expected <b> but found <i>.",
        "https://svelte.dev/e/hydration_mismatch",
    ];
    let not =
        ["The server refused", "Minified React error #130; visit https://react.dev/errors/130", "Hydrating cache", ""];
    for (message, wanted) in told.iter().map(|m| (m, 1)).chain(not.iter().map(|m| (m, 0))) {
        let mut tape = Tape::of(&Doc::new(FORM));
        tape.console("error", message);
        assert_eq!(signalled(&tape.timeline(), Signal::HydrationError).len(), wanted, "{message}");
    }
}

#[test]
fn what_only_looks_dead() {
    check(
        Signal::DeadClick,
        &[
            ("a link that opens elsewhere with a modifier", |t, d| drop(t.click(d.at("far"))), 0),
            ("a link to nowhere", |t, d| drop(t.click(d.at("hash"))), 1),
            ("words that are clicked", |t, d| drop(t.click(d.at("text"))), 1),
            (
                "words that are marked",
                |t, d| {
                    let text = d.at("text") + 1;
                    let range = json!({ "ranges": [{ "start": text, "startOffset": 0, "end": text, "endOffset": 4 }] });
                    t.click(d.at("text")).wait(30).change(14, range);
                },
                0,
            ),
        ],
    );
}

fn entries(script: Script) -> Vec<Option<Entry>> {
    played(script).moments.iter().filter(|m| m.kind == MomentKind::Input).map(|m| m.entry).collect()
}

#[test]
fn how_values_come_into_fields() {
    assert_eq!(entries(|t, d| drop(t.typed(d.at("name"), "Ada"))), [Some(Entry::Typed)]);
    let pasted: Script = |t, d| {
        t.typed(d.at("name"), "Ada").wait(600).focus(d.at("town")).wait(400).input(d.at("town"), "Bath, Somerset");
    };
    assert_eq!(entries(pasted), [Some(Entry::Typed), Some(Entry::AtOnce)]);
    let line =
        |timeline: &Timeline| timeline.moments.iter().filter(|m| m.text.contains("(pasted or filled in)")).count();
    assert_eq!(line(&played(pasted)), 1);
    assert_eq!(
        entries(|t, d| drop(t.typed(d.at("name"), "Ada").input(d.at("name"), "Ada, Countess of Lovelace"))),
        [Some(Entry::Mixed)]
    );
    // A recorder that keeps the last value alone says nothing of the way to it.
    assert_eq!(entries(|t, d| drop(t.focus(d.at("name")).wait(300).input(d.at("name"), "Ada Lovelace"))), [None]);
}

#[test]
fn the_same_hidden_value_is_said_to_be_the_same() {
    let timeline = played(|t, d| {
        t.typed(d.at("secret"), "hunter2").wait(500).typed(d.at("again"), "hunter2").wait(500);
        t.typed(d.at("name"), "*****").wait(500).typed(d.at("town"), "*****");
    });
    let inputs: Vec<&Moment> = timeline.moments.iter().filter(|m| m.kind == MomentKind::Input).collect();
    assert!(inputs.iter().all(|m| m.masked && m.value.as_ref().is_some_and(|value| !value.is_empty())));
    let same: Vec<_> = inputs.iter().map(|m| m.same_as).collect();
    // Two masks of one length prove nothing.
    assert_eq!(same, [None, Some(inputs[0].id), None, None]);
    assert!(inputs[1].text.contains(&format!("(same as {})", inputs[0].id)), "{}", inputs[1].text);
}

const UNSEEN: &str = concat!(
    "<button id=copy>Copy link</button><button id=save>Download invoice</button>",
    "<button id=more popovertarget=menu>More</button><a id=file href='/files/list.csv'>List</a>",
    "<canvas id=map></canvas><p id=hint>Drag</p><button id=plus>Plus</button>",
);

/// Clicks with changes of the hint's text between them.
fn clicks(tape: &mut Tape, doc: &Doc, key: &str, hints: &[&str]) {
    for hint in hints {
        let hint = json!({ "texts": [{ "id": doc.at("hint") + 1, "value": hint }] });
        tape.click(doc.at(key)).wait(20).mutation(hint).wait(120);
    }
    tape.wait(9000).change(1, json!({ "positions": [] }));
}

#[test]
fn clicks_that_are_answered_where_no_recorder_looks() {
    for (key, wanted) in [("copy", 0), ("more", 0), ("file", 0), ("save", 1)] {
        let doc = Doc::new(UNSEEN);
        let mut tape = Tape::of(&doc);
        tape.click(doc.at(key)).wait(9000).change(1, json!({ "positions": [] }));
        let timeline = tape.timeline();
        assert_eq!(signalled(&timeline, Signal::DeadClick).len(), wanted, "{key}: {:#?}", timeline.moments);
    }
}

#[test]
fn clicks_that_are_answered_each_time_are_no_rage() {
    for (key, hints, wanted) in [
        ("plus", ["1", "2", "3", "4", "5"], 0),
        ("map", ["1", "2", "3", "4", "5"], 0),
        // What goes to and fro while the button is down tells nothing new.
        ("map", ["Drag", "Press", "Drag", "Press", "Drag"], 1),
    ] {
        let doc = Doc::new(UNSEEN);
        let mut tape = Tape::of(&doc);
        clicks(&mut tape, &doc, key, &hints);
        let timeline = tape.timeline();
        assert_eq!(signalled(&timeline, Signal::RageClick).len(), wanted, "{key}: {:#?}", timeline.moments);
    }
}

#[test]
fn a_page_that_says_where_it_came_from_says_so_each_time() {
    let page = |sends_referer: bool| {
        let doc = Doc::new(UNSEEN);
        let mut tape = Tape::of(&doc);
        tape.wait(500).fetched("fetch", "http://shop.test/api", sends_referer.then_some(crate::tape::PAGE));
        tape.wait(500).click(doc.at("plus")).wait(3000).fetched("document", "http://shop.test/b", None);
        tape.last_request()["request"]["headers"] = json!([{ "name": "Accept", "value": "text/html" }]);
        tape.wait(50).load("http://shop.test/b", &doc).wait(3000).change(1, json!({ "positions": [] }));
        let timeline = tape.timeline();
        let last = timeline.moments.iter().rfind(|moment| moment.kind == MomentKind::PageLoad).unwrap();
        (last.navigation, last.caused_by)
    };
    assert_eq!(page(true), (Some(NavigationKind::Address), None));
    // A site that never says it tells nothing by not saying it.
    assert_eq!(page(false).0, None);
}
