//! Every envelope, and texts that break off.
#![allow(clippy::unwrap_used)]

use super::*;
use std::io::Write;

fn times(text: &[u8]) -> Vec<(String, i64)> {
    let mut defects = Defects::default();
    events(text, None, 1 << 20, &mut defects)
        .value
        .iter()
        .map(|e| (e.window.as_deref().unwrap_or("-").to_owned(), e.at.unwrap() as i64))
        .collect()
}

#[test]
fn every_envelope_gives_its_events() {
    let event = |t: u32| format!("{{\"data\":{{}},\"type\":3,\"timestamp\":{t}}}");
    let list = format!("[{},{}]", event(1), event(2));
    for text in [
        list.clone(),
        format!("{{\"events\":{list}}}"),
        format!("{{\"session\":{{}},\"events\":{list}}}"),
        format!("{{\"session\":{{\"events\":{list}}}}}"),
        format!("{{\"result\":{list}}}"),
        format!("{{\"result\":{{\"snapshots\":{list}}}}}"),
        format!("{{\"data\":{{\"events\":{list}}}}}"),
        format!("\u{feff}{}\n{}\n", event(1), event(2)),
        format!("{}\nnot json\n{}", event(1), event(2)),
        format!("{}\n{{\"type\":3,\n{}\n{{\"type", event(1), event(2)),
        format!("{{\"segment_id\":0}}\n{list}"),
        serde_json::to_string(&[event(1), event(2)]).unwrap(),
    ] {
        assert_eq!(times(text.as_bytes()), [("-".into(), 1), ("-".into(), 2)], "{text}");
    }
}

#[test]
fn what_breaks_off_gives_what_came_before() {
    let events = "[{\"type\":3,\"timestamp\":1},{\"type\":3,\"timestamp\":2},{\"type\":3,\"data\":{\"payload\":[\"x\"";
    for text in [
        events.to_owned(),
        format!("{{\"events\":{events}"),
        format!("{{\"session\":{{\"id\":7,\"events\":{events}"),
        format!("{{\"data\":{{\"events\":{events}"),
        format!("{{\"segment_id\":0}}\n{events}"),
    ] {
        assert_eq!(times(text.as_bytes()), [("-".into(), 1), ("-".into(), 2)], "{text}");
        let mut defects = Defects::default();
        super::events(text.as_bytes(), None, 1 << 20, &mut defects);
        assert_eq!(defects.list().len(), 1, "{text}");
        assert_eq!(defects.list()[0].code, DefectCode::BadJson, "{text}");
    }
}

#[test]
fn windows_are_kept_apart() {
    let pairs = b"[\"a\",{\"type\":3,\"timestamp\":1}]\n[\"b\",{\"type\":3,\"timestamp\":2}]";
    assert_eq!(times(pairs), [("a".into(), 1), ("b".into(), 2)]);
    let v1 = b"{\"window_id\":\"a\",\"data\":[{\"type\":3,\"timestamp\":1}]}";
    assert_eq!(times(v1), [("a".into(), 1)]);
    let map = b"{\"result\":{\"snapshot_data_by_window_id\":{\"x\":[{\"type\":3,\"timestamp\":5}]}}}";
    assert_eq!(times(map), [("x".into(), 5)]);
}

#[test]
fn packed_strings_and_zlib_segments_are_undone() {
    let zlib = |text: &[u8]| {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    };
    let latin1: String = zlib(b"{\"type\":3,\"timestamp\":7,\"v\":\"v1\"}").into_iter().map(char::from).collect();
    let packed = serde_json::to_vec(&[latin1]).unwrap();
    assert_eq!(times(&packed), [("-".into(), 7)]);
    let mut sentry = b"{\"segment_id\":3}\n".to_vec();
    sentry.extend(zlib(b"[{\"type\":5,\"timestamp\":8}]"));
    assert_eq!(times(&sentry), [("-".into(), 8)]);
}

#[test]
fn nonsense_is_counted() {
    for text in [&b"[1,2,\"x\",{}]"[..], b"nonsense", b"{\"a\":", b"[[[[[[[[[[[[1]]]]]]]]]]]]"] {
        let mut defects = Defects::default();
        assert!(events(text, None, 1 << 20, &mut defects).value.is_empty());
        assert!(!defects.is_empty(), "{}", String::from_utf8_lossy(text));
    }
}
