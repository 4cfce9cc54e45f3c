//! What each recorder's own events mean, one file per recorder.
//!
//! In: the numbers, names and payloads that a recorder writes. Out: enums for them. Never here: moments, requests
//! and console lines, which are made of what is read here.

pub(crate) mod rrweb;
