//! The arguments of a console call as one text, as a console shows them.

use std::borrow::Cow;

use playhead_schemas::text::prefix;

use super::MESSAGE_BYTES_MAX;
use crate::lenient::{self, Value, as_text, compact, field, text};

/// One argument.
pub(crate) struct Arg<'a> {
    text: Cow<'a, str>,
    /// Only a string can hold formats.
    is_string: bool,
}

impl<'a> Arg<'a> {
    /// An argument as JSON text, which is how rrweb's plugin records it.
    pub(crate) fn of_json_text(json: &'a str) -> Self {
        let json = prefix(json, MESSAGE_BYTES_MAX);
        let Some(inner) = json.strip_prefix('"') else {
            return Self { text: Cow::Borrowed(json), is_string: false };
        };
        let mut copy = json.as_bytes().to_vec();
        let text = lenient::value(&mut copy, |value| as_text(value).map(str::to_owned)).flatten();
        // Cut off by the recorder or by the limit above: unescape what makes it readable.
        let text = text.unwrap_or_else(|| inner.replace("\\n", "\n").replace("\\\"", "\""));
        Self { text: Cow::Owned(text), is_string: true }
    }

    /// An argument as a value: plain, the fields of an error, or an object of the DevTools protocol.
    pub(crate) fn of_value(value: Value<'_, 'a>) -> Self {
        if let Some(text) = as_text(value) {
            return Self { text: Cow::Borrowed(prefix(text, MESSAGE_BYTES_MAX)), is_string: true };
        }
        let error = text(value, "stack").or_else(|| text(value, "message").filter(|_| field(value, "name").is_some()));
        if let Some(error) = error {
            return Self { text: Cow::Borrowed(prefix(error, MESSAGE_BYTES_MAX)), is_string: false };
        }
        if text(value, "type").is_some() {
            if let Some(inner) = field(value, "value").filter(|inner| inner.as_object().is_none()) {
                return Self::of_value(inner);
            }
            if let Some(description) = text(value, "description") {
                return Self { text: Cow::Borrowed(prefix(description, MESSAGE_BYTES_MAX)), is_string: false };
            }
        }
        Self { text: Cow::Owned(compact(value, MESSAGE_BYTES_MAX)), is_string: false }
    }
}

/// The arguments in one text: the format specifiers of the first (`%s %d %i %f %o %O %j`) are filled, styles (`%c`) are
/// dropped, and the other arguments follow after spaces.
pub(crate) fn join(args: &[Arg<'_>]) -> String {
    let Some((first, rest)) = args.split_first() else {
        return String::new();
    };
    let mut out = String::new();
    let mut rest = rest.iter();
    if first.is_string && rest.len() > 0 && first.text.contains('%') {
        fill(&first.text, &mut rest, &mut out);
    } else {
        out.push_str(&first.text);
    }
    for arg in rest {
        if out.len() >= MESSAGE_BYTES_MAX {
            break;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&arg.text);
    }
    out
}

fn fill<'a>(format: &str, args: &mut impl Iterator<Item = &'a Arg<'a>>, out: &mut String) {
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let spec = rest[at + 1..].bytes().next();
        let known = spec.is_some_and(|b| b"sdifoOjc%".contains(&b));
        let arg = if known && spec != Some(b'%') { args.next() } else { None };
        match (spec, arg) {
            (Some(b'%'), _) => out.push('%'),
            (Some(b'c'), Some(_)) => {}
            (Some(b'd' | b'i'), Some(arg)) => match arg.text.trim().parse::<f64>() {
                Ok(number) if spec == Some(b'i') => out.push_str(&number.trunc().to_string()),
                _ => out.push_str(&arg.text),
            },
            (Some(_), Some(arg)) => out.push_str(&arg.text),
            // No argument is left, or it is no format specifier.
            _ => {
                out.push('%');
                rest = &rest[at + 1..];
                continue;
            }
        }
        rest = &rest[at + 2..];
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn joined(args: &[&str]) -> String {
        join(&args.iter().map(|arg| Arg::of_json_text(arg)).collect::<Vec<_>>())
    }

    #[test]
    fn arguments_are_joined_as_a_console_does() {
        for (args, want) in [
            (
                &[r#""a""#, r#""b c""#, "1", r#"{"x":[1]}"#, "null", r#""undefined""#][..],
                r#"a b c 1 {"x":[1]} null undefined"#,
            ),
            (
                &[
                    r#""%cReady%c in %d ms: %s (%i%%) %o""#,
                    r#""color:red""#,
                    r#""""#,
                    "12.5",
                    r#""ok""#,
                    "99.9",
                    r#"{"a":1}"#,
                    r#""rest""#,
                ],
                r#"Ready in 12.5 ms: ok (99%) {"a":1} rest"#,
            ),
            (&[r#""100% of %s and %s""#, r#""a""#], "100% of a and %s"),
            (&[r#""100%""#], "100%"),
            (&[r#""50%%""#], "50%%"),
            (&[r#""%é %""#, "1"], "%é % 1"),
            (&["{\"a\":\"%s\"}", "1"], "{\"a\":\"%s\"} 1"),
            (&[r#""cut \"off\n"#], "cut \"off\n"),
            (&[], ""),
        ] {
            assert_eq!(joined(args), want, "{args:?}");
        }
    }

    #[test]
    fn values_are_shown_like_their_text() {
        for (json, want) in [
            (r#""a""#, "a"),
            (r#"{"name":"TypeError","message":"x","stack":"TypeError: x\n at f"}"#, "TypeError: x\n at f"),
            (r#"{"type":"string","value":"v"}"#, "v"),
            (r#"{"type":"object","subtype":"error","description":"Error: y"}"#, "Error: y"),
            (r#"{"type":"click","x":1}"#, r#"{"type":"click","x":1}"#),
            (r#"{"message":"plain","id":1}"#, r#"{"message":"plain","id":1}"#),
            ("[1,2]", "[1,2]"),
        ] {
            let mut bytes = json.as_bytes().to_vec();
            let got = lenient::value(&mut bytes, |value| join(&[Arg::of_value(value)])).unwrap();
            assert_eq!(got, want);
        }
    }
}
