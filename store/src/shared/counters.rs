//! How much of each quota was used.
//!
//! Counted in memory, so that a call waits for nothing, and written behind with the writer's next round. A restart goes
//! on from what was written: a close loses nothing, a kill at most the last second. What is written is how much a
//! counter grew, and what comes back is its sum over all nodes: a limit may be exceeded by what the other nodes count in
//! a second.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use playhead_schemas::{ProjectId, WorkspaceId};
use ulid::Ulid;

use crate::engine::{Session, Tx, values};
use crate::{Result, Store, StoreError};

/// What is counted. Each has one window at a time: counting in a newer one begins at 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Counter {
    /// Calls of a UTC day in a project.
    ProjectDay(ProjectId),
    /// Calls of a UTC day that name no project, in a workspace.
    WorkspaceDay(WorkspaceId),
    /// Calls of a minute by a principal.
    PrincipalMinute(Ulid),
}

/// The outcome of [`Store::count`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Counted; so many were used, this one included.
    Within(u64),
    /// Not counted: the limit was reached before.
    Full,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    known: Mutex<HashMap<Counter, Use>>,
}

#[derive(Clone, Copy, Debug)]
struct Use {
    window_no: i64,
    /// In all, as far as this node knows.
    used: u64,
    /// So many of them are not in the catalog yet.
    unwritten: u64,
}

/// What a counter grew by in a window, or what it holds.
pub(crate) type Growth = (Counter, i64, u64);

const LIST: &str = "SELECT id, window_no, used FROM counters";
const ADD: &str = "INSERT INTO counters (id, window_no, used) VALUES ($1, $2, $3)
    ON CONFLICT (id) DO UPDATE SET
        used = CASE WHEN counters.window_no < excluded.window_no THEN 0 ELSE counters.used END + excluded.used,
        window_no = CASE WHEN counters.window_no < excluded.window_no THEN excluded.window_no ELSE counters.window_no END
    RETURNING window_no, used";

impl Store {
    /// Counts one use in the window of number `window_no`, unless `limit` uses were counted in it. A window that is
    /// older than the newest counted one, as after a clock went back, counts in the newest.
    pub fn count(&self, counter: Counter, window_no: i64, limit: u64) -> Counted {
        self.shared().write_buffers.counters.count(counter, window_no, limit)
    }

    /// The uses in the window of number `window_no`.
    pub fn counted(&self, counter: Counter, window_no: i64) -> u64 {
        let known = self.shared().write_buffers.counters.known();
        known.get(&counter).filter(|of| of.window_no >= window_no).map_or(0, |of| of.used)
    }
}

impl Counters {
    /// What the catalog holds.
    pub(crate) fn load(session: &dyn Session) -> Result<Self> {
        let mut known = HashMap::new();
        for row in session.query(LIST, &[])? {
            known.insert(row.parsed(0)?, Use { window_no: row.get(1)?, used: row.get(2)?, unwritten: 0 });
        }
        Ok(Self { known: Mutex::new(known) })
    }

    fn count(&self, counter: Counter, window_no: i64, limit: u64) -> Counted {
        let mut known = self.known();
        let of = known.entry(counter).or_insert(Use { window_no, used: 0, unwritten: 0 });
        if window_no > of.window_no {
            *of = Use { window_no, used: 0, unwritten: 0 };
        }
        if of.used >= limit {
            return Counted::Full;
        }
        of.used += 1;
        of.unwritten += 1;
        Counted::Within(of.used)
    }

    pub(crate) fn is_due(&self) -> bool {
        self.known().values().any(|of| of.unwritten > 0)
    }

    /// Takes what is not written yet.
    pub(crate) fn take(&self) -> Vec<Growth> {
        let mut known = self.known();
        let waiting = known.iter_mut().filter(|(_, of)| of.unwritten > 0);
        let mut taken: Vec<Growth> =
            waiting.map(|(counter, of)| (*counter, of.window_no, std::mem::take(&mut of.unwritten))).collect();
        // In one order on every node: none waits for one that waits for it.
        taken.sort_unstable_by_key(|(counter, ..)| counter.to_string());
        taken
    }

    /// What was taken could not be written.
    pub(crate) fn put_back(&self, taken: &[Growth]) {
        let mut known = self.known();
        for (counter, window_no, grown) in taken {
            if let Some(of) = known.get_mut(counter).filter(|of| of.window_no == *window_no) {
                of.unwritten += grown;
            }
        }
    }

