//! Documents and changes that contradict themselves.

use playhead_schemas::timeline::DefectCode::{BadTree, LimitReached, NoSnapshot, UnknownNode};
use playhead_schemas::timeline::Timeline;
use serde_json::{Value, json};

use super::{PAID, assert_defect, assert_paid, shop};
use crate::doc::Doc;
use crate::tape::{PAGE, Tape, actions, codes, count};

fn element(id: u32, tag: &str) -> Value {
    json!({ "type": 2, "tagName": tag, "attributes": {}, "childNodes": [], "id": id })
}

fn add(parent: u32, next: Option<u32>, node: Value) -> Value {
    json!({ "parentId": parent, "nextId": next, "node": node })
}

const MANY: u32 = 5000;
const FIRST: u32 = 1000;

/// A list of `MANY` items and a button in each, told in the order that `arrange` makes.
fn long_list(arrange: impl Fn(&mut Vec<Value>)) -> Timeline {
    let (doc, mut tape) = shop();
    let list = doc.at("list");
    let mut adds = Vec::new();
    for i in 0..MANY {
        let (item, button) = (FIRST + 2 * i, FIRST + 2 * i + 1);
        adds.push(add(list, (i + 1 < MANY).then_some(item + 2), element(item, "li")));
        adds.push(add(item, None, element(button, "button")));
    }
    arrange(&mut adds);
    tape.adds(adds).wait(1000).click(FIRST + 2 * 1234 + 1);
    tape.timeline()
}

#[test]
fn thousands_of_adds_in_any_order_give_the_same_document() {
    type Arrange = fn(&mut Vec<Value>);
    let orders: [(&str, Arrange); 4] = [
        ("forward", |_| ()),
        ("backward", |adds| adds.reverse()),
        ("buttons first", |adds| adds.sort_by_key(|add| add["node"]["tagName"].as_str().map(str::to_owned))),
        ("shuffled", |adds| {
            adds.sort_by_key(|add| add["node"]["id"].as_u64().unwrap().wrapping_mul(2_654_435_761) % 65_537)
        }),
    ];
    for (order, arrange) in orders {
        let timeline = long_list(arrange);
        assert_eq!(codes(&timeline), [], "{order}");
        let target = timeline.moments.iter().find_map(|moment| moment.target.as_ref()).unwrap();
        assert_eq!((target.selector.as_str(), target.matches), ("#list > li:nth-of-type(1235) > button", 1), "{order}");
    }
}

/// Each new node under the one before: as deep as the mirror goes, and no deeper.
#[test]
fn a_chain_of_adds_ends_at_the_deepest_level() {
    const CHAIN: u32 = 60_000;
    for backward in [false, true] {
        let (doc, mut tape) = shop();
        let mut adds: Vec<Value> = (0..CHAIN)
            .map(|i| add(if i == 0 { doc.at("list") } else { FIRST + i - 1 }, None, element(FIRST + i, "div")))
            .collect();
        if backward {
            adds.reverse();
        }
        tape.adds(adds).wait(1000).click(doc.at("pay")).wait(3000).click(FIRST + CHAIN - 1);
        let timeline = tape.timeline();
        assert_defect(&timeline, LimitReached);
        assert_eq!(actions(&timeline)[0], PAID);
    }
}

#[test]
fn nodes_below_themselves_are_refused() {
    let (doc, mut tape) = shop();
    let list = doc.at("list");
    // Its own parent; its own parent by taking an id that is there; two that are each other's parent; a ring.
    tape.adds(vec![add(700, None, element(700, "div"))]);
    tape.adds(vec![add(list, None, element(list, "ul"))]);
    tape.adds(vec![add(702, None, element(701, "div")), add(701, None, element(702, "div"))]);
    tape.adds(vec![
        add(803, None, element(801, "div")),
        add(801, None, element(802, "div")),
        add(802, None, element(803, "div")),
    ]);
    tape.wait(500).click(doc.at("pay")).wait(500).click(701).wait(2000).click(803);
    let timeline = tape.timeline();
    assert_defect(&timeline, BadTree);
    assert_eq!(actions(&timeline)[0], PAID);
}

