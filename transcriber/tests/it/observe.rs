//! What events mean: what the user did, and what only looks like it.

use playhead_schemas::timeline::{MomentKind, Timeline};
use serde_json::json;

use crate::doc::Doc;
use crate::tape::{PAGE, Tape, actions, changes, of_kinds};

const FORM: &str = concat!(
    "<label for=name>Name</label><input id=name>",
    "<label for=mail>Email</label><input id=mail type=email>",
    "<label for=secret>Password</label><input id=secret type=password>",
    "<label for=note>Note</label><textarea id=note></textarea>",
    "<label id=gift-label><span key=gift-text>Gift wrap</span><input type=checkbox id=gift></label>",
    "<label><input type=radio name=ship value=a id=slow>Slow</label><label><input type=radio name=ship value=b id=fast>Fast</label>",
    "<label for=sort>Sort</label><select id=sort><option value=p>By price</option><option value=n>By name</option></select>",
    "<div id=edit contenteditable=true aria-label=Message><p key=line>Hello</p></div>",
    "<button id=pay><span key=pay-text>Pay</span></button><button id=other>Other</button>",
    "<a id=next href='http://shop.test/next'>Next</a><div role=slider id=price aria-label=Price></div><p id=para>Text</p>",
);

type Script = fn(&mut Tape, &Doc);

/// Plays each script on the form and compares what was done.
fn check(table: &[(&str, Script, &[&str])]) {
    for (what, script, wanted) in table {
        assert_eq!(actions(&played(*script)), *wanted, "{what}");
    }
}

fn played(script: Script) -> Timeline {
    let doc = Doc::new(FORM);
    let mut tape = Tape::of(&doc);
    script(&mut tape, &doc);
    let timeline = tape.timeline();
    assert!(timeline.defects.is_empty(), "{:?}", timeline.defects);
    timeline
}

#[test]
fn typing_is_one_moment_with_the_last_value() {
    check(&[
        ("letters", |t, d| drop(t.typed(d.at("name"), "Ada")), &["input textbox \"Name\" = \"Ada\""]),
        (
            "two fields",
            |t, d| drop(t.typed(d.at("name"), "Ada").wait(100).typed(d.at("mail"), "a@b.c")),
            &["input textbox \"Name\" = \"Ada\"", "input textbox \"Email\" = \"a@b.c\""],
        ),
        (
            "a click into the field belongs to it",
            |t, d| {
                drop(
                    t.mouse(1, d.at("name"))
                        .focus(d.at("name"))
                        .wait(50)
                        .mouse(0, d.at("name"))
                        .mouse(2, d.at("name"))
                        .wait(100)
                        .input(d.at("name"), "A"),
                )
            },
            &["input textbox \"Name\" = \"A\""],
        ),
        (
            "a long pause ends it",
            |t, d| drop(t.typed(d.at("name"), "Ada").wait(15_000).input(d.at("name"), "Ada L")),
            &["input textbox \"Name\" = \"Ada\"", "input textbox \"Name\" = \"Ada L\""],
        ),
        (
            "another action ends it",
            |t, d| drop(t.typed(d.at("name"), "Ada").click(d.at("pay")).wait(1000).typed(d.at("name"), "Ada L")),
            &["input textbox \"Name\" = \"Ada\"", "click button \"Pay\"", "input textbox \"Name\" = \"Ada L\""],
        ),
        (
            "wiped: what was entered is the fact",
            |t, d| drop(t.typed(d.at("name"), "Ada").wait(300).input(d.at("name"), "")),
            &["input textbox \"Name\" = \"Ada\""],
        ),
        (
            "lines stay",
            |t, d| drop(t.focus(d.at("note")).wait(100).input(d.at("note"), "one\ntwo")),
            &["input textbox \"Note\" = \"one\\ntwo\""],
        ),
        (
            "in place, from the text that changes",
            |t, d| {
                t.focus(d.at("edit")).wait(200);
                for text in ["Hello y", "Hello you"] {
                    t.mutation(json!({ "texts": [{ "id": d.at("line") + 1, "value": text }] })).wait(90);
                }
            },
            &["input textbox \"Message\" = \"Hello you\""],
        ),
    ]);
    let wiped = played(|t, d| drop(t.typed(d.at("name"), "Ada").wait(300).input(d.at("name"), "")));
    assert!(wiped.moments.iter().any(|m| m.text.contains("then cleared")), "{:?}", wiped.moments);
}

