use super::super::role::{interactive, role};
use super::doc::Doc;
use super::{at_x, mirror_of};

#[test]
fn elements_imply_roles() {
    for (html, wanted) in [
        ("<a id=x href=/>a</a>", "link"),
        ("<a id=x>a</a>", "generic"),
        ("<button id=x>b</button>", "button"),
        ("<input id=x>", "textbox"),
        ("<input id=x type=email>", "textbox"),
        ("<input id=x type=CHECKBOX>", "checkbox"),
        ("<input id=x type=radio>", "radio"),
        ("<input id=x type=range>", "slider"),
        ("<input id=x type=number>", "spinbutton"),
        ("<input id=x type=search>", "searchbox"),
        ("<input id=x type=submit>", "button"),
        ("<select id=x></select>", "combobox"),
        ("<select id=x multiple></select>", "listbox"),
        ("<select id=x size=4></select>", "listbox"),
        ("<select id=x size=1></select>", "combobox"),
        ("<textarea id=x></textarea>", "textbox"),
        ("<div id=x contenteditable=true></div>", "textbox"),
        ("<div id=x contenteditable=false></div>", "generic"),
        ("<table><tr><th id=x>h</th></tr></table>", "columnheader"),
        ("<table><tr><th id=x scope=row>h</th></tr></table>", "rowheader"),
        ("<div id=x role='tab button'></div>", "tab"),
        ("<button id=x role=presentation></button>", "button"),
        ("<div id=x role=none></div>", "generic"),
        ("<dialog id=x></dialog>", "dialog"),
        ("<nav id=x></nav>", "navigation"),
        ("<my-element id=x></my-element>", "generic"),
    ] {
        let (mirror, x) = at_x(html);
        assert_eq!(role(&mirror, x), wanted, "{html}");
    }
}

/// What is hit is called `hit`, what is meant `x`.
#[test]
fn a_click_means_the_nearest_thing_that_is_operated() {
    let drawing = |inside: &str| format!("<svg key=svg>{inside}{}</svg>", "<rect></rect>".repeat(60));
    let large = drawing("<g id=x><rect key=hit></rect><text>Node</text></g>");
    let bare = drawing("<g><rect id=x key=hit></rect></g>");
    for html in [
        "<button id=x><span><b key=hit>Pay</b></span></button>",
        "<a id=x href=/><img key=hit></a>",
        "<button id=x><svg><path key=hit></path></svg></button>",
        "<div id=x onclick=pay()><span key=hit>Pay</span></div>",
        "<div id=x role=menuitem><span key=hit>Copy</span></div>",
        "<div id=x role=switch><span key=hit></span></div>",
        "<label id=x><span key=hit>Wrap it</span><input type=checkbox></label>",
        "<details><summary id=x><b key=hit>More</b></summary></details>",
        "<div id=x contenteditable=true><p key=hit>Text</p></div>",
        "<a id=x tabindex=0><i key=hit></i></a>",
        // The nearest one, not the outermost.
        "<a href=/><button id=x><b key=hit>Pay</b></button></a>",
        // Nothing there is operated: the element itself.
        "<main><p id=x key=hit>Text</p></main>",
        "<ul><li id=x key=hit>Item</li></ul>",
        "<a><b id=x key=hit>no link</b></a>",
        "<div role=dialog><p id=x key=hit>Text</p></div>",
        "<div role=button key=other></div><p id=x key=hit>beside</p>",
        // Out of a shadow root to what its host is in.
        "<button id=x><x-icon><shadow><i key=hit></i></shadow></x-icon></button>",
        "<x-a role=button><shadow><button id=x><b key=hit>Inner</b></button></shadow></x-a>",
        // An icon is meant as a whole, a drawing by its part that says something.
        "<p><svg id=x><g><path key=hit></path></g></svg></p>",
        &large,
        &bare,
    ] {
        let doc = Doc::new(html);
        let mirror = mirror_of(&doc.node());
        let meant = interactive(&mirror, mirror.by_id(doc.at("hit")).unwrap());
        assert_eq!(mirror.node(meant).id, doc.at("x"), "{html}, got {}", mirror.tag(meant));
    }
}

#[test]
fn a_click_on_a_text_means_its_element() {
    let doc = Doc::new("<p id=x>Text</p>");
    let mirror = mirror_of(&doc.node());
    let text = mirror.first_child(mirror.by_id(doc.at("x")).unwrap()).unwrap();
    assert_eq!(mirror.node(interactive(&mirror, text)).id, doc.at("x"));
}

#[test]
fn a_click_inside_a_frame_is_not_one_on_what_holds_the_frame() {
    let mut doc = Doc::new("<a href=/><iframe key=frame></iframe></a>");
    let framed = doc.frame("frame", "<p key=hit>Text</p>");
    let node = super::selector::with_frames(doc.node(), &[framed]);
    let mirror = mirror_of(&node);
    let hit = mirror.by_id(doc.at("hit")).unwrap();
    assert_eq!(interactive(&mirror, hit), hit);
}
