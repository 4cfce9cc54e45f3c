//! What holds for every recording, however it is cut, ordered or broken.

use std::sync::LazyLock;

use playhead_schemas::timeline::{Moment, Timeline};
use playhead_schemas::{SegmentNo, Stream};
use playhead_transcriber::{Options, SegmentInput, Transcription, transcribe};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::cases;
use crate::doc::Doc;
use crate::tape::{Tape, rrweb};

/// Outcomes and coalesced moments may still change for this long after a moment's end, milliseconds.
const UNSETTLED_MS: u64 = 12_000;

/// The events of some recordings, and the whole timeline of each.
static RECORDED: LazyLock<Vec<(Vec<Value>, Timeline)>> = LazyLock::new(|| {
    ["dead-button", "mobile-touch", "two-windows", "slow-search"]
        .into_iter()
        .map(|name| {
            let json = zstd::decode_all(&*cases::one(name).events).unwrap();
            (serde_json::from_slice(&json).unwrap(), rrweb(&[&json]).timeline)
        })
        .collect()
});

/// `PROPTEST_CASES` asks for another number of cases.
fn settings(cases: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|number| number.parse().ok());
    ProptestConfig { cases: asked.unwrap_or(cases), failure_persistence: None, ..ProptestConfig::default() }
}

/// The events cut at these places (as shares of their number), each piece a segment.
fn pieces(events: &[Value], cuts: &[f64]) -> Vec<String> {
    let mut at: Vec<usize> = cuts.iter().map(|share| (share * events.len() as f64) as usize).collect();
    at.extend([0, events.len()]);
    at.sort_unstable();
    at.windows(2).map(|pair| serde_json::to_string(&events[pair[0]..pair[1]]).unwrap()).collect()
}

fn transcribed(pieces: &[String], order: &[usize]) -> Transcription {
    let segments: Vec<SegmentInput<'_>> = order
        .iter()
        .map(|i| SegmentInput {
            n: SegmentNo(*i as u32),
            stream: Stream::Rrweb,
            window: None,
            bytes: pieces[*i].as_bytes(),
        })
        .collect();
    transcribe(&segments, &Options::default())
}

proptest! {
    #![proptest_config(settings(64))]

    #[test]
    fn cuts_and_order_of_segments_change_nothing(
        which in 0..4usize,
        cuts in vec(0.0..1.0, 0..12),
        seed in any::<u64>(),
    ) {
        let (events, whole) = &RECORDED[which];
        let pieces = pieces(events, &cuts);
        let mut order: Vec<usize> = (0..pieces.len()).collect();
        order.sort_by_key(|i| (*i as u64 + 1).wrapping_mul(seed | 1).rotate_left(17));
        let got = transcribed(&pieces, &order);
        prop_assert_eq!(&got.timeline, whole);
    }

    #[test]
    fn a_beginning_tells_the_same_beginning(which in 0..4usize, share in 0.0..1.0) {
        let (events, whole) = &RECORDED[which];
        let json = serde_json::to_string(events).unwrap();
        let cut = &json.as_bytes()[..(share * json.len() as f64) as usize];
        let part = rrweb(&[cut]).timeline;
        prop_assert!(cut.len() < 2 || cut.len() == json.len() || !part.defects.is_empty());
        let known = part.replay.duration_ms.saturating_sub(UNSETTLED_MS);
        let of = |moment: &Moment| Moment { outcome: None, signals: Vec::new(), text: String::new(), units: Vec::new(), ..moment.clone() };
        let settled = part.moments.iter().filter(|moment| moment.end_ms < known).count();
        for (told, same) in part.moments.iter().zip(&whole.moments).take(settled) {
            prop_assert_eq!(of(told), of(same));
        }
    }

    #[test]
    fn the_same_bytes_give_the_same_output(which in 0..4usize, cuts in vec(0.0..1.0, 0..6)) {
        let pieces = pieces(&RECORDED[which].0, &cuts);
        let order: Vec<usize> = (0..pieces.len()).collect();
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let done = pool.install(|| transcribed(&pieces, &order));
            (serde_json::to_string(&done.timeline).unwrap(), done.summary)
        };
        let alone = with(1);
        prop_assert_eq!(&with(1), &alone);
        prop_assert_eq!(&with(4), &alone);
    }
}

