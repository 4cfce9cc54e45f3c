//! Segments of replays.

pub(crate) mod put;