#[test]
fn hidden_values_stay_hidden() {
    check(&[
        (
            "masked by the recorder",
            |t, d| drop(t.typed(d.at("name"), "***")),
            &["input textbox \"Name\" = \"***\" masked"],
        ),
        (
            "a password that wasn't",
            |t, d| drop(t.typed(d.at("secret"), "hunter2")),
            &["input textbox \"Password\" = \"*******\" masked"],
        ),
        (
            "stars among letters are text",
            |t, d| drop(t.typed(d.at("name"), "5*4")),
            &["input textbox \"Name\" = \"5*4\""],
        ),
    ]);
    let timeline = played(|t, d| drop(t.typed(d.at("secret"), "hunter2")));
    assert!(timeline.coverage.masked);
    assert!(!serde_json::to_string(&timeline).unwrap().contains("hunter2"));
}

#[test]
fn changes_that_nobody_made_are_not_told() {
    check(&[
        ("a script fills a field", |t, d| drop(t.input(d.at("name"), "Ada").wait(500)), &[]),
        (
            "a script fills another field than the one in use",
            |t, d| drop(t.typed(d.at("name"), "Ada").input(d.at("mail"), "ada@shop.test")),
            &["input textbox \"Name\" = \"Ada\""],
        ),
        ("a script sets a box", |t, d| drop(t.checked(d.at("gift"), true)), &[]),
        (
            "a script clicks",
            |t, d| drop(t.click(d.at("other")).wait(5000).mouse(2, d.at("pay"))),
            &["click button \"Other\""],
        ),
        ("a page fills its lists", |t, d| drop(t.input(d.at("sort"), "n").input(d.at("name"), "Ada").wait(500)), &[]),
        (
            "the pointer passes",
            |t, d| drop(t.change(1, json!({ "positions": [{ "x": 1, "y": 1, "id": d.at("pay"), "timeOffset": 0 }] }))),
            &[],
        ),
        (
            "the focus passes",
            |t, d| drop(t.focus(d.at("name")).wait(50).change(2, json!({ "type": 6, "id": d.at("name") }))),
            &[],
        ),
        (
            "said by the recorder itself",
            |t, d| {
                drop(
                    t.focus(d.at("name")).wait(500).change(
                        5,
                        json!({ "id": d.at("name"), "text": "x", "isChecked": false, "userTriggered": false }),
                    ),
                )
            },
            &[],
        ),
    ]);
}

#[test]
fn boxes_radios_and_lists() {
    check(&[
        (
            "a box: the click and its change",
            |t, d| drop(t.click(d.at("gift")).checked(d.at("gift"), true)),
            &["click checkbox \"Gift wrap\" = \"on\""],
        ),
        (
            "its label: the browser clicks the box once more",
            |t, d| drop(t.click(d.at("gift-text")).mouse(2, d.at("gift")).checked(d.at("gift"), true)),
            &["click checkbox \"Gift wrap\" = \"on\""],
        ),
        (
            "a radio: the one that it unset is not told",
            |t, d| drop(t.click(d.at("fast")).checked(d.at("fast"), true).checked(d.at("slow"), false)),
            &["click radio \"Fast\" = \"on\""],
        ),
        (
            "with the keyboard",
            |t, d| drop(t.focus(d.at("gift")).wait(300).checked(d.at("gift"), true)),
            &["check checkbox \"Gift wrap\" = \"on\""],
        ),
        (
            "off again",
            |t, d| drop(t.focus(d.at("gift")).wait(300).checked(d.at("gift"), false)),
            &["check checkbox \"Gift wrap\" = \"off\""],
        ),
        (
            "a list, by what is read in it",
            |t, d| drop(t.click(d.at("sort")).focus(d.at("sort")).wait(900).input(d.at("sort"), "n")),
            &["select combobox \"Sort\" = \"By name\""],
        ),
        (
            "a list that is chosen from soon after another click",
            |t, d| drop(t.wait(3000).click(d.at("other")).wait(500).input(d.at("sort"), "n").wait(500)),
            &["click button \"Other\"", "select combobox \"Sort\" = \"By name\""],
        ),
        (
            "a list that a click fills",
            |t, d| drop(t.wait(3000).click(d.at("other")).wait(100).input(d.at("sort"), "n").wait(500)),
            &["click button \"Other\""],
        ),
        (
            "a list that the page fills with what it draws after a click",
            |t, d| {
                t.wait(3000).click(d.at("other")).wait(500);
                t.mutation(json!({ "texts": [{ "id": d.at("para") + 1, "value": "New" }] })).wait(50);
                t.input(d.at("sort"), "n").wait(500);
            },
            &["click button \"Other\""],
        ),
        (
            "a list that had no focus",
            |t, d| drop(t.wait(3000).input(d.at("sort"), "n").wait(500)),
            &["select combobox \"Sort\" = \"By name\""],
        ),
    ]);
}

