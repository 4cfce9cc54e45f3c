//! Settings: each declared once, with four places to give it and one order of precedence.
//!
//! In: flags, the environment, a file. Out: [`Settings`], and for `playhead config` where each value came from. A flag
//! wins over the environment, the environment over the file, the file over the default. What is not declared is an
//! error, so that a misspelt setting is not ignored. Never here: secrets, but for the password in `catalog_url`.
//! `PLAYHEAD_TOKEN` and `PLAYHEAD_INGEST_KEY` are read from the environment where they are used. None is ever printed.

mod declared;
mod field;
mod flags;
mod kind;
mod reference;
mod resolve;
mod sources;
#[cfg(test)]
mod tests;
mod values;

pub(crate) use field::LogFormat;
pub(crate) use flags::{Flags, TargetFlags};
pub(crate) use reference::markdown;
pub(crate) use sources::{INGEST_KEY_VARIABLE, TOKEN_VARIABLE};
pub(crate) use values::{Settings, demo_folder};
