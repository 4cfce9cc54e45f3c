//! What the figures are made from: recordings (real and generated), and the parsers that a
//! transcription is measured beside.
//!
//! In: `testdata`, seeds and sizes. Out: bytes of recordings, times of single runs. Never here:
//! the store, a server (those are in the binary `load`), a test that depends on how fast it runs.

pub mod cases;
pub mod contest;
pub mod machine;
pub mod recording;
mod rng;

pub use rng::Rng;
