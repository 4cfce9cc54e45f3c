use std::fmt::Write;

use playhead_json::Cursor;
use serde_json::{Value, json};

use super::super::apply::{Applied, Changes, mutation};
use super::super::name::{name, scope_of};
use super::super::{AttrName, Mirror, NodeIndex, NodeKind, Tags};
use super::doc::Doc;
use super::mirror_of;

/// A document under test, with the changes of its last mutation.
struct Page {
    doc: Doc,
    mirror: Mirror,
    changes: Changes,
}

impl Page {
    fn new(body: &str) -> Self {
        let doc = Doc::new(body);
        Self { mirror: mirror_of(&doc.node()), doc, changes: Changes::default() }
    }

    fn mutate(&mut self, data: Value) -> Applied {
        let text = data.to_string();
        let mut cursor = Cursor::new(text.as_bytes());
        cursor.object().unwrap();
        self.changes.clear();
        mutation(&mut self.mirror, &mut cursor, &mut self.changes).unwrap()
    }

    fn node(&self, key: &str) -> NodeIndex {
        self.mirror.by_id(self.doc.at(key)).unwrap()
    }

    /// The body as `tag#id(children)` and texts.
    fn body(&self) -> String {
        let mut out = String::new();
        self.write(self.node("body"), &mut out);
        out
    }

    fn write(&self, nx: NodeIndex, out: &mut String) {
        match self.mirror.node(nx).kind {
            NodeKind::Text => write!(out, "{:?}", self.mirror.text(nx)).unwrap(),
            NodeKind::Document => out.push_str("document"),
            _ => out.push_str(self.mirror.tag(nx)),
        }
        if let Some(id) = self.mirror.attr(nx, AttrName::Id) {
            write!(out, "#{id}").unwrap();
        }
        let children: Vec<NodeIndex> = self.mirror.children(nx).collect();
        if !children.is_empty() {
            out.push('(');
            for (i, child) in children.iter().enumerate() {
                if i > 0 {
                    out.push(' ');
                }
                self.write(*child, out);
            }
            out.push(')');
        }
    }
}

fn element(id: u32, tag: &str) -> Value {
    json!({ "type": 2, "tagName": tag, "attributes": {}, "childNodes": [], "id": id })
}

fn add(parent: u32, next: Option<u32>, node: Value) -> Value {
    json!({ "parentId": parent, "nextId": next, "node": node })
}

/// As rrweb tells a list that a script takes elsewhere and fills anew in one go.
#[test]
fn children_of_a_node_that_moves_may_be_told_before_it() {
    let mut page = Page::new("<div id=old><ul id=list><li key=gone>x</li></ul></div><div id=new></div>");
    let (list, gone) = (page.doc.at("list"), page.doc.at("gone"));
    let (old, new) = (page.doc.at("old"), page.doc.at("new"));
    let applied = page.mutate(json!({
        "texts": [], "attributes": [],
        "removes": [{ "parentId": old, "id": list }],
        "adds": [
            add(list, None, element(901, "i")),
            add(list, Some(901), element(900, "b")),
            add(new, None, element(list, "ul")),
        ],
    }));
    assert_eq!(page.body(), "body(div#old div#new(ul(b i)))");
    assert_eq!(applied.unknown, 0);
    assert!(page.mirror.node(page.mirror.by_id(900).unwrap()).attached);
    assert!(page.mirror.by_id(gone).is_none_or(|nx| !page.mirror.node(nx).attached));
}

