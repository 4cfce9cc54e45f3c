//! Envelopes: the shapes in which recordings are kept and sent.
//!
//! In: plain text. Out: events in the order of the text. Known shapes: a bare array; an object that
//! holds one (`events`, `snapshots`, `data`, `result`, ..), also by window; JSON Lines; pairs of window
//! and event; packed strings; Sentry segments, whose first line is a header of its own.

use std::borrow::Cow;

use playhead_json::envelope::{EnvelopeKey, sentry_header_end};
use playhead_json::{Cursor, Read, without_bom};
use playhead_schemas::timeline::DefectCode;

use super::event::{Data, Event};
use super::room::Filled;
use super::{Unpack, cv, latin1_compressed, plain};
use crate::defects::Defects;
use crate::dialects::rrweb::{EventType, is_log};

/// Packed strings swell by less than this when they are unpacked, and to this at least.
const UNPACKS_BY: usize = 16;
const UNPACKS_TO: usize = 1 << 20;
/// Envelopes in envelopes.
const DEPTH_MAX: usize = 8;

/// Reads every event of a text. What is packed in it unpacks to at most `room` bytes.
pub(crate) fn events<'a>(
    text: &'a [u8],
    window: Option<&'a str>,
    room: usize,
    defects: &mut Defects,
) -> Filled<Vec<Event<'a>>> {
    let mut reader = Reader { events: Vec::new(), defects, room, cut: false, in_packed: false };
    let text = without_bom(text);
    let window = window.map(Cow::Borrowed);
    match sentry_header_end(text) {
        Some(end) => reader.sentry(&text[end..], window.as_ref()),
        None => reader.lines(text, window.as_ref()),
    }
    if reader.cut {
        reader.defects.add(DefectCode::LimitReached, || "packed events hold more than there is room for".to_owned());
    }
    Filled { value: reader.events, bytes: room - reader.room, cut: reader.cut }
}

/// Reads the value that is next and adds its events to `events`; `None`, and nothing added, when it is broken or packed
/// too tightly to be read at once. What is packed in it unpacks to at most `room` bytes.
pub(crate) fn item<'a>(
    cursor: &mut Cursor<'a>,
    window: Option<&'a str>,
    room: usize,
    events: &mut Vec<Event<'a>>,
    defects: &mut Defects,
) -> Option<()> {
    let (had, mut own) = (events.len(), Defects::default());
    let mut reader = Reader { events: std::mem::take(events), defects: &mut own, room, cut: false, in_packed: false };
    let read = reader.value(cursor, window.map(Cow::Borrowed).as_ref(), 1).is_ok() && !reader.cut;
    *events = reader.events;
    if !read {
        events.truncate(had);
        return None;
    }
    defects.absorb(own);
    Some(())
}

/// Bytes that what is packed in a text of `bytes` unpacks to, at most as a rule.
pub(crate) fn unpacked_guess(bytes: usize) -> usize {
    bytes * UNPACKS_BY + UNPACKS_TO
}

struct Reader<'a, 'd> {
    events: Vec<Event<'a>>,
    defects: &'d mut Defects,
    /// Bytes that may still be unpacked.
    room: usize,
    /// Something was left out for want of room.
    cut: bool,
    /// What is read was packed itself. Nobody packs twice, but a bomb.
    in_packed: bool,
}

/// What an object says: it is an event, or events are inside.
struct Fields<'a> {
    event: Event<'a>,
    is_event: bool,
    packed_cv: bool,
    /// Values that may hold events, with the window that they are under.
    inside: Vec<(Option<Cow<'a, str>>, Cursor<'a>)>,
    /// An event's data, or events.
    data: Option<Cursor<'a>>,
}

impl<'a> Fields<'a> {
    fn new(window: Option<Cow<'a, str>>) -> Self {
        let event =
            Event { window, event_type: EventType::Unknown(-1), at: None, data: Data::NONE, may_hold_facts: false };
        Self { event, is_event: false, packed_cv: false, inside: Vec::new(), data: None }
    }

