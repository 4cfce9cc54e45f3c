//! What a surface that is built on this crate answers.
#![allow(clippy::unwrap_used)]

mod input;
mod trace;
