//! The authorization server as its clients see it, over a real store in a fresh folder.
#![allow(clippy::unwrap_used)]

mod app;
mod discovery;
mod races;
mod tokens;
