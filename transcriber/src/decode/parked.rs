//! Large recordings, read in pieces instead of being decompressed as a whole.
//!
//! In: the compressed bytes of one stream of one segment. Out: its events, whose data is not at hand: it is read
//! [once more](super::again) when it is wanted. What may hold entries is read before all else and is therefore kept, in
//! [blocks](super::blocks), and so is what was packed; when asked to, all is. So a recording takes the memory of its
//! compressed form, not of its text.
//!
//! A text that breaks off gives what came before, and a defect.
//!
//! Never here: a reading of its own. What is neither an array, possibly in objects, nor lines is declined, and the
//! caller reads the whole text as it reads every other.

use std::borrow::Cow;
use std::io::Read;

use playhead_json::envelope::EnvelopeKey;
use playhead_json::{Cursor, lone_surrogates};
use playhead_schemas::timeline::DefectCode;

use super::Compression;
use super::again::Span;
use super::blocks::Filling;
use super::envelope;
use super::event::{Data, Event};
use super::shape::{Beginning, Shape};
use crate::defects::Defects;

/// Plain bytes that are read at once.
const CHUNK_BYTES: usize = 1 << 20;
/// The largest event that is read here; with a larger one the text is declined.
const ITEM_BYTES_MAX: usize = 64 << 20;
/// Strings in lists are packed events when they are longer, in bytes, quotes included, else names.
const PACKED_BYTES_MIN: usize = 202;
/// Recordings shrink by less than this when they are compressed without saying to what size they came.
const SHRINKS_BY: usize = 16;

/// Where data goes that stands in the text as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Nowhere: it is read again, from the stream that has this place among all.
    Nothing(u32),
    /// Into blocks.
    Blocks,
}

/// True when the bytes look as though their plain text took `above` bytes or more.
pub(crate) fn is_large(bytes: &[u8], above: usize) -> bool {
    match Compression::of(bytes) {
        None => false,
        Some(Compression::Zstd) => match zstd::zstd_safe::get_frame_content_size(bytes) {
            Ok(Some(size)) => size >= above as u64,
            _ => bytes.len() >= above / SHRINKS_BY,
        },
        Some(Compression::Gzip | Compression::Zlib) => bytes.len() >= above / SHRINKS_BY,
    }
}

/// What a stream held.
pub(crate) struct Parked {
    pub(crate) events: Vec<Event<'static>>,
    pub(crate) defects: Defects,
    /// Length of the plain text that was read.
    pub(crate) bytes: usize,
    /// Bytes that there was room for.
    pub(crate) room: usize,
    /// There was more than that.
    pub(crate) cut: bool,
}

/// Reads the events of the first `room` bytes of text; `None` when it has none of the shapes that are read in pieces.
pub(crate) fn events(bytes: &[u8], window: Option<&str>, room: usize, keep: Keep) -> Option<Parked> {
    let compression = Compression::of(bytes)?;
    let read = read(compression.decoder(bytes).ok()?, window, room, keep)?;
    // Where a zlib stream breaks off, the whole reading gets more out of it.
    let breaks_off = compression == Compression::Zlib && read.defects.has(DefectCode::BadCompression);
    (!breaks_off).then_some(read)
}

