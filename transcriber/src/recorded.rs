//! Requests and console lines that stand in the recording itself: plugin events, Sentry's breadcrumbs
//! and spans, Highlight's resource lists, rrweb 1.0's Log source.

use playhead_json::{Cursor, Read};
use playhead_schemas::timeline::DefectCode;

use crate::console::{self, RawConsole};
use crate::decode::event::is_log;
use crate::defects::Defects;
use crate::dialects::rrweb::EventType;
use crate::network::{self, RawRequest};
use crate::observe::is_housekeeping;

/// An entry that an event holds.
pub(crate) enum Found {
    Request(Box<RawRequest>),
    Line(RawConsole),
}

/// Reads the entries of one event.
pub(crate) fn read(event_type: EventType, at: f64, data: &[u8], defects: &mut Defects, mut take: impl FnMut(Found)) {
    let broken = match event_type {
        EventType::Plugin => plugin(at, data, defects, &mut take).is_err(),
        EventType::Custom => custom(at, data, &mut take).is_err(),
        EventType::IncrementalSnapshot => log(at, data, &mut take).is_err(),
        _ => return,
    };
    if broken {
        defects.add(DefectCode::BadEvent, || format!("an event of type {event_type} breaks off"));
    }
}

/// `tag` or `plugin`, and the text of `payload`.
fn named<'a>(data: &'a [u8], name: &[u8]) -> Read<(String, &'a [u8])> {
    let mut cursor = Cursor::new(data);
    let (mut found, mut payload) = (String::new(), &b""[..]);
    cursor.object()?;
    while let Some(key) = cursor.key()? {
        if key == name {
            found = cursor.string_or_skip()?.map(|text| text.text().into_owned()).unwrap_or_default();
        } else if key == b"payload" {
            payload = cursor.skip()?;
        } else {
            cursor.skip()?;
        }
    }
    Ok((found, payload))
}

fn plugin(at: f64, data: &[u8], defects: &mut Defects, take: &mut impl FnMut(Found)) -> Read<()> {
    let (name, payload) = named(data, b"plugin")?;
    let mut payload = payload.to_vec();
    if name.contains("network") {
        let mut found = |code: DefectCode, detail: &str| defects.add(code, || detail.to_owned());
        network::from_plugin(&name, &mut payload, at, &mut found)
            .into_iter()
            .map(Box::new)
            .map(Found::Request)
            .for_each(take);
    } else if name.contains("console") {
        match console::from_plugin(&mut payload, at) {
            Some(line) => take(Found::Line(line)),
            None => defects.add(DefectCode::BadEvent, || "a console event without a message".to_owned()),
        }
    }
    Ok(())
}

fn custom(at: f64, data: &[u8], take: &mut impl FnMut(Found)) -> Read<()> {
    // Most custom events hold neither; the two that do are told by their tags.
    if memchr::memmem::find(data, b"\"breadcrumb\"").is_none()
        && memchr::memmem::find(data, b"\"performanceSpan\"").is_none()
    {
        return Ok(());
    }
    let (tag, payload) = named(data, b"tag")?;
    if is_housekeeping(&tag) {
        return Ok(());
    }
    let mut payload = payload.to_vec();
    match tag.as_str() {
        "performanceSpan" => {
            network::span_payload(&mut payload).map(Box::new).map(Found::Request).into_iter().for_each(take)
        }
        "breadcrumb" => {
            // Requests and lines share the tag; each reader changes the bytes that it reads.
            if let Some(request) = network::breadcrumb_payload(&mut payload.clone(), at) {
                take(Found::Request(Box::new(request)));
            } else if let Some(line) = console::from_breadcrumb(&mut payload, at) {
                take(Found::Line(line));
            }
        }
        _ => {}
    }
    Ok(())
}

/// Incremental source 11: `{source: 11, level, trace, payload}`, before the console became a plugin.
fn log(at: f64, data: &[u8], take: &mut impl FnMut(Found)) -> Read<()> {
    if !is_log(data) {
        return Ok(());
    }
    let mut payload = data.to_vec();
    if let Some(line) = console::from_plugin(&mut payload, at) {
        take(Found::Line(line));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_are_told_by_their_source_wherever_it_stands() {
        for (data, lines) in [
            (r#"{"source":11,"level":"warn","trace":[],"payload":["\"hm\""]}"#, 1),
            (r#"{"level":"warn","trace":[],"payload":["\"hm\""],"source":11}"#, 1),
            (r#" { "payload" : ["\"hm\""], "source" : 11, "level" : "warn" }"#, 1),
            (r#"{"source":1,"level":"warn","payload":["\"hm\""]}"#, 0),
            (r#"{"source":110,"level":"warn","payload":["\"hm\""]}"#, 0),
            (r#"{"texts":[{"value":"\"level\""}],"source":0}"#, 0),
            (r#"{"level":{"source":11}}"#, 0),
        ] {
            let mut found = 0;
            read(EventType::IncrementalSnapshot, 1.0, data.as_bytes(), &mut Defects::default(), |_| found += 1);
            assert_eq!(found, lines, "{data}");
        }
    }
}
