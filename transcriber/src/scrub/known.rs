//! Secrets that only the recording as a whole tells: the names of fields that were masked, and values that were hidden
//! somewhere and stand in clear text elsewhere.

use std::collections::BTreeSet;

use memchr::memmem;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::credential::{is_generated, is_harmless};
use super::names::{Secrecy, secrecy};
use super::text::{clean_names, clean_text};
use super::{REDACTED, clean_url};

/// Names that are remembered.
const NAMES_MAX: usize = 300;
/// Values that are remembered.
const VALUES_MAX: usize = 100;
/// Characters of a name.
const NAME_CHARS: std::ops::RangeInclusive<usize> = 3..=40;
/// Bytes of a value. Shorter ones stand in other texts by chance, longer ones are no values of fields.
const VALUE_BYTES: std::ops::RangeInclusive<usize> = 4..=300;
/// Shorter words of letters alone, and shorter numbers, stand in other texts by chance.
const PLAIN_BYTES_MIN: usize = 6;
/// Names by which answers and lines say what happened. A masked field may be called so as well; what it held is then
/// known by its value.
const TELLING: [&str; 16] = [
    "code", "data", "detail", "details", "error", "errors", "id", "level", "message", "msg", "name", "reason",
    "result", "status", "title", "type",
];

/// Names and values that are secret in one recording.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    /// In lower case, letters and digits alone.
    names: BTreeSet<String>,
    values: Vec<Value>,
}

/// A value that is secret wherever it stands.
#[derive(Clone, Debug)]
struct Value {
    text: String,
    /// Kept, because many texts are searched for it.
    finder: memmem::Finder<'static>,
}

impl Value {
    fn new(text: String) -> Self {
        let finder = memmem::Finder::new(text.as_bytes()).into_owned();
        Self { text, finder }
    }
}

/// Secret names, and how what stands under them is treated.
pub(super) struct Names<'k> {
    names: &'k BTreeSet<String>,
    /// Sentences under these names are secret too.
    pub(super) hides_prose: bool,
}

impl Names<'_> {
    /// True when what stands under this name is secret.
    pub(super) fn has(&self, name: &str) -> bool {
        let is = |name: &str| self.names.contains(name) && (self.hides_prose || !TELLING.contains(&name));
        is(&plain(name)) || is(&plain(innermost(name)))
    }
}

impl Known {
    /// Values under this name of a field are secret.
    pub(crate) fn note_name(&mut self, name: &str) {
        for name in [name, innermost(name)] {
            let plain = plain(name);
            if self.names.len() < NAMES_MAX && NAME_CHARS.contains(&plain.chars().count()) && !is_generated(name) {
                self.names.insert(plain);
            }
        }
    }

    /// This value of a masked field is secret wherever it stands, unless it is so short that it stands there by chance.
    pub(crate) fn note_value(&mut self, value: &str) {
        let is_plain = |of: fn(&u8) -> bool| value.trim().bytes().all(|b| of(&b));
        let is_short = value.trim().len() < PLAIN_BYTES_MIN;
        if !(is_short && (is_plain(u8::is_ascii_alphabetic) || is_plain(u8::is_ascii_digit))) {
            self.note_secret(value);
        }
    }

    /// This value of a secret field is secret wherever it stands.
    pub(crate) fn note_secret(&mut self, value: &str) {
        let value = value.trim();
        // "Password" as a password: to take the word out of all texts would tell it.
        let names_itself = value.bytes().all(|b| b.is_ascii_alphabetic()) && secrecy(value) != Secrecy::Plain;
        let says_nothing = is_harmless(value) || names_itself || is_literal(value);
        if says_nothing || !VALUE_BYTES.contains(&value.len()) || self.values.len() >= VALUES_MAX {
            return;
        }
        let encoded = utf8_percent_encode(value, NON_ALPHANUMERIC).to_string();
        for form in [value.to_owned(), encoded] {
            if !self.values.iter().any(|known| known.text == form) {
                self.values.push(Value::new(form));
            }
        }
    }

    /// Takes the values out of a body that was sent which stand under secret names, and remembers them.
    pub(crate) fn clean_sent(&mut self, body: &mut String) {
        self.clean_under_names(body, true);
    }

    /// Takes the values out of an answer or a line which stand under secret names, and remembers them. Sentences are
    /// kept: they explain failures.
    pub(crate) fn clean_told(&mut self, text: &mut String) {
        self.clean_under_names(text, false);
    }

    fn clean_under_names(&mut self, text: &mut String, hides_prose: bool) {
        if self.names.is_empty() {
            return;
        }
        let (clean, secrets) = clean_names(text, &Names { names: &self.names, hides_prose });
        if clean != *text {
            *text = clean;
            secrets.iter().for_each(|secret| self.note_value(secret));
        }
    }

    /// Takes the values under secret names out of the parameters of an address or a form, and remembers them.
    pub(crate) fn clean_address(&mut self, address: &mut String) {
        if self.names.is_empty() || !address.contains('=') {
            return;
        }
        let names = Names { names: &self.names, hides_prose: true };
        let (mut out, mut found) = (String::with_capacity(address.len()), Vec::new());
        for pair in address.split_inclusive(['?', '#', '&', ';']) {
            let end = pair.trim_end_matches(['?', '#', '&', ';']).len();
            match pair[..end].split_once('=') {
                Some((name, value)) if !is_harmless(value) && names.has(&decoded(name)) => {
                    found.push(value.to_owned());
                    out.extend([name, "=", REDACTED, &pair[end..]]);
                }
                _ => out.push_str(pair),
            }
        }
        *address = out;
        found.iter().for_each(|value| self.note_value(value));
    }