fn read(mut from: impl Read, window: Option<&str>, room: usize, keep: Keep) -> Option<Parked> {
    let mut parking = Parking::new(window, room, keep);
    let (mut buffer, mut bytes, mut cut, mut shape) = (Vec::new(), 0, false, None);
    loop {
        // A large event is looked at again when more of it has come; doubling keeps that linear.
        let want = CHUNK_BYTES.max(buffer.len());
        let had = buffer.len();
        let came = from.by_ref().take(want as u64).read_to_end(&mut buffer);
        bytes += buffer.len() - had;
        if let Err(error) = &came {
            parking.defects.add(DefectCode::BadCompression, || format!("after {bytes} bytes: {error}"));
        }
        if bytes > room {
            buffer.truncate(buffer.len() - (bytes - room));
            (bytes, cut) = (room, true);
        }
        let ended = cut || came.is_err() || buffer.len() == had;
        let mut start = 0;
        if shape.is_none() {
            match Beginning::of(&buffer) {
                Beginning::Known(found, from, before) => {
                    for value in before {
                        parking.value(&buffer, value)?;
                    }
                    (shape, start) = (Some(found), from);
                }
                Beginning::Unsure if !ended && buffer.len() <= ITEM_BYTES_MAX => continue,
                Beginning::Unsure | Beginning::Unusual => return None,
            }
        }
        let shape = shape.as_mut()?;
        let end = parking.items(&buffer, start, shape)?;
        if ended {
            parking.lone_surrogates += lone_surrogates(&buffer);
            if !parking.tail(&buffer, end, *shape)? {
                parking.defects.add(DefectCode::BadJson, || format!("not JSON near byte {bytes}"));
            }
            return parking.finish(bytes, room, cut);
        }
        parking.lone_surrogates += lone_surrogates(&buffer[..end]);
        buffer.drain(..end);
        parking.passed += end as u64;
        if buffer.len() > ITEM_BYTES_MAX {
            return None;
        }
    }
}

/// Events as they are read, and where their data goes.
struct Parking {
    window: Option<String>,
    keep: Keep,
    events: Vec<Event<'static>>,
    filling: Filling,
    defects: Defects,
    lone_surrogates: u32,
    /// Bytes of data that there is still room for.
    room: usize,
    /// Bytes of text before the piece that is being read.
    passed: u64,
}

impl Parking {
    fn new(window: Option<&str>, room: usize, keep: Keep) -> Self {
        Self {
            window: window.map(str::to_owned),
            keep,
            events: Vec::new(),
            filling: Filling::default(),
            defects: Defects::default(),
            lone_surrogates: 0,
            room,
            passed: 0,
        }
    }

