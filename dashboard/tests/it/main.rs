//! The pages as browsers see them, and the way to a code, over a real store in a fresh folder.
#![allow(clippy::unwrap_used)]

mod app;
mod authorize;
mod layout;
mod others;
mod pages;
