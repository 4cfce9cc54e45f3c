//! What our own recorder tells beside rrweb, as `docs/recorder-events.md` describes it.

use playhead_schemas::timeline::{Confidence, Evidence, MomentKind, NavigationKind, Signal, Timeline};
use serde_json::{Value, json};

use crate::doc::Doc;
use crate::tape::{PAGE, START, Script, Tape, of_kinds, played_out};

const SHOP: &str = concat!(
    "<h1>Orders</h1><button id=save>Save</button><button id=other>Other</button><button id=off disabled>Off</button>",
    "<form id=form><input id=mail aria-label=Email><button id=send>Send</button></form><a id=link href='/second'>second</a>",
    "<input id=files type=file aria-label=Files><div id=pop>Popped</div><img id=img src='/missing.png' alt=Tree>",
);

/// Records an event of our recorder.
fn own(tape: &mut Tape, tag: &str, payload: Value) {
    tape.event(5, json!({ "tag": format!("$playhead.{tag}"), "payload": payload }));
}

/// The action of a press that began `ago` milliseconds before now.
fn action(tape: &Tape, node: u32, ago: i64) -> Value {
    json!({ "id": 1, "type": "click", "at": START + tape.now - ago, "node": node, "via": "event" })
}

/// A request as our recorder writes it, which begins now and ends 30 ms later.
fn request(tape: &mut Tape, path: &str, status: u16, more: Value) {
    let at = START + tape.now;
    let mut playhead = json!({ "id": 1, "stack": [format!("save ({PAGE}a.js:3:64)"), format!("{PAGE}a.js:9:1")] });
    playhead.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let request = json!({
        "name": format!("{PAGE}{path}"), "method": "POST", "initiatorType": "fetch", "entryType": "resource",
        "startTime": 500, "endTime": 530, "duration": 30, "timeOrigin": at - 500, "timestamp": at, "status": status,
        "playhead": playhead,
    });
    tape.wait(30).event(6, json!({ "plugin": "rrweb/network@1", "payload": { "requests": [request] } }));
}

fn line<'t>(timeline: &'t Timeline, part: &str) -> &'t str {
    let found = timeline.moments.iter().map(|moment| moment.text.as_str()).find(|text| text.contains(part));
    found.unwrap_or_else(|| panic!("no line has {part}: {:#?}", lines(timeline)))
}

fn lines(timeline: &Timeline) -> Vec<&str> {
    timeline.moments.iter().map(|moment| moment.text.as_str()).collect()
}

#[test]
fn a_known_action_wins_over_a_nearer_one() {
    let timeline = played_out(SHOP, |t, d| {
        t.click(d.at("save"));
        let action = action(t, d.at("save"), 60);
        t.wait(400).click(d.at("other")).wait(5);
        request(t, "api/late", 500, json!({ "action": action }));
    });
    let [request] = of_kinds(&timeline, &[MomentKind::Request])[..] else { panic!("{:?}", lines(&timeline)) };
    let [save, other] = of_kinds(&timeline, &[MomentKind::Click])[..] else { panic!("{:?}", lines(&timeline)) };
    assert_eq!(request.caused_by, Some(save.id));
    assert_eq!(
        (request.causes[0].evidence.as_slice(), request.causes[0].confidence),
        (&[Evidence::Recorded][..], Confidence::High)
    );
    assert!(other.outcome.as_ref().unwrap().requests.is_empty(), "{}", other.text);
    assert_eq!(request.text, "POST /api/late 500 (30 ms) sent by save (/a.js:3:64) <- m2");
    assert!(!save.text.contains("perhaps") && save.text.contains("POST /api/late 500"), "{}", save.text);
    assert_eq!(request.stack.as_deref().unwrap().lines().count(), 2);
}

#[test]
fn what_no_action_surely_led_to_is_only_near() {
    let timeline = played_out(SHOP, |t, d| {
        t.click(d.at("save")).wait(20);
        request(t, "api/near", 500, json!({}));
    });
    assert!(line(&timeline, "click button").contains("perhaps m3 POST"), "{:?}", lines(&timeline));
    let timeline = played_out(SHOP, |t, d| {
        t.click(d.at("save")).wait(600);
        let action = action(t, 0, 0);
        t.wait(20);
        request(t, "api/elsewhere", 500, json!({ "action": action }));
    });
    let [request] = of_kinds(&timeline, &[MomentKind::Request])[..] else { panic!("{:?}", lines(&timeline)) };
    assert_eq!(request.caused_by, None, "it belongs to an action that left no moment: {}", request.text);
}

