//! How many bugs the errors of one project become: a page that throws a new message at every step must not bury the bugs
//! that people report.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use playhead_schemas::{EpochMs, ProjectId};

/// New bugs at once, after a quiet time.
const BURST: f64 = 100.0;
/// Time in which one more is allowed: 60 an hour.
const REFILL_MS: f64 = 60_000.0;

/// What each project may still add. Only projects whose keys were shown have an entry.
#[derive(Debug, Default)]
pub(crate) struct Flood(Mutex<HashMap<ProjectId, Left>>);

#[derive(Clone, Copy, Debug)]
struct Left {
    bugs: f64,
    at: EpochMs,
}

impl Flood {
    /// Takes one bug of a project's allowance; false when nothing is left.
    pub(crate) fn admits(&self, project: ProjectId, now: EpochMs) -> bool {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = known.entry(project).or_insert(Left { bugs: BURST, at: now });
        #[allow(clippy::cast_precision_loss)]
        let refill = now.since(left.at) as f64 / REFILL_MS;
        left.bugs = (left.bugs + refill).min(BURST);
        left.at = now;
        let admits = left.bugs >= 1.0;
        if admits {
            left.bugs -= 1.0;
        }
        admits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_has_an_allowance_of_its_own() {
        let (flood, one, other) = (Flood::default(), ProjectId::new(), ProjectId::new());
        let now = EpochMs(1_796_000_000_000);
        let admitted = (0..1000).filter(|_| flood.admits(one, now)).count();
        assert_eq!(admitted, 100);
        assert!(flood.admits(other, now));
        assert!(!flood.admits(one, now.plus_ms(59_000)));
        assert!(flood.admits(one, now.plus_ms(61_000)));
        assert!(!flood.admits(one, now.plus_ms(61_000)));
    }
}