#[test]
fn adds_go_where_their_sibling_is() {
    #[allow(clippy::type_complexity)]
    let table: [(&str, fn(u32, u32, u32) -> Vec<Value>, &str); 11] = [
        ("last", |body, _, _| vec![add(body, None, element(90, "i"))], "body(p#a p#b i)"),
        ("before b", |body, _, b| vec![add(body, Some(b), element(90, "i"))], "body(p#a i p#b)"),
        ("before a", |body, a, _| vec![add(body, Some(a), element(90, "i"))], "body(i p#a p#b)"),
        (
            "after a, in the old form",
            |body, a, _| vec![json!({ "parentId": body, "nextId": -1, "previousId": a, "node": element(90, "i") })],
            "body(p#a i p#b)",
        ),
        (
            "the sibling comes later",
            |body, _, _| vec![add(body, Some(91), element(90, "i")), add(body, None, element(91, "b"))],
            "body(p#a p#b i b)",
        ),
        (
            "the parent comes later",
            |body, a, _| vec![add(91, None, element(90, "i")), add(body, Some(a), element(91, "b"))],
            "body(b(i) p#a p#b)",
        ),
        (
            "three generations, youngest first",
            |body, _, _| {
                vec![
                    add(91, None, element(90, "i")),
                    add(92, None, element(91, "b")),
                    add(body, None, element(92, "u")),
                ]
            },
            "body(p#a p#b u(b(i)))",
        ),
        (
            "a sibling that never comes: last",
            |body, _, _| vec![add(body, Some(99), element(90, "i"))],
            "body(p#a p#b i)",
        ),
        (
            "what waits for one whose sibling never comes: in order",
            |body, _, _| {
                let (i, b, u) = (element(90, "i"), element(91, "b"), element(92, "u"));
                vec![add(body, Some(99), u), add(body, Some(92), b), add(body, Some(91), i)]
            },
            "body(p#a p#b i b u)",
        ),
        (
            "a sibling that is elsewhere never comes: last",
            |body, a, _| vec![add(body, Some(91), element(90, "i")), add(a, None, element(91, "b"))],
            "body(p#a(b) p#b i)",
        ),
        ("a parent that never comes: dropped", |_, _, _| vec![add(99, None, element(90, "i"))], "body(p#a p#b)"),
    ];
    for (what, adds, wanted) in table {
        let mut page = Page::new("<p id=a></p><p id=b></p>");
        let (body, a, b) = (page.doc.at("body"), page.doc.at("a"), page.doc.at("b"));
        let applied = page.mutate(json!({ "adds": adds(body, a, b) }));
        assert_eq!(page.body(), wanted, "{what}");
        assert_eq!(applied.unknown, u32::from(what.contains("never")), "{what}");
        assert_eq!(applied.cycles, 0, "{what}");
    }
}

#[test]
fn only_the_tops_of_what_came_are_told() {
    let mut page = Page::new("<p id=a></p>");
    let adds = page.doc.adds("a", "<ul id=list><li>1</li><li>2</li></ul><b id=b>3</b>");
    page.mutate(json!({ "adds": adds }));
    assert_eq!(page.body(), "body(p#a(ul#list(li(\"1\") li(\"2\")) b#b(\"3\")))");
    assert_eq!(page.changes.added, [page.node("list"), page.node("b")]);
}

/// A move is a removal and an add with the same id; what is below comes with it, each node alone.
#[test]
fn moves_keep_what_is_below() {
    let mut page = Page::new("<ul id=list><li id=one>1</li><li id=two>2</li><li id=three>3</li></ul>");
    let (list, one, three) = (page.doc.at("list"), page.doc.at("one"), page.doc.at("three"));
    let item = json!({ "type": 2, "tagName": "li", "attributes": { "id": "three" }, "childNodes": [], "id": three });
    let text = json!({ "type": 3, "textContent": "3", "id": three + 1 });
    page.mutate(json!({
        "removes": [{ "parentId": list, "id": three }],
        "adds": [add(list, Some(one), item), add(three, None, text)],
    }));
    assert_eq!(page.body(), "body(ul#list(li#three(\"3\") li#one(\"1\") li#two(\"2\")))");
    assert_eq!(page.changes.added, [page.node("three")]);
    assert_eq!(page.changes.removed.len(), 1);
}

/// Two recorders on a page share their ids: the second tells an element again, without what is in it.
#[test]
fn elements_that_are_told_twice_keep_their_children() {
    let mut page = Page::new("<div id=card><b>Total</b> £3</div>");
    let card = page.doc.at("card");
    let again = json!({ "type": 2, "tagName": "div", "attributes": { "id": "card" }, "childNodes": [], "id": card });
    page.mutate(json!({ "adds": [add(page.doc.at("body"), None, again)] }));
    assert_eq!(page.body(), "body(div#card(b(\"Total\") \" £3\"))");
    // Another element under that id is another element.
    page.mutate(json!({ "adds": [add(page.doc.at("body"), None, element(card, "p"))] }));
    assert_eq!(page.body(), "body(p)");
}

