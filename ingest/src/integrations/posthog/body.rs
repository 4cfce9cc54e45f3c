//! PostHog's bodies: JSON, or a form whose `data` is base64 of JSON or of gzip.
//!
//! In: a body with its compression undone. Out: the events in it, as slices. A list that breaks off gives the events
//! before that place.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use playhead_json::{Cursor, Members, Read, without_bom};
use url::form_urlencoded;

/// Events of one request.
pub(crate) const EVENTS_MAX: usize = 2000;

/// Base64 with or without padding, with bits that a strict decoder refuses.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Why a body has no events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// It is no JSON, and nothing that holds JSON.
    NotJson,
    /// It has more than [`EVENTS_MAX`] events.
    TooMany,
}

/// The events of a request.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Batch {
    pub(crate) events: Vec<Bytes>,
    /// The list broke off after them.
    pub(crate) breaks_off: bool,
}

/// What a form or a bare base64 text holds, perhaps compressed; `None` for other bodies.
pub(crate) fn of_form(body: &Bytes) -> Option<Bytes> {
    let text = std::str::from_utf8(body).ok()?.trim();
    if text.starts_with(['{', '[']) {
        return None;
    }
    let data = match text.contains('=') && text.split('&').any(|pair| pair.starts_with("data=")) {
        true => form_urlencoded::parse(text.as_bytes()).find(|(name, _)| name == "data")?.1.into_owned(),
        false => text.to_owned(),
    };
    if data.trim_start().starts_with(['{', '[']) {
        return Some(data.into());
    }
    // A plus that was not percent-encoded has become a space.
    let base64: Vec<u8> =
        data.bytes().filter(|b| !matches!(b, b'\n' | b'\r')).map(|b| if b == b' ' { b'+' } else { b }).collect();
    BASE64.decode(base64).ok().filter(|bytes| !bytes.is_empty()).map(Bytes::from)
}

/// The events of a JSON body: a list, an object with a list in `batch`, or one event.
pub(crate) fn events(body: &Bytes) -> Result<Batch, Flaw> {
    let text = without_bom(body);
    let mut cursor = Cursor::new(text);
    match cursor.peek() {
        b'[' => list(body, cursor),
        b'{' => {
            let list_of = |key: &str| Members::of(Cursor::new(text)).find(key);
            if let Some(found) = list_of("batch").or_else(|| list_of("data")).filter(|found| found.starts_with(b"[")) {
                return list(body, Cursor::new(found));
            }
            let object = cursor.skip().map_err(|_| Flaw::NotJson)?;
            Ok(Batch { events: vec![body.slice_ref(object)], breaks_off: false })
        }
        _ => Err(Flaw::NotJson),
    }
}

fn list(body: &Bytes, mut cursor: Cursor<'_>) -> Result<Batch, Flaw> {
    let mut batch = Batch::default();
    match items(body, &mut cursor, &mut batch.events) {
        Ok(true) => {}
        Ok(false) => return Err(Flaw::TooMany),
        Err(_) if batch.events.is_empty() => return Err(Flaw::NotJson),
        Err(_) => batch.breaks_off = true,
    }
    Ok(batch)
}

/// False when there are too many.
fn items(body: &Bytes, cursor: &mut Cursor<'_>, events: &mut Vec<Bytes>) -> Read<bool> {
    cursor.array()?;
    while cursor.item()? {
        let item = cursor.skip()?;
        if events.len() == EVENTS_MAX {
            return Ok(false);
        }
        events.push(body.slice_ref(item));
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(body: &str) -> Result<(Vec<String>, bool), Flaw> {
        let mut body = Bytes::from(body.to_owned());
        if let Some(inner) = of_form(&body) {
            body = inner;
        }
        let told = |bytes: &Bytes| String::from_utf8_lossy(bytes).into_owned();
        events(&body).map(|batch| (batch.events.iter().map(told).collect(), batch.breaks_off))
    }

    #[test]
    fn every_form_is_read() {
        let one = ["{\"event\":\"a\"}".to_owned()];
        for body in [
            "[{\"event\":\"a\"}]",
            " {\"event\":\"a\"} ",
            "{\"api_key\":\"k\",\"batch\":[{\"event\":\"a\"}],\"sent_at\":\"x\"}",
            "{\"token\":\"k\",\"data\":[{\"event\":\"a\"}]}",
            "data=eyJldmVudCI6ImEifQ%3D%3D",
            "data=eyJldmVudCI6ImEifQ==&compression=base64",
            "compression=base64&data=eyJldmVudCI6ImEifQ",
            "data=%7B%22event%22%3A%22a%22%7D",
            "eyJldmVudCI6ImEifQ==",
        ] {
            let (events, breaks_off) = read(body).unwrap();
            let told: Vec<String> = events.iter().map(|event| event.trim().to_owned()).collect();
            assert_eq!((&told[..], breaks_off), (&one[..], false), "{body}");
        }
    }

    #[test]
    fn what_breaks_off_gives_what_came_before() {
        assert_eq!(read("[{\"a\":1},{\"b\":"), Ok((vec!["{\"a\":1}".to_owned()], true)));
        for body in ["", "nonsense?", "[", "{\"a\":", "data=", "data=%%%", "7", "[{\"a\":"] {
            assert_eq!(read(body), Err(Flaw::NotJson), "{body}");
        }
        assert_eq!(read(&format!("[{}1]", "1,".repeat(EVENTS_MAX))), Err(Flaw::TooMany));
    }
}
