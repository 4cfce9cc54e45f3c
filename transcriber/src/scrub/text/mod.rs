//! Free text without secrets: console lines, stacks, bodies of any form, whole or cut off.

mod syntax;
#[cfg(test)]
mod tests;

use std::ops::Range;

use memchr::memmem;
use playhead_schemas::text::{prefix, visible};

use super::credential::{card_number, credential_in, is_harmless, looks_random};
use super::known::Names;
use super::names::{Secrecy, secrecy};
use super::{REDACTED, url};
use syntax::{authorization, is_data, is_prose, is_word, quote_len, run, string_end};

/// Bytes of a value without quotes that are examined to decide whether it is a secret.
const HEAD_BYTES_MAX: usize = 256;
/// Bytes of an opening tag that are examined.
const TAG_BYTES_MAX: usize = 300;
/// Bytes of a private key's label that are examined.
const LABEL_BYTES_MAX: usize = 64;

/// `text` without invisible characters and without secrets: values under secret names (`"password": "x"`,
/// `token=x`, `<secret>x</secret>`, escaped JSON too), bearer and basic credentials, private keys, JSON web tokens and
/// keys with a known prefix, payment card numbers, secrets in addresses; `data:` addresses are cut to type and size.
///
/// Messages about secret fields ("This password is too short.") are kept, because they explain failures.
pub(crate) fn clean_text(text: &str) -> String {
    clean_head(text, usize::MAX).0
}

/// [`clean_text`] of the beginning of `text` that gives `chars_max` characters or more, and whether the rest was left
/// out.
pub(crate) fn clean_head(text: &str, chars_max: usize) -> (String, bool) {
    let text = visible(text);
    let bytes_max = if text.is_ascii() { chars_max } else { chars_max.saturating_mul(4) };
    let mut scan = Scan::new(&text, 0, None);
    let end = scan.run(bytes_max);
    (scan.finish(end), end < text.len())
}

/// [`clean_text`] of a text that was found so deep in others.
pub(super) fn clean_at(text: &str, depth: usize) -> String {
    let text = visible(text);
    let mut scan = Scan::new(&text, depth, None);
    let end = scan.run(usize::MAX);
    scan.finish(end)
}

/// `text` without the values under `names` either, and these values.
pub(super) fn clean_names(text: &str, names: &Names<'_>) -> (String, Vec<String>) {
    let mut scan = Scan::new(text, 0, Some(names));
    let end = scan.run(usize::MAX);
    let secrets = std::mem::take(&mut scan.secrets);
    (scan.finish(end), secrets.into_iter().map(|range| text[range].to_owned()).collect())
}

/// The values under secret names in a body of any form but that of a form.
pub(crate) fn secrets_in(body: &str) -> Vec<String> {
    let mut scan = Scan::new(body, 0, None);
    scan.run(usize::MAX);
    scan.secrets.into_iter().map(|range| body[range].to_owned()).collect()
}

/// A form body (`a=1&b=2`) without secrets.
pub(crate) fn clean_form(body: &str) -> String {
    let clean = url::without_secrets(&format!("?{}", visible(body)));
    clean[1..].to_owned()
}

/// The values under secret names in a form body.
pub(crate) fn secrets_in_form(body: &str) -> Vec<String> {
    let is_secret = |(name, _): &(std::borrow::Cow<'_, str>, _)| secrecy(name) != Secrecy::Plain;
    ::url::form_urlencoded::parse(body.as_bytes()).filter(is_secret).map(|(_, value)| value.into_owned()).collect()
}

struct Scan<'a> {
    text: &'a str,
    out: String,
    copied: usize,
    /// How many texts it stands in.
    depth: usize,
    /// Names that are secret in this recording.
    names: Option<&'a Names<'a>>,
    /// The values that were removed because of their names.
    secrets: Vec<Range<usize>>,
}

impl<'a> Scan<'a> {
    fn new(text: &'a str, depth: usize, names: Option<&'a Names<'a>>) -> Self {
        Self { text, out: String::new(), copied: 0, depth, names, secrets: Vec::new() }
    }

