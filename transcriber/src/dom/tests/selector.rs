//! Every selector is checked against the serialised document itself, by a matcher that shares nothing
//! with the mirror.

use std::path::Path;

use serde_json::Value;

use super::super::NodeKind;
use super::super::selector::selector;
use super::doc::Doc;
use super::{at_x, mirror_of};

/// A document with those of frames put into their frames.
pub(super) fn with_frames(mut node: Value, frames: &[Value]) -> Value {
    for frame in frames {
        put(&mut node, &frame["parentId"], &frame["node"]);
    }
    node
}

fn put(node: &mut Value, parent: &Value, child: &Value) {
    let found = node["id"] == *parent;
    for inner in node["childNodes"].as_array_mut().into_iter().flatten() {
        put(inner, parent, child);
    }
    if found {
        node["childNodes"].as_array_mut().unwrap().push(child.clone());
    }
}

/// The elements that a selector of our form finds, by their ids.
fn find(document: &Value, selector: &str) -> Vec<u64> {
    let mut scopes = vec![document.clone()];
    let mut found = Vec::new();
    for part in selector.split(" >>> ") {
        found = scopes.iter().flat_map(|scope| find_in(scope, part)).collect();
        // The next part is looked for in the shadow root or the document of what this one found.
        scopes = found.iter().map(inside).collect();
    }
    found.iter().map(|node| node["id"].as_u64().unwrap()).collect()
}

fn children(node: &Value) -> &[Value] {
    node["childNodes"].as_array().map_or(&[], Vec::as_slice)
}

/// What `>>>` enters: the document of a frame, or the children in a shadow root as a document of their own.
fn inside(host: &Value) -> Value {
    if let Some(document) = children(host).iter().find(|child| child["type"] == 0) {
        return document.clone();
    }
    let mut root = host.clone();
    let shadow: Vec<Value> = children(host)
        .iter()
        .filter(|child| child["isShadow"] == true)
        .map(|child| {
            let mut child = child.clone();
            child.as_object_mut().unwrap().remove("isShadow");
            child
        })
        .collect();
    root["childNodes"] = Value::Array(shadow);
    root
}

/// All matches of one part in one scope: for each element, the steps are held against it and those above it.
fn find_in(scope: &Value, part: &str) -> Vec<Value> {
    let from_top = part.starts_with(":host > ");
    let steps: Vec<&str> = part.trim_start_matches(":host > ").split(" > ").collect();
    let mut found = Vec::new();
    descend(scope, &mut vec![], &steps, &mut |element, levels| {
        if !from_top || levels == steps.len() {
            found.push(element.clone());
        }
    });
    found
}

fn descend<'v>(
    node: &'v Value,
    above: &mut Vec<(&'v Value, &'v Value)>,
    steps: &[&str],
    found: &mut impl FnMut(&Value, usize),
) {
    for child in children(node).iter().filter(|child| child["type"] == 2 && child["isShadow"] != true) {
        above.push((child, node));
        let fits = above.len() >= steps.len()
            && above.iter().rev().zip(steps.iter().rev()).all(|((element, parent), step)| fits(element, parent, step));
        if fits {
            found(child, above.len());
        }
        descend(child, above, steps, found);
        above.pop();
    }
}

/// `tag`, `#id`, `tag[name="value"]`, `tag:nth-of-type(3)`.
fn fits(element: &Value, parent: &Value, step: &str) -> bool {
    let tag = element["tagName"].as_str().unwrap();
    let attribute = |name: &str| element["attributes"].get(name).and_then(Value::as_str);
    let of_tag = |wanted: &str| wanted.is_empty() || wanted == tag;
    if let Some((wanted, place)) = step.split_once(":nth-of-type(") {
        let same = children(parent).iter().filter(|child| child["tagName"] == tag && child["isShadow"] != true);
        let place: usize = place.trim_end_matches(')').parse().unwrap();
        return of_tag(wanted) && same.map(|child| &child["id"]).nth(place - 1) == Some(&element["id"]);
    }
    if let Some((wanted, rest)) = step.split_once('[') {
        let (name, value) = rest.strip_suffix("\"]").unwrap().split_once("=\"").unwrap();
        return of_tag(wanted) && attribute(name) == Some(&value.replace("\\\"", "\"").replace("\\\\", "\\"));
    }
    if let Some((wanted, id)) = step.split_once('#') {
        return of_tag(wanted) && attribute("id") == Some(id);
    }
    of_tag(step)
}

/// Every element of a document has a selector that finds it, and as many others as it says.
fn check_all(document: &Value) -> usize {
    let mirror = mirror_of(document);
    let elements: Vec<_> = mirror.elements().collect();
    for nx in &elements {
        let (text, matches) = selector(&mirror, *nx);
        let found = find(document, &text);
        let id = u64::from(mirror.node(*nx).id);
        assert!(found.contains(&id), "{text} doesn't find {} {id} but {found:?}", mirror.tag(*nx));
        assert_eq!(found.len(), matches as usize, "{text}");
    }
    elements.len()
}

