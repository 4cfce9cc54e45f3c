//! The clock that ingest and worker read: the machine's, or one that a test sets.

pub use playhead_schemas::clock::Clock;
