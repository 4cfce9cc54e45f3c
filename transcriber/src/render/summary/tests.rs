//! Summaries of small timelines: what stands in them, and what is put together.

use playhead_schemas::MomentId;
use playhead_schemas::timeline::{
    Change, Contrast, ContrastKind, Coverage, Difference, DifferencePart, Element, Failure, Level, Moment, MomentKind,
    Outcome, Request, Signal, Source, Subject, Target, Timeline,
};

use crate::failures::failures;

fn moment(id: u32, kind: MomentKind) -> Moment {
    Moment {
        id: MomentId(id),
        t_ms: u64::from(id) * 100,
        end_ms: u64::from(id) * 100,
        kind,
        count: 1,
        url: Some("http://shop.test/cart".to_owned()),
        ..Moment::default()
    }
}

fn named(role: &str, name: &str) -> Option<Target> {
    let selector = format!("#{}", name.to_lowercase());
    Some(Target { role: role.to_owned(), name: Some(name.to_owned()), selector, matches: 1, ..Target::default() })
}

fn click(id: u32, name: &str) -> Moment {
    Moment { target: named("button", name), ..moment(id, MomentKind::Click) }
}

fn typed(id: u32, name: &str, value: &str) -> Moment {
    Moment { target: named("textbox", name), value: Some(value.to_owned()), ..moment(id, MomentKind::Input) }
}

fn request(id: u32, url: &str, status: u16, ms: u64) -> Moment {
    let request = Request {
        method: "GET".to_owned(),
        url: format!("http://shop.test{url}"),
        status: Some(status),
        duration_ms: Some(ms),
        resource: Some("fetch".to_owned()),
        ..Request::default()
    };
    let signals = if ms >= 2000 { vec![Signal::SlowRequest] } else { Vec::new() };
    Moment { request: Some(request), signals, ..moment(id, MomentKind::Request) }
}

fn logged(id: u32, message: &str) -> Moment {
    Moment { level: Some(Level::Error), message: Some(message.to_owned()), ..moment(id, MomentKind::Console) }
}

fn lost(id: u32, path: &str, resource: &str) -> Moment {
    let request = Request {
        method: "GET".to_owned(),
        url: format!("https://cdn.test{path}"),
        failed: true,
        error: Some("net::ERR_NAME_NOT_RESOLVED".to_owned()),
        resource: Some(resource.to_owned()),
        ..Request::default()
    };
    Moment { request: Some(request), ..moment(id, MomentKind::Request) }
}

fn timeline(moments: Vec<Moment>) -> Timeline {
    let coverage = Coverage { network: Source::Payload, ..Coverage::default() };
    Timeline { failures: failures(&moments), moments, coverage, ..Timeline::default() }
}

fn summary(moments: Vec<Moment>) -> String {
    super::summary(&timeline(moments), 4000)
}

#[test]
fn only_equal_repeats_are_counted_together() {
    for (moments, want) in [
        (
            vec![request(1, "/s?q=a", 200, 3044), request(2, "/s?q=b", 200, 3050), request(3, "/s?q=c", 200, 3049)],
            "slow request: GET /s?q=a 200 (3044 ms); also m2 ?q=b (3050 ms), m3 ?q=c (3049 ms)\n",
        ),
        (
            vec![
                logged(1, "no order {id: \"r1\"}"),
                logged(2, "no order {id: \"r2\"}"),
                logged(3, "no order {id: \"r1\"}"),
            ],
            "console error: no order {id: \"r1\"}, 2 times, again m3; also m2 {id: \"r2\"}\n",
        ),
        (vec![request(1, "/s/1", 500, 9), request(2, "/s/2", 500, 9)], "GET /s/1 500 (9 ms); also m2 /s/2\n"),
        (vec![request(1, "/s", 500, 9), request(2, "/s", 500, 9)], "GET /s 500 (9 ms), 2 times, again m2\n"),
    ] {
        let told = summary(moments);
        assert!(told.contains(want), "{told}");
    }
}