    /// Examines the text until at least `bytes_max` bytes of it can be given; where it stopped.
    fn run(&mut self, bytes_max: usize) -> usize {
        let mut at = 0;
        let bytes = self.text.as_bytes();
        while at < bytes.len() && self.out.len() + (at - self.copied) < bytes_max {
            at = if is_word(bytes[at]) { self.word(at) } else { at + 1 };
        }
        at.min(self.text.len())
    }

    /// Removes the private key whose `-----BEGIN` ends at `begin` (RFC 7468); the position after it.
    fn private_key(&mut self, begin: usize) -> Option<usize> {
        let text = self.text;
        let label = prefix(&text[begin..], LABEL_BYTES_MAX);
        let label = &label[..label.find("-----")?];
        let from = begin + label.len() + 5;
        let end = memmem::find(&text.as_bytes()[from..], b"-----END ").map_or(text.len(), |n| from + n);
        label.ends_with("PRIVATE KEY").then(|| self.redact(from..end))
    }

    /// Examines the word that starts at `at` and returns the position after what was examined.
    fn word(&mut self, at: usize) -> usize {
        let text = self.text;
        let end = run(text, at, is_word);
        let word = &text[at..end];
        let rest = &text[end..];
        if rest.starts_with("://") || (word.eq_ignore_ascii_case("data") && is_data(rest)) {
            let end = run(text, end, |b| !b.is_ascii_whitespace() && !b"\"'<>`\\)}|".contains(&b));
            let whole = &text[at..end];
            let clean = if rest.starts_with(':') && !rest.starts_with("://") {
                url::clean_url(whole)
            } else {
                url::without_secrets_at(whole, self.depth)
            };
            if clean != whole {
                self.replace(at..end, &clean);
            }
            return end;
        }
        if word.ends_with("-----BEGIN")
            && let Some(end) = self.private_key(end)
        {
            return end;
        }
        if let Some(len) = card_number(&text[at..]) {
            self.replace(at..at + len, REDACTED);
            return at + len;
        }
        if let Some(found) = credential_in(word) {
            self.replace(at + found.start..end, REDACTED);
            return end;
        }
        if let Some(secret) = authorization(word, text, at, end) {
            self.replace(secret.clone(), REDACTED);
            return secret.end;
        }
        self.element(word, at, end).or_else(|| self.pair(word, end)).unwrap_or(end)
    }

    /// How likely the value under a name is a secret.
    fn secrecy(&self, name: &str) -> Secrecy {
        let known = secrecy(name);
        if known < Secrecy::Certain && self.is_learned(name) { Secrecy::Certain } else { known }
    }

    fn is_learned(&self, name: &str) -> bool {
        self.names.is_some_and(|names| names.has(name))
    }

    /// Examines the content of an XML element whose name is at `at..end`.
    fn element(&mut self, name: &str, at: usize, end: usize) -> Option<usize> {
        let text = self.text;
        let is_opening = match text.as_bytes().get(at.checked_sub(1)?)? {
            b'<' => true,
            b':' => {
                text[..at - 1].rfind(|c: char| !c.is_ascii_alphanumeric()).is_some_and(|n| text[n..].starts_with('<'))
            }
            _ => false,
        };
        if !is_opening || self.secrecy(name) != Secrecy::Certain {
            return None;
        }
        let tag = prefix(&text[end..], TAG_BYTES_MAX);
        let close = end + tag.find(['<', '>']).filter(|n| tag[*n..].starts_with('>') && !tag[..*n].ends_with('/'))? + 1;
        let inner = match text[close..].strip_prefix("<![CDATA[") {
            Some(data) => close + 9..close + 9 + data.find("]]>").unwrap_or(data.len()),
            None => close..close + text[close..].find('<').filter(|n| text[close + n..].starts_with("</"))?,
        };
        self.string(inner, Secrecy::Certain, self.is_learned(name))
    }

