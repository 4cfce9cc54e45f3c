#![allow(clippy::unwrap_used)]

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn parse(body: impl Into<Vec<u8>>) -> Envelope {
    Envelope::parse(&Bytes::from(body.into()))
}

/// Names and payloads of the items.
fn told(envelope: &Envelope) -> Vec<(String, String)> {
    let told = |item: &Item| (item.name().to_owned(), String::from_utf8_lossy(&item.payload).into_owned());
    envelope.items.iter().map(told).collect()
}

#[test]
fn items_end_where_they_say_or_with_their_line() {
    for (what, body, items, defects) in [
        ("one line", "{}\n{\"type\":\"event\"}\n{\"a\":1}\n", &[("event", "{\"a\":1}")][..], &[][..]),
        ("no newline at the end", "{}\n{\"type\":\"event\"}\n{\"a\":1}", &[("event", "{\"a\":1}")], &[]),
        (
            "a length",
            "{}\n{\"type\":\"attachment\",\"length\":5}\na\nb\nc\n{\"type\":\"session\"}\n{}",
            &[("attachment", "a\nb\nc"), ("session", "{}")],
            &[],
        ),
        (
            "an empty payload",
            "{}\n{\"type\":\"attachment\",\"length\":0}\n\n{\"type\":\"x\"}\n1",
            &[("attachment", ""), ("x", "1")],
            &[],
        ),
        (
            "blank lines",
            "\n{}\r\n\n{\"type\":\"event\"}\n{}\n\n\n{\"type\":\"x\"}\n1\n",
            &[("event", "{}"), ("x", "1")],
            &[],
        ),
        (
            "a length beyond the end",
            "{}\n{\"type\":\"event\",\"length\":99}\n{\"a\":1}\n",
            &[("event", "{\"a\":1}")],
            &[Defect::WrongLength],
        ),
        (
            "a length that is too large",
            "{}\n{\"type\":\"attachment\",\"length\":7}\nabc\n{\"type\":\"x\"}\n1\n",
            &[("attachment", "abc"), ("x", "1")],
            &[Defect::WrongLength],
        ),
        (
            "a length that is too small",
            "{}\n{\"type\":\"replay_recording\",\"length\":2}\n{\"segment_id\":0}\n[{\"type\":2}]\n{\"type\":\"x\"}\n1",
            &[("replay_recording", "{\"segment_id\":0}\n[{\"type\":2}]"), ("x", "1")],
            &[Defect::WrongLength],
        ),
        (
            "a negative length",
            "{}\n{\"type\":\"event\",\"length\":-1}\n{\"a\":1}\n{\"type\":\"x\"}\n1",
            &[("event", "{\"a\":1}"), ("x", "1")],
            &[],
        ),
        (
            "a recording without a length",
            "{}\n{\"type\":\"replay_recording\"}\n{\"segment_id\":0}\n[1]\n",
            &[("replay_recording", "{\"segment_id\":0}\n[1]")],
            &[],
        ),
        ("a broken header", "{}\n{\"type\":\"eve\n{\"type\":\"x\"}\n1", &[("x", "1")], &[Defect::BadItemHeader]),
        ("no header", "{\"type\":\"event\"}\n{\"a\":1}", &[("event", "{\"a\":1}")], &[]),
        ("no JSON", "GET / HTTP/1.1", &[], &[Defect::BadHeader]),
        ("nothing", "", &[], &[Defect::BadHeader]),
    ] {
        let envelope = parse(body);
        let want: Vec<_> = items.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        assert_eq!(told(&envelope), want, "{what}");
        assert_eq!(envelope.defects, defects, "{what}");
    }
}

#[test]
fn bytes_of_a_recording_may_hold_anything() {
    let payload = b"{\"segment_id\":0}\nx\x9c\n{\"a\"\n\n{\"type\"\x00\xff";
    let mut body = format!("{{}}\n{{\"type\":\"replay_recording\",\"length\":{}}}\n", payload.len()).into_bytes();
    body.extend_from_slice(payload);
    body.extend_from_slice(b"\n{\"type\":\"x\"}\n1");
    let envelope = parse(body);
    assert_eq!(&envelope.items[0].payload[..], payload);
    assert_eq!(envelope.items[1].name(), "x");
}

