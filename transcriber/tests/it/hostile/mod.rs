//! Input that is broken or was made to break: each gives the defect that names it, and what is valid
//! around it is transcribed.

mod bytes;
mod memory;
mod text;
mod times;
mod tree;
mod windows;

use std::io::Write;

use playhead_schemas::timeline::{DefectCode, Timeline};

use crate::doc::Doc;
use crate::tape::{Tape, actions, count};

/// A shop with a button to pay, and its load followed by a click on that button.
fn shop() -> (Doc, Tape) {
    let doc = Doc::new("<button id=pay>Pay</button><input id=name aria-label=Name><ul id=list></ul>");
    let tape = Tape::of(&doc);
    (doc, tape)
}

/// A recording that is a load and one click, as JSON.
fn one_click() -> String {
    let (doc, mut tape) = shop();
    tape.click(doc.at("pay")).wait(3000).change(1, serde_json::json!({ "positions": [] }));
    tape.json()
}

/// What [`one_click`] tells.
const PAID: &str = "click button \"Pay\"";

fn assert_paid(timeline: &Timeline) {
    assert_eq!(actions(timeline), [PAID], "{:?}", timeline.defects);
}

fn assert_defect(timeline: &Timeline, code: DefectCode) {
    assert!(count(timeline, code) > 0, "no {code:?} in {:?}", timeline.defects);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

/// Bytes as the characters U+0000 to U+00FF of a JSON string, as packers write them.
fn latin1(bytes: &[u8]) -> String {
    let text: String = bytes.iter().copied().map(char::from).collect();
    serde_json::to_string(&text).unwrap()
}
