//! Failures beside what went well.

use playhead_schemas::timeline::{Contrast, ContrastKind, Timeline};
use serde_json::json;

use crate::tape::{Script, of_kinds, played_out};

const PAGE: &str = "<form><input id=code aria-label=Code><button id=apply>Apply</button></form>\
    <ul><li><button id=one class=fav>Like</button></li><li><button id=two class=fav>Like</button></li></ul>\
    <p id=out></p>";

fn contrast(timeline: &Timeline) -> Option<&Contrast> {
    timeline.failures.first().and_then(|failure| failure.contrast.as_ref())
}

/// What differs, a line each: part, name, what failed, what went well.
fn differs(timeline: &Timeline) -> Vec<String> {
    let contrast = contrast(timeline).unwrap_or_else(|| panic!("nothing comparable: {:?}", timeline.failures));
    let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "-".to_owned());
    let told = contrast.differs.iter().map(|one| {
        let part = serde_json::to_value(one.part).unwrap();
        format!("{} {}: {} / {}", part.as_str().unwrap(), side(&one.name), side(&one.failed), side(&one.well))
    });
    told.collect()
}

#[test]
fn a_request_stands_beside_the_same_that_went_well() {
    let timeline = played_out(PAGE, |t, d| {
        t.click(d.at("apply")).wait(20);
        let url = "http://shop.test/api/orders";
        t.call("POST", url, 201, r#"{"delivery":"express","id":1}"#, r#"{"total":12}"#).wait(3000);
        t.click(d.at("apply")).wait(20).call(
            "POST",
            url,
            500,
            r#"{"delivery":"saturday","id":2}"#,
            r#"{"error":"no rate"}"#,
        );
    });
    assert_eq!(
        differs(&timeline),
        [
            "sent delivery: \"saturday\" / \"express\"",
            "status -: 500 / 201",
            "answer error: \"no rate\" / -",
            "answer total: - / 12"
        ]
    );
}

/// Addresses that name another thing are of one call; other calls are not comparable.
#[test]
fn only_what_is_the_same_is_compared() {
    let asked = |good: &str, bad: &str| {
        let mut tape = crate::tape::played(PAGE, |_, _| {});
        tape.call("GET", good, 200, "", "{}").wait(500).call("GET", bad, 404, "", "{}").wait(500);
        contrast(&tape.timeline()).map(|contrast| contrast.kind)
    };
    let (a, b) = ("http://shop.test/api/coupons/WELCOME10", "http://shop.test/api/coupons/SPRING25");
    assert_eq!(asked(a, b), Some(ContrastKind::Request));
    assert_eq!(asked("http://shop.test/api/runs/search", "http://shop.test/api/runs/update"), None);
    assert_eq!(asked("http://shop.test/api/users/7", "http://other.test/api/users/8"), None);
}

#[test]
fn an_action_stands_beside_the_same_that_went_well() {
    let timeline = played_out(PAGE, |t, d| {
        let text = |t: &mut crate::tape::Tape, d: &mut crate::doc::Doc, html: &str| {
            t.adds(d.adds("out", html)).wait(3000);
        };
        t.typed(d.at("code"), "WELCOME10").wait(500).click(d.at("apply")).wait(50);
        t.call("GET", "http://shop.test/api/coupons/WELCOME10", 200, "", r#"{"rules":{"minimum":5}}"#).wait(100);
        text(t, d, "<b>Taken</b>");
        t.input(d.at("code"), "SPRING25").wait(500).click(d.at("apply")).wait(50);
        t.call("GET", "http://shop.test/api/coupons/SPRING25", 200, "", r#"{"rules":null}"#).wait(60);
        t.console("exception", "TypeError: Cannot read properties of null (reading 'minimum')");
    });
    let differs = differs(&timeline);
    let has = |wanted: &str| differs.iter().any(|line| line == wanted);
    assert!(has("answer rules: null / an object"), "{differs:?}");
    assert!(has("entered Code: SPRING25 / WELCOME10") || has("address path: SPRING25 / WELCOME10"), "{differs:?}");
}

/// A field that is marked already is not marked anew: that the page says the same again tells that it refused again.
#[test]
fn a_form_that_says_the_same_again_refuses_again() {
    fn tries(t: &mut crate::tape::Tape, d: &mut crate::doc::Doc, said: &str) {
        t.click(d.at("fast")).checked(d.at("fast"), true).wait(900);
        t.typed(d.at("code"), "one").wait(900).click(d.at("apply")).wait(20);
        t.attributes(d.at("code"), json!({"aria-invalid": "true"}));
        t.adds(d.adds("why", "<b>Use five letters, please.</b>")).wait(4000);
        t.input(d.at("code"), "two").wait(900).click(d.at("apply")).wait(20);
        t.adds(d.adds("out", &format!("<div role=alert>{said}</div>"))).wait(4000);
    }
    let form = "<form><input id=code aria-label=Code aria-describedby=why><p id=why></p>\
        <label><input type=radio name=way id=fast>Fast</label><button id=apply>Apply</button></form><p id=out></p>";
    let again = played_out(form, |t, d| tries(t, d, "Use five letters, please."));
    let other = played_out(form, |t, d| tries(t, d, "Taken, thank you."));
    let clicks: Vec<_> = crate::tape::of_kinds(&again, &[playhead_schemas::MomentKind::Click]);
    let failure = &again.failures[0];
    let last = clicks[clicks.len() - 1];
    assert_eq!((failure.count, &failure.related[..]), (2, &[last.id][..]), "{:?}", again.failures);
    assert!(failure.contrast.is_none(), "a try that was refused too went not well: {:?}", failure.contrast);
    assert_eq!(failure.tries.len(), 2);
    let first = &failure.tries[0].entered;
    assert!(first.contains(&clicks[0].id), "the box that was set belongs to the try: {first:?}");
    assert_eq!(other.failures[0].count, 1, "another message is another answer");
}

#[test]
fn a_dead_click_stands_beside_a_sibling_that_was_answered() {
    let script: Script = |t, d| {
        t.click(d.at("one")).wait(50).adds(d.adds("out", "<b>Liked it</b>")).wait(4000).click(d.at("two"));
    };
    let timeline = played_out(PAGE, script);
    let found = contrast(&timeline).expect("a sibling answered");
    let clicks = of_kinds(&timeline, &[playhead_schemas::MomentKind::Click]);
    assert_eq!((found.kind, found.failed, found.well), (ContrastKind::Sibling, clicks[1].id, clicks[0].id));
    assert_eq!(clicks[1].target.as_ref().unwrap().markup.as_deref(), Some("<button id=\"two\" class=\"fav\">"));
    let alone = played_out("<button id=two>Like</button>", |t, d| drop(t.click(d.at("two"))));
    assert!(alone.failures.len() == 1 && contrast(&alone).is_none(), "nothing is comparable");
}

/// A request that was held back was sent when it was noted first.
#[test]
fn a_request_that_was_held_back_stands_where_it_was_sent() {
    let timeline = played_out(PAGE, |t, d| {
        t.click(d.at("apply")).wait(20);
        let sent = crate::tape::START + t.now;
        t.wait(3000).request("POST", "http://shop.test/api/orders", 200, 3000);
        t.last_request()["_startEpochMs"] = json!(sent);
    });
    let request = of_kinds(&timeline, &[playhead_schemas::MomentKind::Request])[0];
    let click = of_kinds(&timeline, &[playhead_schemas::MomentKind::Click])[0];
    assert_eq!((request.t_ms, request.caused_by), (click.end_ms + 20, Some(click.id)));
}