    /// Examines `: value` or `= value` after a name that ends at `end`.
    fn pair(&mut self, name: &str, end: usize) -> Option<usize> {
        let text = self.text;
        let bytes = text.as_bytes();
        let after_quote = end + quote_len(&bytes[end..]);
        let mark = run(text, after_quote, |b| b.is_ascii_whitespace());
        let is_equals = match bytes.get(mark)? {
            b':' => false,
            b'=' if bytes.get(mark + 1) != Some(&b'=') => true,
            _ => return None,
        };
        let secrecy = self.secrecy(name);
        if secrecy == Secrecy::Plain {
            return None;
        }
        let is_learned = self.is_learned(name);
        let from = run(text, mark + 1, |b| b.is_ascii_whitespace() || (is_equals && b == b'>'));
        match bytes.get(from)? {
            b'"' | b'\'' | b'`' | b'\\' => {
                let open = quote_len(&bytes[from..]);
                (open > 0).then_some(())?;
                let inner = from + open..string_end(text, from, open);
                self.string(inner, secrecy, is_learned)
            }
            b'{' | b'[' if secrecy == Secrecy::Certain && !text[from..].starts_with(REDACTED) => {
                Some(self.container(from))
            }
            b'{' | b'[' => None,
            b'0'..=b'9' | b'-' if !is_equals => {
                let number = from..run(text, from, |b| b.is_ascii_digit() || b"+-.eE".contains(&b));
                let is_secret = secrecy == Secrecy::Certain && !name.to_ascii_lowercase().contains("token");
                is_secret.then(|| self.redact(number))
            }
            _ => self.bare(from, name, secrecy, is_equals),
        }
    }

    /// The quoted value at `inner`.
    fn string(&mut self, inner: Range<usize>, secrecy: Secrecy, is_learned: bool) -> Option<usize> {
        let value = &self.text[inner.clone()];
        let keeps_prose = !(is_learned && self.names.is_some_and(|names| names.hides_prose));
        let is_secret = secrecy == Secrecy::Certain && !(keeps_prose && is_prose(value)) || looks_random(value);
        (is_secret && !is_harmless(value)).then(|| self.redact(inner))
    }

    /// The value without quotes at `from`.
    fn bare(&mut self, from: usize, name: &str, secrecy: Secrecy, is_equals: bool) -> Option<usize> {
        let is_cookie = name.to_ascii_lowercase().ends_with("cookie");
        let belongs = |b: u8| {
            if is_cookie && !is_equals {
                !b"\n\"".contains(&b)
            } else {
                !b.is_ascii_whitespace() && !b"&;,\"'<>)]}|\\".contains(&b)
            }
        };
        // Only the beginning is examined: a value that is kept is scanned once more for the pairs in it.
        let head = prefix(&self.text[from..], HEAD_BYTES_MAX);
        let text = &head[..run(head, 0, belongs)];
        let is_literal = matches!(text, "true" | "false" | "null" | "undefined" | "none" | "None");
        let is_secret = match secrecy {
            _ if is_literal || is_harmless(text) => false,
            Secrecy::Certain => is_equals || is_cookie || looks_random(text),
            _ => looks_random(text),
        };
        is_secret.then(|| self.redact(from..run(self.text, from, belongs)))
    }

    /// The array or object at `from`, of which strings are removed, except keys and prose.
    fn container(&mut self, from: usize) -> usize {
        let (text, mut at, mut depth) = (self.text, from, 0usize);
        while let Some(byte) = text.as_bytes().get(at) {
            match byte {
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                b'"' => {
                    let inner = at + 1..string_end(text, at, 1);
                    at = inner.end;
                    let after = run(text, (at + 1).min(text.len()), |b| b.is_ascii_whitespace());
                    let is_key = text.as_bytes().get(after) == Some(&b':');
                    if !is_key {
                        self.string(inner, Secrecy::Certain, false);
                    }
                }
                _ => {}
            }
            at += 1;
            if depth == 0 {
                break;
            }
        }
        at.min(text.len())
    }

    fn redact(&mut self, secret: Range<usize>) -> usize {
        self.secrets.push(secret.clone());
        self.replace(secret.clone(), REDACTED);
        secret.end
    }

    fn replace(&mut self, range: Range<usize>, with: &str) {
        self.out.push_str(&self.text[self.copied..range.start]);
        self.out.push_str(with);
        self.copied = range.end;
    }

    /// What there is up to `end`.
    fn finish(mut self, end: usize) -> String {
        self.out.push_str(&self.text[self.copied..end]);
        self.out
    }
}
