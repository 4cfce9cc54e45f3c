//! The clock that the upload API reads: the machine's, or one that a test sets.

pub use playhead_schemas::clock::Clock;
