//! The endpoints that SDKs of other products send to.

pub(crate) mod sentry;
