//! What a capture lacks is said, and where it makes a line doubtful the line says so.

use playhead_schemas::timeline::{DefectCode, Doubt, Gap, GapReason, Moment, Source, Timeline};
use playhead_schemas::{SegmentNo, Stream};
use playhead_transcriber::{Options, SegmentInput, render, transcribe};
use serde_json::json;

use crate::doc::Doc;
use crate::tape::{Tape, codes, rrweb};

const SHOP: &str = "<button id=pay>Pay</button><input id=name aria-label=Name><p id=total>£3</p>";

fn action(timeline: &Timeline) -> &Moment {
    timeline.moments.iter().find(|moment| moment.kind.is_action()).unwrap()
}

/// The events of a tape cut at these times, as segments with these numbers.
fn segments(tape: &Tape, cuts: &[i64], numbers: &[u32]) -> Timeline {
    let at = |event: &serde_json::Value| event["timestamp"].as_i64().unwrap() - crate::tape::START;
    let piece = |from: i64, to: i64| -> Vec<u8> {
        let events: Vec<_> = tape.events.iter().filter(|event| (from..to).contains(&at(event))).collect();
        serde_json::to_vec(&events).unwrap()
    };
    let mut bounds = vec![i64::MIN];
    bounds.extend(cuts);
    bounds.push(i64::MAX);
    let pieces: Vec<Vec<u8>> = bounds.windows(2).map(|pair| piece(pair[0], pair[1])).collect();
    let inputs: Vec<SegmentInput<'_>> = pieces
        .iter()
        .zip(numbers)
        .map(|(bytes, n)| SegmentInput { n: SegmentNo(*n), stream: Stream::Rrweb, window: None, bytes })
        .collect();
    transcribe(&inputs, &Options::default()).timeline
}

#[test]
fn a_missing_segment_is_a_gap_and_makes_lines_around_it_doubtful() {
    let mut doc = Doc::new(SHOP);
    let mut tape = Tape::of(&doc);
    tape.click(doc.at("pay")).wait(1000);
    let total = doc.at("total");
    tape.mutation(json!({ "texts": [{ "id": total + 1, "value": "£9" }] })).wait(7000);
    tape.click(doc.at("pay")).wait(200).adds(doc.adds("body", "<p role=alert>Paid</p>")).wait(3000);
    tape.meta(crate::tape::PAGE).snapshot(&doc).wait(1000).click(doc.at("pay")).wait(200);
    tape.adds(doc.adds("body", "<p role=alert>Paid again</p>")).wait(3000);

    let whole = segments(&tape, &[5000], &[0, 1]);
    assert_eq!(whole.coverage.gaps, []);
    assert!(whole.moments.iter().all(|m| !m.doubts.iter().any(|d| matches!(d, Doubt::AfterGap | Doubt::BeforeGap))));

    let broken = segments(&tape, &[5000], &[0, 2]);
    assert_eq!(broken.coverage.missing_segments, [1]);
    assert_eq!(codes(&broken), [DefectCode::MissingSegment]);
    let [gap] = &broken.coverage.gaps[..] else { panic!("{:?}", broken.coverage.gaps) };
    assert_eq!(*gap, Gap { from_ms: 3060, to_ms: 10_060, reason: GapReason::MissingSegment });
    let clicks: Vec<_> = broken.moments.iter().filter(|m| m.kind.is_action()).map(|m| &m.doubts[..]).collect();
    // The last one comes after a snapshot of its own.
    assert_eq!(clicks, [&[Doubt::BeforeGap][..], &[Doubt::AfterGap], &[]]);
    assert!(action(&broken).text.contains("(unsure: what came next was not recorded)"), "{}", action(&broken).text);
}

#[test]
fn a_paused_recorder_is_a_gap() {
    let doc = Doc::new(SHOP);
    let mut tape = Tape::of(&doc);
    let custom = |tag: &str| json!({ "tag": tag, "payload": {} });
    tape.event(5, custom("recording paused")).wait(60_000).event(5, custom("recording resumed"));
    tape.wait(100).click(doc.at("pay")).wait(8000);
    let timeline = tape.timeline();
    assert_eq!(timeline.coverage.gaps, [Gap { from_ms: 2000, to_ms: 62_000, reason: GapReason::Paused }]);
    assert!(action(&timeline).doubts.contains(&Doubt::AfterGap));
    assert!(render::detailed(&timeline).contains("1 min 0 s from 00:02.0 (paused)"), "{}", render::detailed(&timeline));
}

#[test]
fn changes_before_a_snapshot_have_unknown_targets() {
    let doc = Doc::new(SHOP);
    let mut tape = Tape::default();
    tape.click(doc.at("pay")).wait(4000).load(crate::tape::PAGE, &doc).wait(1000).click(doc.at("pay")).wait(8000);
    let timeline = tape.timeline();
    assert!(timeline.coverage.starts_without_snapshot);
    assert_eq!(timeline.coverage.windows_without_snapshot, 0);
    let clicks: Vec<_> = timeline.moments.iter().filter(|m| m.kind.is_action()).collect();
    assert!(clicks[0].target.is_none() && clicks[0].doubts.contains(&Doubt::NoSnapshot));
    assert!(clicks[1].target.is_some() && !clicks[1].doubts.contains(&Doubt::NoSnapshot));
}

