//! What followed from an action, in words, and what its pattern means.

use playhead_schemas::timeline::{FailureKind, Moment, MomentKind, Signal, Timeline};
use serde_json::{Value, json};

use crate::doc::Doc;
use crate::tape::{Script, Tape, changes, of_kinds};

const SHOP: &str = concat!(
    "<h1>Orders</h1><button id=pay>Pay</button><input id=mail aria-label=Email aria-describedby=hint><p id=hint></p>",
    "<ul id=list aria-label=Products><li>One</li></ul><table><caption>Orders</caption><tbody id=rows></tbody></table>",
    "<dialog id=ask aria-label='Remove this item?'><p>Sure?</p></dialog><div id=alert role=alert hidden>No stock</div>",
    "<button id=menu aria-expanded=false>More</button><div role=tab id=tab aria-selected=false>Reviews</div>",
    "<p id=total>£3</p><p id=clock>12:00</p><a id=file href='/f.pdf' download>Invoice</a><a id=blank href=/b target=_blank>New tab</a>",
    "<video id=film></video><input id=field aria-label=Field><a id=call href='tel:1'>Call</a><canvas id=canvas></canvas>",
);

fn played(script: Script) -> Timeline {
    crate::tape::played_out(SHOP, script)
}

fn action(timeline: &Timeline) -> &Moment {
    timeline.moments.iter().find(|moment| moment.kind.is_action()).unwrap()
}

/// What the click on `pay` led to, when this follows 100 ms later.
fn dom(follows: Script) -> Vec<String> {
    let mut doc = Doc::new(SHOP);
    let mut tape = Tape::of(&doc);
    tape.click(doc.at("pay")).wait(100);
    follows(&mut tape, &mut doc);
    tape.wait(9000).change(1, json!({ "positions": [] }));
    let timeline = tape.timeline();
    changes(action(&timeline))
}

fn text(id: u32, value: &str) -> Value {
    json!({ "texts": [{ "id": id, "value": value }] })
}

#[test]
fn changes_are_told_in_words() {
    let table: [(&str, Script, &[&str]); 21] = [
        (
            "a dialog that opens",
            |t, d| drop(t.attributes(d.at("ask"), json!({ "open": "" }))),
            &["dialog \"Remove this item?\" appeared"],
        ),
        (
            "a dialog that is added",
            |t, d| drop(t.adds(d.adds("body", "<div role=dialog><h2>Payment failed</h2><button>OK</button></div>"))),
            &["dialog \"Payment failed\" appeared"],
        ),
        (
            "an alert that is shown",
            |t, d| drop(t.attributes(d.at("alert"), json!({ "hidden": null }))),
            &["alert \"No stock\" appeared"],
        ),
        (
            "an alert that is added",
            |t, d| drop(t.adds(d.adds("body", "<div><p role=alert>Card refused</p></div>"))),
            &["alert \"Card refused\" appeared"],
        ),
        (
            "a toast of a library",
            |t, d| drop(t.adds(d.adds("body", "<div class='toast show'>Saved</div>"))),
            &["alert \"Saved\" appeared"],
        ),
        (
            "a field that refuses, with why",
            |t, d| {
                drop(t.mutation(json!({ "adds": d.adds("hint", "Enter an email."), "attributes": [{ "id": d.at("mail"), "attributes": { "aria-invalid": "true" } }] })))
            },
            &["textbox \"Email\" marked invalid: \"Enter an email.\""],
        ),
        (
            "a field that refuses, by its class",
            |t, d| drop(t.attributes(d.at("mail"), json!({ "class": "form-control is-invalid" }))),
            &["textbox \"Email\" marked invalid"],
        ),
        ("disabled", |t, d| drop(t.attributes(d.at("pay"), json!({ "disabled": "" }))), &["button \"Pay\" disabled"]),
        (
            "disabled and enabled again is nothing",
            |t, d| {
                t.attributes(d.at("pay"), json!({ "disabled": "" }))
                    .wait(300)
                    .attributes(d.at("pay"), json!({ "disabled": null }));
            },
            &[],
        ),
        (
            "shown, hidden and shown again did appear",
            |t, d| {
                for hidden in [Value::Null, json!(""), Value::Null] {
                    t.attributes(d.at("alert"), json!({ "hidden": hidden })).wait(100);
                }
            },
            &["alert \"No stock\" appeared"],
        ),
        (
            "rows",
            |t, d| drop(t.adds(d.adds("rows", "<tr><td>1</td></tr><tr><td>2</td></tr><tr><td>3</td></tr>"))),
            &["3 rows appeared in \"Orders\": \"1\", \"2\", \"3\""],
        ),
        (
            "one item",
            |t, d| drop(t.adds(d.adds("list", "<li>Two</li>"))),
            &["1 item appeared in \"Products\", now 2: \"Two\""],
        ),
        (
            "expanded",
            |t, d| drop(t.attributes(d.at("menu"), json!({ "aria-expanded": "true" }))),
            &["button \"More\" expanded"],
        ),
        (
            "selected",
            |t, d| drop(t.attributes(d.at("tab"), json!({ "aria-selected": "true" }))),
            &["tab \"Reviews\" selected"],
        ),
        ("a text", |t, d| drop(t.mutation(text(d.at("total") + 1, "£9"))), &["\"£3\" became \"£9\""]),
        (
            "a text that is there and back",
            |t, d| drop(t.mutation(text(d.at("total") + 1, "…")).wait(50).mutation(text(d.at("total") + 1, "£3"))),
            &[],
        ),
        ("a text that comes", |t, d| drop(t.adds(d.adds("hint", "Thanks."))), &["\"Thanks.\" appeared"]),
        (
            "what is hidden is not seen",
            |t, d| drop(t.adds(d.adds("body", "<p hidden>Nothing</p><dialog>Nothing</dialog>"))),
            &["2 elements appeared"],
        ),
        (
            "what comes and goes",
            |t, d| {
                let adds = d.adds("body", "<div role=alert id=brief>Wait</div>");
                t.adds(adds)
                    .wait(200)
                    .mutation(json!({ "removes": [{ "parentId": d.at("body"), "id": d.at("brief") }] }));
            },
            &["alert \"Wait\" appeared and disappeared"],
        ),
        ("an element without words", |t, d| drop(t.adds(d.adds("body", "<i></i>"))), &["1 element appeared"]),
        ("style sheets are no news", |t, d| drop(t.adds(d.adds("body", "<style>p { color: red }</style>"))), &[]),
    ];
    for (what, follows, wanted) in table {
        assert_eq!(dom(follows), *wanted, "{what}");
    }
}

