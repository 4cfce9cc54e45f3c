//! Pictures (stub).