#[test]
fn equal_buttons_of_two_rows_are_two_failures() {
    let dead = |id: u32, row: u32, count: u32| {
        let target = named("button", "Invoice").map(|target| Target { selector: format!("#row-{row}"), ..target });
        Moment { target, count, signals: vec![Signal::DeadClick], ..moment(id, MomentKind::Click) }
    };
    let told = summary(vec![dead(1, 17, 1), dead(2, 88, 1), dead(3, 17, 6)]);
    assert!(told.contains("button \"Invoice\", 7 times, again m3 x6\n"), "{told}");
    assert!(told.contains("2. m2 00:00.2 dead click: nothing answered a click on button \"Invoice\"\n"), "{told}");
}

#[test]
fn files_of_one_host_that_never_came_are_one_failure() {
    let image = |id: u32| lost(id, &format!("/icons/{}.svg", char::from(b'a' + id as u8)), "image");
    let told = summary(vec![image(1), image(2), lost(3, "/f.woff2", "font"), image(4)]);
    let want =
        "request failed: 4 x cdn.test failed (net::ERR_NAME_NOT_RESOLVED) (4 addresses: 3 images, 1 font), m1–m4";
    assert!(told.contains(want), "{told}");
    let told = summary(vec![request(1, "/a", 500, 9), request(2, "/b", 500, 9), request(3, "/c", 500, 9)]);
    assert!(told.contains("GET /b 500"), "answers for data are told one by one: {told}");
}

#[test]
fn what_was_only_slow_stands_apart() {
    let told = summary(vec![request(1, "/slow", 200, 3044), logged(2, "boom")]);
    assert!(told.contains("\nWhat failed (1):\n1. m2 "), "{told}");
    assert!(told.contains("\nSlow (1):\n1. m1 00:00.1 slow request: GET /slow 200 (3044 ms)\n"), "{told}");
    let told = summary(vec![request(1, "/slow", 200, 3044)]);
    assert!(told.contains("\nNo failure was found.\n\nSlow (1):\n"), "{told}");
}

#[test]
fn a_request_that_went_well_is_not_the_head_of_an_error() {
    let error = Moment { caused_by: Some(MomentId(1)), ..logged(2, "boom") };
    let told = summary(vec![request(1, "/app.js", 200, 9), error]);
    assert!(told.contains("1. m2 00:00.2 console error: boom\n"), "{told}");
}

#[test]
fn a_form_that_was_refused_tells_what_it_sent() {
    let invalid = |message: &str| Change::Invalid {
        element: Element { role: "textbox".to_owned(), name: Some("Postcode".to_owned()) },
        message: Some(message.to_owned()),
    };
    let refused = |requests: Vec<MomentId>| {
        let outcome = Outcome { requests, changes: vec![invalid("Not valid").into()], ..Outcome::default() };
        Moment { outcome: Some(outcome), ..click(1, "Pay") }
    };
    let told = summary(vec![refused(vec![MomentId(2)]), request(2, "/api/events", 204, 9)]);
    assert!(told.contains("   -> sent only GET /api/events; no other request\n"), "{told}");
    assert_eq!(told.matches("marked invalid").count(), 1, "{told}");
    let told = summary(vec![refused(Vec::new())]);
    assert!(told.contains("   -> sent no request\n"), "{told}");
}