#[test]
fn removals_take_out_what_is_below() {
    let mut page = Page::new("<div id=a><p id=b><i id=c>1</i></p></div>");
    let (body, a, b) = (page.doc.at("body"), page.doc.at("a"), page.doc.at("b"));
    let (inner, outer) = (page.node("c"), page.node("a"));
    let removes = json!([{ "parentId": body, "id": a }, { "parentId": a, "id": b }, { "parentId": a, "id": b }]);
    let applied = page.mutate(json!({ "removes": removes }));
    assert_eq!((page.body().as_str(), applied.unknown), ("body", 0));
    assert!(!page.mirror.node(inner).attached);
    // Its inside is still readable: it is part of what went.
    assert_eq!(page.changes.removed, [outer]);
    assert_eq!(page.mirror.text(page.mirror.first_child(inner).unwrap()), "1");
}

#[test]
fn texts_and_attributes_change() {
    let mut page = Page::new("<button id=b class=big disabled title=Hint>Pay</button>");
    let b = page.doc.at("b");
    page.mutate(json!({
        "texts": [{ "id": b + 1, "value": "Wait" }, { "id": b + 1, "value": "Paid" }],
        "attributes": [{ "id": b, "attributes": { "disabled": null, "title": "Now", "aria-busy": true, "tabindex": 3, "hidden": false, "onx": "1" } }],
    }));
    let (nx, mirror) = (page.node("b"), &page.mirror);
    assert_eq!(name(mirror, nx).as_deref(), Some("Paid"));
    let attr = |name| mirror.attr(nx, name);
    assert_eq!(
        [
            AttrName::Disabled,
            AttrName::Title,
            AttrName::AriaBusy,
            AttrName::TabIndex,
            AttrName::Hidden,
            AttrName::Class
        ]
        .map(attr),
        [None, Some("Now"), Some(""), Some("3"), None, Some("big")]
    );
    let old: Vec<(AttrName, Option<&str>)> =
        page.changes.attrs.iter().map(|(_, name, old)| (*name, old.map(|old| page.mirror.slice(old)))).collect();
    assert!(old.contains(&(AttrName::Title, Some("Hint"))) && old.contains(&(AttrName::Disabled, Some(""))), "{old:?}");
    assert_eq!(page.mirror.slice(page.changes.texts[0].1), "Pay");
}

#[test]
fn styles_hide_and_show() {
    for (style, hidden) in [
        (json!("color: red; display: none"), true),
        (json!({ "display": "none" }), true),
        (json!({ "display": ["none", "important"] }), true),
        (json!({ "visibility": "hidden" }), true),
        (json!({ "color": "red" }), false),
        (json!("display: block"), false),
        (json!(null), false),
    ] {
        let mut page = Page::new("<p id=p>1</p>");
        let p = page.doc.at("p");
        page.mutate(json!({ "attributes": [{ "id": p, "attributes": { "style": style } }] }));
        assert_eq!(page.mirror.node(page.node("p")).style_hidden, hidden, "{style}");
        assert_eq!(page.changes.hidden.len(), usize::from(hidden), "{style}");
        page.mutate(json!({ "attributes": [{ "id": p, "attributes": { "style": { "display": false, "visibility": "visible" } } }] }));
        assert!(!page.mirror.node(page.node("p")).style_hidden, "{style}");
    }
}

#[test]
fn documents_are_attached_to_frames() {
    let mut page = Page::new("<iframe id=f></iframe>");
    let frame = page.doc.frame("f", "<p id=p>In</p>");
    page.mutate(json!({ "adds": [frame], "isAttachIframe": true }));
    let p = page.node("p");
    assert!(page.mirror.node(p).attached);
    let scope = scope_of(&page.mirror, p).unwrap();
    assert_eq!(page.mirror.parent(scope), Some(page.node("f")));
}

