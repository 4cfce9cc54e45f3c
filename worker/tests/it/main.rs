//! The worker over a real store, each test with its own folder.
#![allow(clippy::unwrap_used)]

mod janitor;
mod jobs;
mod pictures;
mod support;
