//! Who may upload, from where, and how often.
//!
//! In: the head of a request. Out: an [`Uploader`], or a refusal, and the CORS headers of the answer.
//! Never here: the body; a log line with a key in it.

mod admission;
mod cors;
mod guard;
mod key;

pub(crate) use admission::{allows, count_address, count_key, foreign_origin};
pub(crate) use guard::{Uploader, guard};
pub(crate) use key::query_value;