#[test]
fn giant_headers_and_thousands_of_items_are_bounded() {
    let giant = format!("{{\"type\":\"event\",\"x\":\"{}\"}}", "a".repeat(HEADER_BYTES_MAX));
    let envelope = parse(format!("{{}}\n{giant}\n{{\"type\":\"x\"}}\n1"));
    assert_eq!((envelope.items.len(), envelope.defects), (1, vec![Defect::BadItemHeader]));
    for item in ["{\"type\":\"x\"}\n1\n", "nonsense\n", "{\"type\":\"attachment\",\"length\":9}\n1\n"] {
        let envelope = parse(format!("{{}}\n{}", item.repeat(5000)));
        assert!(envelope.items.len() + envelope.defects.len() <= ITEMS_MAX + 2, "{item}");
        assert_eq!(envelope.defects.last(), Some(&Defect::TooManyItems), "{item}");
    }
}

#[test]
fn keys_are_found_in_headers() {
    for (header, dsn, trace) in [
        (r#"{"dsn":"https://phk_abc@host:8080/path/7"}"#, Some("phk_abc"), None),
        (r#"{"dsn":"https://phk_abc:secret@host/7"}"#, Some("phk_abc"), None),
        (r#"{"dsn":"https://host/7"}"#, None, None),
        (r#"{"dsn":7,"trace":{"public_key":"phk_x"}}"#, None, Some("phk_x")),
        ("{}", None, None),
    ] {
        let envelope = parse(header);
        assert_eq!((envelope.dsn_key(), envelope.trace_key()), (dsn, trace), "{header}");
    }
}

/// Every prefix of an envelope, and every envelope with one byte changed, is read without a panic and within bounds; what
/// comes before the change is read as before.
#[test]
fn any_damage_is_survived() {
    let whole = b"{\"event_id\":\"a\"}\n{\"type\":\"event\"}\n{\"a\":1}\n{\"type\":\"attachment\",\"length\":3}\na\nb\n{\"type\":\"x\"}\n1\n";
    for end in 0..whole.len() {
        let envelope = parse(&whole[..end]);
        assert!(envelope.items.len() <= 3);
    }
    for at in 0..whole.len() {
        for byte in [0, b'\n', b'"', b'9', 0xff] {
            let mut damaged = whole.to_vec();
            damaged[at] = byte;
            let envelope = parse(damaged);
            let bytes: usize = envelope.items.iter().map(|item| item.payload.len()).sum();
            assert!(bytes <= whole.len());
            if at > 45 {
                assert_eq!(told(&envelope)[0], ("event".to_owned(), "{\"a\":1}".to_owned()), "{at} {byte}");
            }
        }
    }
}

proptest! {
    /// What is written with lengths is read back, whatever is in it.
    #[test]
    fn written_items_are_read_back(payloads in vec(vec(any::<u8>(), 0..60), 0..20)) {
        let mut body = b"{}\n".to_vec();
        for payload in &payloads {
            body.extend(format!("{{\"type\":\"attachment\",\"length\":{}}}\n", payload.len()).bytes());
            body.extend(payload);
            body.push(b'\n');
        }
        let envelope = parse(body);
        let read: Vec<Vec<u8>> = envelope.items.iter().map(|item| item.payload.to_vec()).collect();
        prop_assert_eq!(read, payloads);
        prop_assert_eq!(envelope.defects, Vec::new());
    }

    /// Any lines are read without a panic, and within bounds.
    #[test]
    fn any_lines_are_read(lines in vec((0..6usize, 0..200usize, ".{0,30}"), 0..30)) {
        let line = |(form, number, text): &(usize, usize, String)| match form {
            0 => "{\"type\":\"event\"}".to_owned(),
            1 => format!("{{\"type\":\"attachment\",\"length\":{number}}}"),
            2 => format!("{{\"type\":\"replay_recording\",\"length\":{number}}}"),
            3 => "{\"type\":\"replay_recording\"}".to_owned(),
            _ => text.clone(),
        };
        let body = lines.iter().map(line).collect::<Vec<_>>().join("\n");
        let envelope = parse(body.clone());
        let bytes: usize = envelope.items.iter().map(|item| item.payload.len()).sum();
        prop_assert!(bytes <= body.len());
        prop_assert!(envelope.items.len() <= ITEMS_MAX);
    }
}
