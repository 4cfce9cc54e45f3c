//! Stored segments to the payloads that they hold.

use std::borrow::Cow;

use playhead_schemas::timeline::DefectCode;
use playhead_schemas::{SegmentNo, Stream};

use crate::decode::memory::{Expanded, map_within};
use crate::decode::streamed::{self, Storage, Streamed, is_large};
use crate::decode::{decompress, is_compressed};
use crate::defects::Defects;
use crate::{Options, SegmentInput};

/// An upper estimate of the decompressed size: this many times the compressed one, and at least this.
const EXPANSION_FACTOR: usize = 64;
const EXPANDED_BYTES_MIN: usize = 1 << 20;

/// What a segment holds in one stream.
pub(super) struct Payload<'a> {
    pub(super) n: SegmentNo,
    pub(super) stream: Stream,
    pub(super) window: Option<&'a str>,
    /// As it was stored.
    pub(super) bytes: &'a [u8],
    pub(super) text: Cow<'a, [u8]>,
    /// The events, when the text was too large to be kept; it is empty then.
    pub(super) streamed: Option<Streamed>,
}

pub(super) fn decode<'a>(segments: &[SegmentInput<'a>], options: &Options, defects: &mut Defects) -> Vec<Payload<'a>> {
    let mut sorted: Vec<&SegmentInput<'a>> = segments.iter().collect();
    sorted.sort_by_key(|segment| (segment.n, segment.stream));
    let guess = |segment: &&SegmentInput<'_>| {
        if is_compressed(segment.bytes) { segment.bytes.len() * EXPANSION_FACTOR + EXPANDED_BYTES_MIN } else { 0 }
    };
    // The place of a recording among all that will be kept.
    let place = |segment: &SegmentInput<'_>| {
        let before = |other: &&&SegmentInput<'_>| !std::ptr::eq(**other, segment);
        sorted.iter().take_while(before).filter(|other| other.stream == Stream::Rrweb).count() as u32
    };
    let decoded = map_within(&sorted, options.replay_bytes_max, guess, |segment, bytes_max| {
        let mut defects = Defects::default();
        let bytes_max = bytes_max.min(options.segment_bytes_max);
        let SegmentInput { n, stream, window, bytes: stored } = **segment;
        if stream == Stream::Rrweb
            && is_large(stored, options.stream_bytes_min)
            && let Some(streamed) = streamed::events(stored, window, bytes_max, Storage::Reread(place(segment)))
        {
            let (bytes, cut) = (streamed.bytes, streamed.cut);
            too_large(cut, &mut defects);
            let text = Cow::Borrowed(&[][..]);
            let payload = Payload { n, stream, window, bytes: stored, text, streamed: Some(streamed) };
            return Expanded { value: (payload, defects), bytes, cut };
        }
        let (text, cut) = decompress(stored, bytes_max, &mut defects);
        too_large(cut, &mut defects);
        let bytes = if matches!(text, Cow::Owned(_)) { text.len() } else { 0 };
        let payload = Payload { n, stream, window, bytes: stored, text, streamed: None };
        Expanded { value: (payload, defects), bytes, cut }
    });
    decoded
        .into_iter()
        .map(|(payload, found)| {
            defects.absorb(found);
            payload
        })
        .collect()
}

fn too_large(cut: bool, defects: &mut Defects) {
    if cut {
        defects.add(DefectCode::LimitReached, || "a segment holds more than there is room for".to_owned());
    }
}
