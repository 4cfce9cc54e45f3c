//! Text that strict parsers refuse, and nesting without end.

use playhead_schemas::timeline::DefectCode::{BadJson, LimitReached, LoneSurrogate};
use playhead_schemas::timeline::MomentKind;
use playhead_schemas::{SegmentNo, Stream};
use playhead_transcriber::{Options, SegmentInput, transcribe};
use serde_json::json;

use super::{PAID, assert_defect, assert_paid, one_click, shop};
use crate::doc::Doc;
use crate::tape::{Tape, actions, codes, count, of_kinds, rrweb};

const DEEP: usize = 10_000;

/// `open` repeated, then `close` repeated.
fn nested(open: &str, inside: &str, close: &str) -> String {
    format!("{}{inside}{}", open.repeat(DEEP), close.repeat(DEEP))
}

#[test]
fn events_with_half_characters_are_kept() {
    let (doc, mut tape) = shop();
    tape.typed(doc.at("name"), "Ada X").click(doc.at("pay"));
    let json = tape.json();
    for (from, to, name) in [
        ("\"Ada X\"", r#""Ada \ud83d""#, "input textbox \"Name\" = \"Ada \u{fffd}\""),
        ("\"Ada X\"", r#""Ada \uDE00""#, "input textbox \"Name\" = \"Ada \u{fffd}\""),
        ("\"Ada X\"", r#""Ada \ud83d\u0041""#, "input textbox \"Name\" = \"Ada \u{fffd}A\""),
    ] {
        let broken = json.replace(from, to);
        assert_ne!(broken, json);
        let done = rrweb(&[broken.as_bytes()]);
        assert_eq!(actions(&done.timeline), [name, PAID], "{to}");
        assert_eq!(count(&done.timeline, LoneSurrogate), 1, "{to}");
    }
    // In the document itself: the snapshot is kept.
    let broken = json.replace("\"Pay\"", r#""Pay\udc00""#);
    let done = rrweb(&[broken.as_bytes()]);
    assert_eq!(actions(&done.timeline)[1], "click button \"Pay\u{fffd}\"");
    assert_defect(&done.timeline, LoneSurrogate);
}

#[test]
fn whole_characters_are_no_defect() {
    let (doc, mut tape) = shop();
    tape.typed(doc.at("name"), "Ada X");
    for whole in [r#""Ada \ud83d\ude00""#, r#""Ada \\ud83d""#, r#""Ada \\\\ud83d""#, r#""Ada \ufffd""#] {
        let text = tape.json().replace("\"Ada X\"", whole);
        assert_eq!(codes(&rrweb(&[text.as_bytes()]).timeline), [], "{whole}");
    }
}

#[test]
fn raw_control_characters_and_bytes_that_are_no_utf8_are_kept() {
    let (doc, mut tape) = shop();
    tape.typed(doc.at("name"), "Ada X").click(doc.at("pay"));
    let json = tape.json();
    for raw in [&b"\"Ada\x01\n\tX\""[..], b"\"Ada\xff\xfe X\"", b"\"Ada\xe2\x82 X\"", b"\"Ada\0X\""] {
        let at = json.find("\"Ada X\"").unwrap();
        let bytes = [&json.as_bytes()[..at], raw, &json.as_bytes()[at + 7..]].concat();
        let done = rrweb(&[&bytes]);
        let told = actions(&done.timeline);
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].starts_with("input textbox \"Name\" = \"Ada"), "{told:?}");
        assert_eq!(told[1], PAID);
    }
}

#[test]
fn deep_documents_are_cut_and_what_is_above_is_told() {
    let open = r#"{"type":2,"tagName":"div","attributes":{},"id":900,"childNodes":["#;
    let deep = nested(open, "", "]}");
    let (doc, _) = shop();
    let list = format!(r#""childNodes":[],"id":{}"#, doc.at("list"));
    let json = one_click().replace(&list, &list.replace("[]", &format!("[{deep}]")));
    assert!(json.len() > deep.len(), "the list is empty");
    let done = rrweb(&[json.as_bytes()]);
    assert_defect(&done.timeline, LimitReached);
    assert!(done.timeline.coverage.truncated);
    assert_paid(&done.timeline);
}

#[test]
fn deep_values_anywhere_cost_their_event_at_most() {
    let (doc, mut tape) = shop();
    tape.wait(10).event(5, json!({ "tag": "deep", "payload": "DEEP" }));
    tape.event(6, json!({ "plugin": "rrweb/console@1", "payload": "DEEP" }));
    tape.event(
        6,
        json!({ "plugin": "rrweb/console@1", "payload": { "level": "log", "payload": "DEEP", "trace": [] } }),
    );
    tape.event(
        6,
        json!({ "plugin": "rrweb/console@1", "payload": { "level": "log", "payload": ["\"near\""], "trace": [] } }),
    );
    tape.event(6, json!({ "plugin": "rrweb/network@1", "payload": "DEEP" }));
    tape.event(6, json!({ "plugin": "rrweb/network@1", "payload": { "requests": ["DEEP"] } }));
    tape.event(6, json!({ "plugin": "rrweb/network@1", "payload": { "requests": [{ "name": "http://a/b", "status": 200, "startTime": 1, "endTime": 2 }] } }));
    tape.event(8, json!({ "type": "caption", "text": "DEEP" }));
    tape.change(2, json!({ "type": "DEEP", "id": 5 }));
    tape.change(0, json!({ "adds": "DEEP" }));
    tape.event(99, json!("DEEP"));
    tape.wait(10).click(doc.at("pay"));
    for (open, inside, close) in [("[", "", "]"), ("{\"a\":", "1", "}"), ("[{\"type\":3,\"data\":", "1", "}]")] {
        let text = tape.json().replace("\"DEEP\"", &nested(open, inside, close));
        let done = rrweb(&[text.as_bytes()]);
        assert_paid(&done.timeline);
        let near = of_kinds(&done.timeline, &[MomentKind::Console, MomentKind::Request]);
        assert!(near.iter().any(|m| m.message.as_deref() == Some("near")), "{near:?}");
        assert!(near.iter().any(|m| m.request.as_ref().is_some_and(|r| r.url == "http://a/b")), "{near:?}");
        assert!(!done.timeline.defects.is_empty());
    }
}

/// One element of a payload that nests without end costs itself.
#[test]
fn deep_elements_of_payloads_cost_themselves() {
    let deep = nested("[", "", "]");
    let console = format!(
        r#"[{{"timestamp":1700000001000,"level":"log","message":"before"}},{deep},{{"timestamp":1700000001001,"level":"log","message":"in","args":{deep}}},{{"timestamp":1700000001002,"level":"log","message":"after"}}]"#
    );
    let entry = |path: &str, more: &str| {
        format!(
            r#"{{"startedDateTime":1700000001000,"time":5,"request":{{"method":"GET","url":"http://a/{path}"}},"response":{{"status":200}}{more}}}"#
        )
    };
    let network = format!(
        r#"{{"log":{{"entries":[{},{},{deep},{}]}}}}"#,
        entry("one", ""),
        // Where nobody reads, depth costs nothing.
        entry("two", &format!(",\"x\":{deep}")),
        entry("three", "")
    );
    let part = |stream, text: &str| {
        let segment = SegmentInput { n: SegmentNo(0), stream, window: None, bytes: text.as_bytes() };
        transcribe(&[segment], &Options::default()).timeline
    };
    let lines = part(Stream::Console, &console);
    let messages: Vec<&str> = lines.moments.iter().filter_map(|m| m.message.as_deref()).collect();
    assert!(messages.contains(&"before") && messages.contains(&"after"), "{messages:?}");
    assert_defect(&lines, BadJson);
    let requests = part(Stream::Network, &network);
    let urls: Vec<&str> = requests.moments.iter().filter_map(|m| m.request.as_ref()).map(|r| r.url.as_str()).collect();
    assert_eq!(urls, ["http://a/one", "http://a/two", "http://a/three"]);
    assert_defect(&requests, BadJson);
}

#[test]
fn a_data_url_of_20_mb_stays_out_of_the_timeline() {
    let picture = format!("data:image/png;base64,{}", "iVBORw0KGgo".repeat((20 << 20) / 11));
    let doc = Doc::new("<img key=photo src=PICTURE alt=Photo><a key=link href=PICTURE>Download</a>");
    let mut tape = Tape::of(&doc);
    tape.click(doc.at("photo")).wait(1500).click(doc.at("link"));
    tape.attributes(doc.at("photo"), json!({ "src": "PICTURE", "rr_dataURL": "PICTURE" }));
    tape.wait(1000).event(5, json!({ "tag": "shot", "payload": { "url": "PICTURE" } }));
    let text = tape.json().replace("PICTURE", &picture);
    assert!(text.len() > 80 << 20);
    let done = rrweb(&[text.as_bytes()]);
    assert_eq!(actions(&done.timeline), ["click img \"Photo\"", "click link \"Download\""]);
    let size = serde_json::to_string(&done.timeline).unwrap().len();
    assert!(size < 20_000, "the timeline has {size} bytes");
}