#[test]
fn an_ancestor_moved_into_its_own_inside_is_refused() {
    let doc = Doc::new("<div key=outer><div key=inner><button id=pay>Pay</button></div></div>");
    let mut tape = Tape::of(&doc);
    let (outer, inner) = (doc.at("outer"), doc.at("inner"));
    // A move is a removal and an add with the same id; here the new place is below the node itself.
    tape.mutation(json!({
        "removes": [{ "parentId": doc.at("body"), "id": outer }],
        "adds": [add(inner, None, element(outer, "div"))],
    }));
    tape.wait(500).click(doc.at("pay"));
    let timeline = tape.timeline();
    assert_eq!(actions(&timeline), [PAID]);
}

/// Two nodes that wait: the older one comes under the newer one first, and then the newer one would come under the
/// older one's child.
#[test]
fn a_node_that_waits_is_not_put_below_what_came_under_it() {
    let (doc, mut tape) = shop();
    let mut older = element(820, "div");
    older["childNodes"] = json!([element(821, "div")]);
    tape.adds(vec![add(830, None, older), add(821, Some(doc.at("pay")), element(830, "div"))]);
    tape.wait(500).click(doc.at("pay"));
    let timeline = tape.timeline();
    assert_defect(&timeline, BadTree);
    assert_eq!(actions(&timeline), [PAID]);
}

#[test]
fn changes_before_any_snapshot_are_told_once_and_the_next_snapshot_helps() {
    let (doc, _) = shop();
    let mut tape = Tape::default();
    tape.meta(PAGE).adds(vec![add(5, None, element(90, "p"))]);
    tape.click(doc.at("pay")).wait(1000).input(doc.at("name"), "Ada").wait(1000);
    tape.change(3, json!({ "id": 1, "x": 0, "y": 500 })).wait(1000);
    tape.load(PAGE, &doc).wait(2000).click(doc.at("pay"));
    let timeline = tape.timeline();
    assert_eq!(count(&timeline, NoSnapshot), 1);
    assert!(timeline.coverage.starts_without_snapshot);
    let told = actions(&timeline);
    assert_eq!(told.first().map(String::as_str), Some("click ?"), "{told:?}");
    assert_eq!(told.last().map(String::as_str), Some(PAID), "{told:?}");
}

#[test]
fn a_document_without_its_root_goes_on() {
    let (doc, mut tape) = shop();
    tape.click(doc.at("pay")).wait(1000);
    // The element html, then the document itself, which has no parent.
    tape.mutation(json!({ "removes": [{ "parentId": 1, "id": 3 }, { "parentId": 0, "id": 1 }] }));
    tape.adds(vec![add(3, None, element(90, "p")), add(1, None, element(91, "html"))]);
    tape.attributes(doc.at("pay"), json!({ "disabled": "" })).wait(1000);
    tape.click(doc.at("pay")).wait(1000).load(PAGE, &doc).wait(1000).click(doc.at("pay"));
    let told = actions(&tape.timeline());
    assert_eq!(told.first().map(String::as_str), Some(PAID), "{told:?}");
    assert_eq!(told.last().map(String::as_str), Some(PAID), "{told:?}");
}

#[test]
fn changes_of_removed_and_unknown_nodes_are_counted() {
    let (doc, mut tape) = shop();
    let list = doc.at("list");
    tape.mutation(json!({ "removes": [{ "parentId": doc.at("body"), "id": list }] }));
    let known = codes(&tape.timeline());
    assert_eq!(known, []);
    tape.mutation(json!({
        "removes": [{ "parentId": 1, "id": 9999 }, { "parentId": 1, "id": list }, { "id": null }, 7],
        "texts": [{ "id": 9998, "value": "x" }, { "id": list, "value": "x" }, {}],
        "attributes": [{ "id": 9997, "attributes": { "class": "x" } }, { "id": list, "attributes": { "hidden": "" } }, null],
        "adds": [add(9996, None, element(500, "p")), add(list, Some(9995), element(501, "p")), {"parentId": 3}, "x"],
    }));
    tape.wait(500).click(doc.at("pay"));
    let timeline = tape.timeline();
    assert_eq!(codes(&timeline), [UnknownNode]);
    assert!(count(&timeline, UnknownNode) >= 8, "{:?}", timeline.defects);
    assert_paid(&timeline);
}

