//! Events and mirrors to drafts of moments.
//!
//! In: the events of a replay in order of time, and the requests that are known to have been made.
//! Out: drafts of what was done and shown, each action with what followed from it on the page.
//!
//! Never here: text for readers beyond a target's and a change's own words; console and network
//! entries, which [`crate::merge`] adds.

mod address;
mod contents;
mod custom;
mod draft;
mod fields;
mod moment_log;
mod outcome;
mod page;
mod pointer;
mod recorder;
mod secrets;
mod session;
mod shown;
mod target;
mod unseen;
mod viewport;
mod window;

pub(crate) use address::origin;
pub(crate) use draft::{Axis, CauseEdge, Draft, DraftIndex, DraftOutcome, Note, TimedChange};
pub(crate) use moment_log::{Arrival, Observed, ReachedPage, Recording, Referrer};
pub(crate) use outcome::{NONCONTROL_MS, is_click_on_noncontrol};
pub(crate) use session::Session;