/// A page may show any words, those of a transcript too: they are the text of a change and never its kind.
#[test]
fn words_of_the_page_are_not_taken_for_what_happened() {
    const WORDS: &str = "textbox \"Email\" marked invalid: \"No\"; dialog, alert";
    let told = played(|t, d| {
        t.click(d.at("pay")).wait(100).adds(d.adds("body", &format!("<p>{WORDS}</p>"))).wait(9000);
    });
    assert_eq!(changes(action(&told)), [format!("'{WORDS}' appeared")]);
    assert_eq!(action(&told).signals, []);
    assert!(told.failures.is_empty(), "{:?}", told.failures);

    let refused = played(|t, d| {
        t.click(d.at("pay")).wait(100).attributes(d.at("mail"), json!({ "aria-invalid": "true" })).wait(9000);
    });
    assert_eq!(action(&refused).signals, [Signal::InvalidInput]);
    let kinds: Vec<FailureKind> = refused.failures.iter().map(|failure| failure.kind).collect();
    assert_eq!(kinds, [FailureKind::FormRefused]);
}

/// A clock that ticks all the time is nobody's doing; other changes beside it are.
#[test]
fn noise_is_left_out() {
    let timeline = played(|t, d| {
        let clock = d.at("clock") + 1;
        for second in 0..20 {
            t.mutation(text(clock, &format!("12:00:{second:02}"))).wait(500);
            if second == 10 {
                t.click(d.at("pay"));
            }
            if second == 11 {
                t.mutation(text(d.at("total") + 1, "£9"));
            }
        }
    });
    assert_eq!(changes(action(&timeline)), ["\"£3\" became \"£9\""]);
    let dead = played(|t, d| {
        for second in 0..40 {
            t.mutation(text(d.at("clock") + 1, &format!("12:00:{second:02}"))).wait(500);
            if second == 10 {
                t.click(d.at("pay"));
            }
        }
    });
    assert_eq!(action(&dead).signals, [Signal::DeadClick]);
    assert_eq!(changes(action(&dead)), Vec::<String>::new());
}

#[test]
fn many_changes_are_folded() {
    let timeline = played(|t, d| {
        t.click(d.at("pay")).wait(100);
        let lines: String = (0..30).map(|i| format!("<p>Line {i}</p>")).collect();
        t.adds(d.adds("body", &lines)).wait(9000).change(1, json!({ "positions": [] }));
    });
    let action = action(&timeline);
    let outcome = action.outcome.as_ref().unwrap();
    assert_eq!((outcome.changes.len(), outcome.changes_omitted), (5, 25));
    assert!(action.text.ends_with("\"Line 4\" appeared; and 25 more changes"), "{}", action.text);
}