#[test]
fn selectors_are_as_short_and_lasting_as_can_be() {
    for (html, wanted) in [
        ("<button key=x data-testid=pay id=p>Pay</button>", "[data-testid=\"pay\"]"),
        ("<button key=x data-cy=pay>Pay</button>", "[data-cy=\"pay\"]"),
        ("<button id=x>Pay</button>", "#x"),
        ("<input key=x name=email>", "input[name=\"email\"]"),
        ("<input key=x id=select-48121 name=sort>", "input[name=\"sort\"]"),
        ("<button key=x id=4711 aria-label=Close>x</button>", "button[aria-label=\"Close\"]"),
        ("<a key=x href=/cart>Cart</a>", "a[href=\"/cart\"]"),
        ("<a key=x href='data:text/plain,1'>Cart</a>", "html > body > a"),
        ("<button key=x id=:r3:>Pay</button>", "[id=\":r3:\"]"),
        ("<button key=x aria-label='Say \"hi\"'>Hi</button>", "button[aria-label=\"Say \\\"hi\\\"\"]"),
        // Two of a kind: the place among those of the tag, below what is found alone.
        ("<div id=list><p>1</p><b>2</b><p key=x>3</p></div>", "#list > p:nth-of-type(2)"),
        ("<b data-testid=a>1</b><b data-testid=a key=x>2</b>", "html > body > b:nth-of-type(2)"),
        ("<ul id=list><li><i>1</i></li><li><i key=x>2</i></li></ul>", "#list > li:nth-of-type(2) > i"),
        ("<x-a id=host><shadow><button id=x>In</button></shadow></x-a><button id=y>Out</button>", "#host >>> #x"),
        ("<x-a id=host><shadow><p>1</p><p key=x>2</p></shadow><p>light</p></x-a>", "#host >>> p:nth-of-type(2)"),
        ("<x-a id=host><shadow><p>1</p></shadow><p key=x>light</p></x-a>", "#host > p"),
        ("<x-a id=host><shadow><div key=x><div>1</div></div></shadow></x-a>", "#host >>> :host > div"),
        ("<x-a id=host><shadow><p><i key=x>1</i></p><b><p><i>2</i></p></b></shadow></x-a>", "#host >>> :host > p > i"),
        ("<x-a><shadow><x-b><shadow><i key=x>2</i></shadow></x-b></shadow></x-a>", "html > body > x-a >>> x-b >>> i"),
    ] {
        let doc = Doc::new(html);
        let mirror = mirror_of(&doc.node());
        let (text, matches) = selector(&mirror, mirror.by_id(doc.at("x")).unwrap());
        assert_eq!((text.as_str(), matches), (wanted, 1), "{html}");
        check_all(&doc.node());
    }
}

#[test]
fn selectors_into_frames_are_chained() {
    let mut doc = Doc::new("<iframe id=pay></iframe><iframe key=second></iframe><button id=x>Out</button>");
    let frames = [
        doc.frame("pay", "<input id=x><iframe id=inner></iframe>"),
        doc.frame("second", "<p>1</p><p key=deep>2</p>"),
        doc.frame("inner", "<input id=x><b key=b>1</b>"),
    ];
    let document = with_frames(doc.node(), &frames);
    let mirror = mirror_of(&document);
    for (key, wanted) in [
        ("deep", "html > body > iframe:nth-of-type(2) >>> html > body > p:nth-of-type(2)"),
        ("b", "#pay >>> #inner >>> html > body > b"),
        ("x", "#pay >>> #inner >>> #x"),
    ] {
        assert_eq!(selector(&mirror, mirror.by_id(doc.at(key)).unwrap()), (wanted.to_owned(), 1));
    }
    assert_eq!(check_all(&document), 25);
}

/// The last thing that is done when nothing tells two elements apart: more than one match, and it says so.
#[test]
fn paths_that_are_cut_say_how_many_they_match() {
    let deep = |depth: usize| format!("{}<i key=k{depth}>1</i>{}", "<div>".repeat(depth), "</div>".repeat(depth));
    let doc = Doc::new(&format!("<p>{}</p><p>{}</p>", deep(40), deep(41)));
    let mirror = mirror_of(&doc.node());
    let (text, matches) = selector(&mirror, mirror.by_id(doc.at("k40")).unwrap());
    assert!(matches > 1, "{text}");
    check_all(&doc.node());
}

#[test]
fn selectors_of_recorded_pages_find_what_they_name() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/cases");
    let mut checked = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path().join("events.json.zst")).unwrap();
        let events: Vec<Value> = serde_json::from_slice(&zstd::decode_all(&*bytes).unwrap()).unwrap();
        for event in events.iter().filter(|event| event["type"] == 2) {
            checked += check_all(&event["data"]["node"]);
        }
    }
    assert!(checked > 2000, "only {checked} elements");
}

#[test]
fn detached_elements_are_not_matched() {
    let doc = Doc::new("<p id=one>1</p><p key=x>2</p>");
    let mut mirror = mirror_of(&doc.node());
    let (one, x) = (mirror.by_id(doc.at("one")).unwrap(), mirror.by_id(doc.at("x")).unwrap());
    assert_eq!(selector(&mirror, x).0, "html > body > p:nth-of-type(2)");
    mirror.unlink(one);
    assert_eq!(selector(&mirror, x), ("html > body > p".to_owned(), 1));
    assert_eq!(mirror.node(one).kind, NodeKind::Element);
}

/// What goes through a document for many steps or levels is paid for as that.
#[test]
fn walks_cost_the_nodes_that_they_visit() {
    let nested = |levels: usize, inside: &str| "<div>".repeat(levels) + inside + &"</div>".repeat(levels);
    let button = "<button id=x>Pay</button>";
    let left = |body: &str, visits: u64| {
        let (mirror, x) = at_x(body);
        let mirror = mirror.with_visits(visits);
        (mirror.pay_for_walk(), selector(&mirror, x), mirror.is_out_of_visits())
    };
    // Some fifty nodes; in a frame or beside a shadow root it is asked of each what stands above it.
    let shadow = "<x-a><shadow><i>1</i></shadow></x-a>";
    assert!(left(&nested(40, button), 100).0);
    assert!(!left(&nested(40, &format!("{button}{shadow}")), 100).0);
    // A path that doesn't reach the top is looked for step by step from every node.
    assert!(!left(&nested(4, "<b key=x>Pay</b>"), 200).2);
    assert!(left(&nested(40, "<b key=x>Pay</b>"), 200).2);
}
