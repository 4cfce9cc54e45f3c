//! Facts of all dialects, and bytes that no recorder wrote.

use playhead_schemas::timeline::{NavigationKind, SocketMessages};

use super::*;
use crate::recorded::Belonging;
use crate::{console, network};

const AT: f64 = 1_795_190_840_000.0;

fn custom_facts(data: &str) -> Vec<Fact> {
    facts(EventType::Custom, AT, data.as_bytes(), &mut Defects::default())
}

#[test]
fn events_become_facts() {
    let navigated = |address: &str| vec![Fact::Navigated(address.to_owned())];
    let visibility = |is_hidden| vec![Fact::Visibility { is_hidden }];
    let application =
        |tag: &str, text: Option<&str>| vec![Fact::Custom { tag: tag.to_owned(), text: text.map(str::to_owned) }];
    for (data, want) in [
        (r#"{"tag":"$pageview","payload":{"href":"/a"}}"#, navigated("/a")),
        (r#"{"tag":"Navigate","payload":"\"https://a.test/b\""}"#, navigated("https://a.test/b")),
        (
            r#"{"payload":"{\"url\":\"/c\"}","tag":"Reload"}"#,
            vec![Fact::Came(NavigationKind::Reload), Fact::Navigated("/c".to_owned())],
        ),
        (
            r#"{"tag":"navigation","payload":{"href":"/d","type":"popstate"}}"#,
            vec![Fact::Came(NavigationKind::BackForward), Fact::Navigated("/d".to_owned())],
        ),
        (r#"{"tag":"playhead/navigation","href":"/d","payload":{"href":"/e"}}"#, navigated("/d")),
        (r#"{"tag":"navigation","payload":"nowhere"}"#, vec![]),
        (r#"{"tag":"breadcrumb","payload":{"category":"navigation","data":{"from":"/a","to":"/b"}}}"#, navigated("/b")),
        (r#"{"tag":"performanceSpan","payload":{"op":"navigation.push","description":"/f"}}"#, navigated("/f")),
        (r#"{"tag":"window hidden"}"#, visibility(true)),
        (r#"{"tag":"TabHidden","payload":"false"}"#, visibility(false)),
        (r#"{"tag":"visibilitychange","payload":{"state":"visible"}}"#, visibility(false)),
        (r#"{"tag":"recording paused"}"#, vec![Fact::Paused]),
        (r#"{"tag":"recording resumed"}"#, vec![Fact::Resumed]),
        (r#"{"tag":"sessionIdle","payload":{"threshold":1}}"#, vec![]),
        (r#"{"tag":"options","payload":{}}"#, vec![]),
        (r#"{"tag":"Identify","payload":{}}"#, vec![]),
        (r#"{"tag":"LCP","payload":{"value":9.5}}"#, vec![Fact::Vitals(vec![Measurement { name: "LCP", value: 9.5 }])]),
        (r#"{"tag":"LCP","payload":"slow"}"#, application("LCP", Some("slow"))),
        (
            r#"{"tag":"breadcrumb","payload":{"category":"sentry.feedback","message":"no good"}}"#,
            application("sentry.feedback", Some("no good")),
        ),
        (r#"{"tag":"breadcrumb","payload":{"category":"ui.click","message":"button"}}"#, vec![]),
        (r#"{"tag":"added to cart","payload":{}}"#, application("added to cart", None)),
        (r#"{"payload":{}}"#, vec![Fact::Unreadable]),
        (r#"{"tag":"breadcrumb","payload":{"#, vec![Fact::Unreadable]),
    ] {
        assert_eq!(custom_facts(data), want, "{data}");
    }
}

#[test]
fn events_of_our_recorder_become_facts() {
    let by = Belonging { at: 1_796_077_320_628.0, node: 11 };
    let action = r#""action":{"id":1,"type":"click","at":1796077320628,"node":11,"via":"event"}"#;
    let on = |node: Option<u32>| Box::new(Subject { node, named: Named::default() });
    let reached = |way, address: Option<&str>, by| {
        Fact::Reached(Box::new(Reached { way, address: address.map(str::to_owned), by }))
    };
    let noted = |note, node| Fact::Noted { note: Box::new(note), on: on(node), by: None };
    let press = |key: &str, modifiers: &str| {
        Fact::Key(Box::new(Press { on: *on(Some(16)), key: key.to_owned(), modifiers: modifiers.to_owned() }))
    };
    let shortcut = r#"{"id":16,"key":"s","modifiers":["Shift","Control"]}"#;
    for (tag, payload, want) in [
        ("page", r#"{"sdk":"1.0.0","release":"3.1.4"}"#, vec![Fact::Page { release: Some("3.1.4".to_owned()) }]),
        ("page", "{}", vec![Fact::Page { release: None }]),
        ("navigation", r#"{"type":"reload"}"#, vec![reached(Some(Way::Browser(NavigationKind::Reload)), None, None)]),
        ("navigation", r#"{"type":"typed"}"#, vec![reached(Some(Way::Browser(NavigationKind::Address)), None, None)]),
        ("navigation", r#"{"type":"opened"}"#, vec![reached(Some(Way::OtherWindow), None, None)]),
        ("navigation", r#"{"type":"unknown"}"#, vec![reached(None, None, None)]),
        ("navigation", &format!(r#"{{"type":"link",{action}}}"#), vec![reached(Some(Way::Page), None, Some(by))]),
        ("key", r#"{"id":16,"key":"Enter"}"#, vec![press("Enter", "")]),
        ("key", shortcut, vec![press("s", "Control+Shift")]),
        ("key", r#"{"id":16}"#, vec![]),
        ("value", r#"{"id":15,"same":"s0o","chars":4}"#, vec![Fact::Pseudonym { node: 15, same: "s0o".to_owned() }]),
        (
            "disabled_click",
            r#"{"id":13,"x":59.4,"y":84.9}"#,
            vec![Fact::DisabledClick { x: 59.4, y: 84.9, on: on(Some(13)) }],
        ),
        ("disabled_click", r#"{"id":-1}"#, vec![]),
        (
            "file_chooser",
            r#"{"id":22,"state":"chosen","files":1,"types":["text/plain"],"bytes":120}"#,
            vec![noted(
                RecorderNote::FileChooser(Chooser::Chosen {
                    files: 1,
                    types: "text/plain".to_owned(),
                    bytes: Some(120),
                }),
                Some(22),
            )],
        ),
        (
            "download",
            r#"{"id":-1,"by":"script","url":"https://a.test/f?token=x","extension":"csv"}"#,
            vec![noted(
                RecorderNote::Download {
                    url: "https://a.test/f?token=[redacted]".to_owned(),
                    extension: Some("csv".to_owned()),
                    by_script: true,
                },
                None,
            )],
        ),
        ("popover", r#"{"id":9,"state":"open"}"#, vec![noted(RecorderNote::Popover { is_open: true }, Some(9))]),
        ("print", r#"{"state":"closed"}"#, vec![noted(RecorderNote::Print { is_open: false }, None)]),
        ("clipboard", r#"{"id":9,"type":"cut"}"#, vec![noted(RecorderNote::Clipboard(Clipboard::Cut), Some(9))]),
        (
            "socket",
            r#"{"request":7,"state":"close","code":1006,"clean":false,"sent":3,"received":12}"#,
            vec![Fact::Socket(SocketState {
                request: 7,
                messages: Some(SocketMessages { sent: 3, received: 12 }),
                is_closed: true,
                is_failed: false,
                unclean_code: Some(1006),
            })],
        ),
        (
            "error",
            r#"{"message":"TypeError: x","componentStack":["Cart (https://a.test/a.js:3:7)"],"context":{}}"#,
            vec![Fact::ErrorDetails(Box::new(ErrorDetails {
                message: "TypeError: x".to_owned(),
                components: vec!["Cart (https://a.test/a.js:3:7)".to_owned()],
                context: None,
            }))],
        ),
        (
            "resource_error",
            r#"{"id":12,"tag":"img","url":"https://a.test/a.png"}"#,
            vec![Fact::NotLoaded { url: "https://a.test/a.png".to_owned(), tag: "img".to_owned() }],
        ),
        ("long_task", r#"{"duration":124}"#, vec![noted(RecorderNote::LongTask { ms: 124 }, None)]),
        ("user", "{}", vec![noted(RecorderNote::User { id: None }, None)]),
        ("clock", r#"{"back":3600000}"#, vec![noted(RecorderNote::ClockSetBack { ms: 3_600_000 }, None)]),
        (
            "lost",
            r#"{"reason":"no room","count":2}"#,
            vec![noted(RecorderNote::Lost { reason: "no room".to_owned(), count: 2 }, None)],
        ),
        ("page_end", r#"{"persisted":false}"#, vec![]),
        ("key", r#"{"id":"#, vec![Fact::Unreadable]),
        (
            "of_the_future",
            r#"{"a":1}"#,
            vec![Fact::Custom { tag: "$playhead.of_the_future".to_owned(), text: Some(r#"{"a":1}"#.to_owned()) }],
        ),
    ] {
        assert_eq!(
            custom_facts(&format!(r#"{{"tag":"$playhead.{tag}","payload":{payload}}}"#)),
            want,
            "{tag} {payload}"
        );
    }
    let changed = |payload: &str| custom_facts(&format!(r#"{{"tag":"$url_changed","payload":{payload}}}"#));
    let there = || Fact::Navigated("/b".to_owned());
    let back = Way::Browser(NavigationKind::BackForward);
    for (payload, want) in [
        (r#"{"href":"/b"}"#.to_owned(), vec![there()]),
        (r#"{"href":"/b","type":"popstate"}"#.to_owned(), vec![there(), reached(Some(back), Some("/b"), None)]),
        (r#"{"href":"/b","type":"hashchange"}"#.to_owned(), vec![there(), reached(None, Some("/b"), None)]),
        (
            format!(r#"{{"href":"/b","type":"pushState",{action}}}"#),
            vec![there(), reached(Some(Way::Page), Some("/b"), Some(by))],
        ),
    ] {
        assert_eq!(changed(&payload), want, "{payload}");
    }
}

#[test]
fn plugins_that_nobody_knows_say_nothing() {
    let mut defects = Defects::default();
    for data in [r#"{"plugin":"rrweb/canvas-webrtc@1","payload":{}}"#, r#"{"payload":{}}"#] {
        assert_eq!(facts(EventType::Plugin, AT, data.as_bytes(), &mut defects), []);
    }
    assert!(defects.is_empty());
    assert_eq!(facts(EventType::Plugin, AT, br#"{"plugin":"#, &mut defects), []);
    assert_eq!(defects.list()[0].code, DefectCode::BadEvent);
}

/// Every cut, and bytes changed here and there: something is read or nothing, and times are numbers.
#[test]
fn no_bytes_panic() {
    let requests = br#"{"requests":[{"name":"data:image/png;base64,AAAA","entryType":"resource","startTime":1e3,"duration":5,"method":"GET",
        "initiatorType":"fetch","responseBody":"\u00e9"},{"name":"/a","timeOrigin":1747237033319,"startTime":1e308,"endTime":-1},
        {"name":"/b","startTime":5,"endTime":1e300},{"name":"/c","startTime":1e12},{"name":"/d","startTime":9,"endTime":3}]}"#;
    let line = br#"{"level":"error","category":"console","message":"x","trace":["f (u:1:2)",":::"],"payload":["\"%d \\u00e9\"","1","{\"token\":\"x"]}"#;
    let fetch = br#"{"category":"xhr","op":"resource.fetch","description":"/a","timestamp":1695967678,"startTimestamp":1695967677.5,
        "endTimestamp":1e300,"data":{"url":"/a?token=x","method":"GET","statusCode":500,"to":"/b","value":7,"request":{"body":{"a":[1]}}}}"#;
    let mut seed = 1u32;
    let check = |payload: &[u8]| {
        let mut found = Vec::new();
        let own = ["page", "navigation", "key", "socket", "error", "file_chooser", "disabled_click", "new_tab"];
        let others =
            ["breadcrumb", "performanceSpan", "$pageview", "window hidden", "web-vitals", "other", "$url_changed"];
        let own = own.iter().map(|tag| format!("$playhead.{tag}"));
        for tag in others.iter().map(|tag| (*tag).to_owned()).chain(own) {
            found.extend(custom(&Custom { at: AT, tag: tag.into(), payload, href: None }));
        }
        for name in ["rrweb/network@1", "posthog/network@1", "rrweb/console@1", "web-vitals"] {
            let event = Plugin { at: AT, name: name.into(), payload };
            found.extend(
                DIALECTS
                    .iter()
                    .find_map(|dialect| dialect.plugin(&event, &mut Defects::default()))
                    .into_iter()
                    .flatten(),
            );
        }
        let (mut requests, mut lines) = (Vec::new(), Vec::new());
        for fact in found {
            match fact {
                Fact::Request(request) => requests.push(*request),
                Fact::Line(line) => lines.push(*line),
                _ => {}
            }
        }
        let near = 9e10..1.001e14;
        for request in network::merge(requests) {
            assert!(
                near.contains(&request.start_ms) && request.end_ms.is_none_or(|end| near.contains(&end)),
                "{request:?}"
            );
        }
        assert!(console::merge(lines).iter().all(|line| line.at_ms.is_finite()));
    };
    let own = br#"{"id":12,"key":"s","modifiers":["Control"],"state":"close","request":7,"clean":false,"code":1006,"sent":1e300,"received":3,
        "url":"/a?token=x","type":"link","href":"/b","action":{"id":1,"at":1796077320628,"node":11},"message":"x: y","componentStack":["A (u:1:2)",7]}"#;
    for sample in [&requests[..], &line[..], &fetch[..], &own[..]] {
        for cut in 0..=sample.len() {
            check(&sample[..cut]);
        }
        for _ in 0..2000 {
            let mut bytes = sample.to_vec();
            for _ in 0..3 {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let at = (seed >> 8) as usize % bytes.len();
                bytes[at] = if seed & 1 == 0 { b"{}[]\",:\\0%"[(seed >> 4) as usize % 10] } else { (seed >> 24) as u8 };
            }
            check(&bytes);
        }
    }
}
