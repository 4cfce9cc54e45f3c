//! JSON that a caller sent, and what is said when it is wrong.

use playhead_schemas::{BugId, Role, Scope};
use playhead_web::input::{from_slice, from_value, nearest};
use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
struct Sample {
    label: String,
    bug: Option<BugId>,
    count: Option<u32>,
    #[serde(default)]
    is_final: bool,
    #[serde(default)]
    scopes: Vec<Scope>,
    nested: Option<Vec<Nested>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
struct Nested {
    role: Role,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Nothing {}

fn said(json: &str) -> String {
    from_slice::<Sample>(json.as_bytes()).unwrap_err().message("the body")
}

#[test]
fn what_fits_is_read() {
    let json = r#"{"label":"x","bug":"01ARZ3NDEKTSV4RRFFQ69G5FAV","count":3,"is_final":true,"scopes":["admin"],
        "nested":[{"role":"owner"}]}"#;
    let of_text = from_slice::<Sample>(json.as_bytes()).unwrap();
    let of_value = from_value::<Sample>(&serde_json::from_str(json).unwrap()).unwrap();
    assert_eq!(format!("{of_text:?}"), format!("{of_value:?}"));
    assert_eq!((of_text.count, of_text.scopes, of_text.nested.unwrap().len()), (Some(3), vec![Scope::Admin], 1));
    assert!(from_slice::<Sample>(br#"{"label":"x","bug":null}"#).unwrap().bug.is_none());
}

#[test]
fn what_is_wrong_is_said_in_plain_words() {
    let fields = "the fields are label, bug, count, is_final, scopes, nested";
    for (json, want) in [
        ("", "the body is empty".to_owned()),
        (" \n", "the body is empty".to_owned()),
        ("{\"label\":", "the body can't be read as JSON (line 1, column 9)".to_owned()),
        ("[1]", "the body must be an object, not a list".to_owned()),
        ("{}", "label is missing".to_owned()),
        (r#"{"label":5}"#, "label must be text, not 5".to_owned()),
        (r#"{"label":null}"#, "label must be text, not null".to_owned()),
        (r#"{"label":"x","label":"y"}"#, "the body: a field stands in it twice".to_owned()),
        (r#"{"label":"x","count":-1}"#, "count must be a whole number from 0 to 4294967295, not -1".to_owned()),
        (r#"{"label":"x","count":1.5}"#, "count must be a whole number from 0 to 4294967295, not 1.5".to_owned()),
        (r#"{"label":"x","is_final":"yes"}"#, "is_final must be true or false, not \"yes\"".to_owned()),
        (r#"{"label":"x","bug":"17"}"#, "bug: not a bug id".to_owned()),
        (r#"{"label":"x","lable":1}"#, format!("unknown field \"lable\" (did you mean label?); {fields}")),
        (r#"{"label":"x","zzz":1}"#, format!("unknown field \"zzz\"; {fields}")),
        (r#"{"label":"x","nested":[{}]}"#, "nested[0].role is missing".to_owned()),
        (
            r#"{"label":"x","nested":[{"role":"onwer"}]}"#,
            "nested[0].role must be one of viewer, manager, developer, owner, not \"onwer\"; did you mean owner?"
                .to_owned(),
        ),
        (
            r#"{"label":"x","nested":[{"role":["owner"]}]}"#,
            "nested[0].role must be one of viewer, manager, developer, owner, not a list".to_owned(),
        ),
    ] {
        assert_eq!(said(json), want, "{json}");
    }
    let none = from_slice::<Nothing>(br#"{"a":1}"#).unwrap_err();
    assert_eq!(none.message("the body"), "unknown field \"a\"; there are no fields");
}

#[test]
fn what_a_caller_sent_comes_back_short() {
    let long = format!(r#"{{"label":"x","is_final":"{}","{}":1}}"#, "y".repeat(5_000), "z".repeat(5_000));
    assert!(said(&long).len() < 300, "{}", said(&long));
}

#[test]
fn a_word_is_suggested_when_it_is_like_the_one_that_was_sent() {
    const WORDS: [&str; 4] = ["open", "in_progress", "resolved", "closed"];
    for (text, want) in [
        ("opne", Some("open")),
        ("in progress", Some("in_progress")),
        ("close", Some("closed")),
        ("Resolve", Some("resolved")),
        ("banana", None),
    ] {
        assert_eq!(nearest(text, &WORDS), want, "{text}");
    }
}
