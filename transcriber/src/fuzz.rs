//! What the fuzz targets in `fuzz/` call. Only with the feature `fuzzing` and in tests.
//!
//! In: any bytes. Out: nothing, or a panic that says which invariant broke.
#![allow(missing_docs)]

use playhead_json::envelope::{self, EnvelopeKey};
use playhead_json::repair;
use playhead_json::strict::{Scanner, check_payload};
use playhead_json::{Cursor, Items, Members, lone_surrogates, raw_text, unescape_nested};
use playhead_schemas::timeline::{DefectCode, Timeline};
use playhead_schemas::{MomentId, SegmentNo, Stream};
use serde::de::IgnoredAny;

use crate::decode::{self, decompress};
use crate::defects::Defects;
use crate::dom::apply::{self, Changes};
use crate::dom::build::{self, BuildNotes};
use crate::dom::context::place;
use crate::dom::name::{name, visible_text};
use crate::dom::role::{interactive, role};
use crate::dom::selector::{Words, selectors};
use crate::dom::{Mirror, NodeIndex, NodeKind, Tags};
use crate::{Options, SegmentInput, console, network, render, transcribe as whole};

/// The most bytes to which an input may unpack.
const BYTES_MAX: usize = 1 << 20;
/// Separates the parts of an input: a line of its own.
const CUT: &[u8] = b"\n---\n";
/// How deep arrays and objects nest in JSON that is checked.
const JSON_DEPTH_MAX: u32 = 100;
/// Values of one text that are read.
const VALUES_MAX: usize = 300;
/// Elements of a mirror that are described.
const DESCRIBED_MAX: usize = 12;

/// Compression, envelopes, payloads.
pub fn decode(data: &[u8]) {
    let mut defects = Defects::default();
    let (text, _) = decompress(data, BYTES_MAX, &mut defects);
    assert!(text.len() <= BYTES_MAX.max(data.len()));
    let events = decode::envelope::events(&text, Some("w"), BYTES_MAX, &mut defects);
    assert!(events.bytes <= BYTES_MAX);
    let mut ignore = |_: DefectCode, _: &str| ();
    network::from_har(&mut text.to_vec(), &mut ignore);
    console::from_payload(&mut text.to_vec(), &mut ignore);
}

/// JSON text: reading, checking and repairing it.
pub fn json(data: &[u8]) {
    if let Ok(span) = Scanner::new(data, JSON_DEPTH_MAX).value() {
        let mut value = data[span].to_vec();
        assert_eq!(Cursor::new(&value).skip().map(<[u8]>::len), Ok(value.len()), "the cursor and the check differ");
        assert_eq!(repair::value(&mut value, 0).end, Some(value.len()), "the repair and the check differ");
        repair::invalid_utf8(&mut value);
        assert!(serde_json::from_slice::<IgnoredAny>(&value).is_ok(), "a repaired value is not strict JSON");
    }
    let _ = check_payload(data, JSON_DEPTH_MAX);
    let mut copy = data.to_vec();
    assert_eq!(repair::surrogates(&mut copy), lone_surrogates(data));
    assert_eq!(lone_surrogates(&copy), 0);
    repair::value(&mut copy, 0);
    unescape_nested(data);
    let start = envelope::list_start(data, &["log"], &["entries", "events"]);
    assert!(start.is_none_or(|start| data[start - 1] == b'['));
    visit(data);
}

/// Reads the values of a text, and those in them.
fn visit(json: &[u8]) {
    let mut waiting = vec![json];
    for _ in 0..VALUES_MAX {
        let Some(value) = waiting.pop() else { return };
        waiting.extend(Items::of(Cursor::new(value)).into_iter().flatten());
        for (key, value) in Members::of(Cursor::new(value)) {
            let _ = EnvelopeKey::of(key);
            waiting.push(value);
        }
        let text = raw_text(Cursor::new(value)).map(|raw| raw.text().into_owned());
        assert!(text.is_none_or(|text| text.len() <= 3 * value.len()));
        let _ = (Cursor::new(value).number(), Cursor::new(value).node_id(), Cursor::new(value).is_true());
    }
}

/// A snapshot, and mutations of it, a line each.
pub fn mirror(data: &[u8]) {
    let mut lines = data.split(|b| *b == b'\n');
    let mut mirror = Mirror::default();
    let snapshot = lines.next().unwrap_or_default();
    let before = mirror.len();
    // What was read before a snapshot broke off is kept, as it is when a replay is read.
    let _ = build::node(&mut mirror, &mut Cursor::new(snapshot), &mut BuildNotes::default());
    if mirror.len() > before {
        mirror.set_root(NodeIndex(0));
    }
    check_tree(&mirror);
    let mut changes = Changes::default();
    for line in lines.take(40) {
        let mut cursor = Cursor::new(line);
        if cursor.object().is_err() {
            continue;
        }
        changes.clear();
        let _ = apply::mutation(&mut mirror, &mut cursor, &mut changes);
        check_tree(&mirror);
        for (nx, old) in &changes.texts {
            let _ = (mirror.slice(*old).len(), mirror.text(*nx).len());
        }
    }
    describe(&mirror);
}

