//! What pages show once they are there, and addresses that were only passed through.

use playhead_schemas::timeline::{FailureKind, MomentKind, Timeline};
use playhead_transcriber::render;
use serde_json::json;

use crate::doc::Doc;
use crate::tape::{PAGE, Tape, of_kinds, played_out};

/// The lines of pages from the second on.
fn pages(timeline: &Timeline) -> Vec<&str> {
    let pages = of_kinds(timeline, &[MomentKind::PageLoad, MomentKind::Navigate]);
    pages.iter().skip(1).map(|moment| moment.text.as_str()).collect()
}

/// What the line of a page that is loaded second says that it shows.
fn shows(body: &str) -> String {
    let mut tape = Tape::of(&Doc::new("<p>First</p>"));
    tape.load("http://shop.test/second", &Doc::new(body)).wait(3000);
    let timeline = tape.timeline();
    let line = pages(&timeline)[0];
    line.split_once(" shows ").map_or_else(String::new, |(_, shown)| shown.to_owned())
}

#[test]
fn a_page_says_what_it_shows() {
    for (body, want) in [
        ("<main><h1>Orders</h1></main>", "heading \"Orders\""),
        ("<h1>Shop</h1><main><h2>Orders</h2></main>", "heading \"Orders\""),
        (
            "<main><h1>Change user</h1><h2>tove</h2></main><aside><h2>Filter</h2></aside>",
            "heading \"Change user\"; heading \"tove\"",
        ),
        (
            "<h1>Hi</h1><ul class=messagelist><li class=success>The user was saved.</li></ul>",
            "heading \"Hi\"; status \"The user was saved.\"",
        ),
        (
            "<h1>Hi</h1><div class='alert alert-danger'>Card was declined</div>",
            "heading \"Hi\"; alert \"Card was declined\"",
        ),
        ("<h1>Hi</h1><div role=alert hidden>Not seen at all</div>", "heading \"Hi\""),
        ("<h1>Hi</h1><div class=btn-danger>Delete all of it</div>", "heading \"Hi\""),
        (
            "<h1>Add</h1><form><p class=errornote>Please correct the errors below.</p><div class='row errors'>\
             <ul class=errorlist><li>This field is required.</li></ul><label for=n>Name</label><input id=n></div>\
             <div><label for=e>Email</label><input id=e></div></form>",
            "heading \"Add\"; alert \"Please correct the errors below.\"; textbox \"Name\" marked invalid: \"This field is required.\"",
        ),
        (
            "<h1>Add</h1><input id=e aria-label=Email aria-invalid=true aria-describedby=why><p id=why>No such host</p>",
            "heading \"Add\"; textbox \"Email\" marked invalid: \"No such host\"",
        ),
        (
            "<h1>Hi</h1><div role=dialog aria-modal=true aria-label=Cookies>Take them</div>",
            "heading \"Hi\"; dialog \"Cookies\"",
        ),
        ("<nav><a href=/a aria-current=page>Stock</a></nav><p>1</p>", "link \"Stock\" marked as current"),
        ("<p>503 Service Unavailable</p>", "\"503 Service Unavailable\""),
        ("<div><img src='/art/404-page.svg'></div>", "picture \"404-page.svg\""),
        ("<h1>*****</h1><p role=alert>***** *** *****</p>", "alert (masked)"),
    ] {
        assert_eq!(shows(body), want, "{body}");
    }
}

/// A page that a program draws is read when it is there, not when its document came.
#[test]
fn a_page_is_read_when_it_is_still() {
    let mut doc = Doc::new("<div id=app></div>");
    let mut tape = Tape::default();
    tape.load(PAGE, &doc).wait(900).adds(doc.adds("app", "<h1>Loading</h1>")).wait(300);
    let heading = doc.at("app");
    tape.mutation(json!({ "removes": [{ "parentId": heading, "id": heading + 1 }] }));
    tape.adds(doc.adds("app", "<h1>Orders of May</h1>")).wait(4000);
    let text = &of_kinds(&tape.timeline(), &[MomentKind::PageLoad])[0].text.clone();
    assert!(text.ends_with("shows heading \"Orders of May\""), "{text}");
}