#[test]
fn clicks_of_every_kind() {
    check(&[
        ("on what is inside a button", |t, d| drop(t.click(d.at("pay-text"))), &["click button \"Pay\""]),
        (
            "one by one",
            |t, d| drop(t.click(d.at("pay")).wait(3000).click(d.at("pay"))),
            &["click button \"Pay\"", "click button \"Pay\""],
        ),
        ("twice", |t, d| drop(t.click(d.at("pay")).wait(500).click(d.at("pay"))), &["click x2 button \"Pay\""]),
        (
            "a double click",
            |t, d| drop(t.click(d.at("para")).wait(100).click(d.at("para")).mouse(4, d.at("para"))),
            &["double_click paragraph \"Text\""],
        ),
        (
            "a context menu",
            |t, d| drop(t.mouse(1, d.at("para")).mouse(3, d.at("para"))),
            &["context_menu paragraph \"Text\""],
        ),
        ("a tap", |t, d| drop(t.tap(d.at("pay"))), &["touch button \"Pay\""]),
        (
            "with the keyboard",
            |t, d| drop(t.focus(d.at("pay")).wait(4000).mouse(2, d.at("pay"))),
            &["click button \"Pay\""],
        ),
        (
            "a press that took away what was pressed",
            |t, d| {
                t.mouse(1, d.at("pay"))
                    .wait(20)
                    .mutation(json!({ "removes": [{ "parentId": d.at("body"), "id": d.at("pay") }] }));
                t.wait(40).mouse(0, d.at("pay")).wait(500);
            },
            &["click button \"Pay\""],
        ),
        (
            "a double click on what is drawn anew",
            |t, d| {
                let mut doc = d.clone();
                t.mouse(1, d.at("pay")).wait(30);
                t.mutation(json!({ "removes": [{ "parentId": d.at("body"), "id": d.at("pay") }], "adds": doc.adds("body", "<button key=anew>Pay</button>") }));
                t.wait(30)
                    .mouse(0, doc.at("anew"))
                    .wait(90)
                    .mouse(1, doc.at("anew"))
                    .wait(60)
                    .mouse(0, doc.at("anew"))
                    .wait(900);
            },
            &["double_click button \"Pay\""],
        ),
        (
            "told by two recorders",
            |t, d| {
                for kind in [1, 0, 2] {
                    t.mouse(kind, d.at("pay")).mouse(kind, d.at("pay")).wait(30);
                }
            },
            &["click button \"Pay\""],
        ),
        ("on nothing that is known", |t, _| drop(t.click(9999)), &["click ?"]),
        ("on a blocked element", |t, _| drop(t.change(2, json!({ "type": 2, "id": -1, "x": 1, "y": 1 }))), &[]),
    ]);
}

/// A press may name an element that the page drew anew in the same moment; the selector finds the new one.
#[test]
fn what_was_drawn_anew_is_found_by_its_id() {
    let timeline = played(|t, d| {
        let adds = d.clone().adds("body", "<button id=pay>Pay</button>");
        t.mutation(json!({ "removes": [{ "parentId": d.at("body"), "id": d.at("pay") }], "adds": adds }));
        t.click(d.at("pay")).wait(900);
    });
    let target = of_kinds(&timeline, &[MomentKind::Click])[0].target.as_ref().unwrap();
    assert_eq!((target.selector.as_str(), target.matches, target.name.as_deref()), ("#pay", 1, Some("Pay")));
}

