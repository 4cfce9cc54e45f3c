//! JSON text without trees.
//!
//! In: bytes. Out: positions and slices of them, texts of strings, and errors with their offsets.
//!
//! - [`Cursor`] reads what recordings hold: it accepts lone surrogates, control characters and any nesting. [`Fields`]
//!   and [`Items`] are its views of an object and a list.
//! - [`strict`] checks uploads: what it accepts, the cursor reads whole.
//! - [`repair`] changes text in place so that a strict parser accepts it.
//! - [`envelope`] knows the objects in which lists of events, requests and console lines are wrapped.
//! - [`scan`] finds the ends of strings and containers 64 bytes at a time; the others stand on it.
//!
//! Never here: values in memory, numbers beyond `f64`, recursion over the input, I/O, panics on any input.

mod cursor;
pub mod envelope;
mod fields;
pub mod repair;
pub mod scan;
pub mod strict;
mod text;

pub use cursor::{Cursor, Malformed, Read, each_field};
pub use fields::{Fields, Items, Members, raw_text};
pub use text::{RawStr, lone_surrogates, unescape_nested};

/// `json` without a leading UTF-8 byte-order mark.
pub fn without_bom(json: &[u8]) -> &[u8] {
    json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json)
}
