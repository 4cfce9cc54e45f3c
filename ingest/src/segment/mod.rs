//! Segments on their way in.
//!
//! Each state is a type: a decoded body -> [`Upload`] (streams told apart) -> checked and sealed parts
//! -> what the store made of them. Never here: events. What a stream says is the transcriber's matter;
//! here it must be JSON, within the limits.

mod payload;
mod seal;
mod split;

pub(crate) use seal::seal;
pub(crate) use split::{Raw, Upload, flag, split, window};
