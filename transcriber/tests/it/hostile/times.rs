//! Times that no clock gave.

use playhead_schemas::timeline::DefectCode::{BadTimestamp, OutOfOrder};
use playhead_schemas::timeline::MomentKind;

use super::{PAID, assert_defect, assert_paid, one_click, shop};
use crate::tape::{START, actions, codes, rrweb};

#[test]
fn events_without_a_usable_time_keep_their_place() {
    let (doc, mut tape) = shop();
    tape.click(doc.at("pay")).wait(1500).typed(doc.at("name"), "Ada").wait(1500).click(doc.at("pay"));
    let json = tape.json();
    let third = START + 2060 + 1500 + 200 + 80;
    let wanted = format!("\"timestamp\":{third}");
    assert!(json.contains(&wanted), "the second letter is typed then");
    for time in ["NaN", "\"soon\"", "null", "{}", "[1]", "1e300", "-1e300", "-5", "0", "1e999", "\"\"", "true", "17"] {
        let done = rrweb(&[json.replace(&wanted, &format!("\"timestamp\":{time}")).as_bytes()]);
        assert_eq!(actions(&done.timeline), [PAID, "input textbox \"Name\" = \"Ada\"", PAID], "{time}");
        assert_eq!(codes(&done.timeline), [BadTimestamp], "{time}");
    }
    let without = json.replace(&format!(",{wanted}"), "").replace(&format!("{wanted},"), "");
    assert_ne!(without, json);
    assert_eq!(codes(&rrweb(&[without.as_bytes()]).timeline), [BadTimestamp]);
}

#[test]
fn times_in_seconds_and_in_quotes_are_understood() {
    let json = one_click();
    for (from, to) in [
        (format!("\"timestamp\":{START}"), "\"timestamp\":\"1700000000000\""),
        (format!("\"timestamp\":{START}"), "\"timestamp\":1700000000"),
    ] {
        let done = rrweb(&[json.replace(&from, to).as_bytes()]);
        assert_eq!(codes(&done.timeline), [], "{to}");
        assert_paid(&done.timeline);
    }
}

#[test]
fn a_recording_whose_every_time_is_absurd_is_transcribed() {
    let json = one_click();
    for time in ["1e300", "-1e300", "9007199254740993", "0", "null", "-8640000000000001", "1e18"] {
        let mut text = json.clone();
        for at in [0, 2000, 2060, 5060] {
            text = text.replace(&format!("\"timestamp\":{}", START + at), &format!("\"timestamp\":{time}"));
        }
        let done = rrweb(&[text.as_bytes()]);
        assert!(done.timeline.moments.iter().any(|m| m.kind == MomentKind::Click), "{time}: {:?}", done.timeline);
        assert!(done.timeline.replay.duration_ms < 1000, "{time}: {:?}", done.timeline.replay);
        assert!(done.summary.contains("click"), "{time}");
    }
}

#[test]
fn time_running_backwards_is_told_and_put_in_order() {
    let (doc, mut tape) = shop();
    tape.click(doc.at("pay")).wait(1500).typed(doc.at("name"), "Ada").wait(1500).click(doc.at("pay"));
    let straight = tape.timeline();
    tape.events.reverse();
    let text = serde_json::to_string(&tape.events).unwrap();
    let done = rrweb(&[text.as_bytes()]);
    assert_defect(&done.timeline, OutOfOrder);
    // What stands at one millisecond keeps the order of the text, so a reversed click has no press.
    assert!(done.timeline.moments.windows(2).all(|pair| pair[0].t_ms <= pair[1].t_ms));
    assert_eq!(done.timeline.replay.started_at_ms, straight.replay.started_at_ms);
    assert!(
        actions(&done.timeline).contains(&"input textbox \"Name\" = \"Ada\"".to_owned()),
        "{:?}",
        actions(&done.timeline)
    );
}

/// Two segments whose clocks overlap, the later one first.
#[test]
fn segments_out_of_order_give_the_same_moments() {
    let (doc, mut tape) = shop();
    tape.click(doc.at("pay")).wait(1500).typed(doc.at("name"), "Ada").wait(1500).click(doc.at("pay"));
    let (early, late) = tape.events.split_at(8);
    let (early, late) = (serde_json::to_string(early).unwrap(), serde_json::to_string(late).unwrap());
    let straight = rrweb(&[early.as_bytes(), late.as_bytes()]).timeline;
    let swapped = rrweb(&[late.as_bytes(), early.as_bytes()]).timeline;
    assert_eq!(swapped.moments, straight.moments);
    assert_eq!(codes(&straight), []);
    assert_eq!(codes(&swapped), [OutOfOrder]);
}
