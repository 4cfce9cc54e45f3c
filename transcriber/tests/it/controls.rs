//! What a person operates, where and how: controls that libraries draw, their names and places.

use playhead_schemas::timeline::{FailureKind, Moment, MomentKind, Signal, Timeline};
use serde_json::{Value, json};

use crate::doc::Doc;
use crate::tape::{PAGE, START, Script, Tape, actions, changes, of_kinds};

const PARTS: &str = concat!(
    "<x-button id=save><span key=save-text>Save</span></x-button>",
    "<div><input type=checkbox role=switch id=gift aria-label=Gift><span key=core><b></b></span></div>",
    "<table><thead><tr><th>Name</th><th key=total>Total<button id=sort aria-label=Sort></button></th></tr></thead>",
    "<tbody><tr><td key=tick><input type=checkbox id=all></td><td>Ada</td><td><button id=open>Open</button></td></tr>",
    "<tr><td>1</td><td>2</td><td>3</td><td>4</td><td>5</td><td>6</td><td><button id=day>7</button></td></tr></tbody></table>",
    "<div><div key=rail></div><div role=slider id=rows aria-label=Rows>5</div><i>20</i></div>",
    "<label aria-label='This row'><input type=checkbox id=row></label>",
    "<div><p>Place</p><div><input role=combobox id=place></div></div>",
    "<label key=when><span key=when-text>When</span><input id=date><i key=icon>today</i></label>",
    "<input type=file id=photo aria-label=Photo><p id=para>Text</p><button id=plain>Plain</button>",
    "<a id=out href='http://other.test/' target=_blank>Elsewhere</a>",
);

fn played(script: Script) -> Timeline {
    crate::tape::played(PARTS, script).timeline()
}

fn first(timeline: &Timeline) -> &Moment {
    timeline.moments.iter().find(|moment| moment.kind.is_action()).unwrap()
}

#[test]
fn controls_are_those_that_a_person_sees() {
    let table: [(&str, Script, &[&str]); 11] = [
        (
            "a custom element that is called a button",
            |t, d| drop(t.click(d.at("save-text"))),
            &["click button \"Save\""],
        ),
        (
            "a switch that is drawn beside its box",
            |t, d| drop(t.click(d.at("core")).checked(d.at("gift"), true)),
            &["click switch \"Gift\" = \"on\""],
        ),
        ("a cell around a box is a cell", |t, d| drop(t.click(d.at("tick"))), &["click cell \"\""]),
        ("a rail between numbers", |t, d| drop(t.click(d.at("rail"))), &["click slider \"Rows\""]),
        ("a label that has a label", |t, d| drop(t.click(d.at("row"))), &["click checkbox \"This row\""]),
        ("a list that shows its placeholder", |t, d| drop(t.click(d.at("place"))), &["click combobox \"Place\""]),
        ("the label of a field", |t, d| drop(t.click(d.at("when-text"))), &["click textbox \"When today\""]),
        ("a picture in the label of a field", |t, d| drop(t.click(d.at("icon"))), &["click i \"today\""]),
        (
            "a file",
            |t, d| drop(t.input(d.at("photo"), "C:\\fakepath\\cat.png").input(d.at("photo"), "")),
            &["input button \"Photo\" = \"cat.png\""],
        ),
        (
            "a slider that is dropped over something else",
            |t, d| drop(t.mouse_at(1, d.at("rows"), 5.0, 5.0).wait(200).mouse_at(0, d.at("plain"), 90.0, 5.0)),
            &["drag slider \"Rows\""],
        ),
        ("a link that opens a window of its own", |t, d| drop(t.click(d.at("out"))), &["click link \"Elsewhere\""]),
    ];
    for (what, script, wanted) in table {
        let told: Vec<String> = actions(&played(script)).iter().map(|action| action.replace("generic", "i")).collect();
        assert_eq!(told, *wanted, "{what}");
    }
    let says = |script: Script, wanted: &str| {
        let text = first(&played(script)).text.clone();
        assert!(text.contains(wanted), "{text}");
    };
    says(|t, d| drop(t.input(d.at("photo"), "C:\\fakepath\\cat.png")), "choose file \"cat.png\" for button \"Photo\"");
    says(|t, d| drop(t.click(d.at("out"))), "click link \"Elsewhere\" (opens a new tab)");
    says(
        |t, d| drop(t.mouse_at(1, d.at("rows"), 5.0, 5.0).wait(200).mouse_at(0, d.at("plain"), 90.0, 5.0)),
        "drag slider \"Rows\" by +85, +0 px",
    );
    says(
        |t, d| drop(t.mouse_at(1, d.at("para"), 5.0, 5.0).wait(200).mouse_at(0, d.at("body"), 90.0, 5.0)),
        "drag p \"Text\" by +85, +0 px",
    );
}

