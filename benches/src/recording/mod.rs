//! Recordings from a seed: what rrweb 2.x writes for a session in a single-page application.
//!
//! In: a size and a seed. Out: one JSON array of events, the same bytes on every machine: Meta, a full
//! snapshot, then what a user and the application do (lists that are replaced while they scroll, panels,
//! dialogs, typing with suggestions, prices that change, animations, styles, requests with bodies, the
//! console). Every change names nodes that are there. Never here: real pages, clocks, hash order.

mod markup;
mod page;
mod session;
mod words;
mod write;

use session::Session;

/// How much to record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Bytes of JSON; the recording ends after the first action that reaches them.
    pub bytes: usize,
    /// Nodes of the first snapshot, roughly. At least 200.
    pub nodes: usize,
    /// Another seed is another session.
    pub seed: u64,
}

impl Size {
    /// A session of `bytes` on pages of about 3,000 nodes.
    pub fn of_bytes(bytes: usize) -> Self {
        Self { bytes, nodes: 3000, seed: 1 }
    }
}

/// The events of a session, as one JSON array.
pub fn generate(size: &Size) -> Vec<u8> {
    let mut session = Session::begin(size);
    while session.bytes() < size.bytes {
        session.action();
    }
    session.end()
}

#[cfg(test)]
mod tests;
