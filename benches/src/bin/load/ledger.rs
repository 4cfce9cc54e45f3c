//! What was uploaded and what was acknowledged, kept by the one who uploads.

use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};
use playhead_benches::Rng;
use playhead_benches::cases::Segment;
use playhead_schemas::Stream;

use crate::uploads::Ready;

/// Every replay that was begun. Shared by the clients.
#[derive(Debug)]
pub(crate) struct Ledger {
    recordings: Vec<Vec<Segment>>,
    seed: u64,
    replays: Mutex<Vec<Entry>>,
}

/// One replay: how far it is.
#[derive(Clone, Debug)]
struct Entry {
    recording: usize,
    acknowledged: usize,
    taken: bool,
}

/// A segment that is to be sent.
#[derive(Debug)]
pub(crate) struct Errand {
    /// The replay's number.
    pub(crate) replay: usize,
    /// The segment's number.
    pub(crate) n: usize,
}

/// A replay, as far as it was acknowledged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UploadState {
    /// The replay's number.
    pub(crate) replay: usize,
    /// Segments 0 up to this one, without it, are acknowledged.
    pub(crate) acknowledged: usize,
    /// True when the final segment is acknowledged too.
    pub(crate) is_closed: bool,
}

/// The SDK's name of a replay.
pub(crate) fn key(replay: usize) -> String {
    format!("crash-{replay}")
}

impl Ledger {
    /// An empty one, for replays of these recordings.
    pub(crate) fn new(recordings: Vec<Vec<Segment>>, seed: u64) -> Self {
        Self { recordings, seed, replays: Mutex::default() }
    }

    /// The next segment to send: of a replay that nobody is at, or the first one of a new replay.
    pub(crate) fn next(&self) -> Errand {
        let mut replays = self.lock();
        let open = replays.iter().position(|entry| !entry.taken && entry.acknowledged < self.length(entry));
        let replay = open.unwrap_or_else(|| {
            let mut rng = Rng::part(self.seed, replays.len() as u64);
            replays.push(Entry { recording: rng.index(self.recordings.len()), acknowledged: 0, taken: false });
            replays.len() - 1
        });
        replays[replay].taken = true;
        Errand { replay, n: replays[replay].acknowledged }
    }

    /// Notes how an errand ended.
    pub(crate) fn done(&self, errand: &Errand, acknowledged: bool) {
        let mut replays = self.lock();
        let entry = &mut replays[errand.replay];
        entry.taken = false;
        if acknowledged {
            entry.acknowledged = errand.n + 1;
        }
    }

    /// Every replay as it stands.
    pub(crate) fn upload_states(&self) -> Vec<UploadState> {
        let replays = self.lock();
        let upload_state = |(replay, entry): (usize, &Entry)| UploadState {
            replay,
            acknowledged: entry.acknowledged,
            is_closed: entry.acknowledged == self.length(entry),
        };
        replays.iter().enumerate().map(upload_state).collect()
    }

    /// How many segments are acknowledged.
    pub(crate) fn acknowledged(&self) -> usize {
        self.lock().iter().map(|entry| entry.acknowledged).sum()
    }

    /// The segments of a replay. Each holds a mark of its own, so that none can stand for another.
    pub(crate) fn segments(&self, replay: usize) -> Result<Vec<Segment>> {
        let recording = self.lock().get(replay).context("a replay that was begun")?.recording;
        Ok(self.recordings[recording].iter().enumerate().map(|(n, segment)| marked(segment, replay, n)).collect())
    }

    /// A segment, ready to be sent. The same one has the same bytes each time.
    pub(crate) fn ready(&self, errand: &Errand) -> Result<Ready> {
        let recording = self.lock().get(errand.replay).context("a replay that was begun")?.recording;
        let segments = &self.recordings[recording];
        let is_final = errand.n + 1 == segments.len();
        Ready::new(&marked(&segments[errand.n], errand.replay, errand.n), is_final)
    }

    fn length(&self, entry: &Entry) -> usize {
        self.recordings[entry.recording].len()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Entry>> {
        self.replays.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The segment with a member more at the front of each record list's first record.
fn marked(segment: &Segment, replay: usize, n: usize) -> Segment {
    let mark = |stream: &Stream, json: &Vec<u8>| {
        let member = format!("[{{\"upload\":\"{replay}/{n}\",");
        // Lists are never empty, nor is a record.
        let rest = json.strip_prefix(b"[{").unwrap_or(json);
        (*stream, [member.as_bytes(), rest].concat())
    };
    segment.iter().map(|(stream, json)| mark(stream, json)).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn ledger() -> Ledger {
        let segment = Segment::from([(Stream::Rrweb, b"[{\"type\":0}]".to_vec())]);
        Ledger::new(vec![vec![segment.clone(), segment]], 1)
    }

    #[test]
    fn a_replay_is_sent_in_order_and_by_one_client_at_a_time() {
        let ledger = ledger();
        let (first, other) = (ledger.next(), ledger.next());
        assert_eq!((first.replay, first.n, other.replay, other.n), (0, 0, 1, 0));
        ledger.done(&first, false);
        let again = ledger.next();
        assert_eq!((again.replay, again.n), (0, 0));
        ledger.done(&again, true);
        let second = ledger.next();
        assert_eq!((second.replay, second.n), (0, 1));
        assert!(!ledger.upload_states()[0].is_closed);
        ledger.done(&second, true);
        assert!(ledger.upload_states()[0].is_closed);
        assert_eq!((ledger.acknowledged(), ledger.next().replay), (2, 2));
    }

    #[test]
    fn each_segment_has_bytes_of_its_own() {
        let ledger = ledger();
        ledger.next();
        let segments = ledger.segments(0).unwrap();
        assert_eq!(segments[0][&Stream::Rrweb], b"[{\"upload\":\"0/0\",\"type\":0}]");
        assert_ne!(segments[0], segments[1]);
    }
}
