//! Names, roles, selectors and changes over small documents, written as HTML.
#![allow(clippy::unwrap_used)]

mod apply;
#[path = "../../../tests/it/doc.rs"]
mod doc;
mod editor;
mod message;
mod name;
mod role;
mod selector;

use playhead_json::Cursor;
use serde_json::Value;

use super::build::{self, BuildNotes};
use super::{Mirror, NodeIndex};
use doc::Doc;

/// The mirror of a serialised document.
fn mirror_of(node: &Value) -> Mirror {
    let text = node.to_string();
    let mut mirror = Mirror::default();
    let root = build::node(&mut mirror, &mut Cursor::new(text.as_bytes()), &mut BuildNotes::default());
    mirror.set_root(root.unwrap().unwrap());
    mirror
}

/// A mirror, and the node that its HTML calls `x`.
fn at_x(body: &str) -> (Mirror, NodeIndex) {
    let doc = Doc::new(body);
    let mirror = mirror_of(&doc.node());
    let x = mirror.by_id(doc.at("x")).unwrap();
    (mirror, x)
}