#[test]
fn columns_tell_where_and_weeks_do_not() {
    let within = |script: Script| first(&played(script)).target.clone().unwrap().within;
    assert_eq!(within(|t, d| drop(t.click(d.at("sort")))).as_deref(), Some("column \"Total\""));
    assert_eq!(within(|t, d| drop(t.click(d.at("total")))), None);
    assert_eq!(within(|t, d| drop(t.click(d.at("open")))).as_deref(), Some("row \"Ada\""));
    assert_eq!(within(|t, d| drop(t.click(d.at("day")))), None);
}

#[test]
fn rows_that_show_other_values_are_counted() {
    let mut doc = Doc::new(concat!(
        "<button id=go>Go</button><p id=sum>6</p><table><tbody><tr><td key=a>1</td></tr><tr><td key=b>2</td></tr>",
        "<tr><td key=c>3</td></tr></tbody></table>",
    ));
    let mut tape = Tape::of(&doc);
    tape.click(doc.at("go")).wait(100);
    let texts = |keys: &[&str]| -> Vec<Value> {
        keys.iter().map(|key| json!({ "id": doc.at(key) + 1, "value": format!("new {key}") })).collect()
    };
    tape.mutation(json!({ "texts": texts(&["a", "b", "c", "sum"]) }));
    let told = changes(first(&tape.timeline()));
    assert_eq!(told, ["\"6\" became \"new sum\"", "3 rows show other values"]);
    // Few are told one by one.
    let mut few = Tape::of(&doc);
    few.click(doc.at("go")).wait(100).mutation(json!({ "texts": texts(&["a", "b"]) }));
    assert_eq!(changes(first(&few.timeline())), ["\"1\" became \"new a\"", "\"2\" became \"new b\""]);
    drop(doc.adds("body", "<p>unused</p>"));
}

/// What nobody would call a control answers at once or never; a control may take its time.
#[test]
fn plain_text_is_dead_sooner_than_a_button() {
    let signals = |script: Script| first(&played(script)).signals.clone();
    assert_eq!(signals(|t, d| drop(t.click(d.at("para")).wait(700).click(d.at("save")))), [Signal::DeadClick]);
    assert_eq!(signals(|t, d| drop(t.click(d.at("para")).wait(430).click(d.at("save")))), []);
    assert_eq!(signals(|t, d| drop(t.click(d.at("plain")).wait(700).click(d.at("save")))), []);
}

#[test]
fn quick_clicks_on_a_link_that_loads_the_page_anew_are_a_rage_click() {
    let doc = Doc::new("<a id=home href='http://shop.test/'>Home</a><a id=next href='http://shop.test/'>Next</a>");
    let clicked = |keys: &[&str], pause: i64| {
        let mut tape = Tape::of(&doc);
        for key in keys {
            tape.click(doc.at(key)).wait(100).load(PAGE, &doc).wait(pause);
        }
        let timeline = tape.timeline();
        of_kinds(&timeline, &[MomentKind::Click]).iter().filter(|m| m.signals.contains(&Signal::RageClick)).count()
    };
    assert_eq!(clicked(&["home", "home", "home", "home"], 200), 1);
    assert_eq!(clicked(&["home", "next", "home", "next"], 200), 0);
    assert_eq!(clicked(&["home", "home", "home"], 2000), 0);
}

#[test]
fn requests_that_were_given_up_are_no_failures() {
    let failures = |why: &str| {
        let doc = Doc::new(PARTS);
        let mut tape = Tape::of(&doc);
        tape.click(doc.at("plain")).wait(50).gave_up("http://shop.test/feed", 4000, why).wait(5000);
        let timeline = tape.timeline();
        let told = of_kinds(&timeline, &[MomentKind::Request])[0].text.clone();
        (timeline.failures.iter().map(|failure| failure.kind).collect::<Vec<_>>(), told)
    };
    let (kinds, told) = failures("net::ERR_ABORTED");
    assert_eq!(kinds, []);
    assert_eq!(told, "GET /feed cancelled (4000 ms)");
    assert_eq!(failures("net::ERR_CONNECTION_RESET").0, [FailureKind::RequestFailed]);
}

/// Where a menu led to is told only by the next request: it is dated with the item that bears the name.
#[test]
fn addresses_are_dated_with_what_bears_their_name() {
    let doc = Doc::new(concat!(
        "<h1 id=title>Orders</h1><div role=menuitem id=prefs>Settings</div><button id=save>Save</button>",
        "<ul><li>Order 178 <button id=view>View</button></li></ul>",
    ));
    let navigated = |first: &str, to: &str| {
        let mut tape = Tape::of(&doc);
        tape.click(doc.at(first)).wait(3000);
        let at = tape.now;
        tape.click(doc.at("save")).wait(50).fetched("fetch", "http://shop.test/api", Some(to)).wait(500);
        let timeline = tape.timeline();
        let found = of_kinds(&timeline, &[MomentKind::Navigate]);
        assert_eq!(found.len(), 1);
        assert!(timeline.replay.started_at_ms.0 <= START);
        (found[0].t_ms < at as u64, found[0].url.clone().unwrap())
    };
    assert_eq!(navigated("prefs", "http://shop.test/settings"), (true, "http://shop.test/settings".to_owned()));
    assert!(navigated("view", "http://shop.test/orders/178").0);
    assert!(!navigated("title", "http://shop.test/orders").0, "nobody goes anywhere by a heading");
    assert!(!navigated("prefs", "http://shop.test/help").0);
}

