//! Facts of moments in their lines.

use playhead_schemas::MomentId;
use playhead_schemas::timeline::{
    Cause, Change, Confidence, Edge, Evidence, Level, Moment, MomentKind, Outcome, OverlayKind, PageChange, Rating,
    Request, Signal, Subject, Target, Timeline, Vital,
};

use super::line;
use crate::observe::Note;

fn moment(id: u32, kind: MomentKind) -> Moment {
    Moment { id: MomentId(id), kind, count: 1, ..Moment::default() }
}

fn caused(id: u32, kind: MomentKind, causes: &[(u32, Confidence)]) -> Moment {
    let cause = |(from, confidence): &(u32, Confidence)| Cause {
        from: MomentId(*from),
        edge: Edge::ResponseToError,
        evidence: vec![Evidence::Time],
        confidence: *confidence,
    };
    Moment {
        url: Some("http://shop.test/".to_owned()),
        message: Some("boom".to_owned()),
        caused_by: causes.first().map(|(from, _)| MomentId(*from)),
        causes: causes.iter().map(cause).collect(),
        ..moment(id, kind)
    }
}

#[test]
fn causes_are_named_with_how_sure_they_are() {
    use Confidence::{High, Low, Medium};
    use MomentKind::{Console, Error, Navigate};
    let all: Vec<Moment> = (1..=9).map(|id| moment(id, MomentKind::Custom)).collect();
    let warned = Moment { level: Some(Level::Warn), ..caused(9, Console, &[(1, High)]) };
    for (moment, want) in [
        (caused(9, Error, &[(1, High)]), "uncaught error: boom <- m1"),
        (caused(9, Error, &[(1, Medium), (2, Low), (3, Low)]), "uncaught error: boom <- probably m1, perhaps m2"),
        (caused(9, Error, &[]), "uncaught error: boom"),
        (caused(9, Error, &[(77, High)]), "uncaught error: boom"),
        (caused(9, Navigate, &[(1, High), (2, Low)]), "navigate to http://shop.test/ <- m1"),
        (caused(9, Console, &[(1, High)]), "console log: boom"),
        (warned, "console warn: boom <- m1"),
    ] {
        assert_eq!(line::line(&moment, None, &all).text, want);
    }
}

#[test]
fn changes_that_came_late_say_when() {
    let alert = Subject::Overlay { overlay: OverlayKind::Alert, text: Some("No".to_owned()), items: Vec::new() };
    let [no, seven, nine] = ["No", "7", "9"].map(|text| Subject::Text { text: text.to_owned() });
    let at = |t_ms, change: Change| PageChange { t_ms, ..change.into() };
    let changes = vec![
        at(Some(3_400), Change::Appeared { what: alert }),
        at(Some(1_400), Change::Disappeared { what: seven }),
        at(None, Change::Appeared { what: no }),
        at(None, Change::Appeared { what: nine }),
    ];
    let outcome = Outcome { changes, changes_omitted: 1, ..Outcome::default() };
    let click = Moment { t_ms: 900, end_ms: 1_000, outcome: Some(outcome), ..moment(9, MomentKind::Click) };
    assert_eq!(
        line::line(&click, None, &[]).text,
        "click something unknown -> alert \"No\" appeared after 2.4 s; \"7\" disappeared; \"9\" appeared; and 1 more change"
    );
}

#[test]
fn web_vitals_are_told_with_their_rating() {
    let vital = |name: &str, value, rating| Moment {
        vital: Some(Vital { name: name.to_owned(), value, rating }),
        signals: if rating == Rating::Poor { vec![Signal::PoorVital] } else { Vec::new() },
        ..moment(9, MomentKind::Custom)
    };
    for (moment, want) in [
        (vital("LCP", 4_210.5, Rating::Poor), "web vital LCP 4.2 s, poor"),
        (vital("CLS", 0.1249, Rating::NeedsImprovement), "web vital CLS 0.12, needs improvement"),
        (vital("INP", f64::NAN, Rating::Good), "web vital INP 0 ms, good"),
    ] {
        assert_eq!(line::line(&moment, Some(&Note::Event("web-vital".to_owned())), &[]).text, want);
    }
}

