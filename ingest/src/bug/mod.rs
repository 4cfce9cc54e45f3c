//! Bug reports on their way in.
//!
//! In: the members of a JSON body, or the parts of a multipart one. Out: a
//! [`NewBug`](playhead_store::NewBug) with what is valid, and one outcome for everything else. Fields
//! don't affect each other: a bug is never lost because of one of them.

mod fields;
mod files;
mod request;

pub(crate) use files::{BugFile, told_by_bytes};
pub(crate) use request::{Report, read_json, read_multipart};
