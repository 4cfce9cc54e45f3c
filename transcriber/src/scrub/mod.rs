//! Removal of secrets from text that a page controlled.
//!
//! In: addresses, bodies, console lines, stacks. Out: the same with secret values replaced by [`REDACTED`] and
//! everything else unchanged. Every text of a recording that reaches a timeline is cleaned here once, and only here is
//! decided what a secret is. This is the second line of defence: the SDK masks first.

mod names;
mod text;
mod url;

pub(crate) use text::{clean_form, clean_head, clean_text};
pub(crate) use url::clean_url;

/// Replaces a secret.
pub(crate) const REDACTED: &str = "[redacted]";