    /// Parks the whole items of `text` from `start` on and says where the first one begins that is not whole.
    fn items(&mut self, text: &[u8], start: usize, shape: &mut Shape) -> Option<usize> {
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
                    // A comma that was stepped over is not an item: the next look begins before it.
                    return Some(if *shape == Shape::Lines { text.len() } else { at });
                }
                _ => return None,
            }
            if cursor.peek() == b'"' {
                let Ok(item) = { cursor }.skip() else { return Some(at) };
                // A name before what it names: only the whole list tells to what it belongs.
                if item.len() <= PACKED_BYTES_MIN {
                    return None;
                }
            }
            let before = cursor;
            let room = envelope::unpacked_guess(text.len() - at);
            let Some(()) = envelope::item(&mut cursor, window.as_deref(), room, &mut found, &mut self.defects) else {
                // Broken, or not yet whole.
                return { before }.skip().is_err().then_some(at);
            };
            self.park(text, &mut found)?;
            at += cursor.position();
        }
    }

    /// Reads what follows the last whole item of a text that ended, of which `piece` is the last piece; false when
    /// something is missing.
    fn tail(&mut self, piece: &[u8], from: usize, shape: Shape) -> Option<bool> {
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

    /// Parks the events of a value, a part of `piece`.
    fn value(&mut self, piece: &[u8], value: &[u8]) -> Option<()> {
        let window = self.window.clone();
        let mut found = Vec::new();
        let room = envelope::unpacked_guess(value.len());
        envelope::item(&mut Cursor::new(value), window.as_deref(), room, &mut found, &mut self.defects)?;
        self.park(piece, &mut found)
    }

    /// Parks events that were found in `piece`.
    fn park(&mut self, piece: &[u8], found: &mut Vec<Event<'_>>) -> Option<()> {
        for mut event in found.drain(..) {
            let Data::Plain(data) = std::mem::replace(&mut event.data, Data::NONE) else { return None };
            self.room = self.room.checked_sub(data.len())?;
            let at = self.events.len();
            let may_hold_facts = event.may_hold_facts;
            self.events.push(event.with(Data::NONE));
            let span = match (self.keep, &data) {
                _ if data.is_empty() => continue,
                (Keep::Nothing(stream), Cow::Borrowed(text)) if !may_hold_facts => self.span(stream, piece, text),
                _ => None,
            };
            match span {
                Some(span) => self.events[at].data = Data::Again(span),
                None => {
                    let events = &mut self.events;
                    self.filling.add(at, &data, |of, place| events[of].data = Data::Parked(place))?;
                }
            }
        }
        Some(())
    }

    /// Where in the whole text a part of `piece` stands.
    fn span(&self, stream: u32, piece: &[u8], part: &[u8]) -> Option<Span> {
        let at = part.as_ptr().addr().checked_sub(piece.as_ptr().addr())?;
        let from = self.passed + at as u64;
        (at + part.len() <= piece.len()).then_some(Span { stream, from, to: from + part.len() as u64 })
    }

    fn finish(mut self, bytes: usize, room: usize, cut: bool) -> Option<Parked> {
        let events = &mut self.events;
        self.filling.close(|of, place| events[of].data = Data::Parked(place))?;
        let mut defects = Defects::default();
        defects.add_many(DefectCode::LoneSurrogate, self.lone_surrogates, || {
            "a string holds half of a surrogate pair".to_owned()
        });
        defects.absorb(self.defects);
        self.events.shrink_to_fit();
        Some(Parked { events: self.events, defects, bytes, room, cut })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::again::Again;
    use super::super::blocks::OpenBlocks;
    use super::super::event::Open;
    use super::*;

    /// Window, type, time and data of every event, read whole and parked.
    fn both(text: &[u8]) -> (Vec<String>, Option<Vec<String>>) {
        let told = |event: &Event<'_>, data: &[u8]| {
            format!("{:?} {} {:?} {}", event.window, event.event_type, event.at, String::from_utf8_lossy(data))
        };
        let whole = envelope::events(text, Some("w"), 1 << 30, &mut Defects::default()).value;
        let whole = whole.iter().map(|event| told(event, event.data.plain().unwrap())).collect();
        let packed = zstd::encode_all(text, 1).unwrap();
        let [again, blocks] = [Keep::Nothing(0), Keep::Blocks].map(|keep| {
            let parked = events(&packed, Some("w"), usize::MAX, keep)?;
            let mut open = open(&packed, &parked.events);
            Some(parked.events.iter().map(|event| told(event, event.data.read(&mut open))).collect::<Vec<_>>())
        });
        assert_eq!(again, blocks);
        (whole, blocks)
    }

    fn open<'a>(packed: &'a [u8], events: &[Event<'_>]) -> Open<'a> {
        let spans = events.iter().filter_map(|event| event.data.span());
        Open { blocks: OpenBlocks::default(), again: Again::new([packed].into_iter(), spans) }
    }

    fn long(between: &str) -> String {
        let event = |n: usize| {
            let body = format!("{n}").repeat(2000 + n * 40);
            format!("{{\"type\":3,\"data\":{{\"n\":\"{body}\"}},\"timestamp\":{n}}}")
        };
        (0..400).map(event).collect::<Vec<_>>().join(between)
    }

    #[test]
    fn events_are_the_same_as_those_of_the_whole_text() {
        let list = format!("[{}]", long(","));
        let pairs =
            |between: &str| long("\n").lines().map(|line| format!("[\"v\",{line}]")).collect::<Vec<_>>().join(between);
        let packed: Vec<String> = long("\n").lines().map(str::to_owned).collect();
        for text in [
            list.clone(),
            format!(" [ {} ] ", long(" ,\n")),
            long("\n"),
            long("\r\n\n"),
            format!("\u{feff}{list}"),
            format!("{{\"segment_id\":0}}\n{list}"),
            format!("{{\"events\":{list}}}"),
            format!(
                "{{\"v\":[1],\"session\":{{\"id\":[]}},\"events\":{list},\"more\":{{\"a\":1}},\"results\":[{{\"type\":4}}]}}\n"
            ),
            format!("{{\"data\":{{\"recording\":{{\"snapshots\": {list} }}}}}}"),
            format!("[{}]", pairs(",")),
            pairs("\n"),
            serde_json::to_string(&packed).unwrap(),
        ] {
            let (whole, parked) = both(text.as_bytes());
            assert!(text.len() > 4 << 20 && whole.len() >= 400);
            assert_eq!(parked.unwrap_or_else(|| panic!("{:.60} is declined", text)), whole, "{:.60}", text);
        }
    }

    #[test]
    fn what_breaks_off_gives_what_came_before() {
        let list = format!("[{}]", long(","));
        let wrapped = format!("{{\"events\":{list},\"end\":1}}");
        for (text, length) in [
            (&list, list.len() - 1),
            (&list, list.len() / 2),
            (&wrapped, wrapped.len() - 1),
            (&wrapped, wrapped.len() - 9),
            (&wrapped, wrapped.len() / 3),
            (&long("\n"), list.len() / 2),
        ] {
            let (whole, parked) = both(&text.as_bytes()[..length]);
            assert!(whole.len() > 100);
            assert_eq!(parked.unwrap(), whole, "{:.40} {length}", text);
        }
        let packed = zstd::encode_all(list.as_bytes(), 1).unwrap();
        let told = events(&packed[..packed.len() / 2], None, usize::MAX, Keep::Blocks).unwrap();
        let codes: Vec<DefectCode> = told.defects.list().iter().map(|defect| defect.code).collect();
        assert_eq!(codes, [DefectCode::BadCompression, DefectCode::BadJson]);
        assert!(told.events.len() > 100 && !told.cut);
        let told = events(&packed, None, list.len() / 2, Keep::Blocks).unwrap();
        assert!(told.cut && told.bytes == list.len() / 2 && told.events.len() > 100);
        assert_eq!(told.defects.list()[0].code, DefectCode::BadJson);
    }

    #[test]
    fn blocks_are_read_in_any_order() {
        let text = format!("[{}]", long(","));
        let packed = zstd::encode_all(text.as_bytes(), 1).unwrap();
        let parked = events(&packed, None, usize::MAX, Keep::Blocks).unwrap();
        let mut open = open(&packed, &parked.events);
        let read = |event: &Event<'_>, open: &mut Open<'_>| event.data.read(open).to_vec();
        let ahead: Vec<_> = parked.events.iter().map(|event| read(event, &mut open)).collect();
        let mut back: Vec<_> = parked.events.iter().rev().map(|event| read(event, &mut open)).collect();
        back.reverse();
        assert_eq!(ahead, back);
    }

    #[test]
    fn what_is_not_plainly_events_is_declined() {
        for text in [
            "[{\"type\":3}] 7",
            "[{\"type\":3}] [{\"type\":3}]",
            "[\"w\",{\"type\":3},\"packed\"] 7",
            "[{\"type\":3},\"w\",{\"type\":3}]",
            "[\"packed\"]",
            "{\"segment_id\":0}\nx",
            "{\"type\":3} nonsense",
            "nonsense",
            "",
        ] {
            assert!(both(text.as_bytes()).1.is_none(), "{:.60}", text);
        }
        let half = format!("{{\"events\":[{}", long(","));
        for end in ["],\"window_id\":\"v\"}", "],\"type\":3}", "]}{\"type\":3}"] {
            assert!(both(format!("{half}{end}").as_bytes()).1.is_none(), "{end}");
        }
    }

    #[test]
    fn large_is_told_by_the_frame_or_by_the_compressed_length() {
        let packed = zstd::bulk::compress(&[b' '; 4096], 1).unwrap();
        assert!(is_large(&packed, 4096) && !is_large(&packed, 4097));
        assert!(!is_large(&[b' '; 4096], 1));
        assert!(is_large(&[0x1f, 0x8b, 0, 0], 64) && !is_large(&[0x1f, 0x8b, 0, 0], 80));
    }
}