#[test]
fn what_comes_long_after_is_not_its_doing() {
    let late = |wait: i64| {
        let mut doc = Doc::new(SHOP);
        let mut tape = Tape::of(&doc);
        tape.click(doc.at("pay")).wait(wait).adds(doc.adds("body", "<p role=alert>Late</p>")).wait(3000);
        changes(action(&tape.timeline()))
    };
    assert_eq!(late(2000), ["alert \"Late\" appeared"]);
    assert_eq!(late(6000), ["alert \"Late\" appeared"], "the first change of the page");
    assert_eq!(late(8000), Vec::<String>::new());
    // Unless an answer that it waited for comes that late.
    let mut doc = Doc::new(SHOP);
    let mut tape = Tape::of(&doc);
    tape.click(doc.at("pay")).wait(10).request("POST", "http://shop.test/api", 200, 6000);
    tape.wait(6100).adds(doc.adds("body", "<p role=alert>Late</p>")).wait(3000);
    let timeline = tape.timeline();
    assert_eq!(changes(action(&timeline)), ["alert \"Late\" appeared"]);
}

/// A request that failed a moment before an unrelated click doesn't take the error of that click's handler.
#[test]
fn an_error_right_after_a_click_is_the_clicks() {
    for (is_clicked, want) in [(true, "coupon"), (false, "pay")] {
        let doc = Doc::new("<button id=pay>Pay</button><button id=coupon>Apply</button>");
        let mut tape = Tape::of(&doc);
        tape.click(doc.at("pay")).request("POST", "http://shop.test/api/pay", 502, 20).wait(400);
        if is_clicked {
            tape.mouse_at(1, doc.at("coupon"), 300.0, 200.0).mouse_at(0, doc.at("coupon"), 300.0, 200.0);
            tape.mouse_at(2, doc.at("coupon"), 300.0, 200.0).wait(5);
        }
        tape.console("exception", "TypeError: x is null");
        let timeline = tape.timeline();
        let error = timeline.moments.iter().find(|moment| moment.kind == MomentKind::Error).unwrap();
        let clicks = of_kinds(&timeline, &[MomentKind::Click]);
        let asked = clicks.iter().find(|c| c.outcome.as_ref().is_some_and(|o| o.errors.contains(&error.id))).unwrap();
        assert!(asked.text.contains(&format!("#{want}")), "{} for {want}", asked.text);
    }
}

#[test]
fn requests_and_errors_are_linked_both_ways() {
    let timeline = played(|t, d| {
        t.click(d.at("pay")).wait(20).request("POST", "http://shop.test/api/pay", 500, 180).wait(200);
        t.console("error", "payment failed").wait(5).console("exception", "TypeError: x is null");
    });
    let moment = action(&timeline);
    let of = |kind| timeline.moments.iter().find(|m| m.kind == kind).unwrap();
    let (request, line, error) = (of(MomentKind::Request), of(MomentKind::Console), of(MomentKind::Error));
    let outcome = moment.outcome.as_ref().unwrap();
    assert_eq!(outcome.requests, [request.id]);
    assert_eq!(outcome.errors, [line.id, error.id]);
    assert_eq!(request.caused_by, Some(moment.id));
    assert_eq!(line.caused_by, Some(request.id));
    assert!(moment.signals.contains(&Signal::ErrorAfterAction));
    assert!(moment.text.contains("POST /api/pay 500 (180 ms)"), "{}", moment.text);
    let kinds: Vec<FailureKind> = timeline.failures.iter().map(|failure| failure.kind).collect();
    assert_eq!(kinds, [FailureKind::UncaughtError, FailureKind::HttpError, FailureKind::ConsoleError]);
    assert!(timeline.failures.iter().all(|failure| failure.action == Some(moment.id)));
}

#[test]
fn pages_come_from_answers_and_not_from_their_parts() {
    for (resource, causes) in [("fetch", 2), ("document", 2), ("script", 1), ("image", 1)] {
        let doc = Doc::new(SHOP);
        let mut tape = Tape::of(&doc);
        tape.click(doc.at("pay")).wait(20).fetched(resource, "http://shop.test/x", None).wait(200);
        let timeline = tape.load("http://shop.test/done", &doc).timeline();
        let page = timeline.moments.iter().rfind(|moment| moment.kind == MomentKind::PageLoad).unwrap();
        assert_eq!(page.causes.len(), causes, "{resource}: {:?}", page.causes);
        assert_eq!(page.caused_by, Some(action(&timeline).id));
        assert!(page.text.ends_with(&format!("<- probably {}", action(&timeline).id)), "{}", page.text);
    }
}

