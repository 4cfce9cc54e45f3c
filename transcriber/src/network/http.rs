//! Methods and status codes, as recorders write them.

use super::METHOD_UNKNOWN;

/// A status code of a real response.
pub(crate) fn status(number: f64) -> Option<u16> {
    (100.0..1000.0).contains(&number).then_some(number as u16)
}

/// A method in upper case; [`METHOD_UNKNOWN`] when the name is none (RFC 9110, section 9.1: letters, here also `-`).
pub(crate) fn method(name: &str) -> String {
    let is_method = (1..=20).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-');
    if is_method { name.to_ascii_uppercase() } else { METHOD_UNKNOWN.to_owned() }
}