/// A recording that has a bit of everything, as JSON.
static VARIED: LazyLock<String> = LazyLock::new(|| {
    let mut doc = Doc::new(concat!(
        "<form><label for=name>Name</label><input id=name><input type=checkbox id=box aria-label=Box>",
        "<select id=list><option value=a>A</option><option value=b>B</option></select><button id=pay>Pay</button></form>",
        "<x-card id=host><shadow><button id=inner>Inner</button></shadow></x-card><iframe id=frame></iframe>",
        "<svg id=icon><path id=line></path></svg><div id=edit contenteditable=true>Old</div>",
    ));
    let frame = doc.frame("frame", "<button id=framed>Framed</button>");
    let toast = doc.adds("body", "<div role=alert id=toast>Failed</div>");
    let mut tape = Tape::of(&doc);
    tape.adds(vec![frame]).wait(100);
    for id in ["pay", "inner", "framed", "line", "box"] {
        tape.click(doc.at(id)).wait(900);
    }
    tape.checked(doc.at("box"), true).typed(doc.at("name"), "Ada").input(doc.at("list"), "b");
    tape.adds(toast).wait(50).attributes(doc.at("pay"), json!({ "disabled": "", "style": { "display": "none" } }));
    tape.mutation(json!({ "texts": [{ "id": doc.at("edit") + 1, "value": "New" }], "removes": [{ "parentId": 7, "id": doc.at("toast") }] }));
    tape.tap(doc.at("pay"))
        .wait(400)
        .change(3, json!({ "id": 1, "x": 0, "y": 400 }))
        .change(4, json!({ "width": 800, "height": 600 }));
    tape.change(7, json!({ "type": 0, "id": 12, "currentTime": 1.5 }))
        .change(14, json!({ "ranges": [{ "start": 8, "startOffset": 0, "end": 9, "endOffset": 1 }] }));
    tape.change(12, json!({ "positions": [{ "x": 1, "y": 2, "id": 8, "timeOffset": -20 }] }));
    tape.event(5, json!({ "tag": "$url_changed", "payload": { "href": "http://shop.test/next" } }));
    tape.event(5, json!({ "tag": "performanceSpan", "payload": { "op": "resource.fetch", "description": "http://shop.test/api", "startTimestamp": 1_700_000_001.5, "endTimestamp": 1_700_000_002.0, "data": { "method": "GET", "statusCode": 500 } } }));
    tape.event(5, json!({ "tag": "breadcrumb", "payload": { "category": "console", "level": "error", "message": "no", "timestamp": 1_700_000_002 } }));
    tape.event(6, json!({ "plugin": "rrweb/console@1", "payload": { "level": "error", "payload": ["\"boom\""], "trace": ["f (http://a/b.js:1:2)"] } }));
    tape.event(6, json!({ "plugin": "rrweb/network@1", "payload": { "requests": [{ "name": "http://a/b", "method": "POST", "status": 500, "startTime": 1.5, "endTime": 9.0, "responseBody": "{}" }] } }));
    tape.event(5, json!({ "tag": "window hidden", "payload": {} }))
        .event(5, json!({ "tag": "Identify", "payload": "a" }))
        .wait(2000);
    tape.mouse_at(1, doc.at("edit"), 5.0, 5.0).wait(300).mouse_at(0, doc.at("edit"), 90.0, 5.0).wait(2000);
    tape.click(doc.at("pay")).wait(100).click(doc.at("pay")).mouse(4, doc.at("pay")).wait(2000).mouse(3, doc.at("pay"));
    tape.wait(3000).focus(doc.at("box")).wait(200).checked(doc.at("box"), false);
    tape.event(8, json!({ "type": "caption", "text": "Here" }))
        .wait(40_000)
        .click(doc.at("pay"))
        .load("http://shop.test/b", &doc);
    tape.json()
});

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        (-3..40i64).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|n| json!(n)),
        Just(json!(1_700_000_000_500i64)),
    ]
}

const NAMES: [&str; 40] = [
    "source",
    "type",
    "id",
    "node",
    "childNodes",
    "attributes",
    "tagName",
    "textContent",
    "adds",
    "removes",
    "texts",
    "parentId",
    "nextId",
    "previousId",
    "value",
    "text",
    "isChecked",
    "x",
    "y",
    "positions",
    "timeOffset",
    "href",
    "width",
    "height",
    "tag",
    "payload",
    "plugin",
    "level",
    "trace",
    "requests",
    "name",
    "style",
    "class",
    "isShadow",
    "isSVG",
    "ranges",
    "start",
    "data",
    "category",
    "op",
];
const TEXTS: [&str; 14] = [
    "",
    "div",
    "input",
    "a",
    "iframe",
    "svg",
    "label",
    "rrweb/console@1",
    "rrweb/network@1",
    "breadcrumb",
    "performanceSpan",
    "http://a/b?c#d",
    "\u{200b}\u{fffd}\0",
    "********",
];

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => number(),
        2 => proptest::sample::select(&TEXTS[..]).prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
        1 => ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 8, |inner| {
        prop_oneof![
            1 => vec(inner.clone(), 0..6).prop_map(Value::from),
            3 => vec((proptest::sample::select(&NAMES[..]), inner), 0..8)
                .prop_map(|fields| Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())),
        ]
    })
}