/// After a navigation in the page, what it shows that it did not show before is told.
#[test]
fn a_navigation_tells_what_is_new() {
    let timeline = played_out(
        "<nav><a id=far href='http://shop.test/far'>Far</a></nav><main id=main><h1 key=old>Near</h1></main>",
        |t, d| {
            t.click(d.at("far")).wait(100);
            t.mutation(json!({ "removes": [{ "parentId": d.at("main"), "id": d.at("old") }] }));
            t.adds(d.adds("main", "<h1>Far away</h1><p role=alert>Only two left</p>"));
        },
    );
    let line = pages(&timeline)[0];
    assert!(line.contains("shows heading \"Far away\"; alert \"Only two left\""), "{line}");
}

/// A form that came back with refused fields was refused, by what was entered before.
#[test]
fn a_page_that_refuses_a_form_is_a_failure_with_its_tries() {
    let form = "<form><input id=mail aria-label=Email><button id=save>Save</button></form>";
    let refused = "<form><input id=mail aria-label=Email aria-invalid=true aria-describedby=why>\
        <p id=why>Enter a valid address.</p><button id=save>Save</button></form>";
    let mut tape = Tape::of(&Doc::new(form));
    let mut doc = Doc::new(form);
    for (value, next) in [("tove", refused), ("tove@", refused), ("tove@shop.test", "<h1>Saved</h1>")] {
        tape.typed(doc.at("mail"), value).wait(500).click(doc.at("save")).wait(100);
        doc = Doc::new(next);
        let url = if next == refused { PAGE } else { "http://shop.test/done" };
        tape.fetched("document", url, Some(PAGE)).wait(60).load(url, &doc).wait(2500);
    }
    let timeline = tape.timeline();
    let failure = &timeline.failures[0];
    assert_eq!((failure.kind, failure.count), (FailureKind::FormRefused, 2));
    let tries: Vec<(Option<&str>, Option<&str>)> = failure
        .tries
        .iter()
        .map(|one| {
            let entered = one.entered.first().and_then(|id| timeline.moments[id.0 as usize - 1].value.as_deref());
            (entered, one.message.as_deref())
        })
        .collect();
    let said = Some("Enter a valid address.");
    assert_eq!(tries, [(Some("tove"), said), (Some("tove@"), said)]);
    let contrast = failure.contrast.as_ref().expect("the third try went well");
    assert_eq!(contrast.differs[0].failed.as_deref(), Some("tove"));
    assert_eq!(contrast.differs[0].well.as_deref(), Some("tove@shop.test"));
}

/// An address for each key is one address.
#[test]
fn addresses_of_keys_are_one() {
    let timeline = played_out("<input id=q aria-label=Search>", |t, d| {
        let checkout = |t: &mut Tape, d: &Doc, query: &str| {
            t.meta(&format!("{PAGE}?q={query}")).snapshot(d);
        };
        t.focus(d.at("q")).wait(200);
        for query in ["z", "zz", "zz-n", "zz-no"] {
            t.input(d.at("q"), query).wait(100);
            checkout(t, d, query);
            t.wait(300);
        }
        t.wait(5000);
        checkout(t, d, "zz-nos");
    });
    let lines = pages(&timeline);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(
        lines[0].starts_with("navigate to http://shop.test/?q=zz-no (the last of 4 addresses while typing)"),
        "{lines:?}"
    );
    assert!(timeline.replay.pages.len() <= 3, "{:?}", timeline.replay.pages);
}

/// The files of a page are one line; what failed or took long stands alone.
#[test]
fn files_are_folded_by_kind() {
    let timeline = played_out("<p>Shop</p>", |t, _| {
        for (kind, name) in [("image", "a.png"), ("script", "a.js"), ("image", "b.png"), ("font", "f.woff2")] {
            t.fetched(kind, &format!("http://shop.test/{name}"), None).wait(10);
        }
        t.request("GET", "http://shop.test/c.png", 404, 20).last_request()["_resourceType"] = json!("image");
        t.wait(10).fetched("script", "http://shop.test/z.js", None);
    });
    let text = render::detailed(&timeline);
    assert!(text.contains("2 images, 1 script, 1 font: all 200\n"), "{text}");
    assert!(text.contains("GET /c.png 404") && text.contains("GET /z.js 200"), "{text}");
}