#[test]
fn steps_tell_how_they_were_done() {
    let check = |count: u32, value: &str| {
        let target = named("checkbox", "Table").map(|t| Target { within: Some("group \"Room\"".to_owned()), ..t });
        Moment { target, count, value: Some(value.to_owned()), ..moment(1, MomentKind::Check) }
    };
    let noted = |moment: Moment, note: &str| Moment { note: Some(note.to_owned()), ..moment };
    let amounts =
        ["£7.60", "£68.40"].map(|text| Change::Appeared { what: Subject::Text { text: text.to_owned() } }.into());
    let status = Change::Text { before: "a".to_owned(), after: "b".to_owned(), status: true }.into();
    let outcome = Outcome { changes: amounts.into_iter().chain([status]).collect(), ..Outcome::default() };
    for (moment, want) in [
        (check(1, "on"), "set checkbox \"Table\" on in group \"Room\"\n"),
        (check(2, "off"), "set checkbox \"Table\" on, then off in group \"Room\"\n"),
        (check(3, "on"), "set checkbox \"Table\" on at the end of 3 times in group \"Room\"\n"),
        (
            noted(typed(1, "Search", "lamp"), "and press Enter"),
            "type \"lamp\" into textbox \"Search\" and press Enter\n",
        ),
        (
            noted(Moment { target: named("item", "Lamp"), ..moment(1, MomentKind::Drag) }, "onto item \"Throw\""),
            "drag item \"Lamp\" onto item \"Throw\"\n",
        ),
        (typed(1, "Body", "{\"id\": 7}"), "type '{\"id\": 7}' into textbox \"Body\"\n"),
        (
            Moment { outcome: Some(outcome), ..click(1, "Apply") },
            "\"£7.60\" appeared; \"£68.40\" appeared; status \"a\" became \"b\"\n",
        ),
    ] {
        let told = summary(vec![moment]);
        assert!(told.contains(want), "{told}");
    }
}

#[test]
fn what_was_entered_before_a_failure_is_never_left_out() {
    let mut moments: Vec<Moment> =
        (1..=150).map(|id| click(id, &format!("Button number {id} of a long page"))).collect();
    moments[49] = typed(50, "Quantity", "one thousand and seven pieces of it, to be sent by the end of the week");
    moments[100].signals.push(Signal::DeadClick);
    moments[101] = Moment { kind: MomentKind::PageLoad, target: None, ..moments[101].clone() };
    let told = summary(moments);
    assert!(told.len() <= 4000);
    assert!(told.contains("\"one thousand and seven pieces of it, to be sent by the end of the week\""), "{told}");
}

#[test]
fn comparisons_tell_content_first_and_nothing_that_follows() {
    let differs = |part, name: &str, failed: Option<&str>, well: Option<&str>| Difference {
        part,
        name: Some(name.to_owned()),
        failed: failed.map(str::to_owned),
        well: well.map(str::to_owned),
    };
    let list = differs(DifferencePart::Sent, "items", Some("a list of 5"), Some("a list of 4"));
    let echo = differs(DifferencePart::Answer, "query", Some("\"b\""), Some("\"a\""));
    let asked = differs(DifferencePart::Address, "q", Some("b"), Some("a"));
    let took = differs(DifferencePart::DurationMs, "", Some("3027"), Some("26"));
    let status = differs(DifferencePart::Status, "", Some("500"), Some("200"));
    let total = differs(DifferencePart::Answer, "total", Some("2"), Some("1"));
    for (differs, want) in [
        (vec![], None),
        (vec![took.clone(), status.clone()], None),
        (
            vec![list, echo, total, asked, took, status],
            Some(
                "went well: address q b, there a; answer total 2, there 1; sent items a list of 5, there a list of 4; answer query \"b\", there \"a\"\n",
            ),
        ),
    ] {
        let mut timeline = timeline(vec![request(1, "/s?q=b", 200, 3027), request(2, "/s?q=a", 200, 26)]);
        let contrast = Contrast { kind: ContrastKind::Request, failed: MomentId(1), well: MomentId(2), differs };
        timeline.failures.iter_mut().for_each(|failure: &mut Failure| failure.contrast = Some(contrast.clone()));
        let told = super::summary(&timeline, 4000);
        assert_eq!(told.contains("went well"), want.is_some(), "{told}");
        assert!(want.is_none_or(|want| told.contains(want)), "{told}");
    }
}
