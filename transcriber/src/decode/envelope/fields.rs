//! The outer fields of one object of a recording.

use std::borrow::Cow;

use playhead_json::envelope::EnvelopeKey;
use playhead_json::{Cursor, Read};

use super::super::event::{Data, Event};
use crate::dialects::rrweb::EventType;

/// The fields of an object that is an event, or holds events.
pub(super) struct Fields<'a> {
    pub(super) event: Event<'a>,
    pub(super) is_event: bool,
    pub(super) packed_cv: bool,
    /// Values that may hold events, with the name of their window.
    pub(super) inside: Vec<(Option<Cow<'a, str>>, Cursor<'a>)>,
    /// The value of `data`: an event's data, or events.
    pub(super) data: Option<Cursor<'a>>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(window: Option<Cow<'a, str>>) -> Self {
        let event =
            Event { window, event_type: EventType::Unknown(-1), at: None, data: Data::NONE, may_hold_facts: false };
        Self { event, is_event: false, packed_cv: false, inside: Vec::new(), data: None }
    }

    /// Reads the fields of the object whose opening brace was read, as far as they go.
    pub(super) fn read(&mut self, cursor: &mut Cursor<'a>) -> Read<()> {
        // In the order in which rrweb writes them, keys are compared instead of being read.
        if cursor.take(b"\"type\":") {
            self.event_type(cursor)?;
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
                    self.event_type(cursor)?;
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
                    // When it breaks off, it is most likely an event's payload.
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

    /// The type of an event, which is a number. Other objects have other values under that key.
    fn event_type(&mut self, cursor: &mut Cursor<'a>) -> Read<()> {
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
        self.event.data = Data::Text(Cow::Borrowed(cursor.skip()?));
        Ok(())
    }

    /// Lists of events by the names of their windows.
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
