//! Tests of the transcriber as a whole: bytes in, timelines and texts out.
#![allow(clippy::unwrap_used)]

mod cases;
mod contract;
mod doc;
mod fidelity;
mod goldens;
mod hostile;
mod observe;
mod outcomes;
mod properties;
mod tape;
