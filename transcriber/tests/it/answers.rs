//! How component libraries answer: popups that a press closes, dialogs that stay in the page unseen, toasts in
//! lists, fields that are drawn with their values.

use playhead_schemas::timeline::{MomentKind, Timeline};
use serde_json::{Value, json};

use crate::doc::Doc;
use crate::tape::{Script, Tape, actions, changes, of_kinds};

const DESK: &str = concat!(
    "<div key=app><button id=go>Go</button><input id=mail aria-label=Email aria-describedby=why><p id=why></p>",
    "<ul aria-live=polite id=toasts></ul><input type=checkbox id=box aria-label=Box><input type=number id=count aria-label=Count>",
    "<button id=plus aria-label=More>+</button><input type=range id=level aria-label=Level value=10>",
    "<div id=holder></div><p id=hint>Take care</p></div>",
    "<div key=frame><div role=dialog id=card aria-label=Card><p>Inside</p></div></div>",
    "<div key=wrap style='display: none;'><div role=dialog id=old aria-label=Old><p key=inner>Past</p></div></div>",
);

fn played(script: Script) -> Timeline {
    crate::tape::played_out(DESK, script)
}

/// What the first action led to, in words.
fn first(timeline: &Timeline) -> Vec<String> {
    changes(timeline.moments.iter().find(|moment| moment.kind.is_action()).unwrap())
}

fn removes(doc: &Doc, list: &[(&str, &str)]) -> Value {
    let removes: Vec<Value> =
        list.iter().map(|(from, key)| json!({ "parentId": doc.at(from), "id": doc.at(key) })).collect();
    json!({ "removes": removes })
}

fn go(tape: &mut Tape, doc: &Doc) {
    tape.click(doc.at("go")).wait(100);
}

#[test]
fn what_is_not_to_be_seen_is_not_told() {
    let table: [(&str, Script, &[&str]); 9] = [
        (
            "the text of a style sheet",
            |t, d| {
                go(t, d);
                t.adds(d.adds("holder", "<style>.a { color: red }</style>")).adds(d.adds("holder", "<p>Shown</p>"));
            },
            &["\"Shown\" appeared"],
        ),
        (
            "a dialog that is drawn out of sight",
            |t, d| {
                go(t, d);
                let html = "<section><div style='display: none'><div role=dialog aria-label=Later>No</div></div><p>Now</p></section>";
                t.adds(d.adds("holder", html));
            },
            &["\"Now\" appeared"],
        ),
        (
            "a dialog that was out of sight already",
            |t, d| {
                go(t, d);
                t.mutation(removes(d, &[("body", "wrap")]));
            },
            &["1 element disappeared"],
        ),
        (
            "a dialog that is hidden first and then taken out",
            |t, d| {
                go(t, d);
                t.attributes(d.at("frame"), json!({ "style": "display: none" })).wait(200);
                t.mutation(removes(d, &[("body", "frame")]));
            },
            &["dialog \"Card\" closed"],
        ),
        (
            "a frame whose class says that something is open in it",
            |t, d| {
                go(t, d);
                t.attributes(d.at("body"), json!({ "class": "popup-parent--hidden" }));
                t.adds(d.adds("holder", "<p>Open</p>"));
            },
            &["\"Open\" appeared"],
        ),
        (
            "a dialog that only assistive technology loses to a list",
            |t, d| {
                go(t, d);
                t.attributes(d.at("frame"), json!({ "aria-hidden": "true" }));
                t.adds(d.adds("body", "<ul role=listbox aria-label=Ways><li role=option>Card</li></ul>"));
            },
            &["list of options \"Ways\" appeared: \"Card\""],
        ),
        (
            "a box that is drawn as it was",
            |t, d| {
                go(t, d);
                t.adds(d.adds("holder", "<p>Row</p><input type=checkbox key=row aria-label=Row>"));
                t.checked(d.at("row"), false).checked(d.at("box"), true);
            },
            &["checkbox \"Box\" became \"on\"", "\"Row\" appeared"],
        ),
        (
            "a message that a refused field is told with",
            |t, d| {
                go(t, d);
                let adds = d.adds("why", "Too short");
                let attributes = json!([{ "id": d.at("mail"), "attributes": { "aria-invalid": "true" } }]);
                t.mutation(json!({ "adds": adds, "attributes": attributes }));
            },
            &["textbox \"Email\" marked invalid: \"Too short\""],
        ),
        (
            "a text that is drawn anew",
            |t, d| {
                go(t, d);
                t.mutation(removes(d, &[("app", "hint")])).wait(200);
                t.adds(d.adds("holder", "<div><p>Take care</p></div>")).adds(d.adds("holder", "<p>New</p>"));
            },
            &["\"New\" appeared"],
        ),
    ];
    for (what, script, wanted) in table {
        assert_eq!(first(&played(script)), *wanted, "{what}");
    }
}

