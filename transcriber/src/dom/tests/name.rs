use super::super::name::{NAME_CHARS_MAX, labelled_field, name, visible_text};
use super::at_x;

fn check(table: &[(&str, &str)]) {
    for (html, wanted) in table {
        let (mirror, x) = at_x(html);
        assert_eq!(name(&mirror, x).as_deref().unwrap_or("(none)"), *wanted, "{html}");
    }
}

#[test]
fn names_come_from_aria_first() {
    check(&[
        ("<button id=x aria-label=Close>X</button>", "Close"),
        ("<button id=x aria-label='  '>X</button>", "X"),
        ("<span id=l>Total</span><button id=x aria-labelledby=l aria-label=No>No</button>", "Total"),
        ("<span id=a>Bill</span><span id=b>Anna</span><input id=x aria-labelledby='b a'>", "Anna Bill"),
        (
            "<button id=x aria-label=Delete aria-labelledby='x f'></button><a id=f href=/f>report.pdf</a>",
            "Delete report.pdf",
        ),
        ("<span id=l hidden>Unseen</span><button id=x aria-labelledby=l>Seen</button>", "Unseen"),
        ("<span id=l><b aria-label=Pounds>GBP</b> 12</span><button id=x aria-labelledby=l></button>", "Pounds 12"),
        ("<input id=l value=Oslo><button id=x aria-labelledby=l></button>", "Oslo"),
        ("<button id=x aria-labelledby=nowhere>Kept</button>", "Kept"),
        ("<div id=x aria-label=Basket></div>", "Basket"),
        ("<div id=x contenteditable=true aria-label=Message>Hello</div>", "Message"),
    ]);
}

#[test]
fn fields_are_named_by_their_labels() {
    check(&[
        ("<label for=x>Email</label><input id=x>", "Email"),
        ("<label>Email <input id=x></label>", "Email"),
        ("<label><input id=x type=checkbox> Wrap it</label>", "Wrap it"),
        ("<label for=x>One</label><label for=x>Two</label><input id=x>", "One Two"),
        ("<label for=other>Not mine <input id=x></label><input id=other>", "(none)"),
        ("<label>Sort <select id=x><option>Price</option></select></label>", "Sort"),
        ("<label for=x>Note <span hidden>(hidden)</span></label><textarea id=x>typed text</textarea>", "Note"),
        ("<label for=x>Volume</label><meter id=x>3</meter>", "Volume"),
        ("<label for=x>Pick</label><input id=x title=Title placeholder=Placeholder>", "Pick"),
        ("<input id=x title=Title placeholder=Placeholder>", "Title"),
        ("<input id=x placeholder=Placeholder>", "Placeholder"),
        ("<div id=x role=textbox aria-placeholder='Write here'></div>", "Write here"),
        ("<input id=x value=typed>", "(none)"),
        ("<label for=x>Outside</label><x-a><shadow><input id=x></shadow></x-a>", "(none)"),
        ("<x-a><shadow><label for=x>Inside</label><input id=x></shadow></x-a>", "Inside"),
        ("<label for=x>Outside</label><x-a><shadow><input></shadow></x-a><input id=x>", "Outside"),
    ]);
}

#[test]
fn buttons_pictures_and_groups_have_names_of_their_own() {
    check(&[
        ("<input id=x type=submit value=Send>", "Send"),
        ("<input id=x type=submit>", "Submit"),
        ("<input id=x type=RESET>", "Reset"),
        ("<input id=x type=button>", "(none)"),
        ("<input id=x type=image alt=Search value=No>", "Search"),
        ("<img id=x alt='A red mug'>", "A red mug"),
        ("<img id=x alt='' title=Mug>", "Mug"),
        ("<svg id=x><title>Chart of sales</title><path d=M0></path></svg>", "Chart of sales"),
        ("<fieldset id=x><legend>Delivery</legend><input></fieldset>", "Delivery"),
        ("<table id=x><caption>Orders</caption><tr><td>1</td></tr></table>", "Orders"),
        ("<figure id=x><img alt=No><figcaption>Plan</figcaption></figure>", "Plan"),
        ("<select><optgroup id=x label=Fruit><option>Apple</option></optgroup></select>", "Fruit"),
        ("<select><option id=x label=Short>Long text</option></select>", "Short"),
        ("<select><option id=x>Apple</option></select>", "Apple"),
        ("<iframe id=x title=Payment></iframe>", "Payment"),
    ]);
}

