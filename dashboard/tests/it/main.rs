//! Pages and OAuth as browsers and clients see them, over a real store in a fresh folder.
#![allow(clippy::unwrap_used)]

mod app;
mod authorize;
mod discovery;
mod others;
mod pages;
mod races;
mod tokens;