#[test]
fn the_vitals_of_one_page_view_are_one_line() {
    let vital = |id, name: &str, value, rating| Moment {
        vital: Some(Vital { name: name.to_owned(), value, rating }),
        t_ms: 2_000 + u64::from(id),
        text: format!("vital {name}"),
        ..moment(id, MomentKind::Custom)
    };
    let moments = [
        vital(1, "TTFB", 33.0, Rating::Good),
        vital(2, "CLS", 0.11, Rating::NeedsImprovement),
        vital(3, "LCP", 608.0, Rating::Good),
        vital(4, "INP", 900.0, Rating::Poor),
        // The next page.
        vital(5, "TTFB", 40.0, Rating::Good),
        vital(6, "FCP", 90.0, Rating::Good),
        Moment { text: "click".to_owned(), ..moment(7, MomentKind::Click) },
        // Alone it is told as it is.
        vital(8, "INP", 24.0, Rating::Good),
    ];
    let lines: Vec<String> = super::runs::folded(&moments).iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            "m1–m4 00:02.0 web vitals TTFB 33 ms, LCP 608 ms: good; CLS 0.11: needs improvement; INP 900 ms: poor",
            "m5–m6 00:02.0 web vitals TTFB 40 ms, FCP 90 ms: good",
            "m7 00:00.0 click",
            "m8 00:02.0 vital INP",
        ]
    );
}

#[test]
fn selectors_stand_in_one_pair_of_brackets() {
    for (selector, matches, want) in [
        ("#pay", 1, "click element [#pay]"),
        ("li", 3, "click element [li, 3 matches]"),
        ("[data-testid=\"pay\"]", 1, "click element [data-testid=\"pay\"]"),
        ("[data-testid=\"pay\"]", 0, "click element [data-testid=\"pay\"] (0 matches)"),
        ("[data-testid=\"pay\"] > b", 1, "click element [[data-testid=\"pay\"] > b]"),
    ] {
        let target = Target { selector: selector.to_owned(), matches, ..Target::default() };
        let click = Moment { target: Some(target), ..moment(9, MomentKind::Click) };
        assert_eq!(line::line(&click, None, &[]).text, want);
    }
}

#[test]
fn the_clicks_of_a_rage_click_are_counted_once() {
    let target = Target { name: Some("Pay".to_owned()), selector: "#pay".to_owned(), matches: 1, ..Target::default() };
    let click = Moment {
        count: 6,
        target: Some(Target { role: "button".to_owned(), ..target }),
        signals: vec![Signal::RageClick],
        ..moment(1, MomentKind::Click)
    };
    let failures = crate::failures::failures(std::slice::from_ref(&click));
    let timeline = Timeline { moments: vec![click], failures, ..Timeline::default() };
    let summary = crate::render::summary(&timeline, 4000);
    let told = "1. m1 00:00.0 rage click: 6 quick clicks on button \"Pay\"\n   click button \"Pay\" [#pay]\n";
    assert!(summary.contains(told), "{summary}");
}

/// The texts of a line that may be named.
fn units<'a>(moment: &Moment, note: Option<&Note>, all: &[Moment], line: &'a mut String) -> Vec<&'a str> {
    let told = line::line(moment, note, all);
    *line = told.text;
    told.units.iter().filter_map(|unit| unit.of(line)).collect()
}

#[test]
fn units_are_what_the_renderer_wrote_as_one() {
    let hostile = "console error: \"shop\" [no > selector > of > ours] <- m2 (unsure: /a/path/of/theirs)";
    let quoted = "'console error: \"shop\" [no > selector > of > ours] <- m2 (unsure: /a/path/of/the…'";
    let told = "'console error: \"shop\" [no > selector > of > ours] <- m2 (unsure: /a/path/of/theirs)'";
    let target = Target {
        role: "button".to_owned(),
        name: Some(hostile.to_owned()),
        selector: "[data-testid=\"pay\"] > button:nth-of-type(2)".to_owned(),
        matches: 1,
        within: Some("form \"Payment and delivery\"".to_owned()),
        ..Target::default()
    };
    let alert = Subject::Overlay { overlay: OverlayKind::Alert, text: Some(hostile.to_owned()), items: Vec::new() };
    let outcome = Outcome {
        requests: vec![MomentId(2)],
        errors: vec![MomentId(3)],
        changes: vec![Change::Appeared { what: alert }.into()],
        ..Outcome::default()
    };
    let request = Request { url: "/a/long/path/of/ours".repeat(2), method: "GET".to_owned(), ..Request::default() };
    let click = Moment { target: Some(target), outcome: Some(outcome), ..moment(1, MomentKind::Click) };
    let request = Moment { request: Some(request), ..moment(2, MomentKind::Request) };
    let error = Moment { message: Some(hostile.to_owned()), ..caused(3, MomentKind::Error, &[(1, Confidence::High)]) };
    let all = [click.clone(), request, error.clone()];
    let mut line = String::new();
    assert_eq!(
        units(&click, None, &all, &mut line),
        [
            quoted,
            "[[data-testid=\"pay\"] > button:nth-of-type(2)]",
            "form \"Payment and delivery\"",
            told,
            "/a/long/path/of/ours/a/long/path/of/ours",
            &format!("'{hostile}'"),
        ]
    );
    let place = Note::Place("http://shop.test/js/checkout.js:1:2".to_owned());
    let at_place = format!("{hostile} at /js/checkout.js:1:2");
    assert_eq!(units(&error, Some(&place), &all, &mut line), [at_place.as_str(), hostile]);
    assert_eq!(line, format!("uncaught error: {at_place} <- m1"));
    assert_eq!(units(&error, None, &all, &mut line), [hostile]);
}

