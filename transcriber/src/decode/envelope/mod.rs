//! Envelopes: the formats in which recordings are stored and sent.
//!
//! In: JSON text. Out: events in the order of the text. Known formats: an array; an object that holds one (`events`,
//! `snapshots`, `data`, `result`, ..), also by window; JSON Lines; pairs of window and event; packed strings; Sentry
//! segments, whose first line is a header. Never here: what an event's data says.

mod fields;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use playhead_json::envelope::sentry_header_end;
use playhead_json::{Cursor, Read, without_bom};
use playhead_schemas::timeline::DefectCode;

use super::event::{Data, Event};
use super::memory::Expanded;
use super::{UnpackError, cv, decompress, decompress_latin1};
use crate::defects::Defects;
use crate::dialects::rrweb::{EventType, is_log};
use fields::Fields;

/// The ratio to which packed strings unpack at most, as a rule, and bytes that they get in any case.
const UNPACK_RATIO: usize = 16;
const UNPACK_BYTES_MIN: usize = 1 << 20;
/// How deep envelopes nest.
const DEPTH_MAX: usize = 8;

/// Reads every event of a text. What is packed in it unpacks to at most `unpacked_max` bytes.
pub(crate) fn events<'a>(
    text: &'a [u8],
    window: Option<&'a str>,
    unpacked_max: usize,
    defects: &mut Defects,
) -> Expanded<Vec<Event<'a>>> {
    let mut reader = Reader { events: Vec::new(), defects, bytes_left: unpacked_max, cut: false, in_packed: false };
    let text = without_bom(text);
    let window = window.map(Cow::Borrowed);
    match sentry_header_end(text) {
        Some(end) => reader.sentry(&text[end..], window.as_ref()),
        None => reader.lines(text, window.as_ref()),
    }
    if reader.cut {
        reader.defects.add(DefectCode::LimitReached, || "packed events hold more than there is room for".to_owned());
    }
    Expanded { value: reader.events, bytes: unpacked_max - reader.bytes_left, cut: reader.cut }
}

/// Reads the value that is next and adds its events to `events`. `None`, and nothing added, when it is broken or
/// unpacks to more than `unpacked_max` bytes. What is packed in it unpacks to at most `unpacked_max` bytes.
pub(crate) fn item<'a>(
    cursor: &mut Cursor<'a>,
    window: Option<&'a str>,
    unpacked_max: usize,
    events: &mut Vec<Event<'a>>,
    defects: &mut Defects,
) -> Option<()> {
    let (had, mut own) = (events.len(), Defects::default());
    let mut reader = Reader {
        events: std::mem::take(events),
        defects: &mut own,
        bytes_left: unpacked_max,
        cut: false,
        in_packed: false,
    };
    let read = reader.value(cursor, window.map(Cow::Borrowed).as_ref(), 1).is_ok() && !reader.cut;
    *events = reader.events;
    if !read {
        events.truncate(had);
        return None;
    }
    defects.absorb(own);
    Some(())
}

/// The most bytes, as a rule, to which the packed parts of a text of `bytes` bytes unpack.
pub(crate) fn unpacked_estimate(bytes: usize) -> usize {
    bytes * UNPACK_RATIO + UNPACK_BYTES_MIN
}

struct Reader<'a, 'd> {
    events: Vec<Event<'a>>,
    defects: &'d mut Defects,
    /// Bytes that may still be unpacked.
    bytes_left: usize,
    /// Something was left out because of that limit.
    cut: bool,
    /// The text that is read was packed itself. No recorder packs twice, only a decompression bomb does.
    in_packed: bool,
}

impl<'a> Reader<'a, '_> {
    fn sentry(&mut self, body: &'a [u8], window: Option<&Cow<'a, str>>) {
        let (decoded, cut) = decompress(body, self.bytes_left, self.defects);
        self.cut |= cut;
        match decoded {
            Cow::Borrowed(body) => self.lines(body, window),
            Cow::Owned(body) => {
                self.bytes_left -= body.len().min(self.bytes_left);
                self.within(window, |inner, window| inner.lines(&body, window));
            }
        }
    }

    /// Reads text that was unpacked, and copies its events.
    fn within<'b>(
        &mut self,
        window: Option<&Cow<'a, str>>,
        read: impl FnOnce(&mut Reader<'b, '_>, Option<&Cow<'b, str>>),
    ) {
        let window: Option<Cow<'static, str>> = window.map(|w| Cow::Owned(w.clone().into_owned()));
        let (bytes_left, cut) = (self.bytes_left, self.cut);
        let mut inner = Reader { events: Vec::new(), defects: &mut *self.defects, bytes_left, cut, in_packed: true };
        read(&mut inner, window.as_ref());
        (self.bytes_left, self.cut) = (inner.bytes_left, inner.cut);
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
            // After a line that was cut off the next one may be whole.
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
            // An event that breaks off is none.
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
        // A list that breaks off gives the events before that place.
        for (name, mut place) in inside {
            if matches!(place.peek(), b'[' | b'{') {
                self.value(&mut place, name.as_ref().or(event.window.as_ref()), depth + 1)?;
            }
        }
        whole
    }

    fn event(&mut self, mut event: Event<'a>, packed_cv: bool) {
        if packed_cv {
            match cv::undo(event.event_type, event.data.text().unwrap_or_default(), self.bytes_left) {
                Ok(data) => {
                    self.bytes_left -= data.len().min(self.bytes_left);
                    event.data = Data::Text(Cow::Owned(data));
                }
                Err(UnpackError::TooLarge) => {
                    self.cut = true;
                    event.event_type = EventType::Undecoded;
                }
                Err(UnpackError::Broken) => {
                    self.defects.add(DefectCode::BadCompression, || {
                        format!("a compressed field of an event of type {} can't be undone", event.event_type)
                    });
                    event.event_type = EventType::Undecoded;
                }
            }
        }
        event.may_hold_facts = match event.event_type {
            EventType::Custom | EventType::Plugin => true,
            EventType::IncrementalSnapshot => event.data.text().is_some_and(is_log),
            _ => false,
        };
        self.events.push(event);
    }

    /// A packed event: zlib in a string, or the event's JSON as a string.
    fn packed(&mut self, text: &str, window: Option<&Cow<'a, str>>) {
        let json = if self.in_packed {
            Err(UnpackError::Broken)
        } else if !text.trim_start().starts_with(['{', '[']) {
            decompress_latin1(text, self.bytes_left)
        } else if text.len() <= self.bytes_left {
            Ok(text.as_bytes().to_vec())
        } else {
            Err(UnpackError::TooLarge)
        };
        let json = match json {
            Ok(json) => json,
            Err(UnpackError::TooLarge) => {
                self.cut = true;
                return;
            }
            Err(UnpackError::Broken) => {
                self.defects.add(DefectCode::BadEvent, || "a string that is no packed event".to_owned());
                return;
            }
        };
        self.bytes_left -= json.len().min(self.bytes_left);
        self.within(window, |inner, window| {
            if inner.value(&mut Cursor::new(&json), window, DEPTH_MAX - 1).is_err() {
                inner.defects.add(DefectCode::BadJson, || "a packed event is not JSON".to_owned());
            }
        });
    }
}