#[test]
fn errors_have_their_action_components_and_context() {
    let timeline = played_out(SHOP, |t, d| {
        own(t, "page", json!({ "release": "3.1.4" }));
        t.click(d.at("save"));
        let action = action(t, d.at("save"), 60);
        t.wait(900);
        let text = format!(
            "Uncaught TypeError: x\n    at save ({PAGE}a.js:3:7)\nCaused by: Error: y\n    at z ({PAGE}b.js:1:1)"
        );
        let payload = [serde_json::to_string(&text).unwrap()];
        t.event(6, json!({ "plugin": "rrweb/console@1", "payload": { "level": "error", "trace": [], "payload": payload, "playhead": { "action": action } } }));
        own(
            t,
            "error",
            json!({ "message": "TypeError: x", "componentStack": [format!("Cart ({PAGE}c.js:3:7)")], "context": { "cart": 7 } }),
        );
        let caught = [serde_json::to_string("RangeError: caught").unwrap()];
        t.event(
            6,
            json!({ "plugin": "rrweb/console@1", "payload": { "level": "error", "trace": [], "payload": caught } }),
        );
    });
    let [error] = of_kinds(&timeline, &[MomentKind::Error])[..] else { panic!("{:?}", lines(&timeline)) };
    assert_eq!(error.component_stack.len(), 1);
    for part in ["in component Cart (/c.js:3:7)", "with {\"cart\":7}", "caused by Error: y", " <- m2"] {
        assert!(error.text.contains(part), "{part}: {}", error.text);
    }
    let caught = of_kinds(&timeline, &[MomentKind::Console])[0];
    assert!(caught.text.starts_with("console error: RangeError: caught"), "{}", caught.text);
}

#[test]
fn ways_to_a_page_are_known() {
    let reached = |way: &str, is_by: bool| {
        let doc = Doc::new(SHOP);
        let mut tape = Tape::of(&doc);
        tape.click(doc.at("link")).wait(30);
        let by = if is_by { action(&tape, doc.at("link"), 90) } else { Value::Null };
        own(&mut tape, "page", json!({ "release": "3.1.4" }));
        own(&mut tape, "navigation", json!({ "type": way, "href": format!("{PAGE}second"), "action": by }));
        tape.wait(20).load(&format!("{PAGE}second"), &doc).wait(3000).change(1, json!({ "positions": [] }));
        tape.timeline()
    };
    for (way, is_by, navigation, is_caused) in [
        ("link", true, None, true),
        ("reload", false, Some(NavigationKind::Reload), false),
        ("back_forward", false, Some(NavigationKind::BackForward), false),
        ("typed", false, Some(NavigationKind::Address), false),
        ("opened", false, None, false),
    ] {
        let timeline = reached(way, is_by);
        let page = timeline.moments.iter().rfind(|moment| moment.kind == MomentKind::PageLoad).unwrap();
        assert_eq!((page.navigation, page.caused_by.is_some()), (navigation, is_caused), "{way}: {}", page.text);
        assert!(page.text.contains("(release 3.1.4)"), "{}", page.text);
        if is_by {
            assert_eq!(page.causes[0].confidence, Confidence::High);
        }
    }
}

#[test]
fn a_link_inside_of_a_page_is_no_step_back() {
    let body = "<a id=jump href='http://shop.test/#at'>Jump</a><h2 id=at>There</h2>";
    let timeline = played_out(body, |t, d| {
        t.click(d.at("jump")).wait(4);
        t.event(5, json!({ "tag": "$url_changed", "payload": { "href": format!("{PAGE}#at"), "type": "popstate" } }));
        t.wait(3000);
        t.event(5, json!({ "tag": "$url_changed", "payload": { "href": PAGE, "type": "popstate" } }));
    });
    let [there, back] = of_kinds(&timeline, &[MomentKind::Navigate])[..] else { panic!("{:?}", lines(&timeline)) };
    assert_eq!((there.navigation, back.navigation), (None, Some(NavigationKind::BackForward)));
}