#[test]
fn ids_are_found_however_far_apart_they_are() {
    let mut page = Page::new("<p id=p></p>");
    let p = page.doc.at("p");
    // From above, so that lists grow over ids that were far away.
    let ids: Vec<u32> = (0..14).rev().map(|power| 10 + 3u32.pow(power)).chain([15_999_999, 60_000, 20_000]).collect();
    let adds: Vec<Value> = ids.iter().map(|id| add(p, None, element(*id, "i"))).collect();
    page.mutate(json!({ "adds": adds }));
    let many: Vec<Value> = (0..20_000).map(|i| add(p, None, element(70_000 + i, "b"))).collect();
    page.mutate(json!({ "adds": many }));
    for id in ids {
        assert_eq!(page.mirror.by_id(id).map(|nx| page.mirror.node(nx).id), Some(id));
    }
    assert_eq!(page.mirror.by_id(89_999).map(|nx| page.mirror.tag(nx)), Some("b"));
    assert_eq!(page.mirror.by_id(90_000), None);
}

/// What nothing refers to any more is swept out, and what is left stays right.
#[test]
fn texts_survive_sweeping() {
    let mut page = Page::new("<p id=p title=Title>1</p><p id=q>2</p>");
    let (text, long) = (page.doc.at("p") + 1, "x".repeat(3000));
    for i in 0..12_000 {
        page.mutate(json!({ "texts": [{ "id": text, "value": format!("{i} {long}") }] }));
    }
    let mirror = &page.mirror;
    assert!(mirror.text(mirror.by_id(text).unwrap()).starts_with("11999 xxx"));
    assert_eq!(mirror.attr(page.node("p"), AttrName::Title), Some("Title"));
    assert_eq!(mirror.text(mirror.first_child(page.node("q")).unwrap()), "2");
    assert_eq!(mirror.tag(page.node("q")), "p");
    assert!(mirror.slice(page.changes.texts[0].1).starts_with("11998 xxx"));
}

/// Chains of tags, texts and attributes lead to what is left when the rest was forgotten, each once.
#[test]
fn what_is_left_is_found_when_the_rest_is_forgotten() {
    let mut page = Page::new("<p id=p title=Title>1</p><x-y id=q role=row>2</x-y>");
    let (body, first) = (page.doc.at("body"), 50_000);
    for round in 0..20 {
        let ids = first + round * 1000..first + round * 1000 + 1000;
        let adds: Vec<Value> = ids.clone().map(|id| add(body, None, element(id, "p"))).collect();
        page.mutate(json!({ "adds": adds }));
        if round > 0 {
            let removes: Vec<Value> = ids.map(|id| json!({ "parentId": body, "id": id })).collect();
            page.mutate(json!({ "removes": removes }));
        }
    }
    let mut late = element(90_000, "i");
    (late["attributes"], late["childNodes"]) =
        (json!({ "title": "Late", "role": "cell" }), json!([{ "type": 3, "textContent": " 3 ", "id": 90_001 }]));
    page.mutate(json!({ "adds": [add(body, None, late)] }));
    let before = page.mirror.len();
    assert!(page.mirror.collect(std::iter::empty()).is_some() && page.mirror.len() < before / 4);
    let mirror = &page.mirror;
    let late = |id: u32| mirror.by_id(id).unwrap();
    assert_eq!(
        (mirror.with_attr(AttrName::Title, "Late"), mirror.texts_of("3")),
        (vec![late(90_000)], vec![late(90_001)])
    );
    let paragraphs: std::collections::HashSet<NodeIndex> = mirror.elements_of(Tags::of(["p"]), false).collect();
    assert_eq!((paragraphs.len(), mirror.elements_of(Tags::of(["p"]), false).count()), (1001, 1001));
    assert_eq!(mirror.elements_of(Tags::of(["table"]), true).collect::<Vec<_>>(), [page.node("q"), late(90_000)]);
    assert_eq!(mirror.elements_of(Tags::of(["x-y"]), false).collect::<Vec<_>>(), [page.node("q")]);
    assert_eq!(mirror.with_attr(AttrName::Title, "Title"), [page.node("p")]);
    assert_eq!(mirror.texts_of("2"), [mirror.first_child(page.node("q")).unwrap()]);
}
