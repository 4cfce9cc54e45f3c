//! The upload API.
//!
//! ```text
//! request -> guard (key, origin, rate) -> body (decoded within limits) -> segment | bug -> store
//! ```
//!
//! In: HTTP requests of SDKs. Out: what the store acknowledged, as JSON. Never here: what
//! recordings mean (transcriber), jobs (worker), SQL or object keys (store), tools for assistants (query).

mod access;
mod answer;
mod app;
mod body;
mod bug;
mod clock;
mod config;
mod controllers;
mod error;
mod form;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzz;
mod integrations;
mod memory_budget;
mod request;
mod routes;
mod segment;

pub use clock::Clock;
pub use config::IngestConfig;
pub use integrations::{Exception, Frame};
pub use playhead_store::Rate;
pub use routes::{router, router_with_clock};
