//! The JSON form, which programs of others read: every field there, of its type, every id known.

use playhead_schemas::timeline::MomentKind;
use serde_json::Value;

use crate::cases;

/// The closed list of kinds, as the contract writes it.
const KINDS: [&str; 24] = [
    "page_load",
    "navigate",
    "click",
    "double_click",
    "context_menu",
    "input",
    "select",
    "check",
    "scroll",
    "resize",
    "drag",
    "touch",
    "tab",
    "media",
    "console",
    "error",
    "request",
    "notice",
    "idle",
    "custom",
    "annotation",
    "key",
    "value_set",
    "browser",
];
const ACTIONS: [&str; 9] =
    ["click", "double_click", "context_menu", "input", "select", "check", "drag", "touch", "key"];

/// What a field must be.
#[derive(Clone, Copy, Debug)]
enum Is {
    Count,
    Integer,
    Text,
    Flag,
    List,
    Texts,
    Ids,
    Object,
    /// Null or the other.
    Maybe(&'static Is),
    /// Absent or the other.
    Perhaps(&'static Is),
    Id,
    OneOf(&'static [&'static str]),
}

use Is::{Count, Flag, Id, Ids, Integer, List, Maybe, Object, OneOf, Perhaps, Text, Texts};

const SOURCES: Is = OneOf(&["none", "recording", "payload", "both"]);
const LEVELS: Is = OneOf(&["debug", "log", "info", "warn", "error"]);

const REPLAY: &[(&str, Is)] = &[
    ("started_at_ms", Integer),
    ("duration_ms", Count),
    ("windows", Count),
    ("pages", List),
    ("viewport", Perhaps(&Object)),
];
const PAGE: &[(&str, Is)] = &[("window", Text), ("t_ms", Count), ("url", Text), ("title", Perhaps(&Text))];
const MOMENT: &[(&str, Is)] = &[
    ("id", Id),
    ("t_ms", Count),
    ("end_ms", Count),
    ("window", Text),
    ("kind", OneOf(&KINDS)),
    ("count", Count),
    ("target", Maybe(&Object)),
    ("value", Maybe(&Text)),
    ("masked", Flag),
    ("url", Maybe(&Text)),
    ("signals", Texts),
    ("caused_by", Maybe(&Id)),
    ("causes", Perhaps(&List)),
    ("led_to", Perhaps(&Ids)),
    ("entry", Perhaps(&OneOf(&["typed", "at_once", "mixed"]))),
    ("same_as", Perhaps(&Id)),
    ("vital", Perhaps(&Object)),
    ("doubts", Perhaps(&Texts)),
    ("outcome", Maybe(&Object)),
    ("request", Perhaps(&Object)),
    ("level", Perhaps(&LEVELS)),
    ("message", Perhaps(&Text)),
    ("stack", Perhaps(&Text)),
    ("inner_errors", Perhaps(&List)),
    ("component_stack", Perhaps(&Texts)),
    ("release", Perhaps(&Text)),
    ("navigation", Perhaps(&OneOf(&["reload", "back_forward", "address"]))),
    ("shows", Perhaps(&List)),
    ("retried_as", Perhaps(&Id)),
    ("text", Text),
    ("units", Perhaps(&List)),
];
const TARGET: &[(&str, Is)] = &[
    ("role", Text),
    ("name", Maybe(&Text)),
    ("tag", Text),
    ("selector", Text),
    ("matches", Count),
    ("selectors", Perhaps(&List)),
    ("text", Perhaps(&Text)),
    ("within", Perhaps(&Text)),
    ("around", Perhaps(&Texts)),
    ("component", Perhaps(&Text)),
    ("source", Perhaps(&Text)),
    ("outside_of", Perhaps(&Text)),
    ("disabled", Perhaps(&Flag)),
    ("markup", Perhaps(&Text)),
];
const SELECTOR: &[(&str, Is)] = &[
    ("kind", OneOf(&["test_id", "id", "role", "label", "text", "attribute", "css"])),
    ("selector", Text),
    ("matches", Count),
];
const EDGES: Is = OneOf(&[
    "action_to_request",
    "action_to_error",
    "action_to_navigation",
    "load_to_request",
    "load_to_error",
    "response_to_request",
    "response_to_navigation",
    "response_to_error",
    "response_to_dom",
    "error_to_dom",
]);
const CAUSE: &[(&str, Is)] =
    &[("from", Id), ("edge", EDGES), ("evidence", Texts), ("confidence", OneOf(&["low", "medium", "high"]))];
const OUTCOME: &[(&str, Is)] = &[
    ("requests", Ids),
    ("errors", Ids),
    ("changes", List),
    ("changes_omitted", Perhaps(&Count)),
    ("navigation", Maybe(&Id)),
    ("unchanged_ms", Perhaps(&Count)),
];
const REQUEST: &[(&str, Is)] = &[
    ("method", Text),
    ("url", Text),
    ("status", Maybe(&Count)),
    ("failed", Flag),
    ("duration_ms", Maybe(&Count)),
    ("size_bytes", Maybe(&Count)),
    ("resource", Perhaps(&Text)),
    ("mime", Perhaps(&Text)),
    ("request_body", Perhaps(&Text)),
    ("response_body", Perhaps(&Text)),
    ("error", Perhaps(&Text)),
];
const FAILURE: &[(&str, Is)] = &[
    ("kind", Text),
    ("title", Text),
    ("moment", Id),
    ("action", Maybe(&Id)),
    ("related", Ids),
    ("count", Count),
    ("contrast", Perhaps(&Object)),
    ("tries", Perhaps(&List)),
];
const CONTRAST: &[(&str, Is)] =
    &[("kind", OneOf(&["request", "action", "sibling"])), ("failed", Id), ("well", Id), ("differs", List)];
const PARTS: Is = OneOf(&["address", "entered", "sent", "status", "answer", "duration_ms", "element"]);
const DIFFERENCE: &[(&str, Is)] =
    &[("part", PARTS), ("name", Perhaps(&Text)), ("failed", Perhaps(&Text)), ("well", Perhaps(&Text))];
const TRY: &[(&str, Is)] = &[("moment", Id), ("entered", Perhaps(&Ids)), ("message", Perhaps(&Text))];
const DEFECT: &[(&str, Is)] = &[("code", Text), ("count", Count), ("detail", Text)];
const COVERAGE: &[(&str, Is)] = &[
    ("events", Count),
    ("events_skipped", Count),
    ("snapshots", Count),
    ("starts_without_snapshot", Flag),
    ("missing_segments", List),
    ("console", SOURCES),
    ("network", SOURCES),
    ("masked", Flag),
    ("blocked_elements", Count),
    ("truncated", Flag),
    ("evicted", Perhaps(&Flag)),
    ("out_of_order", Perhaps(&Count)),
    ("windows_without_snapshot", Perhaps(&Count)),
    ("gaps", Perhaps(&List)),
];

impl Is {
    /// `ids` is how many moments there are: an id must be one of `m1` to `m{ids}`.
    fn holds(self, value: Option<&Value>, ids: usize) -> bool {
        let Some(value) = value else { return matches!(self, Perhaps(_)) };
        let id = |value: &Value| {
            let number = value.as_str().and_then(|id| id.strip_prefix('m')).and_then(|n| n.parse::<usize>().ok());
            number.is_some_and(|n| (1..=ids).contains(&n))
        };
        let all = |test: &dyn Fn(&Value) -> bool| value.as_array().is_some_and(|list| list.iter().all(test));
        match self {
            Count => value.is_u64(),
            Integer => value.is_i64() || value.is_u64(),
            Text => value.is_string(),
            Flag => value.is_boolean(),
            List => value.is_array(),
            Object => value.is_object(),
            Texts => all(&Value::is_string),
            Ids => all(&id),
            Id => id(value),
            Maybe(inner) => value.is_null() || inner.holds(Some(value), ids),
            Perhaps(inner) => inner.holds(Some(value), ids),
            OneOf(list) => value.as_str().is_some_and(|text| list.contains(&text)),
        }
    }
}

/// Every field of the shape, and no other.
fn check(what: &str, value: &Value, shape: &[(&str, Is)], ids: usize) {
    let object = value.as_object().unwrap_or_else(|| panic!("{what} is no object: {value}"));
    for (name, is) in shape {
        let field = object.get(*name);
        assert!(is.holds(field, ids), "{what}.{name} must be {is:?}, is {field:?}");
    }
    for name in object.keys() {
        assert!(shape.iter().any(|(known, _)| known == name), "{what}.{name} is not in the contract");
    }
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().unwrap_or_else(|| panic!("{name} is no list"))
}

fn check_timeline(name: &str, timeline: &Value) {
    let ids = list(timeline, "moments").len();
    let top = [("replay", Object), ("moments", List), ("failures", List), ("defects", List), ("coverage", Object)];
    check(name, timeline, &top, ids);
    check("replay", &timeline["replay"], REPLAY, ids);
    check("coverage", &timeline["coverage"], COVERAGE, ids);
    list(&timeline["replay"], "pages").iter().for_each(|page| check("page", page, PAGE, ids));
    for failure in list(timeline, "failures") {
        check("failure", failure, FAILURE, ids);
        if let Some(contrast) = failure.get("contrast") {
            check("contrast", contrast, CONTRAST, ids);
            list(contrast, "differs").iter().for_each(|one| check("difference", one, DIFFERENCE, ids));
        }
        failure["tries"].as_array().into_iter().flatten().for_each(|one| check("try", one, TRY, ids));
    }
    list(timeline, "defects").iter().for_each(|defect| check("defect", defect, DEFECT, ids));
    for (i, moment) in list(timeline, "moments").iter().enumerate() {
        check("moment", moment, MOMENT, ids);
        check_moment(moment, i, timeline);
    }
}

fn check_moment(moment: &Value, i: usize, timeline: &Value) {
    let moments = list(timeline, "moments");
    assert_eq!(moment["id"], format!("m{}", i + 1), "ids count up");
    assert!(i == 0 || moments[i - 1]["t_ms"].as_u64() <= moment["t_ms"].as_u64(), "moments are in order of time");
    assert!(moment["end_ms"].as_u64() >= moment["t_ms"].as_u64(), "{moment}");
    assert!(moment["count"].as_u64() >= Some(1), "{moment}");
    assert!(!moment["text"].as_str().unwrap().contains('\n'), "{moment}");
    let kind = moment["kind"].as_str().unwrap();
    let has = |name: &str| moment.get(name).is_some_and(|field| !field.is_null());
    assert_eq!(kind == "request", has("request"), "{moment}");
    assert_eq!(kind == "console" || kind == "error", has("message") && has("level"), "{moment}");
    if has("target") {
        check("target", &moment["target"], TARGET, moments.len());
        let ranked = moment["target"]["selectors"].as_array();
        ranked.into_iter().flatten().for_each(|one| check("selector", one, SELECTOR, moments.len()));
    }
    check_edges(moment, moments);
    if has("request") {
        check("request", &moment["request"], REQUEST, moments.len());
    }
    if has("outcome") {
        assert!(ACTIONS.contains(&kind) || matches!(kind, "page_load" | "navigate" | "notice"), "{moment}");
        check("outcome", &moment["outcome"], OUTCOME, moments.len());
        check_causes(moment, moments);
    }
}

/// A chain of causes can be read from either end, and every step has its evidence.
fn check_edges(moment: &Value, moments: &[Value]) {
    let of = |moment: &Value, name: &str| moment[name].as_array().cloned().unwrap_or_default();
    let at = |id: &Value| &moments[id.as_str().unwrap()[1..].parse::<usize>().unwrap() - 1];
    let causes = of(moment, "causes");
    let by = Some(&moment["caused_by"]).filter(|by| !by.is_null());
    assert_eq!(by.is_some(), !causes.is_empty(), "{moment}");
    assert!(by.is_none_or(|by| causes.iter().any(|cause| cause["from"] == *by)), "{moment}");
    let sure = |cause: &Value| ["high", "medium", "low"].iter().position(|word| cause["confidence"] == *word);
    assert!(causes.is_sorted_by_key(sure), "the surest comes first: {moment}");
    for cause in &causes {
        check("cause", cause, CAUSE, moments.len());
        assert!(!list(cause, "evidence").is_empty(), "{cause}");
        assert!(of(at(&cause["from"]), "led_to").contains(&moment["id"]), "{cause} of {}", moment["id"]);
    }
    for id in of(moment, "led_to") {
        assert!(of(at(&id), "causes").iter().any(|cause| cause["from"] == moment["id"]), "{id}");
    }
    for change in of(&moment["outcome"], "changes") {
        assert!(Text.holds(change.get("change"), 0), "{change}");
        assert!(Perhaps(&Count).holds(change.get("t_ms"), 0), "{change}");
        change.get("cause").into_iter().for_each(|cause| check("cause", cause, CAUSE, moments.len()));
    }
}

/// What an action began names the action.
fn check_causes(moment: &Value, moments: &[Value]) {
    let place = |id: &Value| id.as_str().unwrap()[1..].parse::<usize>().unwrap() - 1;
    for name in ["requests", "errors"] {
        for id in list(&moment["outcome"], name) {
            let effect = &moments[place(id)];
            let kind = effect["kind"].as_str().unwrap();
            let right: &[&str] = if name == "requests" { &["request"] } else { &["console", "error"] };
            assert!(right.contains(&kind), "{name} of {} cites {kind} {id}", moment["id"]);
            let cause = &effect["caused_by"];
            // An error that a response led to names the response, and that one names the action.
            let by = if *cause == moment["id"] { cause } else { &moments[place(cause)]["caused_by"] };
            assert_eq!(*by, moment["id"], "{id} doesn't name {} as its cause", moment["id"]);
        }
    }
    if let Some(id) = moment["outcome"]["navigation"].as_str() {
        let kind = moments[place(&Value::from(id))]["kind"].as_str().unwrap();
        assert!(kind == "page_load" || kind == "navigate", "{kind} is no navigation");
    }
}

#[test]
fn every_case_keeps_the_contract() {
    for case in cases::all() {
        let timeline = serde_json::to_value(case.transcribed().timeline).unwrap();
        check_timeline(&case.name, &timeline);
    }
}

#[test]
fn an_empty_replay_keeps_it_too() {
    let nothing = playhead_transcriber::transcribe(&[], &playhead_transcriber::Options::default());
    check_timeline("nothing", &serde_json::to_value(&nothing.timeline).unwrap());
    assert!(nothing.timeline.moments.is_empty());
}

#[test]
fn the_json_reads_back_as_it_was() {
    for case in cases::all() {
        let timeline = case.transcribed().timeline;
        let json = serde_json::to_string(&timeline).unwrap();
        assert_eq!(serde_json::from_str::<playhead_schemas::timeline::Timeline>(&json).unwrap(), timeline);
    }
}

#[test]
fn kinds_are_the_closed_list() {
    let kinds: Vec<&str> = MomentKind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(kinds, KINDS);
    let actions: Vec<&str> = MomentKind::ALL.iter().filter(|k| k.is_action()).map(|k| k.as_str()).collect();
    assert_eq!(actions, ACTIONS);
}
