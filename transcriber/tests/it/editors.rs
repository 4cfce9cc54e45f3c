//! Editors that draw their lines themselves, and controls that take no clicks.

use playhead_schemas::timeline::Timeline;
use serde_json::json;

use crate::tape::{Script, actions, changes, played_out};

const MONACO: &str = "<div class=monaco-editor><textarea id=keys aria-label='Editor content'></textarea>\
    <div class=view-lines id=lines><div key=first style='top: 0px'><span>let </span><span key=name>a</span></div></div></div>\
    <button id=tab>other.ts</button>";

fn played(script: Script) -> Timeline {
    played_out(MONACO, script)
}

#[test]
fn what_was_typed_is_read_from_the_lines() {
    let timeline = played(|t, d| {
        t.focus(d.at("keys")).wait(300);
        let name = d.at("name") + 1;
        for text in ["ab", "abc"] {
            // The hidden field holds a copy of all lines.
            t.input(d.at("keys"), "let a\nlet b\nlet c").wait(40);
            t.mutation(json!({ "texts": [{ "id": name, "value": text }] })).wait(120);
        }
    });
    assert_eq!(actions(&timeline), ["input textbox \"Editor content\" = \"let abc\""]);
}

/// Another file is shown: the hidden field and the lines hold it, and nobody typed it.
#[test]
fn another_text_in_an_editor_was_not_typed() {
    let timeline = played(|t, d| {
        t.focus(d.at("keys")).wait(300);
        t.input(d.at("keys"), "export const total = sum(prices, taxes);").wait(20);
        let remove = json!([{ "parentId": d.at("lines"), "id": d.at("first") }]);
        let other = "<div style='top: 0px'>export const total = sum(prices, taxes);</div>\
            <div style='top: 19px'>export const shown = format(total, locale);</div>";
        let adds = d.adds("lines", other);
        t.mutation(json!({ "removes": remove, "adds": adds })).wait(2000);
    });
    assert!(actions(&timeline).is_empty(), "{:?}", actions(&timeline));
}

/// The end of a long text that was edited in place is told, not the text.
#[test]
fn of_a_long_text_what_came_is_told() {
    let page = "<div id=edit contenteditable=true aria-label=Note><p key=line>It was a long day with a lot of rain, and \
        what had been planned for the afternoon had to wait until the next week at the earliest.</p></div>";
    let timeline = played_out(page, |t, d| {
        let long = "It was a long day with a lot of rain, and what had been planned for the afternoon had to wait until \
            the next week at the earliest.";
        t.focus(d.at("edit")).wait(300);
        for more in [" O", " OK"] {
            let value = format!("{long}{more}");
            t.mutation(json!({ "texts": [{ "id": d.at("line") + 1, "value": value }] })).wait(200);
        }
    });
    assert_eq!(actions(&timeline), ["input textbox \"Note\" = \"OK\""]);
    let typed = timeline.moments.iter().find(|moment| moment.kind.is_action()).unwrap();
    assert!(changes(typed).is_empty(), "what it draws of the keys is no outcome: {:?}", changes(typed));
}

/// A click on a disabled control lands on what is around it.
#[test]
fn a_click_on_a_disabled_control_names_it() {
    for (html, hit, want) in [
        ("<div id=x><button disabled>Pay</button></div>", "x", "click button \"Pay\" (disabled)"),
        ("<div><button id=x aria-disabled=true>Pay</button></div>", "x", "click button \"Pay\" (disabled)"),
        ("<fieldset disabled><button id=x>Pay</button></fieldset>", "x", "click button \"Pay\" (disabled)"),
        ("<div id=x>Total <button disabled>Pay</button></div>", "x", "click div \"Total Pay\""),
        ("<div id=x><button>Pay</button></div>", "x", "click div \"Pay\""),
    ] {
        let doc = crate::doc::Doc::new(html);
        let mut tape = crate::tape::Tape::of(&doc);
        tape.click(doc.at(hit)).wait(3000);
        let timeline = tape.timeline();
        let line = &timeline.moments.iter().find(|moment| moment.kind.is_action()).unwrap().text;
        assert!(line.starts_with(want), "{html}: {line}");
    }
}

/// A message that appears without a role is told before other texts.
#[test]
fn messages_come_before_other_changes() {
    let timeline = played_out("<button id=go>Go</button><div id=out></div>", |t, d| {
        t.click(d.at("go")).wait(50);
        for text in ["in 5s", "one", "two", "three", "four", "five", "six"] {
            t.adds(d.adds("out", &format!("<p>{text}</p>")));
        }
        t.adds(d.adds("out", "<div class='popup error-box'>connection to server failed: Connection refused</div>"));
    });
    let click = timeline.moments.iter().find(|moment| moment.kind.is_action()).unwrap();
    assert_eq!(changes(click)[0], "alert \"connection to server failed: Connection refused\" appeared");
}
