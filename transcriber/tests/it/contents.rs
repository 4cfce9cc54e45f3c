//! What stands on a page beside its heading and messages, and what became of it.

use playhead_schemas::timeline::{Moment, MomentKind, NavigationKind, Timeline};
use serde_json::json;

use crate::doc::Doc;
use crate::tape::{PAGE, Script, Tape, changes, of_kinds, played_out};

/// What the line of a page says that it shows after its heading.
fn shows(content: &str) -> String {
    let mut tape = Tape::default();
    tape.load(PAGE, &Doc::new(&format!("<main><h1>Shop</h1>{content}</main>"))).wait(3000);
    let timeline = tape.timeline();
    let line = of_kinds(&timeline, &[MomentKind::PageLoad])[0].text.clone();
    line.split_once("shows heading \"Shop\"").map_or(line.clone(), |(_, told)| told.to_owned())
}

#[test]
fn a_page_tells_counts_values_choices_tables_lists_and_texts() {
    for (content, want) in [
        ("<p>14 matching runs</p>", "; \"14 matching runs\""),
        ("<p hidden>14 matching runs</p>", ""),
        ("<nav><p>14 matching runs</p></nav>", ""),
        ("<p>*** ********</p>", ""),
        ("<dl><dt>Sum</dt><dd>£5</dd><dt>Total</dt><dd>£7</dd></dl>", "; Total \"£7\"; Sum \"£5\""),
        ("<p>Total <b>£129.00</b></p>", "; Total \"£129.00\""),
        ("<table><tbody><tr><th scope=row>State</th><td>Paid</td></tr></tbody></table>", "; State \"Paid\""),
        (
            "<table><thead><tr><th>Item</th><th>Price</th></tr></thead><tbody><tr><td>Mug</td><td>£14</td></tr>\
             <tr><td>Lamp</td><td>£88</td></tr></tbody></table>",
            "; table with columns \"Item | Price\", first row \"Mug | £14\"",
        ),
        (
            "<select aria-label=Country><option value=uk>UK</option><option value=se selected>Sweden</option></select>",
            "; combobox \"Country\" set to \"Sweden\"",
        ),
        (
            "<label><input type=radio checked>By post</label><label><input type=radio>By air</label>",
            "; radio \"By post\" set to \"on\"",
        ),
        ("<ul><li>Mug £14</li><li>Lamp £88</li></ul>", "; list: \"Mug £14\", \"Lamp £88\""),
        ("<ul><li><a href=/a>Mugs</a></li><li><a href=/b>Lamps</a></li></ul>", ""),
        ("<p>Made of iron in Sweden.</p>", "; \"Made of iron in Sweden.\""),
    ] {
        assert_eq!(shows(content), want, "{content}");
    }
    let long: String = (0..9).map(|n| format!("<li>Mug {n}</li>")).collect();
    assert_eq!(shows(&format!("<ul>{long}</ul>")), "; list of 9: \"Mug 0\", \"Mug 1\"");
}

/// What is told of one page is bounded.
#[test]
fn a_page_of_many_facts_tells_a_few() {
    let many: String = (0..500).map(|n| format!("<dt>Label {}</dt><dd>{n} pieces</dd>", "x".repeat(30))).collect();
    let told = shows(&format!("<dl>{many}</dl>"));
    assert!(told.chars().count() < 900, "{told}");
}

fn action(timeline: &Timeline) -> &Moment {
    timeline.moments.iter().find(|moment| moment.kind.is_action()).unwrap()
}

#[test]
fn what_changes_is_told_with_its_label_and_name() {
    const BODY: &str = "<button id=pay>Pay</button><dl><dt>Total</dt><dd id=total></dd></dl>\
        <article id=home><h3 id=name>Home</h3></article><div id=box></div>";
    let table: [(&str, Script, &[&str]); 4] = [
        ("an amount", |t, d| drop(t.adds(d.adds("total", "£76.00"))), &["\"Total £76.00\" appeared"]),
        (
            "an element that took the place of another one",
            |t, d| {
                let (home, name) = (d.at("home"), d.at("name"));
                let mut given = json!({ "removes": [{ "parentId": home, "id": name }] });
                given["adds"] = json!(d.adds("home", "<input aria-label='Address name'>"));
                t.mutation(given);
            },
            &["heading \"Home\" became textbox \"Address name\""],
        ),
        (
            "a menu",
            |t, d| {
                let menu = "<div role=menu><div role=menuitem>Rename</div><div role=menuitem>Delete</div></div>";
                t.adds(d.adds("box", menu));
            },
            &["menu appeared: \"Rename\", \"Delete\""],
        ),
        (
            "the text of an error before a mark",
            |t, d| {
                t.adds(d.adds("box", "<p>#</p>"));
                t.adds(d.adds("box", "<pre>--------------------\nKeyError: no such column</pre>"));
            },
            &["\"KeyError: no such column\" appeared", "\"#\" appeared"],
        ),
    ];
    for (what, script, wanted) in table {
        let mut doc = Doc::new(BODY);
        let mut tape = Tape::of(&doc);
        tape.click(doc.at("pay")).wait(100);
        script(&mut tape, &mut doc);
        tape.wait(9000).change(1, json!({ "positions": [] }));
        assert_eq!(changes(action(&tape.timeline())), *wanted, "{what}");
    }
}