fn event() -> impl Strategy<Value = Value> {
    (0..10i64, value(), number(), -1..18i64).prop_map(|(kind, mut data, at, source)| {
        if kind == 3 && data.is_object() {
            data["source"] = json!(source);
        }
        json!({ "type": kind, "data": data, "timestamp": at })
    })
}

proptest! {
    #![proptest_config(settings(500))]

    #[test]
    fn random_events_never_panic(events in vec(event(), 0..30)) {
        let done = rrweb(&[VARIED.as_bytes(), serde_json::to_string(&events).unwrap().as_bytes()]);
        prop_assert!(done.summary.len() <= 4096);
        prop_assert!(done.timeline.moments.windows(2).all(|pair| pair[0].t_ms <= pair[1].t_ms));
    }

    #[test]
    fn broken_bytes_never_panic(edits in vec((any::<proptest::sample::Index>(), any::<u8>(), 0..4u8), 1..12)) {
        let mut bytes = VARIED.as_bytes().to_vec();
        for (place, byte, how) in edits {
            let at = place.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => drop(bytes.drain(at..(at + usize::from(byte)).min(bytes.len()))),
                // What stands somewhere stands there twice.
                _ => {
                    let piece = bytes[at..(at + usize::from(byte) * 4).min(bytes.len())].to_vec();
                    bytes.splice(at..at, piece);
                }
            }
        }
        rrweb(&[&bytes]);
    }

    #[test]
    fn cut_bytes_never_panic(place in any::<proptest::sample::Index>(), packed in any::<bool>()) {
        let whole = if packed { zstd::encode_all(VARIED.as_bytes(), 1).unwrap() } else { VARIED.as_bytes().to_vec() };
        rrweb(&[&whole[..place.index(whole.len())]]);
    }
}

#[test]
fn the_varied_recording_is_as_varied_as_it_says() {
    let timeline = rrweb(&[VARIED.as_bytes()]).timeline;
    let mut kinds: Vec<_> = timeline.moments.iter().map(|moment| moment.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    assert!(kinds.len() >= 18, "{kinds:?}");
    assert!(timeline.defects.is_empty(), "{:?}", timeline.defects);
}

#[test]
#[ignore = "writes the varied recording among the seeds of the fuzz targets"]
fn write_seed() {
    std::fs::write(cases::crate_dir().join("fuzz/seeds/transcribe/varied"), VARIED.as_bytes()).unwrap();
}

/// Recordings that are kept compressed while they are read are read the same.
#[test]
fn streamed_recordings_give_the_same_timeline() {
    let streamed = Options { stream_bytes_min: 0, ..Options::default() };
    for case in cases::all() {
        let (whole, streamed) = (case.transcribed(), transcribe(&case.segments(), &streamed));
        assert_eq!(serde_json::to_value(&streamed.timeline).unwrap(), serde_json::to_value(&whole.timeline).unwrap());
        assert_eq!(streamed.summary, whole.summary, "{}", case.name);
    }
}

/// Far more text between two events than is kept at hand when a recording is read in pieces, in every other order than
/// that of time, and in more windows than are read side by side.
#[test]
fn streamed_recordings_may_be_in_any_order() {
    const PAD_BYTES: usize = 1_500_000;
    let streamed = Options { stream_bytes_min: 0, ..Options::default() };
    let (events, _) = &RECORDED[0];
    let step = events.len() / 8;
    let mut padded: Vec<Value> = events.clone();
    for (i, event) in padded.iter_mut().enumerate().filter(|(i, _)| i % step == 0) {
        let pad: String = (0..PAD_BYTES).map(|at| char::from(b'a' + ((at * at + i) % 23) as u8)).collect();
        event["data"]["pad"] = pad.into();
    }
    let whole = |pieces: &[String]| rrweb(&pieces.iter().map(String::as_bytes).collect::<Vec<_>>()).timeline;
    let in_pieces = |pieces: &[String]| {
        let packed: Vec<Vec<u8>> =
            pieces.iter().map(|piece| zstd::bulk::compress(piece.as_bytes(), 1).unwrap()).collect();
        let segments: Vec<SegmentInput<'_>> = (0..)
            .zip(&packed)
            .map(|(n, bytes)| SegmentInput { n: SegmentNo(n), stream: Stream::Rrweb, window: None, bytes })
            .collect();
        transcribe(&segments, &streamed).timeline
    };
    let text = |events: &[Value]| serde_json::to_string(events).unwrap();
    let reversed: Vec<Value> = padded.iter().rev().cloned().collect();
    let dealt: Vec<String> =
        (0..6).map(|of| text(&padded.iter().skip(of).step_by(6).cloned().collect::<Vec<_>>())).collect();
    for pieces in [vec![text(&padded)], vec![text(&reversed)], vec![text(&reversed), text(&padded[..step])], dealt] {
        let (whole, in_pieces) = (whole(&pieces), in_pieces(&pieces));
        assert!(whole.moments.len() > 5);
        assert_eq!(in_pieces, whole);
    }
}
