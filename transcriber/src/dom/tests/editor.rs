use super::super::editor::{edit, edited_text, lines_of_field};
use super::at_x;

#[test]
fn texts_are_read_as_they_were_written() {
    for (html, want) in [
        (
            "<div id=x class=cm-content><div><span>pd</span>.<span>read_csv</span>(1)</div><div>df</div></div>",
            "pd.read_csv(1)\ndf",
        ),
        ("<div id=x contenteditable=true><p>One <b>two</b></p><p>three</p></div>", "One two\nthree"),
        ("<div id=x contenteditable=true>a<br>b<br></div>", "a\nb"),
        ("<div id=x contenteditable=true><p>One</p><b>two</b></div>", "One\ntwo"),
        ("<div id=x contenteditable=true><p><span class=placeholder>Write here</span></p></div>", ""),
    ] {
        let (mirror, x) = at_x(html);
        assert_eq!(edited_text(&mirror, x, 500), want, "{html}");
    }
}

#[test]
fn hidden_fields_belong_to_their_lines() {
    for (html, want) in [
        ("<div class=monaco-editor><textarea id=x></textarea><div class=view-lines>a</div></div>", Some("a")),
        (
            "<div class=CodeMirror><div><textarea id=x></textarea></div><div class=CodeMirror-code>b</div></div>",
            Some("b"),
        ),
        ("<div class=ace_editor><textarea id=x></textarea><div class=ace_text-layer>c</div></div>", Some("c")),
        ("<div class=form><textarea id=x></textarea><div class=view-lines>d</div></div>", None),
    ] {
        let (mirror, x) = at_x(html);
        let lines = lines_of_field(&mirror, x).map(|lines| edited_text(&mirror, lines, 50));
        assert_eq!(lines.as_deref(), want, "{html}");
    }
}

#[test]
fn edits_are_what_differs() {
    assert_eq!(edit("one three", "one two three"), ("two ", ""));
    assert_eq!(edit("abc", "abz"), ("z", "c"));
    assert_eq!(edit("", "abc"), ("abc", ""));
    assert_eq!(edit("aé", "aéb"), ("b", ""));
    assert_eq!(edit("same", "same"), ("", ""));
}
