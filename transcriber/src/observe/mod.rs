//! Events and mirrors to drafts of moments.
//!
//! In: the events of a replay in order of time, and the requests that are known to have been made.
//! Out: drafts of what was done and shown, each action with what followed from it on the page.
//!
//! Never here: text for readers beyond a target's and a change's own words; console and network
//! entries, which [`crate::merge`] adds.

mod address;
mod comeback;
mod custom;
mod draft;
mod input;
mod outcome;
mod page;
mod pointer;
mod session;
mod target;
mod viewport;

pub(crate) use address::origin;
pub(crate) use draft::{Axis, Draft, Dx, Effects, Note, Tie, ToldChange};
pub(crate) use outcome::{INERT_MS, is_inert};
pub(crate) use session::{Observed, Sender, Session};