/// A title that comes again tells the way back, but not one that the page had itself.
#[test]
fn titles_tell_the_way_back_unless_they_are_the_pages_own() {
    let doc = Doc::titled("Start", "<a id=grid href='http://shop.test/grid'>Grid</a><p id=para>Text</p>");
    let title = 6;
    let pages = |titles: &[(i64, &str)]| -> Vec<String> {
        let mut tape = Tape::of(&doc);
        tape.wait(3000).click(doc.at("grid")).wait(60).attributes(doc.at("grid"), json!({ "class": "on" }));
        for (pause, text) in titles {
            tape.wait(*pause).mutation(json!({ "texts": [{ "id": title, "value": text }] }));
        }
        tape.wait(3000);
        let timeline = tape.timeline();
        of_kinds(&timeline, &[MomentKind::Navigate]).iter().filter_map(|moment| moment.url.clone()).collect()
    };
    let grid = "http://shop.test/grid".to_owned();
    assert_eq!(pages(&[(50, "Grid"), (4000, "Start")]), [grid.clone(), PAGE.to_owned()]);
    // Both views are called the same, and say now and then that they are busy.
    assert_eq!(pages(&[(50, "Busy"), (60, "Start"), (4000, "Busy"), (60, "Start")]), [grid]);
}

/// A click on plain text, and long after it the page is left in a way that no recording shows.
#[test]
fn plain_text_leads_nowhere() {
    let doc = Doc::new("<p id=para>Text</p><div id=card>Card</div>");
    let left = |key: &str, pause: i64| {
        let mut tape = Tape::of(&doc);
        tape.fetched("fetch", "http://shop.test/api", None).wait(2000).click(doc.at(key)).wait(pause);
        tape.fetched("document", "http://shop.test/next", None).wait(900).load("http://shop.test/next", &doc);
        let timeline = tape.timeline();
        let click = of_kinds(&timeline, &[MomentKind::Click])[0].clone();
        let load = of_kinds(&timeline, &[MomentKind::PageLoad])[1].clone();
        (click.signals.contains(&Signal::DeadClick), load.caused_by == Some(click.id))
    };
    assert_eq!(left("para", 1200), (true, false));
    assert_eq!(left("card", 80), (false, true), "what listens to clicks asks at once");
}

/// A tool of an editor formats what is there: nobody types.
#[test]
fn tools_of_editors_type_nothing() {
    let mut doc = Doc::new(
        "<button id=list>List</button><div id=edit contenteditable=true aria-label=Note><p key=line>Hi</p></div>",
    );
    let mut tape = Tape::of(&doc);
    let line = doc.at("line") + 1;
    tape.focus(doc.at("edit")).wait(300).mutation(json!({ "texts": [{ "id": line, "value": "Hi you" }] })).wait(900);
    tape.click(doc.at("list")).wait(20).adds(doc.adds("edit", "<ol><li>Hi you</li></ol>")).wait(900);
    assert_eq!(actions(&tape.timeline()), ["input textbox \"Note\" = \"Hi you\"", "click button \"List\""]);
}

/// The button that sends a dialog may stand outside the form in it.
#[test]
fn a_form_in_a_dialog_is_sent_with_the_dialog() {
    let doc = Doc::new(concat!(
        "<div role=dialog aria-label=Trip><form id=form><input id=who aria-label=Who><input id=mail aria-label=Mail></form>",
        "<button id=save>Save</button></div><a id=next href='http://shop.test/next'>Next</a>",
    ));
    let abandoned = |sent: bool| {
        let mut tape = Tape::of(&doc);
        tape.typed(doc.at("who"), "Ada").wait(500).typed(doc.at("mail"), "ada@shop.test").wait(900);
        if sent {
            tape.click(doc.at("save")).wait(50).request("POST", "http://shop.test/trips", 201, 80).wait(2000);
        }
        tape.event(5, json!({ "tag": "$url_changed", "payload": { "href": "/next" } })).wait(2000);
        tape.timeline().moments.iter().any(|moment| moment.signals.contains(&Signal::FormAbandoned))
    };
    assert!(abandoned(false));
    assert!(!abandoned(true));
}
