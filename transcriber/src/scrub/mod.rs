//! Removal of secrets from text that a page controlled.
//!
//! In: addresses, bodies, console lines, stacks. Out: the same with secret values replaced by
//! [`REDACTED`] and everything else as it was. Every text of a recording that reaches a timeline passes
//! here once, and nowhere else is it decided what a secret is. It is a second line of defence: what the
//! SDK could mask, it should have masked.

mod names;
mod text;
mod url;

pub(crate) use text::{clean_form, clean_head, clean_text};
pub(crate) use url::clean_url;

/// What stands in the place of a secret.
pub(crate) const REDACTED: &str = "[redacted]";