#[test]
fn a_window_that_never_had_a_snapshot_is_counted() {
    let doc = Doc::new(SHOP);
    let mut tape = Tape::default();
    tape.window.replace("first".into());
    tape.load(crate::tape::PAGE, &doc).wait(2000);
    tape.window = Some("second".into());
    tape.click(doc.at("pay")).wait(3000);
    let timeline = tape.timeline();
    assert_eq!(timeline.coverage.windows_without_snapshot, 1);
    assert!(render::detailed(&timeline).contains("the documents of 1 window"));
}

#[test]
fn a_recorder_that_had_been_running_is_told_by_its_ids() {
    let first = |doc: &Doc| {
        let mut tape = Tape::default();
        tape.load(crate::tape::PAGE, doc).wait(1000);
        tape.timeline().coverage.evicted
    };
    let mut doc = Doc::new(SHOP);
    assert!(!first(&doc));
    // What the page put in while it was recorded has later numbers than what stands after it.
    let mut node = doc.node();
    let late = json!({ "type": 2, "tagName": "p", "attributes": {}, "childNodes": [], "id": 900 });
    node["childNodes"][1]["childNodes"][1]["childNodes"].as_array_mut().unwrap().insert(0, late);
    let mut tape = Tape::default();
    tape.meta(crate::tape::PAGE).event(2, json!({ "node": node, "initialOffset": { "top": 0, "left": 0 } })).wait(1000);
    assert!(tape.timeline().coverage.evicted);
    // A checkout later on has such numbers too.
    let mut tape = Tape::of(&doc);
    tape.adds(doc.adds("body", "<p>More</p>")).wait(1000).meta(crate::tape::PAGE);
    tape.event(2, json!({ "node": node, "initialOffset": { "top": 0, "left": 0 } }));
    assert!(!tape.timeline().coverage.evicted);
}

#[test]
fn masked_blocked_truncated_and_out_of_order_are_said() {
    let doc = Doc::new("<input id=name aria-label=Name><div rr_width=10px rr_height=10px></div>");
    let mut tape = Tape::of(&doc);
    tape.typed(doc.at("name"), "*****").wait(500);
    let timeline = tape.timeline();
    assert!(timeline.coverage.masked);
    assert_eq!(timeline.coverage.blocked_elements, 1);
    assert!(!timeline.coverage.truncated);
    assert_eq!((timeline.coverage.console, timeline.coverage.network), (Source::None, Source::None));

    let events = tape.json();
    let few = Options { events_max: 4, ..Options::default() };
    assert!(crate::tape::rrweb_with(&[events.as_bytes()], &few).timeline.coverage.truncated);
    assert!(!rrweb(&[&events.as_bytes()[..events.len() / 2]]).timeline.defects.is_empty());

    let mut events = tape.events.clone();
    let last = events.len() - 1;
    events.swap(last, last - 2);
    let late = rrweb(&[serde_json::to_string(&events).unwrap().as_bytes()]).timeline;
    assert_eq!(late.coverage.out_of_order, 2);
    assert!(codes(&late).contains(&DefectCode::OutOfOrder));
}

#[test]
fn targets_are_told_by_themselves_when_the_document_was_looked_through_too_often() {
    let doc = Doc::new("<nav><button>Back</button></nav><main><h1>Till</h1><button id=pay>Pay</button></main>");
    let mut tape = Tape::of(&doc);
    for _ in 0..3 {
        tape.click(doc.at("pay")).wait(20_000);
    }
    tape.load("http://shop.test/more", &doc).wait(500).click(doc.at("pay"));
    let events = tape.json();
    let with = |node_visits_max: u64| {
        let options = Options { node_visits_max, ..Options::default() };
        let timeline = crate::tape::rrweb_with(&[events.as_bytes()], &options).timeline;
        let targets = timeline.moments.iter().filter_map(|moment| moment.target.as_ref());
        let told: Vec<(String, u32)> = targets
            .map(|of| (format!("{} {:?} {:?} {}", of.role, of.name, of.text, of.selector), of.matches))
            .collect();
        (told, codes(&timeline).contains(&DefectCode::LimitReached))
    };
    let (whole, at_a_glance) = ("button Some(\"Pay\") None #pay", "button None Some(\"Pay\") button");
    let told = |times: [bool; 4]| {
        times.map(|wide| (if wide { whole } else { at_a_glance }.to_owned(), u32::from(wide))).to_vec()
    };
    assert_eq!(with(u64::MAX), (told([true; 4]), false));
    // Enough for two looks at some fifteen nodes, and a new document brings no more.
    assert_eq!(with(40), (told([true, true, false, false]), true));
    assert_eq!(with(0), (told([false; 4]), true));
}

#[test]
fn silence_says_how_much_it_proves() {
    let doc = Doc::new(SHOP);
    let mut tape = Tape::of(&doc);
    tape.click(doc.at("pay")).wait(8000);
    let timeline = tape.timeline();
    assert_eq!(action(&timeline).doubts, [Doubt::NetworkUnknown]);
    assert!(action(&timeline).text.contains("(unsure: requests were not recorded)"), "{}", action(&timeline).text);
    let mut known = tape.clone();
    known.request("GET", "http://shop.test/x", 200, 5);
    assert_eq!(action(&known.timeline()).doubts, []);
    // The recording ends with the click.
    let mut tape = Tape::of(&doc);
    tape.click(doc.at("pay"));
    let timeline = tape.transcription().timeline;
    assert_eq!(action(&timeline).doubts, [Doubt::CutShort]);
    assert_eq!(action(&timeline).signals, []);
}
