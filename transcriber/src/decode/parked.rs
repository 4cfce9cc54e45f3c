//! Large recordings, kept as compressed blocks instead of plain text.
//!
//! In: the compressed bytes of one stream of one segment. Out: its events, whose data stands in blocks of about
//! [`BLOCK_BYTES`] that are compressed again and read one at a time, in whatever order. So a recording takes the
//! memory of its compressed form, not of its text.
//!
//! A text that breaks off gives what came before, and a defect.
//!
//! Never here: a reading of its own. What is neither an array, possibly in objects, nor lines is declined, and the
//! caller reads the whole text as it reads every other.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io::Read;
use std::ops::Range;
use std::sync::Arc;

use playhead_schemas::timeline::DefectCode;

use super::envelope::{self, Data, Event};
use super::shape::{Beginning, Key, Shape};
use super::{Compression, ZSTD_WINDOW_LOG_MAX};
use crate::defects::Defects;
use crate::json::{Cursor, lone_surrogates};

/// Plain text of one block, but for a single event that is larger.
const BLOCK_BYTES: usize = 1 << 20;
/// Plain bytes that are read at once.
const CHUNK_BYTES: usize = 1 << 20;
/// The largest event that is read here; with a larger one the text is declined.
const ITEM_BYTES_MAX: usize = 64 << 20;
/// Strings in lists are packed events when they are longer, in bytes, quotes included, else names.
const PACKED_BYTES_MIN: usize = 202;
/// zstd's level for blocks: they live for one transcription, so speed counts.
const LEVEL: i32 = -3;
/// Blocks whose plain text is at hand.
const OPEN_BLOCKS: usize = 4;
/// Recordings shrink by less than this when they are compressed without saying to what size they came.
const SHRINKS_BY: usize = 16;

/// A run of events' data.
#[derive(Debug)]
pub(crate) struct Block {
    packed: Vec<u8>,
    length: usize,
}

/// Where an event's data stands.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    block: Arc<Block>,
    from: u32,
    to: u32,
}

/// Reads data out of blocks, of which it keeps the last ones open.
#[derive(Default)]
pub(crate) struct Open {
    blocks: VecDeque<(Arc<Block>, Vec<u8>)>,
}

impl Open {
    /// The data at `place`.
    pub(crate) fn read(&mut self, place: &Place) -> &[u8] {
        let at = match self.blocks.iter().position(|(block, _)| Arc::ptr_eq(block, &place.block)) {
            Some(at) => at,
            None => {
                let mut text = match self.blocks.len() {
                    OPEN_BLOCKS.. => self.blocks.pop_front().map(|(_, text)| text).unwrap_or_default(),
                    _ => Vec::new(),
                };
                text.clear();
                text.reserve(place.block.length);
                // What this process compressed a moment ago is whole; empty data would be a defect of its event.
                let _ = zstd::bulk::Decompressor::new()
                    .and_then(|mut d| d.decompress_to_buffer(&place.block.packed, &mut text));
                self.blocks.push_back((place.block.clone(), text));
                self.blocks.len() - 1
            }
        };
        self.blocks[at].1.get(place.from as usize..place.to as usize).unwrap_or_default()
    }
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
    /// There was more than `room`.
    pub(crate) cut: bool,
}

/// Reads the events of the first `room` bytes of text; `None` when it has none of the shapes that are read in pieces.
pub(crate) fn events(bytes: &[u8], window: Option<&str>, room: usize) -> Option<Parked> {
    match Compression::of(bytes)? {
        Compression::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::new(bytes).ok()?;
            decoder.window_log_max(ZSTD_WINDOW_LOG_MAX).ok()?;
            read(decoder, window, room)
        }
        Compression::Gzip => read(flate2::read::MultiGzDecoder::new(bytes), window, room),
        // Where a zlib stream breaks off, the whole reading gets more out of it.
        Compression::Zlib => read(flate2::read::ZlibDecoder::new(bytes), window, room)
            .filter(|read| !read.defects.has(DefectCode::BadCompression)),
    }
}

fn read(mut from: impl Read, window: Option<&str>, room: usize) -> Option<Parked> {
    let mut parking = Parking { window: window.map(str::to_owned), room, ..Parking::default() };
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
                        parking.item(value)?;
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
            if !parking.tail(&buffer[end..], *shape)? {
                parking.defects.add(DefectCode::BadJson, || format!("not JSON near byte {bytes}"));
            }
            return parking.finish(bytes, cut);
        }
        parking.lone_surrogates += lone_surrogates(&buffer[..end]);
        buffer.drain(..end);
        if buffer.len() > ITEM_BYTES_MAX {
            return None;
        }
    }
}