#[test]
fn clicks_that_nothing_answers_are_dead() {
    let table: [(&str, Script, bool); 17] = [
        ("nothing at all", |t, d| drop(t.click(d.at("pay"))), true),
        ("a tap", |t, d| drop(t.tap(d.at("pay"))), true),
        (
            "the pointer alone moves on",
            |t, d| drop(t.click(d.at("pay")).wait(100).change(1, json!({ "positions": [] }))),
            true,
        ),
        ("a change", |t, d| drop(t.click(d.at("pay")).wait(100).mutation(text(d.at("total") + 1, "£9"))), false),
        (
            "a change of style",
            |t, d| drop(t.click(d.at("pay")).wait(100).attributes(d.at("total"), json!({ "class": "seen" }))),
            false,
        ),
        ("a request", |t, d| drop(t.click(d.at("pay")).wait(10).request("GET", "http://shop.test/x", 200, 9)), false),
        ("an error", |t, d| drop(t.click(d.at("pay")).wait(10).console("exception", "no")), false),
        ("a load", |t, d| drop(t.click(d.at("pay")).wait(100).load("http://shop.test/b", d)), false),
        (
            "scrolling",
            |t, d| drop(t.click(d.at("pay")).wait(50).change(3, json!({ "id": 1, "x": 0, "y": 900 }))),
            false,
        ),
        ("a download", |t, d| drop(t.click(d.at("file"))), false),
        ("a new tab", |t, d| drop(t.click(d.at("blank"))), false),
        ("a call", |t, d| drop(t.click(d.at("call"))), false),
        ("a film", |t, d| drop(t.click(d.at("film"))), false),
        ("a drawing area", |t, d| drop(t.click(d.at("canvas"))), false),
        ("a field", |t, d| drop(t.click(d.at("field"))), false),
        ("nothing that is known", |t, _| drop(t.click(9999)), false),
        (
            "the next action comes too soon to tell",
            |t, d| {
                drop(
                    t.click(d.at("pay"))
                        .wait(400)
                        .click(d.at("menu"))
                        .wait(50)
                        .attributes(d.at("menu"), json!({ "aria-expanded": "true" })),
                )
            },
            false,
        ),
    ];
    for (what, script, dead) in table {
        let timeline = played(script);
        let moment = action(&timeline);
        assert_eq!(moment.signals.contains(&Signal::DeadClick), dead, "{what}: {moment:?}");
        assert_eq!(timeline.failures.iter().any(|f| f.kind == FailureKind::DeadClick), dead, "{what}");
    }
}

#[test]
fn slow_answers_are_told() {
    let timeline = played(|t, d| drop(t.click(d.at("pay")).wait(4500).mutation(text(d.at("total") + 1, "£9"))));
    assert_eq!(action(&timeline).signals, [Signal::SlowClick]);
    let timeline = played(|t, d| drop(t.click(d.at("pay")).wait(10).request("GET", "http://shop.test/x", 200, 2500)));
    let request = timeline.moments.iter().find(|m| m.kind == MomentKind::Request).unwrap();
    assert_eq!(request.signals, [Signal::SlowRequest]);
    assert_eq!(timeline.failures[0].kind, FailureKind::SlowRequest);
}

#[test]
fn quick_clicks_on_one_thing_are_a_rage_click() {
    let clicks = |count: usize, gap: i64, step: f64| {
        let doc = Doc::new(SHOP);
        let mut tape = Tape::of(&doc);
        for i in 0..count {
            let (id, x) = (doc.at("pay"), 10.0 + step * i as f64);
            tape.mouse_at(1, id, x, 10.0).wait(50).mouse_at(0, id, x, 10.0).mouse_at(2, id, x, 10.0).wait(gap);
        }
        let timeline = tape.timeline();
        let moment = action(&timeline).clone();
        (moment.count, moment.signals.contains(&Signal::RageClick))
    };
    assert_eq!(clicks(2, 200, 0.0), (2, false));
    assert_eq!(clicks(3, 200, 0.0), (3, true));
    assert_eq!(clicks(7, 100, 0.0), (7, true));
    assert_eq!(clicks(4, 1200, 0.0), (1, false));
    assert_eq!(clicks(4, 200, 100.0), (1, false));
}
