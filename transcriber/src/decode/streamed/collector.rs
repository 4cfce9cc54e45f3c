//! Events as they are read, and the stores of their data.

use std::borrow::Cow;

use playhead_json::Cursor;
use playhead_json::envelope::EnvelopeKey;
use playhead_schemas::timeline::DefectCode;

use super::super::blocks::BlockWriter;
use super::super::envelope;
use super::super::event::{Data, Event};
use super::super::reread::StreamRange;
use super::super::shape::Shape;
use super::{PACKED_BYTES_MIN, Storage, Streamed};
use crate::defects::Defects;

/// Collects events and stores their data.
pub(super) struct Collector {
    window: Option<String>,
    storage: Storage,
    events: Vec<Event<'static>>,
    blocks: BlockWriter,
    pub(super) defects: Defects,
    pub(super) lone_surrogates: u32,
    /// Bytes of data that may still be taken.
    bytes_left: usize,
    /// Bytes of text before the piece that is being read.
    pub(super) passed: u64,
}

impl Collector {
    pub(super) fn new(window: Option<&str>, bytes_max: usize, storage: Storage) -> Self {
        Self {
            window: window.map(str::to_owned),
            storage,
            events: Vec::new(),
            blocks: BlockWriter::default(),
            defects: Defects::default(),
            lone_surrogates: 0,
            bytes_left: bytes_max,
            passed: 0,
        }
    }

    /// Stores the events of the whole items of `text` from `start` on. Gives the position of the first item that is not
    /// whole.
    pub(super) fn items(&mut self, text: &[u8], start: usize, shape: &mut Shape) -> Option<usize> {
        let window = self.window.clone();
        let (mut at, mut found) = (start, Vec::new());
        loop {
            let mut cursor = Cursor::new(&text[at..]);
            if let Shape::Array { closed, .. } = shape {
                if *closed {
                    return Some(at);
                }
                cursor.eat(b',');
                if cursor.eat(b']') {
                    *closed = true;
                    at += cursor.position();
                    continue;
                }
            }
            match (cursor.peek(), *shape) {
                (b'{' | b'[', _) | (b'"', Shape::Array { .. }) => {}
                (0, _) if at + cursor.position() == text.len() => {
                    // The comma that was read is no item: reading goes on before it.
                    return Some(if *shape == Shape::Lines { text.len() } else { at });
                }
                _ => return None,
            }
            if cursor.peek() == b'"' {
                let Ok(item) = { cursor }.skip() else { return Some(at) };
                // The name of a window: only the whole list says which events it belongs to.
                if item.len() <= PACKED_BYTES_MIN {
                    return None;
                }
            }
            let before = cursor;
            let unpacked_max = envelope::unpacked_estimate(text.len() - at);
            let Some(()) = envelope::item(&mut cursor, window.as_deref(), unpacked_max, &mut found, &mut self.defects)
            else {
                // Broken, or not yet whole.
                return { before }.skip().is_err().then_some(at);
            };
            self.store(text, &mut found)?;
            at += cursor.position();
        }
    }

    /// Reads what follows the last whole item of a text that ended, of which `piece` is the last piece. False when
    /// something is missing; `None` when the text has another shape than it seemed to have.
    pub(super) fn tail(&mut self, piece: &[u8], from: usize, shape: Shape) -> Option<bool> {
        let text = &piece[from..];
        let mut cursor = Cursor::new(text);
        let Shape::Array { closed, levels } = shape else {
            return Some(text.is_empty());
        };
        for _ in 0..levels {
            loop {
                let Ok(key) = cursor.key() else { return Some(false) };
                let Some(key) = key else { break };
                let first = cursor.peek();
                let Ok(value) = cursor.skip() else { return Some(false) };
                match EnvelopeKey::of(key) {
                    EnvelopeKey::EventType | EnvelopeKey::Window | EnvelopeKey::EventsByWindow => return None,
                    EnvelopeKey::Events | EnvelopeKey::Data | EnvelopeKey::Payload if matches!(first, b'[' | b'{') => {
                        self.value(piece, value)?;
                    }
                    _ => {}
                }
            }
        }
        match cursor.peek() {
            0 if cursor.position() == text.len() => Some(closed),
            // More than one value: lists after one another.
            _ if closed => None,
            _ => Some(false),
        }
    }

    /// Stores the events of a value, a part of `piece`.
    pub(super) fn value(&mut self, piece: &[u8], value: &[u8]) -> Option<()> {
        let window = self.window.clone();
        let mut found = Vec::new();
        let unpacked_max = envelope::unpacked_estimate(value.len());
        envelope::item(&mut Cursor::new(value), window.as_deref(), unpacked_max, &mut found, &mut self.defects)?;
        self.store(piece, &mut found)
    }

    /// Stores events that were found in `piece`.
    fn store(&mut self, piece: &[u8], found: &mut Vec<Event<'_>>) -> Option<()> {
        for mut event in found.drain(..) {
            let Data::Text(data) = std::mem::replace(&mut event.data, Data::NONE) else { return None };
            self.bytes_left = self.bytes_left.checked_sub(data.len())?;
            let at = self.events.len();
            let may_hold_facts = event.may_hold_facts;
            self.events.push(event.with(Data::NONE));
            let span = match (self.storage, &data) {
                _ if data.is_empty() => continue,
                (Storage::Reread(stream), Cow::Borrowed(text)) if !may_hold_facts => self.span(stream, piece, text),
                _ => None,
            };
            match span {
                Some(span) => self.events[at].data = Data::InStream(span),
                None => {
                    let events = &mut self.events;
                    self.blocks.add(at, &data, |of, place| events[of].data = Data::InBlock(place))?;
                }
            }
        }
        Some(())
    }

    /// The range in the whole text of a part of `piece`.
    fn span(&self, stream: u32, piece: &[u8], part: &[u8]) -> Option<StreamRange> {
        let at = part.as_ptr().addr().checked_sub(piece.as_ptr().addr())?;
        let from = self.passed + at as u64;
        (at + part.len() <= piece.len()).then_some(StreamRange { stream, from, to: from + part.len() as u64 })
    }

    pub(super) fn finish(mut self, bytes: usize, bytes_max: usize, cut: bool) -> Option<Streamed> {
        let events = &mut self.events;
        self.blocks.close(|of, place| events[of].data = Data::InBlock(place))?;
        let mut defects = Defects::default();
        defects.add_many(DefectCode::LoneSurrogate, self.lone_surrogates, || {
            "a string holds half of a surrogate pair".to_owned()
        });
        defects.absorb(self.defects);
        self.events.shrink_to_fit();
        Some(Streamed { events: self.events, defects, bytes, bytes_max, cut })
    }
}
