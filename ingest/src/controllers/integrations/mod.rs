//! The endpoints that SDKs of other products send to.

pub(crate) mod posthog;
pub(crate) mod sentry;
