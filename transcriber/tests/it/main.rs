//! Tests of the transcriber as a whole: bytes in, timelines and texts out.
#![allow(clippy::unwrap_used)]
// The recording builders give themselves back for chaining; `drop` ends a chain as a statement of its own.
#![allow(dropping_references, clippy::type_complexity)]

mod answers;
mod cases;
mod contents;
mod contract;
mod contrast;
mod controls;
mod coverage;
mod doc;
mod editors;
mod fidelity;
mod goldens;
mod hostile;
mod observe;
mod outcomes;
mod pages;
mod properties;
mod recorder;
mod requests;
mod secrets;
mod signals;
mod tape;
mod tokens;