    /// What was taken is written, and this is what the catalog holds now.
    pub(crate) fn written(&self, totals: &[Growth]) {
        let mut known = self.known();
        for (counter, window_no, total) in totals {
            match known.get_mut(counter) {
                Some(of) if of.window_no == *window_no => of.used = of.used.max(total + of.unwritten),
                Some(of) if of.window_no < *window_no => {
                    *of = Use { window_no: *window_no, used: *total, unwritten: 0 };
                }
                _ => {}
            }
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Counter, Use>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Adds to counters and returns what they hold. May run several times.
pub(crate) fn write(tx: &Tx<'_>, grown: &[Growth]) -> Result<Vec<Growth>> {
    let mut totals = Vec::with_capacity(grown.len());
    for (counter, window_no, by) in grown {
        for row in tx.change(ADD, &values![counter.to_string(), *window_no, *by])? {
            totals.push((*counter, row.get(0)?, row.get(1)?));
        }
    }
    Ok(totals)
}

impl fmt::Display for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ProjectDay(id) => write!(f, "project day {id}"),
            Self::WorkspaceDay(id) => write!(f, "workspace day {id}"),
            Self::PrincipalMinute(id) => write!(f, "principal minute {id}"),
        }
    }
}

impl FromStr for Counter {
    type Err = StoreError;
    fn from_str(s: &str) -> Result<Self> {
        let unknown = || StoreError::engine("read a counter", format!("{s:?} is not one"));
        let (kind, id) = s.rsplit_once(' ').ok_or_else(unknown)?;
        let id = Ulid::from_string(id).map_err(|_| unknown())?;
        match kind {
            "project day" => Ok(Self::ProjectDay(ProjectId(id))),
            "workspace day" => Ok(Self::WorkspaceDay(WorkspaceId(id))),
            "principal minute" => Ok(Self::PrincipalMinute(id)),
            _ => Err(unknown()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_window_is_counted_to_its_limit_and_a_new_one_from_0() {
        let counters = Counters::default();
        let counter = Counter::ProjectDay(ProjectId::new());
        assert_eq!(counters.count(counter, 7, 2), Counted::Within(1));
        assert_eq!(counters.count(counter, 7, 2), Counted::Within(2));
        assert_eq!(counters.count(counter, 7, 2), Counted::Full);
        assert_eq!(counters.count(Counter::PrincipalMinute(Ulid::nil()), 7, 2), Counted::Within(1));
        assert_eq!(counters.count(counter, 8, 2), Counted::Within(1));
        assert_eq!(counters.count(counter, 7, 2), Counted::Within(2), "a clock that went back gives nothing away");
        assert_eq!(counters.count(counter, 8, 0), Counted::Full);
    }

    #[test]
    fn each_change_is_taken_once() {
        let counters = Counters::default();
        let counter = Counter::WorkspaceDay(WorkspaceId::new());
        counters.count(counter, 1, 1);
        assert!(counters.is_due());
        assert_eq!(counters.take(), [(counter, 1, 1)]);
        counters.count(counter, 1, 1);
        assert!(!counters.is_due() && counters.take().is_empty(), "a refusal changes nothing");
        counters.put_back(&[(counter, 1, 1)]);
        assert_eq!(counters.take(), [(counter, 1, 1)]);
    }

    #[test]
    fn what_other_nodes_counted_is_learnt_when_it_is_written() {
        let counters = Counters::default();
        let counter = Counter::WorkspaceDay(WorkspaceId::new());
        counters.count(counter, 1, 10);
        assert_eq!(counters.take(), [(counter, 1, 1)]);
        counters.count(counter, 1, 10);
        counters.written(&[(counter, 1, 8)]);
        assert_eq!(counters.count(counter, 1, 10), Counted::Within(10));
        assert_eq!(counters.count(counter, 1, 10), Counted::Full);
        assert_eq!(counters.take(), [(counter, 1, 2)], "their uses are not written again");
        counters.written(&[(counter, 2, 5)]);
        assert_eq!(counters.count(counter, 2, 10), Counted::Within(6), "another node's clock is ahead");
    }

    #[test]
    fn counters_survive_text() {
        let id = Ulid::generate();
        for counter in
            [Counter::ProjectDay(ProjectId(id)), Counter::WorkspaceDay(WorkspaceId(id)), Counter::PrincipalMinute(id)]
        {
            assert_eq!(counter.to_string().parse::<Counter>().unwrap(), counter);
        }
        assert!("day 01J".parse::<Counter>().is_err());
    }
}
