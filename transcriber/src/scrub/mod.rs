//! Removal of secrets from text that a page controlled.
//!
//! In: addresses, bodies, console lines, stacks. Out: the same with secret values replaced by [`REDACTED`] and
//! everything else unchanged. Every text of a recording that reaches a timeline is cleaned here once, and only here is
//! decided what a secret is. This is the second line of defence: the SDK masks first.

mod credential;
mod known;
mod names;
mod text;
mod url;

pub(crate) use known::{Known, holds_secret};
pub(crate) use names::{Secrecy, secrecy};
pub(crate) use text::{clean_form, clean_head, clean_text, secrets_in, secrets_in_form};
pub(crate) use url::clean_url;

/// How deep texts are looked into that are encoded in addresses that are encoded in texts, and so on.
const DEPTH_MAX: usize = 3;

/// Replaces a secret.
pub(crate) const REDACTED: &str = "[redacted]";
