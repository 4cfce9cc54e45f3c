//! Bug reports.

pub(crate) mod create;
