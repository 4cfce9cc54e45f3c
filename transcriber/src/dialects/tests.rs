//! Facts of all dialects, and bytes that no recorder wrote.

use playhead_schemas::timeline::NavigationKind;

use super::*;
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
        for tag in ["breadcrumb", "performanceSpan", "$pageview", "window hidden", "web-vitals", "other"] {
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
    for sample in [&requests[..], &line[..], &fetch[..]] {
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