#[test]
fn keys_that_act_are_told() {
    let table: [(&str, Script, &[&str]); 5] = [
        (
            "Enter in a field sends what was typed",
            |t, d| {
                t.typed(d.at("mail"), "abc");
                own(t, "key", json!({ "id": d.at("mail"), "key": "Enter" }));
                t.wait(2).mouse(2, d.at("send"));
            },
            &["type \"abc\" into textbox \"Email\" and press Enter [#mail]"],
        ),
        (
            "Enter on a button is the click that the browser makes of it",
            |t, d| {
                t.focus(d.at("save"));
                own(t, "key", json!({ "id": d.at("save"), "key": "Enter" }));
                t.wait(2).mouse(2, d.at("save"));
            },
            &["press Enter on button \"Save\" [#save]"],
        ),
        (
            "equal keys are one moment",
            |t, d| {
                for _ in 0..3 {
                    own(t, "key", json!({ "id": d.at("save"), "key": "Tab" }));
                    t.wait(200);
                }
                own(t, "key", json!({ "id": -1, "key": "Escape" }));
            },
            &["press Tab x3 on button \"Save\"", "press Escape"],
        ),
        (
            "shortcuts that edit are part of the typing",
            |t, d| {
                t.typed(d.at("mail"), "ab");
                own(t, "key", json!({ "id": d.at("mail"), "key": "a", "modifiers": ["Control"] }));
                t.input(d.at("mail"), "x").wait(50);
                own(t, "key", json!({ "id": d.at("mail"), "key": "s", "modifiers": ["Control"] }));
            },
            &["type \"x\" into textbox \"Email\"", "press Control+s on textbox \"Email\""],
        ),
        (
            "what the browser calls it wins",
            |t, d| {
                own(t, "key", json!({ "id": d.at("save"), "key": "Enter", "name": "Save order", "role": "menuitem" }))
            },
            &["press Enter on menuitem \"Save order\""],
        ),
    ];
    for (what, script, want) in table {
        let timeline = played_out(SHOP, script);
        let told: Vec<&str> = timeline.moments.iter().filter(|m| m.kind.is_action()).map(|m| m.text.as_str()).collect();
        assert_eq!(told.len(), want.len(), "{what}: {told:#?}");
        for (told, want) in told.iter().zip(want) {
            let want: Vec<&str> = want.split(" x3").collect();
            assert!(want.iter().all(|part| told.contains(part)), "{what}: {told}");
        }
    }
}

#[test]
fn what_happens_outside_of_the_page_answers_a_click() {
    let table: [(&str, fn(&mut Tape, &Doc)); 7] = [
        ("print dialog opened", |t, _| own(t, "print", json!({ "state": "open" }))),
        ("popover generic", |t, d| own(t, "popover", json!({ "id": d.at("pop"), "state": "open", "role": "generic" }))),
        ("download /f.csv by script", |t, _| {
            own(t, "download", json!({ "id": -1, "by": "script", "url": format!("{PAGE}f.csv"), "extension": "csv" }));
        }),
        ("new tab /second, refused by the browser", |t, _| {
            own(t, "new_tab", json!({ "by": "link", "url": format!("{PAGE}second"), "blocked": true }));
        }),
        ("file chooser opened for button \"Files\"", |t, d| {
            own(t, "file_chooser", json!({ "id": d.at("files"), "state": "opened", "multiple": false }));
        }),
        ("copy", |t, _| own(t, "clipboard", json!({ "id": -1, "type": "copy" }))),
        ("file chooser cancelled", |t, _| {
            own(t, "file_chooser", json!({ "id": -1, "state": "cancelled", "files": 0 }))
        }),
    ];
    for (want, follows) in table {
        let doc = Doc::new(SHOP);
        let mut tape = Tape::of(&doc);
        tape.click(doc.at("save")).wait(3);
        follows(&mut tape, &doc);
        tape.wait(9000).change(1, json!({ "positions": [] }));
        let timeline = tape.timeline();
        let [told] = of_kinds(&timeline, &[MomentKind::Browser])[..] else { panic!("{:?}", lines(&timeline)) };
        let want = if want.starts_with("popover") { "popover div" } else { want };
        assert!(told.text.starts_with(want), "{}", told.text);
        let click = of_kinds(&timeline, &[MomentKind::Click])[0];
        assert!(!click.signals.contains(&Signal::DeadClick), "{}", click.text);
    }
}

#[test]
fn clicks_on_disabled_controls_are_told_once() {
    let timeline = played_out(SHOP, |t, d| {
        own(t, "disabled_click", json!({ "id": d.at("off"), "x": 10, "y": 10 }));
        t.mouse(1, d.at("off")).wait(60).mouse(0, d.at("off")).wait(2000);
    });
    let clicks: Vec<&str> =
        of_kinds(&timeline, &[MomentKind::Click]).into_iter().map(|click| click.text.as_str()).collect();
    assert_eq!(clicks.len(), 1, "{clicks:?}");
    assert!(clicks[0].starts_with("click button \"Off\" (disabled) [#off]"), "{clicks:?}");
}