#[test]
fn what_a_page_says_does_not_change_what_is_named() {
    let logged = |id, message: &str| {
        let logged = Moment { message: Some(message.to_owned()), ..moment(id, MomentKind::Console) };
        let line = line::line(&logged, None, &[]);
        Moment { text: line.text, units: line.units, ..logged }
    };
    let shop = "the shop could not be reached, again, by any way";
    for page in ["<- m2", "console log: x", "(unsure: x)", "\"", "[", "/ at"] {
        let message = format!("{shop} {page}");
        let moments = vec![logged(1, &message), logged(2, &message)];
        let told = super::detailed(&Timeline { moments, ..Timeline::default() });
        let want =
            format!("m1 00:00.0 console log: §1{{{message}}}§\nm2 00:00.0 console log: §1\nNo failure was found.\n");
        assert!(told.ends_with(&want), "{told}");
    }
}

#[test]
fn quotation_marks_stay_as_they_are() {
    for (text, want) in [
        ("plain", "\"plain\""),
        ("it's", "\"it's\""),
        ("{\"id\": 7}", "'{\"id\": 7}'"),
        ("it's \"x\"", "\"it's \\\"x\\\"\""),
    ] {
        assert_eq!(super::text::in_quotes(text), want);
    }
}

#[test]
fn lines_of_failures_hold_their_evidence() {
    let url = "http://shop.test/api/orders/of/this/customer";
    let request = |status| Request {
        url: url.to_owned(),
        method: "GET".to_owned(),
        status: Some(status),
        duration_ms: Some(3044),
        response_body: Some("{\"code\":\"no_rate_for_this_zone\"}".to_owned()),
        ..Request::default()
    };
    let line_of = |status| {
        let moment = Moment { request: Some(request(status)), ..caused(9, MomentKind::Request, &[]) };
        line::line(&moment, None, &[])
    };
    let told = line_of(500);
    assert_eq!(
        told.text,
        "GET /api/orders/of/this/customer 500 (3044 ms) answered {\"code\":\"no_rate_for_this_zone\"}"
    );
    let units: Vec<&str> = told.units.iter().filter_map(|unit| unit.of(&told.text)).collect();
    assert_eq!(units, ["{\"code\":\"no_rate_for_this_zone\"}"]);
    assert_eq!(line_of(200).text, "GET /api/orders/of/this/customer 200 (3044 ms)");
}

#[test]
fn errors_tell_their_way_through_the_scripts_of_the_page() {
    let stack = |frames: &[&str]| Some(frames.join("\n"));
    let own = "at pay (http://shop.test/js/pay.js:7:40)";
    for (stack, want) in [
        (
            stack(&[own, "at send (http://shop.test/js/form.js:1:2)"]),
            " at pay (/js/pay.js:7:40) < send (/js/form.js:1:2)",
        ),
        (
            stack(&["at run (https://cdn.test/lib.js:1:1)", own, "at x (http://shop.test/node_modules/x.js:1:1)"]),
            " at pay (/js/pay.js:7:40) (1 of 3 frames)",
        ),
        (stack(&["at run (https://cdn.test/lib.js:1:1)"]), " at run (https://cdn.test/lib.js:1:1)"),
        (None, ""),
    ] {
        let error = Moment { level: Some(Level::Error), stack, ..caused(9, MomentKind::Error, &[]) };
        assert_eq!(line::line(&error, None, &[]).text, format!("uncaught error: boom{want}"));
    }
}

#[test]
fn transcripts_end_with_where_the_failures_stand() {
    let slow = Request { status: Some(200), duration_ms: Some(3000), ..Request::default() };
    let slow = Moment { request: Some(slow), signals: vec![Signal::SlowRequest], ..moment(1, MomentKind::Request) };
    let error = Moment { level: Some(Level::Error), ..caused(2, MomentKind::Error, &[]) };
    for (moments, want) in [
        (vec![slow.clone(), error], "\nWhat failed (1): m2.\nSlow (1): m1.\n"),
        (vec![slow], "\nNo failure was found.\nSlow (1): m1.\n"),
    ] {
        let timeline = Timeline { failures: crate::failures::failures(&moments), moments, ..Timeline::default() };
        let told = super::detailed(&timeline);
        assert!(told.ends_with(want), "{told}");
    }
}