#[test]
fn drags() {
    check(&[
        (
            "a slider",
            |t, d| {
                drop(
                    t.mouse_at(1, d.at("price"), 10.0, 10.0).wait(300).mouse_at(0, d.at("price"), 90.0, 10.0).mouse_at(
                        2,
                        d.at("price"),
                        90.0,
                        10.0,
                    ),
                )
            },
            &["drag slider \"Price\""],
        ),
        (
            "a hand that shakes",
            |t, d| {
                drop(t.mouse_at(1, d.at("pay"), 10.0, 10.0).wait(90).mouse_at(0, d.at("pay"), 13.0, 11.0).mouse_at(
                    2,
                    d.at("pay"),
                    13.0,
                    11.0,
                ))
            },
            &["click button \"Pay\""],
        ),
        (
            "marking text",
            |t, d| {
                let (p, text) = (d.at("para"), d.at("para") + 1);
                t.mouse_at(1, p, 10.0, 10.0).wait(100).change(
                    14,
                    json!({ "ranges": [{ "start": text, "startOffset": 0, "end": text, "endOffset": 3 }] }),
                );
                t.wait(100).mouse_at(0, p, 80.0, 10.0).mouse_at(2, p, 80.0, 10.0);
            },
            &[],
        ),
        (
            "drag and drop",
            |t, d| {
                t.mouse(1, d.at("para")).wait(300);
                for (x, id) in [(20, "para"), (60, "other")] {
                    t.change(12, json!({ "positions": [{ "x": x, "y": 10, "id": d.at(id), "timeOffset": 0 }] }))
                        .wait(400);
                }
            },
            &["drag paragraph \"Text\""],
        ),
    ]);
    let onto =
        played(|t, d| drop(t.mouse_at(1, d.at("para"), 0.0, 0.0).wait(300).mouse_at(0, d.at("other"), 0.0, 90.0)));
    assert!(onto.moments.iter().any(|m| m.text.contains("onto button \"Other\"")), "{:?}", onto.moments);
}

/// Kind and address of each page that was come to, and whether a line says `again`.
fn pages(timeline: &Timeline) -> Vec<String> {
    of_kinds(timeline, &[MomentKind::PageLoad, MomentKind::Navigate])
        .iter()
        .map(|m| {
            let again = if m.text.contains(" again") { " again" } else { "" };
            format!("{} {}{again}", m.kind, m.url.as_deref().unwrap_or_default())
        })
        .collect()
}

#[test]
fn loads_checkouts_and_navigation() {
    const LOAD: &str = "page_load http://shop.test/";
    let table: [(&str, Script, &[&str]); 11] = [
        ("a checkout", |t, d| drop(t.wait(5000).meta(PAGE).snapshot(d)), &[]),
        ("a checkout without Meta", |t, d| drop(t.wait(5000).snapshot(d)), &[]),
        (
            "a checkout after a change of address",
            |t, d| drop(t.wait(5000).meta("http://shop.test/cart").snapshot(d)),
            &["navigate http://shop.test/cart"],
        ),
        ("a reload", |t, d| drop(t.wait(5000).load(PAGE, d)), &["page_load http://shop.test/ again"]),
        (
            "another page, whose recorder doesn't announce it",
            |t, _| drop(t.wait(5000).meta("http://shop.test/b").snapshot(&Doc::new("<h1>B</h1><p>1</p>"))),
            &["page_load http://shop.test/b"],
        ),
        (
            "a router follows a link",
            |t, d| drop(t.click(d.at("next")).wait(200).adds(d.clone().adds("body", "<h1>Next</h1>"))),
            &["navigate http://shop.test/next"],
        ),
        ("a link that nothing follows", |t, d| drop(t.click(d.at("next")).wait(9000)), &[]),
        (
            "a link that loads",
            |t, d| drop(t.click(d.at("next")).wait(300).load("http://shop.test/next", d)),
            &["page_load http://shop.test/next"],
        ),
        (
            "a link whose page changes before it is left",
            |t, d| {
                drop(
                    t.click(d.at("next"))
                        .wait(50)
                        .attributes(d.at("next"), json!({ "aria-busy": "true" }))
                        .wait(600)
                        .load("http://shop.test/next", d),
                )
            },
            &["page_load http://shop.test/next"],
        ),
        (
            "said by a custom event, once",
            |t, _| {
                for _ in 0..2 {
                    t.event(5, json!({ "tag": "$url_changed", "payload": { "href": "/account?x=1" } })).wait(300);
                }
            },
            &["navigate http://shop.test/account?x=1"],
        ),
        (
            "said by the event of another SDK",
            |t, _| {
                t.wait(2000).event(5, json!({ "tag": "Navigate", "payload": "http://shop.test/b" }));
            },
            &["navigate http://shop.test/b"],
        ),
    ];
    for (what, script, wanted) in table {
        let got = pages(&played(script));
        assert_eq!(got[0], LOAD, "{what}");
        assert_eq!(got[1..], *wanted, "{what}");
    }
}