#[test]
fn ids_of_every_size_and_shape_are_taken_or_passed_over() {
    let (doc, mut tape) = shop();
    let list = doc.at("list");
    for id in [
        "0",
        "-1",
        "1.5",
        "16000001",
        "4294967295",
        "4294967296",
        "1e18",
        "-1e300",
        "\"12\"",
        "\"x\"",
        "null",
        "[]",
        "true",
        "NaN",
    ] {
        let text = json!({ "adds": [add(list, None, element(77, "p"))], "removes": [{ "parentId": 3, "id": 77 }] })
            .to_string();
        let id: Value = serde_json::from_str(id).unwrap_or(json!("NaN"));
        let text = text.replace("77", &id.to_string());
        tape.mutation(serde_json::from_str(&text).unwrap());
        tape.change(2, json!({ "type": 2, "id": id })).change(5, json!({ "id": id, "text": "x", "isChecked": false }));
        tape.change(3, json!({ "id": id, "x": 1, "y": 1 })).wait(50);
    }
    tape.wait(3000).click(doc.at("pay"));
    assert_eq!(actions(&tape.timeline()).last().map(String::as_str), Some(PAID));
}

/// The second node of one id takes the place of the first.
#[test]
fn duplicate_ids_leave_one_node() {
    let (doc, mut tape) = shop();
    let body = doc.at("body");
    let named = |name: &str| json!({ "type": 2, "tagName": "button", "attributes": { "aria-label": name }, "childNodes": [], "id": 600 });
    tape.adds(vec![add(body, None, named("One")), add(body, None, named("Two"))]).wait(100).click(600);
    let timeline = tape.timeline();
    assert_eq!(actions(&timeline), ["click button \"Two\""]);
    let selector = &timeline.moments.iter().find_map(|m| m.target.as_ref()).unwrap();
    assert_eq!(selector.matches, 1);
}

/// Found by fuzzing: with the document's place everything below it was lost.
#[test]
fn a_node_that_takes_the_documents_id_is_not_the_document() {
    let (doc, mut tape) = shop();
    tape.adds(vec![add(doc.at("body"), None, element(1, "p"))]).wait(100).click(doc.at("pay"));
    let timeline = tape.timeline();
    assert_eq!(actions(&timeline), [PAID]);
    assert_eq!(timeline.moments.iter().find_map(|m| m.target.as_ref()).unwrap().selector, "#pay");
}

/// Found by fuzzing: such names broke lines and selectors.
#[test]
fn names_that_no_element_can_have_are_as_rrweb_writes_them() {
    let (doc, mut tape) = shop();
    let odd = |id: u32, tag: &str| add(doc.at("body"), None, element(id, tag));
    tape.adds(vec![odd(600, "x-row"), odd(601, "b\nutton"), odd(602, "a > b"), odd(603, "svg:a")]).wait(100);
    for id in 600..604 {
        tape.click(id).wait(3000);
    }
    let timeline = tape.timeline();
    let tags: Vec<&str> = timeline.moments.iter().filter_map(|m| m.target.as_ref()).map(|t| t.tag.as_str()).collect();
    assert_eq!(tags, ["x-row", "div", "div", "svg:a"]);
}

/// Thousands of siblings without a mark of their own, clicked on again and again: the time for each
/// click must not grow with their square.
#[test]
fn clicks_in_a_flat_document_are_cheap() {
    const ROWS: u32 = 30_000;
    let (doc, mut tape) = shop();
    let body = doc.at("body");
    tape.adds((0..ROWS).map(|i| add(body, None, element(FIRST + i, "div"))).collect()).wait(100);
    for i in 0..40 {
        tape.click(FIRST + i * 700).wait(1500);
    }
    let timeline = tape.timeline();
    assert_eq!(actions(&timeline).len(), 40);
    let last = timeline.moments.iter().rev().find_map(|m| m.target.as_ref()).unwrap();
    assert_eq!((last.selector.as_str(), last.matches), ("html > body > div:nth-of-type(27301)", 1));
}
