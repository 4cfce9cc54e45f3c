//! Documents as rrweb serialises them, written as HTML. For tests of this crate, inside and out.
//!
//! The HTML must be well formed. `key="x"` names a node for the test and is left out of the document;
//! `<shadow>` holds the shadow root of the element around it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

const VOID: [&str; 6] = ["br", "hr", "img", "input", "link", "meta"];

/// A document: gives nodes their ids in order, as the recorder does, and finds them by `id` or `key`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Doc {
    node: Value,
    next: u32,
    keys: BTreeMap<String, u32>,
}

impl Doc {
    /// A whole document with this in its body.
    pub(crate) fn new(body: &str) -> Self {
        Self::titled("Shop", body)
    }

    /// A whole document with this title, and this in its body.
    pub(crate) fn titled(title: &str, body: &str) -> Self {
        let mut doc = Self::default();
        let id = doc.id();
        doc.node = doc.document(id, title, body);
        doc
    }

    /// The document as a full snapshot holds it.
    pub(crate) fn node(&self) -> Value {
        self.node.clone()
    }

    /// The rrweb id of the node with this `id` or `key`.
    pub(crate) fn at(&self, key: &str) -> u32 {
        *self.keys.get(key).unwrap_or_else(|| panic!("no node is called {key:?}"))
    }

    /// The entries of `adds` that put this HTML last into a parent: each node alone, parents first.
    pub(crate) fn adds(&mut self, parent: &str, html: &str) -> Vec<Value> {
        let parent = self.at(parent);
        let mut adds = Vec::new();
        flatten(parent, self.nodes(html), &mut adds);
        adds
    }

    /// The entry of `adds` that attaches the document of a frame.
    pub(crate) fn frame(&mut self, frame: &str, body: &str) -> Value {
        let parent = self.at(frame);
        let id = self.id();
        let mut document = self.document(id, "", body);
        document["rootId"] = json!(id);
        json!({ "parentId": parent, "nextId": null, "node": document })
    }

    fn document(&mut self, id: u32, title: &str, body: &str) -> Value {
        let html = format!("<html><head><title>{title}</title></head><body key=\"body\">{body}</body></html>");
        let doctype = json!({ "type": 1, "name": "html", "publicId": "", "systemId": "", "id": self.id() });
        let mut children = vec![doctype];
        children.extend(self.nodes(&html));
        json!({ "type": 0, "childNodes": children, "id": id })
    }

    fn id(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    /// The nodes of some HTML, with all that is below them.
    fn nodes(&mut self, html: &str) -> Vec<Value> {
        let mut open: Vec<(String, Value)> = vec![(String::new(), json!({ "childNodes": [] }))];
        let mut rest = html;
        while !rest.is_empty() {
            let start = rest.find('<').unwrap_or(rest.len());
            let (text, tail) = rest.split_at(start);
            if !text.trim().is_empty() {
                let node = json!({ "type": 3, "textContent": text, "id": self.id() });
                push(&mut open, node);
            }
            let Some(tail) = tail.strip_prefix('<') else { break };
            let end = tail.find('>').expect("a tag ends");
            let (tag, after) = (&tail[..end], &tail[end + 1..]);
            rest = after;
            if let Some(name) = tag.strip_prefix('/') {
                let (closed, node) = open.pop().expect("a tag was opened");
                assert_eq!(closed, name, "in {html}");
                close(&mut open, &closed, node);
                continue;
            }
            let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
            let node = self.element(name, attributes, open.iter().any(|(tag, _)| tag == "svg"));
            if VOID.contains(&name) {
                push(&mut open, node);
            } else {
                open.push((name.to_owned(), node));
            }
        }
        assert_eq!(open.len(), 1, "a tag is left open in {html}");
        let (_, mut top) = open.remove(0);
        top["childNodes"].as_array_mut().map(std::mem::take).unwrap_or_default()
    }

    fn element(&mut self, name: &str, attributes: &str, in_svg: bool) -> Value {
        // A shadow root is no node of its own in rrweb.
        if name == "shadow" {
            return json!({ "childNodes": [] });
        }
        let id = self.id();
        let mut kept = Map::new();
        for (name, value) in attributes_of(attributes) {
            if name == "id" || name == "key" {
                self.keys.insert(value.clone(), id);
            }
            if name != "key" {
                kept.insert(name, Value::String(value));
            }
        }
        let mut node = json!({ "type": 2, "tagName": name, "attributes": kept, "childNodes": [], "id": id });
        if in_svg || name == "svg" {
            node["isSVG"] = json!(true);
        }
        node
    }
}

fn push(open: &mut [(String, Value)], node: Value) {
    let (_, parent) = open.last_mut().expect("there is a parent");
    parent["childNodes"].as_array_mut().expect("it has children").push(node);
}

fn close(open: &mut [(String, Value)], tag: &str, mut node: Value) {
    if tag != "shadow" {
        push(open, node);
        return;
    }
    let (_, host) = open.last_mut().expect("a shadow root has a host");
    host["isShadowHost"] = json!(true);
    for mut child in node["childNodes"].as_array_mut().map(std::mem::take).unwrap_or_default() {
        child["isShadow"] = json!(true);
        push(open, child);
    }
}

/// `a="b c" d=e f` as names and values.
fn attributes_of(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let name_end = rest.find(['=', ' ']).unwrap_or(rest.len());
        let (name, tail) = rest.split_at(name_end);
        let Some(tail) = tail.strip_prefix('=') else {
            found.push((name.to_owned(), String::new()));
            rest = tail.trim_start();
            continue;
        };
        let (value, tail) = match tail.chars().next() {
            Some(quote @ ('"' | '\'')) => tail[1..].split_once(quote).expect("a quoted value ends"),
            _ => tail.split_once(' ').unwrap_or((tail, "")),
        };
        found.push((name.to_owned(), value.to_owned()));
        rest = tail.trim_start();
    }
    found
}

fn flatten(parent: u32, nodes: Vec<Value>, adds: &mut Vec<Value>) {
    for mut node in nodes {
        let below = node.get_mut("childNodes").and_then(Value::as_array_mut).map(std::mem::take);
        let id = node["id"].as_u64().and_then(|id| u32::try_from(id).ok()).expect("a node has an id");
        adds.push(json!({ "parentId": parent, "nextId": null, "node": node }));
        flatten(id, below.unwrap_or_default(), adds);
    }
}
