//! The tracker's rules over a real store in a fresh folder.
#![allow(clippy::unwrap_used)]

mod comments;
mod create;
mod support;
mod update;