#[test]
fn what_came_and_went_is_told_once() {
    let table: [(&str, Script, &[&str]); 6] = [
        (
            "a dialog that was filled anew before it went was there before",
            |t, d| {
                go(t, d);
                t.adds(d.adds("card", "<p>Busy</p>")).wait(300).mutation(removes(d, &[("body", "frame")]));
            },
            &["dialog \"Card\" closed"],
        ),
        (
            "one that came and went did both",
            |t, d| {
                go(t, d);
                t.adds(d.adds("holder", "<div key=flash role=dialog aria-label=Flash>Wait</div>")).wait(300);
                t.mutation(removes(d, &[("holder", "flash")]));
            },
            &["dialog \"Flash\" appeared and disappeared"],
        ),
        (
            "a dialog in a frame that only its class tells has its own name",
            |t, d| {
                go(t, d);
                let html = "<div class=x-modal-root><div class=x-modal-wrap><div role=dialog aria-label=Ask><p>Sure?</p></div></div></div>";
                t.adds(d.adds("body", html));
            },
            &["dialog \"Ask\" appeared"],
        ),
        (
            "a toast that joins a list of them",
            |t, d| {
                t.adds(d.adds("toasts", "<li>Ready</li>")).wait(2000);
                go(t, d);
                t.adds(d.adds("toasts", "<li>Not saved</li>"));
            },
            &["status \"Not saved\" appeared", "1 item appeared, now 2"],
        ),
        (
            "a text that went",
            |t, d| {
                go(t, d);
                t.mutation(removes(d, &[("app", "hint")]));
            },
            &["\"Take care\" disappeared"],
        ),
        (
            "a list that the next press closes was open until then",
            |t, d| {
                go(t, d);
                t.adds(
                    d.adds("holder", "<ul key=ways role=listbox aria-label=Ways><li role=option key=one>One</li></ul>"),
                );
                t.wait(900).mouse(1, d.at("one")).wait(40).mouse(0, d.at("one"));
                t.mutation(removes(d, &[("holder", "ways")])).mouse(2, d.at("one"));
            },
            &["list of options \"Ways\" appeared: \"One\""],
        ),
    ];
    for (what, script, wanted) in table {
        assert_eq!(first(&played(script)), *wanted, "{what}");
    }
}

/// Steppers and sliders answer the press, before there is a click.
#[test]
fn what_a_press_sets_is_the_press_own() {
    let stepped = played(|t, d| {
        go(t, d);
        t.wait(700).mouse(1, d.at("plus")).wait(20).input(d.at("count"), "2").wait(40);
        t.mouse(0, d.at("plus")).mouse(2, d.at("plus"));
    });
    let clicks = of_kinds(&stepped, &[MomentKind::Click]);
    let outcomes: Vec<Vec<String>> = clicks.iter().map(|click| changes(click)).collect();
    assert_eq!(outcomes, [vec![], vec!["spinbutton \"Count\" became \"2\"".to_owned()]]);

    let slid = played(|t, d| {
        t.mouse_at(1, d.at("level"), 10.0, 10.0).focus(d.at("level")).wait(200);
        for value in ["20", "30", "40"] {
            t.input(d.at("level"), value).wait(50);
        }
        t.mouse_at(0, d.at("level"), 90.0, 10.0).mouse_at(2, d.at("level"), 90.0, 10.0);
    });
    assert_eq!(actions(&slid), ["drag slider \"Level\" = \"40\""]);
    assert!(slid.moments.iter().any(|moment| moment.text.contains("drag slider \"Level\" by +80, +0 px to \"40\"")));

    let set = played(|t, d| {
        t.focus(d.at("box")).wait(300).mouse(1, d.at("box")).checked(d.at("box"), true).wait(60);
        t.mouse(0, d.at("box")).mouse(2, d.at("box"));
    });
    assert_eq!(actions(&set), ["check checkbox \"Box\" = \"on\""]);
    let keys = played(|t, d| drop(t.focus(d.at("level")).wait(300).input(d.at("level"), "11")));
    let moment = keys.moments.iter().find(|moment| moment.kind == MomentKind::Input).unwrap();
    assert!(moment.text.starts_with("set slider \"Level\" to \"11\""), "{}", moment.text);
}

/// What was typed in place ends with the next click, whatever is typed there after it.
#[test]
fn typing_in_place_ends_with_the_next_click() {
    let mut doc = Doc::new(
        "<div id=edit contenteditable=true aria-label=Note><p key=line>Hi</p></div><button id=bold>Bold</button>",
    );
    let mut tape = Tape::of(&doc);
    let line = doc.at("line") + 1;
    tape.focus(doc.at("edit")).wait(300).mutation(json!({ "texts": [{ "id": line, "value": "Hi you" }] })).wait(900);
    tape.click(doc.at("bold")).focus(doc.at("edit")).wait(600);
    tape.adds(doc.adds("edit", "<b>loud</b>")).wait(600);
    assert_eq!(
        actions(&tape.timeline()),
        ["input textbox \"Note\" = \"Hi you\"", "click button \"Bold\"", "input textbox \"Note\" = \"Hi you\\nloud\""]
    );
}

#[test]
fn places_for_bars_and_floating_labels_are_no_answers() {
    let loads = |bar: &'static str| {
        let mut doc = Doc::new(DESK);
        let mut tape = Tape::of(&doc);
        go(&mut tape, &doc);
        tape.adds(doc.adds("holder", bar)).wait(9000).change(1, json!({ "positions": [] }));
        first(&tape.timeline()).iter().any(|phrase| phrase.contains("loading"))
    };
    assert!(loads("<div class=x-loader><div role=progressbar></div></div>"));
    assert!(loads("<div class=x-loader></div>"));
    assert!(!loads("<div class=x-loader><div role=progressbar aria-hidden=true></div></div>"));
    let floated = played(|t, d| {
        t.focus(d.at("mail")).wait(300).input(d.at("mail"), "a").wait(20);
        t.adds(d.adds("holder", "<label>Email</label>")).adds(d.adds("holder", "<p>Free so far</p>"));
    });
    assert_eq!(first(&floated), ["\"Free so far\" appeared"]);
}