#[test]
fn chosen_files_stand_in_their_line() {
    let timeline = played_out(SHOP, |t, d| {
        t.input(d.at("files"), "C:\\fakepath\\a.txt").wait(3);
        own(
            t,
            "file_chooser",
            json!({ "id": d.at("files"), "state": "chosen", "files": 1, "types": ["text/plain"], "bytes": 120 }),
        );
    });
    assert!(line(&timeline, "choose file").contains("(1 file (text/plain, 120 bytes))"), "{:?}", lines(&timeline));
    assert!(of_kinds(&timeline, &[MomentKind::Browser]).is_empty());
}

#[test]
fn equal_masked_values_are_said_to_be_the_same() {
    let timeline = played_out(SHOP, |t, d| {
        t.typed(d.at("mail"), "****");
        own(t, "value", json!({ "id": d.at("mail"), "same": "s0o", "chars": 4 }));
        t.click(d.at("save")).wait(500).typed(d.at("mail"), "****");
        own(t, "value", json!({ "id": d.at("mail"), "same": "s0o", "chars": 4 }));
        t.click(d.at("save")).wait(500).typed(d.at("mail"), "****");
        own(t, "value", json!({ "id": d.at("mail"), "same": "other", "chars": 4 }));
    });
    let same: Vec<bool> =
        of_kinds(&timeline, &[MomentKind::Input]).iter().map(|input| input.same_as.is_some()).collect();
    assert_eq!(same, [false, true, false], "{:?}", lines(&timeline));
}

#[test]
fn sockets_and_resources_are_requests() {
    let timeline = played_out(SHOP, |t, _| {
        let at = START + t.now;
        let socket = json!({
            "name": "wss://shop.test/live", "method": "GET", "initiatorType": "websocket", "entryType": "resource",
            "startTime": 500, "endTime": 510, "duration": 10, "timeOrigin": at - 500, "timestamp": at, "status": 101,
            "playhead": { "id": 7, "stack": [] },
        });
        t.event(6, json!({ "plugin": "rrweb/network@1", "payload": { "requests": [socket] } })).wait(3000);
        own(
            t,
            "socket",
            json!({ "request": 7, "kind": "websocket", "url": "wss://shop.test/live", "state": "close", "code": 1006, "clean": false, "sent": 3, "received": 12 }),
        );
        own(t, "resource_error", json!({ "id": -1, "tag": "img", "url": format!("{PAGE}missing.png") }));
        own(t, "long_task", json!({ "duration": 350 }));
        own(t, "long_task", json!({ "duration": 60 }));
        own(t, "lost", json!({ "reason": "no room", "count": 2 }));
    });
    let told = line(&timeline, "wss://shop.test/live");
    assert!(told.contains("code 1006") && told.contains("(3 messages sent, 12 received)"), "{told}");
    assert!(line(&timeline, "/missing.png").contains("failed"), "{:?}", lines(&timeline));
    assert!(lines(&timeline).contains(&"main thread busy for 350 ms"), "{:?}", lines(&timeline));
    assert!(!lines(&timeline).iter().any(|line| line.contains("60 ms")));
    assert!(lines(&timeline).contains(&"recorder lost something (2 times): no room"), "{:?}", lines(&timeline));
}

#[test]
fn a_value_that_nobody_typed_is_told_as_such() {
    let timeline =
        played_out(SHOP, |t, d| drop(t.focus(d.at("mail")).wait(10).input(d.at("mail"), "maya@example.com")));
    let [set] = of_kinds(&timeline, &[MomentKind::ValueSet])[..] else { panic!("{:?}", lines(&timeline)) };
    assert_eq!(set.text, "value set \"maya@example.com\" in textbox \"Email\" [#mail] (not typed)");
    // What a page does in answer to an action is told there.
    let timeline = played_out(SHOP, |t, d| {
        drop(t.click(d.at("save")).wait(100).focus(d.at("mail")).wait(10).input(d.at("mail"), "maya@example.com"));
    });
    assert!(of_kinds(&timeline, &[MomentKind::ValueSet]).is_empty(), "{:?}", lines(&timeline));
    assert!(line(&timeline, "click button \"Save\"").contains("maya@example.com"), "{:?}", lines(&timeline));
}