/// Routers change the address in silence; the requests that the page sends name it. A frame's name their own.
#[test]
fn addresses_that_requests_were_sent_from() {
    let from = |fetched: bool, referer: &str| {
        let mut tape = Tape::of(&Doc::new(FORM));
        if fetched {
            tape.fetched("document", referer, None).wait(100);
        }
        tape.wait(3000).fetched("fetch", "http://shop.test/api", Some(referer)).wait(100);
        pages(&tape.timeline())[1..].to_vec()
    };
    assert_eq!(from(false, "http://shop.test/account"), ["navigate http://shop.test/account"]);
    assert_eq!(from(false, "http://shop.test/"), [""; 0]);
    assert_eq!(from(false, "http://elsewhere.test/"), [""; 0]);
    assert_eq!(from(false, "http://shop.test/worker.js"), [""; 0]);
    assert_eq!(from(true, "http://shop.test/frame"), [""; 0]);
    // What is sent to another origin names this one's alone (Referrer Policy, strict-origin-when-cross-origin).
    let mut tape = Tape::default();
    tape.load("http://shop.test/cart", &Doc::new(FORM)).wait(3000);
    tape.fetched("image", "http://cdn.test/a.svg", Some("http://shop.test/")).wait(100);
    assert_eq!(pages(&tape.timeline()), ["page_load http://shop.test/cart"]);
    // What was on its way when the address changed still names the old one.
    let mut tape = Tape::of(&Doc::new(FORM));
    tape.wait(3000).fetched("fetch", "http://shop.test/api", Some("http://shop.test/b")).wait(100);
    tape.fetched("fetch", "http://shop.test/api/2", Some("http://shop.test/")).wait(3000);
    assert_eq!(pages(&tape.timeline())[1..], ["navigate http://shop.test/b"]);
}

/// Pages write where one is into links that bring one back.
#[test]
fn addresses_that_links_lead_back_to() {
    const LOGIN: &str = "<a id=login href='http://shop.test/login?next=%2F'>Sign in</a>";
    let after = |links: &[&str]| {
        let doc = Doc::new(LOGIN);
        let mut tape = Tape::of(&doc);
        for link in links {
            tape.attributes(doc.at("login"), json!({ "href": link })).wait(3000);
        }
        pages(&tape.timeline())[1..].to_vec()
    };
    let next = |path: &str| format!("http://shop.test/login?next={path}");
    assert_eq!(
        after(&[&next("%2Fcart"), &next("%2Fcart%3Fpage%3D2"), &next("%2F")]),
        ["navigate http://shop.test/cart", "navigate http://shop.test/cart?page=2", "navigate http://shop.test/"]
    );
    // A router whose address is in the fragment, and whose first page no event tells.
    let hash = |path: &str| json!({ "href": format!("http://shop.test/#/settings?returnTo={path}") });
    let doc = Doc::new("<a id=login href='http://shop.test/#/settings?returnTo=%2F'>Settings</a>");
    let mut tape = Tape::of(&doc);
    tape.attributes(doc.at("login"), hash("%2Fruns%3Fq%3Da%252Bb")).wait(3000);
    assert_eq!(pages(&tape.timeline())[1..], ["navigate http://shop.test/#/runs?q=a%2Bb"]);
    // What never told where one was tells nothing.
    let doc = Doc::new("<a id=login href='http://shop.test/login?next=%2Fhome'>Sign in</a>");
    let mut tape = Tape::of(&doc);
    tape.attributes(doc.at("login"), json!({ "href": next("%2Fcart") })).wait(3000);
    assert_eq!(pages(&tape.timeline()).len(), 1);
}