    /// Takes secrets out of a text that the page or the user wrote: by their form, and known values.
    pub(crate) fn clean(&self, text: &mut String) {
        if may_hold_secret(text) {
            let clean = clean_text(text);
            if clean != *text {
                *text = clean;
            }
        }
        self.clean_values(text);
    }

    /// Takes known values out of a text that was cleaned otherwise.
    pub(crate) fn clean_values(&self, text: &mut String) {
        for value in &self.values {
            if let Some(clean) = without_value(text, value) {
                *text = clean;
            }
        }
    }

    /// True for a text that holds a secret.
    pub(crate) fn is_secret(&self, text: &str) -> bool {
        may_hold_secret(text) && clean_text(text) != text
            || self.values.iter().any(|value| without_value(text, value).is_some())
    }
}

/// True for an attribute's value that holds a secret by its form, an address or another one.
pub(crate) fn holds_secret(value: &str) -> bool {
    may_hold_secret(value) && (clean_text(value) != *value || clean_url(value) != *value)
}

/// `text` without a value that stands in it as a word of its own; `None` when it doesn't.
fn without_value(text: &str, value: &Value) -> Option<String> {
    let length = value.text.len();
    let is_alone = |at: &usize| {
        let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        !is_word(text[..*at].chars().next_back()) && !is_word(text[at + length..].chars().next())
    };
    let mut found = value.finder.find_iter(text.as_bytes()).filter(is_alone).peekable();
    found.peek()?;
    let (mut out, mut copied) = (String::with_capacity(text.len()), 0);
    for at in found {
        out.push_str(&text[copied..at]);
        out.push_str(REDACTED);
        copied = at + length;
    }
    out.push_str(&text[copied..]);
    Some(out)
}

/// False for nearly all texts: no name with a value, no address, nothing long, no long number.
fn may_hold_secret(text: &str) -> bool {
    let (mut length, mut digits) = (0, 0);
    text.bytes().any(|b| {
        length = if b == b' ' { 0 } else { length + 1 };
        digits = if b.is_ascii_digit() {
            digits + 1
        } else if matches!(b, b' ' | b'-') {
            digits
        } else {
            0
        };
        matches!(b, b'=' | b':') || length >= 20 || digits >= 13
    })
}

/// A name in lower case, letters and digits alone.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The last part of a name: `iban` of `customer[iban]` and of `customer.iban`.
fn innermost(name: &str) -> &str {
    name.trim_end_matches([']', '[']).rsplit(['[', '.']).next().unwrap_or_default()
}

fn decoded(name: &str) -> std::borrow::Cow<'_, str> {
    percent_encoding::percent_decode_str(name).decode_utf8_lossy()
}

fn is_literal(value: &str) -> bool {
    matches!(value, "true" | "false" | "null" | "none" | "None" | "undefined" | "submit")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_under_the_names_of_masked_fields_go() {
        let mut known = Known::default();
        ["customer[iban]", "Name on card", "message", "a"].iter().for_each(|name| known.note_name(name));
        let mut sent =
            r#"{"IBAN":"DE89 3704","nameOnCard":"Ada Byron","message":"This is not for you","a":1}"#.to_owned();
        known.clean_sent(&mut sent);
        assert_eq!(sent, r#"{"IBAN":"[redacted]","nameOnCard":"[redacted]","message":"[redacted]","a":1}"#);
        let mut answer = r#"{"message":"IBAN DE89 3704 is wrong","owner":"Ada Byron","iban":"x y"}"#.to_owned();
        known.clean_told(&mut answer);
        known.clean(&mut answer);
        assert_eq!(answer, r#"{"message":"IBAN [redacted] is wrong","owner":"[redacted]","iban":"[redacted]"}"#);
        let mut address = "/check?iban=DE89+3704&page=2&customer%5BnameOnCard%5D=x".to_owned();
        known.clean_address(&mut address);
        assert_eq!(address, "/check?iban=[redacted]&page=2&customer%5BnameOnCard%5D=[redacted]");
    }

    #[test]
    fn known_values_go_wherever_they_stand_alone() {
        let mut known = Known::default();
        for value in ["Tr0ub4dor&3", "hunter2", "4711", "Ada", "password", "true"] {
            known.note_value(value);
        }
        known.note_secret("0815");
        for (text, want) in [
            ("pin 0815!", "pin [redacted]!"),
            ("wrong: Tr0ub4dor&3, again", "wrong: [redacted], again"),
            ("/x?p=Tr0ub4dor%263", "/x?p=[redacted]"),
            ("hunter2 hunter22 \u{e9}hunter2", "[redacted] hunter22 \u{e9}hunter2"),
            ("order 4711 of Ada", "order 4711 of Ada"),
            ("Wrong password", "Wrong password"),
            ("id eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x-y", "id [redacted]"),
        ] {
            let mut clean = text.to_owned();
            known.clean(&mut clean);
            assert_eq!(clean, want);
        }
        assert!(holds_secret("/a?token=abc") && !holds_secret("/products/teapot-with-a-long-name"));
    }
}