#[test]
fn names_from_content_take_what_is_seen() {
    check(&[
        ("<button id=x>Pay <b>now</b></button>", "Pay now"),
        ("<button id=x><b>P</b>ay</button>", "Pay"),
        ("<button id=x><div>Pay</div><div>now</div></button>", "Pay now"),
        ("<button id=x>\n  Pay\n  now </button>", "Pay now"),
        (
            "<button id=x>Save <i hidden>1</i><i aria-hidden=true>2</i><i style='color: red; display:none'>3</i></button>",
            "Save",
        ),
        (
            "<button id=x>Save<i style='visibility: hidden !important'>4</i><script>5</script><style>6</style></button>",
            "Save",
        ),
        ("<button id=x><img alt=Close></button>", "Close"),
        ("<button id=x><svg><title>Search</title><path d=M0></path></svg></button>", "Search"),
        ("<button id=x><svg><path d=M0></path></svg></button>", "(none)"),
        ("<a id=x href=/r><span aria-label='Five stars'>*****</span> rated</a>", "Five stars rated"),
        ("<a id=x href=/r><div><div><div><span>Deep</span></div></div></div></a>", "Deep"),
        ("<h2 id=x>Your <em>cart</em></h2>", "Your cart"),
        ("<details><summary id=x>More</summary><p>Text</p></details>", "More"),
        ("<div id=x role=tab>Orders</div>", "Orders"),
        ("<table><tr id=x><td>KP-1</td><td>£3</td></tr></table>", "KP-1 £3"),
        ("<div id=x>Just text</div>", "(none)"),
        ("<p id=x>Just text</p>", "(none)"),
        ("<ul id=x><li>One</li></ul>", "(none)"),
        ("<button id=x title=Hint></button>", "Hint"),
        ("<button id=x title=Hint>Text</button>", "Text"),
        ("<x-b><shadow><button id=x>In shadow</button></shadow></x-b>", "In shadow"),
        ("<button id=x>pay\u{200b}\u{202e} now</button>", "pay now"),
    ]);
}

#[test]
fn long_names_are_cut() {
    let (mirror, x) = at_x(&format!("<button id=x>{}</button>", "word ".repeat(200)));
    let found = name(&mirror, x).unwrap();
    assert_eq!(found.chars().count(), NAME_CHARS_MAX);
    assert!(found.starts_with("word word") && found.ends_with('…'), "{found}");
}

#[test]
fn visible_text_is_what_a_reader_sees() {
    for (html, wanted) in [
        ("<div id=x>One<br>two <b>three</b></div>", "One two three"),
        ("<div id=x><p>A</p><p hidden>B</p><dialog>C</dialog></div>", "A"),
        ("<div id=x><dialog open>Shown</dialog></div>", "Shown"),
        ("<div id=x><select><option>No</option></select>Yes</div>", "Yes"),
        ("<div id=x><span aria-label=Spoken>Drawn</span></div>", "Drawn"),
        ("<div id=x><svg><text>42</text><title>No</title></svg></div>", "42"),
        ("<div id=x></div>", ""),
    ] {
        let (mirror, x) = at_x(html);
        assert_eq!(visible_text(&mirror, x, 200), wanted, "{html}");
    }
}

#[test]
fn labels_lead_to_their_fields() {
    for (html, wanted) in [
        ("<label id=x for=f>L</label><input id=f>", Some("input")),
        ("<label id=x>L <b>b</b><select></select></label>", Some("select")),
        ("<label id=x for=gone>L <input></label>", None),
        ("<label id=x>L</label>", None),
    ] {
        let (mirror, x) = at_x(html);
        assert_eq!(labelled_field(&mirror, x).map(|nx| mirror.tag(nx)), wanted, "{html}");
    }
}
