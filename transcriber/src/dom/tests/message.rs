use super::super::message::{Tone, tone};
use super::at_x;

#[test]
fn classes_tell_messages() {
    for (html, want) in [
        ("<p id=x class=errornote>No</p>", Some(Tone::Fault)),
        ("<ul id=x class=errorlist></ul>", Some(Tone::Fault)),
        ("<div id=x class='alert alert-danger'>No</div>", Some(Tone::Fault)),
        ("<div id=x class='alert alert-success'>Yes</div>", Some(Tone::Notice)),
        ("<ul id=x class=messagelist></ul>", Some(Tone::Notice)),
        ("<span id=x class='Form_fieldError__x1'>No</span>", Some(Tone::Fault)),
        ("<span id=x class='btn btn-danger'>Delete</span>", None),
        ("<button id=x class=error>Delete</button>", None),
        ("<table><tr><td id=x class=success>Done</td></tr></table>", None),
        ("<div id=x class='terrace mesh'>Garden</div>", None),
    ] {
        let (mirror, x) = at_x(html);
        assert_eq!(tone(&mirror, x), want, "{html}");
    }
}