    /// Reads the fields of the object that was entered, as far as they go.
    fn read(&mut self, cursor: &mut Cursor<'a>) -> Read<()> {
        // In the order in which rrweb writes them they are compared with what is expected.
        if cursor.take(b"\"type\":") {
            self.kind(cursor)?;
            if cursor.take(b",\"data\":") {
                self.data(cursor)?;
            }
            if cursor.take(b",\"timestamp\":") {
                self.event.at = cursor.number()?;
            }
        }
        while let Some(key) = cursor.key()? {
            let here = *cursor;
            match EnvelopeKey::of(key) {
                EnvelopeKey::EventType => {
                    self.kind(cursor)?;
                    continue;
                }
                EnvelopeKey::Window => {
                    if let Some(name) = cursor.string_or_skip()? {
                        self.event.window = Some(name.text());
                    }
                    continue;
                }
                EnvelopeKey::Data => {
                    self.data(cursor)?;
                    continue;
                }
                EnvelopeKey::Payload => {
                    // Half of it is mostly half of an event's.
                    cursor.skip()?;
                    self.inside.push((None, here));
                    continue;
                }
                EnvelopeKey::Events => self.inside.push((None, here)),
                EnvelopeKey::EventsByWindow => self.windows(here)?,
                EnvelopeKey::Other if key == b"timestamp" => {
                    self.event.at = cursor.number()?;
                    continue;
                }
                EnvelopeKey::Other if key == b"cv" => self.packed_cv = true,
                EnvelopeKey::SegmentHeader | EnvelopeKey::Other => {}
            }
            cursor.skip()?;
        }
        Ok(())
    }

    /// The type of an event. Other objects have texts and more under that name.
    fn kind(&mut self, cursor: &mut Cursor<'a>) -> Read<()> {
        if matches!(cursor.peek(), b'{' | b'[' | b'"') {
            cursor.skip()?;
            return Ok(());
        }
        self.event.event_type = EventType::from_number(cursor.number()?);
        self.is_event = true;
        Ok(())
    }

    fn data(&mut self, cursor: &mut Cursor<'a>) -> Read<()> {
        self.data = Some(*cursor);
        self.event.data = Data::Plain(Cow::Borrowed(cursor.skip()?));
        Ok(())
    }

    /// Lists of events by the windows that they are of.
    fn windows(&mut self, mut map: Cursor<'a>) -> Read<()> {
        if map.object().is_ok() {
            while let Some(name) = map.key()? {
                self.inside.push((Some(String::from_utf8_lossy(name)), map));
                map.skip()?;
            }
        }
        Ok(())
    }
}