/// Links agree in both directions, and exactly what hangs on the root is attached.
fn check_tree(mirror: &Mirror) {
    let below = mirror.root().map_or(0, |root| {
        mirror
            .subtree(root)
            .inspect(|nx| {
                assert!(mirror.node(*nx).attached, "a node below the root is not attached");
                let mut before = None;
                for child in mirror.children(*nx) {
                    assert_eq!(mirror.parent(child), Some(*nx));
                    assert_eq!(mirror.prev(child), before);
                    before = Some(child);
                }
            })
            .filter(|nx| mirror.node(*nx).kind == NodeKind::Element)
            .count()
    });
    assert_eq!(mirror.elements().count(), below, "a node that hangs nowhere is attached");
    let tagged = |nx: &NodeIndex| !mirror.tag(*nx).is_empty();
    let mut chained: Vec<NodeIndex> = mirror.elements_of(Tags::ALL, false).filter(tagged).collect();
    chained.sort_unstable();
    assert_eq!(chained, mirror.elements().filter(tagged).collect::<Vec<_>>(), "an element is in no chain, or in two");
}

fn describe(mirror: &Mirror) {
    let elements: Vec<NodeIndex> = mirror.elements().collect();
    let step = (elements.len() / DESCRIBED_MAX).max(1);
    for nx in elements.iter().step_by(step).take(DESCRIBED_MAX) {
        let meant = interactive(mirror, *nx);
        let named = name(mirror, meant);
        let words = Words { role: role(mirror, meant), name: named.as_deref(), masked: false };
        let found = selectors(mirror, meant, &words);
        let (text, matches) = (found.best, found.matches);
        assert!(mirror.node(meant).kind != NodeKind::Element || !text.is_empty() || mirror.tag(meant).is_empty());
        assert!(matches >= 1, "{text} matches nothing");
        let _ = (role(mirror, meant).len(), name(mirror, meant), visible_text(mirror, meant, 80), place(mirror, meant));
    }
}

/// A whole replay: rrweb, console and network, separated by `---`; a fourth part is a second rrweb segment.
pub fn transcribe(data: &[u8]) {
    let mut parts = Vec::new();
    let mut rest = data;
    while let Some(at) = memchr::memmem::find(rest, CUT).filter(|_| parts.len() < 3) {
        parts.push(&rest[..at]);
        rest = &rest[at + CUT.len()..];
    }
    parts.push(rest);
    let streams = [(0, Stream::Rrweb), (0, Stream::Console), (0, Stream::Network), (1, Stream::Rrweb)];
    let segments: Vec<SegmentInput<'_>> = parts
        .into_iter()
        .zip(streams)
        .map(|(bytes, (n, stream))| SegmentInput { n: SegmentNo(n), stream, window: None, bytes })
        .collect();
    let options =
        Options { segment_bytes_max: BYTES_MAX, replay_bytes_max: BYTES_MAX, moments_max: 2000, ..Options::default() };
    let done = whole(&segments, &options);
    assert!(done.summary.len() <= playhead_schemas::limits::SUMMARY_BYTES_MAX);
    check_timeline(&done.timeline);
    render::detailed(&done.timeline);
    let packed: Vec<Vec<u8>> =
        segments.iter().map(|segment| zstd::bulk::compress(segment.bytes, 1).unwrap_or_default()).collect();
    let segments: Vec<SegmentInput<'_>> =
        segments.iter().zip(&packed).map(|(segment, bytes)| SegmentInput { bytes, ..*segment }).collect();
    let in_pieces = whole(&segments, &Options { stream_bytes_min: 0, ..options }).timeline;
    check_timeline(&in_pieces);
    // What breaks off may break off elsewhere.
    if done.timeline.defects.is_empty() {
        assert!(in_pieces == done.timeline, "read in pieces it is another");
    }
}

fn check_timeline(timeline: &Timeline) {
    let known = |id: &MomentId| (1..=timeline.moments.len()).contains(&(id.0 as usize));
    for (i, moment) in timeline.moments.iter().enumerate() {
        assert_eq!(moment.id.0 as usize, i + 1);
        assert!(moment.end_ms >= moment.t_ms && moment.count >= 1);
        assert!(i == 0 || timeline.moments[i - 1].t_ms <= moment.t_ms, "moments are out of order");
        assert!(!moment.text.contains('\n'));
        assert!(moment.units.iter().all(|unit| unit.of(&moment.text).is_some()), "{:?}", moment.units);
        assert!(moment.caused_by.iter().all(known));
        let outcome = moment.outcome.iter();
        assert!(outcome.flat_map(|o| o.requests.iter().chain(&o.errors).chain(&o.navigation)).all(known));
    }
    for failure in &timeline.failures {
        assert!(known(&failure.moment) && failure.action.iter().all(known) && failure.related.iter().all(known));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::path::Path;

    /// Runs a target on its seeds, whole, cut in half and with a byte turned over.
    fn smoke(target: &str, run: fn(&[u8])) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
        let mut seeds = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            run(&bytes);
            run(&bytes[..bytes.len() / 2]);
            for at in (0..bytes.len()).step_by(bytes.len() / 16 + 1) {
                let mut turned = bytes.clone();
                turned[at] ^= 0x10;
                run(&turned);
            }
            seeds += 1;
        }
        assert!(seeds >= 4, "only {seeds} seeds");
    }

    #[test]
    fn decode_takes_its_seeds() {
        smoke("decode", super::decode);
    }

    #[test]
    fn json_takes_its_seeds() {
        smoke("json", super::json);
    }

    #[test]
    fn mirror_takes_its_seeds() {
        smoke("mirror", super::mirror);
    }

    #[test]
    fn transcribe_takes_its_seeds() {
        smoke("transcribe", super::transcribe);
    }
}
