//! Tests of the transcriber as a whole: bytes in, timelines and texts out.
#![allow(clippy::unwrap_used)]

mod cases;
mod fidelity;
mod goldens;