/// A checkout in the middle of typing, and what frames show, change nothing.
#[test]
fn checkouts_go_unnoticed() {
    let mut doc = Doc::new("<input id=name aria-label=Name><iframe id=frame></iframe><p>1</p>");
    let plain = doc.clone();
    let frame = doc.frame("frame", "<p>1</p><p>2</p><p>3</p><p>4</p><p>5</p><p>6</p><button id=in>In</button>");
    let mut tape = Tape::of(&doc);
    tape.adds(vec![frame.clone()]).wait(1000).focus(doc.at("name")).wait(300).input(doc.at("name"), "A").wait(80);
    tape.meta(PAGE)
        .snapshot(&plain)
        .adds(vec![frame])
        .wait(80)
        .input(doc.at("name"), "Ada")
        .wait(2000)
        .click(doc.at("in"));
    let timeline = tape.timeline();
    assert_eq!(actions(&timeline), ["input textbox \"Name\" = \"Ada\"", "click button \"In\""]);
    assert_eq!(pages(&timeline), ["page_load http://shop.test/"]);
}

#[test]
fn scrolls_resizes_idle_times_and_tabs() {
    let lines = |script: Script| -> Vec<String> {
        let kinds = [MomentKind::Scroll, MomentKind::Resize, MomentKind::Idle, MomentKind::Tab, MomentKind::Media];
        of_kinds(&played(script), &kinds).iter().map(|m| m.text.clone()).collect()
    };
    assert_eq!(
        lines(|t, _| {
            for y in [100, 220, 400] {
                t.change(3, json!({ "id": 1, "x": 0, "y": y })).wait(100);
            }
        }),
        ["scroll page to y 400"]
    );
    // A link to a place in the page, and what the user scrolls after it.
    let to_place: Script = |t, d| {
        t.click(d.at("pay")).wait(60);
        for y in [100, 300, 500, 700, 800] {
            t.change(3, json!({ "id": 1, "x": 0, "y": y })).wait(100);
        }
    };
    assert_eq!(lines(to_place), Vec::<String>::new());
    let outcome = played(to_place).moments.iter().map(changes).find(|changes| !changes.is_empty());
    assert_eq!(outcome.unwrap(), ["page scrolled to y 800"]);
    assert_eq!(
        lines(|t, d| drop(t.click(d.at("pay")).wait(900).change(3, json!({ "id": 1, "x": 0, "y": 80 })))),
        ["scroll page to y 80"]
    );
    assert_eq!(
        lines(|t, _| drop(
            t.change(4, json!({ "width": 900, "height": 700 }))
                .wait(100)
                .change(4, json!({ "width": 800, "height": 700 }))
        )),
        ["resize to 800 x 700"]
    );
    assert_eq!(lines(|t, _| drop(t.change(4, json!({ "width": 1280, "height": 800 })))), Vec::<String>::new());
    assert_eq!(lines(|t, d| drop(t.click(d.at("pay")).wait(45_000).click(d.at("pay")))), ["idle for 45.0 s"]);
    assert_eq!(
        lines(|t, _| drop(
            t.event(5, json!({ "tag": "window hidden", "payload": {} }))
                .wait(900)
                .event(5, json!({ "tag": "window visible", "payload": {} }))
        )),
        ["tab hidden", "tab visible"]
    );
}

#[test]
fn lines_name_the_window_unless_it_is_the_first() {
    let doc = Doc::new(FORM);
    let mut tape = Tape::default();
    tape.window = Some("first".to_owned());
    tape.load(PAGE, &doc).wait(500).click(doc.at("pay")).wait(3000);
    tape.window = Some("second".to_owned());
    tape.load("http://shop.test/b", &doc).wait(500).click(doc.at("other")).wait(3000);
    let done = tape.transcription();
    let told: Vec<&str> = done.timeline.moments.iter().map(|moment| moment.text.as_str()).collect();
    let begins = ["page load http", "click button", "w2 page load http", "w2 click button"];
    assert!(told.len() == 4 && told.iter().zip(begins).all(|(line, begin)| line.starts_with(begin)), "{told:?}");
    assert!(done.summary.contains("2 windows (w2 marks what is not in the first)"), "{}", done.summary);
    assert!(done.summary.contains(" w2 click button"), "{}", done.summary);
}
