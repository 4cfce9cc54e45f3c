//! The wire formats of other products' SDKs: one folder for each dialect, and what they share.
//!
//! ```text
//! body -> sentry::envelope | posthog::body -> Found (recordings, errors, feedback) -> intake -> store
//! ```
//!
//! In: decoded bodies. Out: segments and bugs in the store, and an account of what was taken, what means nothing here and
//! what is broken. Never here: HTTP (controllers), what recordings mean (transcriber).
//!
//! Parsing is lenient: what is broken costs itself, and is named. Everything is bounded.

pub(crate) mod access;
pub(crate) mod account;
mod bugs;
mod crumbs;
pub(crate) mod error_report;
mod exception;
mod fingerprint;
pub(crate) mod flood;
pub(crate) mod intake;
pub(crate) mod posthog;
pub(crate) mod sentry;
mod value;

pub(crate) use account::Account;
pub use exception::{Exception, Frame};
