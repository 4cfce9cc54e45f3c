//! More windows than a person opens.

use playhead_schemas::timeline::DefectCode::LimitReached;

use super::{PAID, assert_defect};
use crate::doc::Doc;
use crate::tape::{Tape, actions};

#[test]
fn thousands_of_windows_become_a_bounded_number() {
    let doc = Doc::new("<button id=pay>Pay</button>");
    let mut tape = Tape::default();
    for i in 0..3000 {
        tape.window = Some(format!("window-{i}"));
        tape.load("http://shop.test/", &doc).wait(2000);
    }
    tape.window = Some("window-7".to_owned());
    tape.click(doc.at("pay"));
    let timeline = tape.timeline();
    assert_eq!(timeline.replay.windows, 64);
    assert_defect(&timeline, LimitReached);
    assert_eq!(actions(&timeline), [PAID]);
    assert_eq!(timeline.moments.iter().find(|m| m.target.is_some()).unwrap().window.to_string(), "w8");
}

#[test]
fn windows_with_equal_ids_are_kept_apart() {
    let (one, two) = (Doc::new("<button key=b>Save</button>"), Doc::new("<button key=b>Delete</button>"));
    let mut tape = Tape::default();
    for (name, doc) in [("a", &one), ("b", &two)] {
        tape.window = Some(name.to_owned());
        tape.load("http://shop.test/", doc).wait(10);
    }
    tape.wait(2000);
    for name in ["a", "b", "a"] {
        tape.window = Some(name.to_owned());
        tape.click(one.at("b")).wait(1500);
    }
    assert_eq!(
        actions(&tape.timeline()),
        ["click button \"Save\"", "click button \"Delete\"", "click button \"Save\""]
    );
}