impl<'a> Reader<'a, '_> {
    fn sentry(&mut self, body: &'a [u8], window: Option<&Cow<'a, str>>) {
        let (decoded, cut) = plain(body, self.room, self.defects);
        self.cut |= cut;
        match decoded {
            Cow::Borrowed(body) => self.lines(body, window),
            Cow::Owned(body) => {
                self.room -= body.len().min(self.room);
                self.within(window, |inner, window| inner.lines(&body, window));
            }
        }
    }

    /// Reads what was unpacked, and keeps its events.
    fn within<'b>(
        &mut self,
        window: Option<&Cow<'a, str>>,
        read: impl FnOnce(&mut Reader<'b, '_>, Option<&Cow<'b, str>>),
    ) {
        let window: Option<Cow<'static, str>> = window.map(|w| Cow::Owned(w.clone().into_owned()));
        let (room, cut) = (self.room, self.cut);
        let mut inner = Reader { events: Vec::new(), defects: &mut *self.defects, room, cut, in_packed: true };
        read(&mut inner, window.as_ref());
        (self.room, self.cut) = (inner.room, inner.cut);
        let events: Vec<Event<'static>> = inner.events.into_iter().map(Event::into_owned).collect();
        self.events.extend(events);
    }

    /// One value, or several after one another (JSON Lines). A value that can't be read ends at its line.
    fn lines(&mut self, text: &'a [u8], window: Option<&Cow<'a, str>>) {
        let mut at = 0;
        loop {
            let mut cursor = Cursor::new(&text[at..]);
            if cursor.peek() == 0 && cursor.position() + at >= text.len() {
                return;
            }
            let before = self.events.len();
            if self.value(&mut cursor, window, 0).is_ok() {
                at += cursor.position();
                continue;
            }
            let bad = (at + cursor.position()).min(text.len());
            self.defects.add(DefectCode::BadJson, || format!("not JSON near byte {bad}"));
            // A line that was cut off ran into the next one, which may be whole.
            let line = memchr::memrchr(b'\n', &text[at..bad]).filter(|_| self.events.len() == before);
            match line.map(|end| at + end + 1).or_else(|| memchr::memchr(b'\n', &text[bad..]).map(|end| bad + end + 1))
            {
                Some(next) => at = next,
                None => return,
            }
        }
    }

    fn value(&mut self, cursor: &mut Cursor<'a>, window: Option<&Cow<'a, str>>, depth: usize) -> Read<()> {
        if depth > DEPTH_MAX {
            cursor.skip()?;
            self.defects.add(DefectCode::BadEvent, || "envelopes in envelopes without end".to_owned());
            return Ok(());
        }
        match cursor.peek() {
            b'[' => self.array(cursor, window, depth),
            b'{' => self.object(cursor, window, depth),
            b'"' => {
                let packed = cursor.string()?.text();
                self.packed(&packed, window);
                Ok(())
            }
            _ => {
                let text = String::from_utf8_lossy(cursor.skip()?);
                if matches!(&*text, "null" | "true" | "false") || text.parse::<f64>().is_ok() {
                    self.defects.add(DefectCode::BadEvent, || "a value that is no event".to_owned());
                } else {
                    self.defects.add(DefectCode::BadJson, || format!("not JSON: {text}"));
                }
                Ok(())
            }
        }
    }

    fn array(&mut self, cursor: &mut Cursor<'a>, window: Option<&Cow<'a, str>>, depth: usize) -> Read<()> {
        cursor.array()?;
        let mut named: Option<Cow<'a, str>> = None;
        while cursor.item()? {
            // `["window", event]` is a pair; strings alone are packed events.
            if cursor.peek() == b'"' {
                let text = cursor.string()?.text();
                if text.len() <= 200 && matches!(cursor.after_comma(), b'{' | b'[') {
                    named = Some(text);
                } else {
                    self.packed(&text, window);
                }
                continue;
            }
            let inner = named.take();
            self.value(cursor, inner.as_ref().or(window), depth + 1)?;
        }
        Ok(())
    }

    fn object(&mut self, cursor: &mut Cursor<'a>, window: Option<&Cow<'a, str>>, depth: usize) -> Read<()> {
        cursor.object()?;
        let mut fields = Fields::new(window.cloned());
        let whole = fields.read(cursor);
        let Fields { event, is_event, packed_cv, mut inside, data } = fields;
        if is_event {
            // Half an event is nothing.
            whole?;
            self.event(event, packed_cv);
            return Ok(());
        }
        inside.extend(data.map(|place| (None, place)));
        inside.sort_by_key(|(_, place)| place.position());
        if inside.is_empty() && whole.is_ok() {
            self.defects
                .add(DefectCode::BadEvent, || "an object that is neither an event nor a known envelope".to_owned());
        }
        // Of a list that breaks off what came before counts.
        for (name, mut place) in inside {
            if matches!(place.peek(), b'[' | b'{') {
                self.value(&mut place, name.as_ref().or(event.window.as_ref()), depth + 1)?;
            }
        }
        whole
    }

    fn event(&mut self, mut event: Event<'a>, packed_cv: bool) {
        if packed_cv {
            match cv::undo(event.event_type, event.data.plain().unwrap_or_default(), self.room) {
                Ok(data) => {
                    self.room -= data.len().min(self.room);
                    event.data = Data::Plain(Cow::Owned(data));
                }
                Err(Unpack::TooLarge) => {
                    self.cut = true;
                    event.event_type = EventType::Undecoded;
                }
                Err(Unpack::Broken) => {
                    self.defects.add(DefectCode::BadCompression, || {
                        format!("a compressed field of an event of type {} can't be undone", event.event_type)
                    });
                    event.event_type = EventType::Undecoded;
                }
            }
        }
        event.may_hold_facts = match event.event_type {
            EventType::Custom | EventType::Plugin => true,
            EventType::IncrementalSnapshot => event.data.plain().is_some_and(is_log),
            _ => false,
        };
        self.events.push(event);
    }

    /// A packed event: zlib in a string, or the event's JSON as a string.
    fn packed(&mut self, text: &str, window: Option<&Cow<'a, str>>) {
        let json = if self.in_packed {
            Err(Unpack::Broken)
        } else if !text.trim_start().starts_with(['{', '[']) {
            latin1_compressed(text, self.room)
        } else if text.len() <= self.room {
            Ok(text.as_bytes().to_vec())
        } else {
            Err(Unpack::TooLarge)
        };
        let json = match json {
            Ok(json) => json,
            Err(Unpack::TooLarge) => {
                self.cut = true;
                return;
            }
            Err(Unpack::Broken) => {
                self.defects.add(DefectCode::BadEvent, || "a string that is no packed event".to_owned());
                return;
            }
        };
        self.room -= json.len().min(self.room);
        self.within(window, |inner, window| {
            if inner.value(&mut Cursor::new(&json), window, DEPTH_MAX - 1).is_err() {
                inner.defects.add(DefectCode::BadJson, || "a packed event is not JSON".to_owned());
            }
        });
    }
}

#[cfg(test)]
mod tests {
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
        let events =
            "[{\"type\":3,\"timestamp\":1},{\"type\":3,\"timestamp\":2},{\"type\":3,\"data\":{\"payload\":[\"x\"";
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
}
