//! What is secret stands in no text of a timeline, whatever way it takes into the recording.

use serde_json::json;

use crate::doc::Doc;
use crate::tape::{Script, Tape, actions, played, texts};

const FORM: &str = concat!(
    "<form id=form><label for=mail>Email</label><input id=mail>",
    "<label for=word>Word</label><input type=password id=word name=word value=''>",
    "<label for=iban>IBAN</label><input id=iban name='customer[iban]'>",
    "<label for=free>Code from your phone</label><input id=free autocomplete=one-time-code>",
    "<label for=named>Key</label><input id=named name=api_key><label for=card>Security code</label><input id=card>",
    "<label for=plain>Nickname</label><input id=plain name=nickname><button id=show type=button>Show</button>",
    "<button id=send>Send</button><p id=out></p></form>",
);

/// A recording in which `secret` stands somewhere, and no text of what it became.
fn hides(what: &str, secret: &str, script: Script) {
    let mut tape = played(FORM, script);
    tape.wait(3000).change(1, json!({ "positions": [] }));
    assert!(tape.json().contains(secret) || tape.holds(secret), "{what}: the recording holds no {secret}");
    let texts = texts(&tape.transcription());
    let at = texts.find(secret);
    assert!(at.is_none(), "{what}: {}", &texts[at.unwrap_or_default().saturating_sub(200)..][..300]);
}

fn shown(tape: &mut Tape, doc: &Doc) {
    tape.click(doc.at("show")).wait(20).attributes(doc.at("word"), json!({ "type": "text" })).wait(900);
}

#[test]
fn fields_that_hold_secrets_stay_hidden() {
    let table: [(&str, Script); 9] = [
        ("shown", |t, d| {
            t.typed(d.at("word"), "****");
            shown(t, d);
            t.typed(d.at("word"), "Gr33nTea!");
        }),
        ("drawn anew as text", |t, d| {
            t.click(d.at("show")).wait(20);
            t.mutation(json!({ "removes": [{ "parentId": d.at("form"), "id": d.at("word") }] }));
            let adds = d.adds("form", "<input type=text key=again name=word>");
            t.adds(adds).wait(900).typed(d.at("again"), "Gr33nTea!");
        }),
        ("of the page before", |t, d| {
            let again = Doc::new("<input type=text id=word name=word>");
            t.load("http://shop.test/again", &again).wait(900).typed(again.at("word"), "Gr33nTea!");
            let _ = d;
        }),
        ("hidden later", |t, d| {
            t.typed(d.at("plain"), "Gr33nTea!").wait(900).click(d.at("show")).wait(20);
            t.attributes(d.at("plain"), json!({ "type": "password" }));
        }),
        ("told by its purpose", |t, d| drop(t.typed(d.at("free"), "Gr33nTea!"))),
        ("told by its name", |t, d| drop(t.typed(d.at("named"), "Gr33nTea!"))),
        ("told by its label", |t, d| drop(t.typed(d.at("card"), "Gr33nTea!"))),
        ("filled by the page", |t, d| {
            t.click(d.at("send")).wait(300).change(
                5,
                json!({
                    "id": d.at("word"), "text": "Gr33nTea!", "isChecked": false, "userTriggered": false,
                }),
            );
        }),
        ("told elsewhere on the page", |t, d| {
            shown(t, d);
            t.typed(d.at("word"), "Gr33nTea!").wait(500).click(d.at("send")).wait(50);
            let adds = d.adds("out", "<p role=alert>Gr33nTea! is too weak</p>");
            t.adds(adds).console("warn", "weak Gr33nTea!").call(
                "GET",
                "http://shop.test/weak?word=Gr33nTea%21",
                500,
                "",
                "{}",
            );
        }),
    ];
    for (what, script) in table {
        hides(what, "Gr33nTea", script);
    }
}

#[test]
fn other_fields_are_told() {
    let tape = played(FORM, |t, d| drop(t.typed(d.at("mail"), "ada@shop.test").wait(900).typed(d.at("plain"), "Ada")));
    let told = actions(&tape.timeline());
    assert_eq!(told, ["input textbox \"Email\" = \"ada@shop.test\"", "input textbox \"Nickname\" = \"Ada\""]);
}

#[test]
fn what_the_recorder_masked_does_not_come_back() {
    let table: [(&str, &str, Script); 6] = [
        ("in what was sent", "DE89 3704", |t, d| {
            t.typed(d.at("iban"), "*********").click(d.at("send"));
            t.call("POST", "http://shop.test/api/pay", 422, r#"{"customer":{"iban":"DE89 3704"}}"#, "{}");
        }),
        ("in the answer", "DE89 3704", |t, d| {
            t.typed(d.at("iban"), "*********").click(d.at("send"));
            t.call("POST", "http://shop.test/api/pay", 422, "{}", r#"{"iban":"DE89 3704"}"#);
        }),
        ("in a sentence of the answer", "DE89 3704", |t, d| {
            t.typed(d.at("iban"), "*********").click(d.at("send"));
            let (sent, told) = (r#"{"iban":"DE89 3704"}"#, r#"{"message":"DE89 3704 is no account"}"#);
            t.call("POST", "http://shop.test/api/pay", 422, sent, told);
        }),
        ("in a line of the console", "DE89 3704", |t, d| {
            t.typed(d.at("iban"), "*********").click(d.at("send")).console("error", r#"refused {"iban":"DE89 3704"}"#);
        }),
        ("in an address", "DE89", |t, d| {
            t.typed(d.at("iban"), "*********").click(d.at("send"));
            t.call("GET", "http://shop.test/api/banks?iban=DE89+3704&page=1", 404, "", "{}");
        }),
        ("in a title", "DE89 3704", |t, d| {
            t.typed(d.at("iban"), "*********").click(d.at("send"));
            t.call("POST", "http://shop.test/api/pay", 200, r#"{"iban":"DE89 3704"}"#, "{}").wait(500);
            t.load("http://shop.test/done", &Doc::titled("Paid from DE89 3704", "<p>Done</p>"));
        }),
    ];
    for (what, secret, script) in table {
        hides(what, secret, script);
    }
}

#[test]
fn what_was_sent_as_a_secret_is_one_everywhere() {
    hides("a password in the console", "Gr33nTea", |t, d| {
        t.typed(d.at("word"), "*********").click(d.at("send"));
        t.call("POST", "http://shop.test/login", 200, r#"{"password":"Gr33nTea!"}"#, "{}");
        t.console("error", "login of ada with Gr33nTea! failed");
    });
}

#[test]
fn credentials_in_texts_of_the_page_go() {
    let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";
    let body = format!(
        "<button id=copy aria-label='Copy {jwt}'>Copy</button><a id=next href='http://shop.test/join/{jwt}'>Join</a><p id=out></p>"
    );
    let doc = Doc::titled(&format!("Key {jwt}"), &body);
    let mut tape = Tape::of(&doc);
    let mut doc = doc;
    tape.click(doc.at("copy")).wait(50);
    let adds = doc.adds("out", &format!("<p role=status>Copied {jwt}</p>"));
    tape.adds(adds).wait(900).click(doc.at("next")).wait(300);
    tape.load(&format!("http://shop.test/#access={jwt}"), &doc).wait(3000);
    let texts = texts(&tape.transcription());
    assert!(!texts.contains("c2lnbmF0dXJl"), "{texts}");
    assert!(texts.contains("Copy [redacted]") && texts.contains("Copied [redacted]"), "{texts}");
}