/// Browsers report mouse buttons for a finger, too.
#[test]
fn a_tap_with_the_mouse_buttons_of_the_browser_is_one() {
    let timeline = played_out("<button id=pay>Pay</button>", |t, d| {
        let pay = d.at("pay");
        t.mouse(7, pay).wait(1).mouse(9, pay).wait(1).mouse(1, pay).mouse(0, pay).mouse(2, pay);
    });
    assert_eq!((action(&timeline).kind, action(&timeline).count), (MomentKind::Touch, 1));
    assert_eq!(of_kinds(&timeline, &[MomentKind::Touch, MomentKind::Click]).len(), 1);
}

#[test]
fn a_choice_tells_what_was_chosen_before() {
    let timeline = played_out(
        "<select id=state aria-label=State><option value=a selected>Available</option><option value=p>Pending</option>\
         </select>",
        |t, d| drop(t.click(d.at("state")).wait(300).focus(d.at("state")).wait(50).input(d.at("state"), "p")),
    );
    let line = &action(&timeline).text;
    assert!(line.contains("choose \"Pending\" in combobox \"State\" (was \"Available\")"), "{line}");
}

/// A key that is pressed leaves no event: what it does is not the answer to the click before.
#[test]
fn what_comes_after_the_answer_is_a_moment_of_its_own() {
    let timeline = played_out("<button id=pay>Pay</button><dialog id=ask aria-label='Sure?'></dialog>", |t, d| {
        t.request("GET", "http://shop.test/a", 200, 20).wait(200);
        t.click(d.at("pay")).wait(50).adds(d.adds("body", "<p>Paid with the card</p>")).wait(1600);
        t.attributes(d.at("ask"), json!({ "open": "" })).wait(4000);
    });
    assert_eq!(changes(action(&timeline)), ["\"Paid with the card\" appeared"]);
    let notices = of_kinds(&timeline, &[MomentKind::Notice]);
    assert_eq!(notices.len(), 1);
    assert_eq!(changes(notices[0]), ["dialog \"Sure?\" appeared"]);
}

/// A page to which nothing on the page before led, and which was shown before that one.
#[test]
fn back_is_told_by_the_history() {
    let mut tape = Tape::of(&Doc::new("<a id=far href='http://shop.test/far'>Far</a>"));
    let doc = Doc::new("<a id=far href='http://shop.test/far'>Far</a>");
    tape.click(doc.at("far")).wait(200).load("http://shop.test/far", &Doc::new("<p>Far</p>")).wait(2500);
    tape.load(PAGE, &doc).wait(2500);
    let timeline = tape.timeline();
    let pages = of_kinds(&timeline, &[MomentKind::PageLoad]);
    assert_eq!(
        pages.iter().map(|page| page.navigation).collect::<Vec<_>>(),
        [None, None, Some(NavigationKind::BackForward)]
    );
}

/// A field may refer to a help text beside its message.
#[test]
fn a_help_text_is_not_the_message_of_a_field() {
    for (body, want) in [
        (
            "<input aria-label=Name aria-invalid=true aria-describedby='help why'><p id=help>At most 150 letters.</p>\
             <ul id=why class=errorlist><li>The name is taken.</li></ul>",
            "; textbox \"Name\" marked invalid: \"The name is taken.\"; \"At most 150 letters.\"",
        ),
        (
            "<input aria-label=Name aria-invalid=true aria-describedby=name_helptext>\
             <p id=name_helptext>At most 150 letters.</p>",
            "; textbox \"Name\" marked invalid; \"At most 150 letters.\"",
        ),
    ] {
        assert_eq!(shows(body), want, "{body}");
    }
}