/// Events on their way into blocks.
#[derive(Default)]
struct Parking {
    window: Option<String>,
    events: Vec<Event<'static>>,
    /// Events of the block that is being filled, and where in it their data stands.
    waiting: Vec<(Event<'static>, Range<usize>)>,
    block: Vec<u8>,
    defects: Defects,
    lone_surrogates: u32,
    /// Bytes that may still be parked.
    room: usize,
}

impl Parking {
    /// Parks the whole items of `text` from `start` on and says where the first one begins that is not whole.
    fn items(&mut self, text: &[u8], start: usize, shape: &mut Shape) -> Option<usize> {
        let mut at = start;
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
            let is_name = cursor.peek() == b'"';
            let Ok(item) = cursor.skip() else { return Some(at) };
            // A name before what it names: only the whole list tells to what it belongs.
            if is_name && item.len() <= PACKED_BYTES_MIN {
                return None;
            }
            self.item(item)?;
            at += cursor.position();
        }
    }

    /// Reads what follows the last whole item of a text that ended; false when something is missing.
    fn tail(&mut self, text: &[u8], shape: Shape) -> Option<bool> {
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
                match Key::of(key) {
                    Key::Tells => return None,
                    Key::Holds if matches!(first, b'[' | b'{') => self.item(value)?,
                    Key::Holds | Key::Other => {}
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

    fn item(&mut self, text: &[u8]) -> Option<()> {
        let window = self.window.take();
        let read = envelope::item(text, window.as_deref(), &mut self.defects);
        for event in read? {
            let from = self.block.len();
            self.block.extend_from_slice(event.data.plain()?);
            let event = event.with(Data::Plain(Cow::Borrowed(&[])));
            self.room = self.room.checked_sub(self.block.len() - from)?;
            self.waiting.push((event, from..self.block.len()));
        }
        self.window = window;
        if self.block.len() >= BLOCK_BYTES {
            self.close()?;
        }
        Some(())
    }

    fn close(&mut self) -> Option<()> {
        let packed = zstd::bulk::compress(&self.block, LEVEL).ok()?;
        let block = Arc::new(Block { packed, length: self.block.len() });
        self.block.clear();
        for (event, range) in self.waiting.drain(..) {
            let (from, to) = (u32::try_from(range.start).ok()?, u32::try_from(range.end).ok()?);
            self.events.push(event.with(Data::Parked(Place { block: block.clone(), from, to })));
        }
        Some(())
    }

    fn finish(mut self, bytes: usize, cut: bool) -> Option<Parked> {
        self.close()?;
        let mut defects = Defects::default();
        defects.add_many(DefectCode::LoneSurrogate, self.lone_surrogates, || {
            "a string holds half of a surrogate pair".to_owned()
        });
        defects.absorb(self.defects);
        self.events.shrink_to_fit();
        Some(Parked { events: self.events, defects, bytes, cut })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Window, type, time and data of every event, read whole and parked.
    fn both(text: &[u8]) -> (Vec<String>, Option<Vec<String>>) {
        let told = |event: &Event<'_>, data: &[u8]| {
            format!("{:?} {} {:?} {}", event.window, event.kind, event.at, String::from_utf8_lossy(data))
        };
        let whole = envelope::events(text, Some("w"), 1 << 30, &mut Defects::default()).value;
        let whole = whole.iter().map(|event| told(event, event.data.plain().unwrap())).collect();
        let parked = events(&zstd::encode_all(text, 1).unwrap(), Some("w"), usize::MAX);
        let mut open = Open::default();
        let parked = parked.map(|p| p.events.iter().map(|event| told(event, event.data.read(&mut open))).collect());
        (whole, parked)
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
            assert!(text.len() > 4 * BLOCK_BYTES && whole.len() >= 400);
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
        let told = events(&packed[..packed.len() / 2], None, usize::MAX).unwrap();
        let codes: Vec<DefectCode> = told.defects.list().iter().map(|defect| defect.code).collect();
        assert_eq!(codes, [DefectCode::BadCompression, DefectCode::BadJson]);
        assert!(told.events.len() > 100 && !told.cut);
        let told = events(&packed, None, list.len() / 2).unwrap();
        assert!(told.cut && told.bytes == list.len() / 2 && told.events.len() > 100);
        assert_eq!(told.defects.list()[0].code, DefectCode::BadJson);
    }

    #[test]
    fn blocks_are_read_in_any_order() {
        let text = format!("[{}]", long(","));
        let parked = events(&zstd::encode_all(text.as_bytes(), 1).unwrap(), None, usize::MAX).unwrap();
        let mut open = Open::default();
        let read = |event: &Event<'_>, open: &mut Open| event.data.read(open).to_vec();
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
