//! Rows that wait in memory until the writer flushes them: audit entries, last uses of tokens and grants, counters.
//!
//! They are not worth a commit each. A crash loses at most the last second of them; a close writes them all. While the
//! catalog can't be written they wait.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use playhead_schemas::{EpochMs, GrantId, TokenId};
use ulid::Ulid;

use super::counters::{self, Counters, Growth};
use crate::audit::AuditEntry;
use crate::engine::{BufferedWrites, Tx, Value, values};
use crate::{Result, audit};

/// Audit entries that may wait; further ones are counted and reported in the log.
const AUDIT_ENTRIES_MAX: usize = 10_000;

/// The buffers of one store.
#[derive(Default)]
pub(crate) struct WriteBuffers {
    waiting: Mutex<Waiting>,
    /// What the writer took and is writing.
    taken: Mutex<Waiting>,
    pub(crate) counters: Counters,
}

/// What waits to be written.
#[derive(Default)]
pub(crate) struct Waiting {
    audit: Vec<(Ulid, AuditEntry)>,
    audit_lost: u64,
    touched: HashMap<TokenId, (EpochMs, Option<String>)>,
    touched_grants: HashMap<GrantId, (EpochMs, Option<String>)>,
    counters: Vec<Growth>,
    /// What the catalog holds of these counters, as of the last run of [`Waiting::write`].
    totals: Mutex<Vec<Growth>>,
}

impl WriteBuffers {
    /// Buffers that go on from counters that were loaded.
    pub(crate) fn from_counters(counters: Counters) -> Self {
        Self { counters, ..Self::default() }
    }

    /// Adds an audit entry.
    pub(crate) fn audit(&self, entry: AuditEntry) {
        self.with(|w| {
            if w.audit.len() < AUDIT_ENTRIES_MAX {
                w.audit.push((Ulid::generate(), entry));
            } else {
                w.audit_lost += 1;
            }
        });
    }

    /// Records a use of a token; only the last one is written.
    pub(crate) fn touch(&self, token: TokenId, now: EpochMs, client: Option<&str>) {
        self.with(|w| w.touched.insert(token, (now, client.map(str::to_owned))));
    }

    /// Records a use of a grant; only the last one is written.
    pub(crate) fn touch_grant(&self, grant: GrantId, now: EpochMs, client: Option<&str>) {
        self.with(|w| w.touched_grants.insert(grant, (now, client.map(str::to_owned))));
    }

    /// Takes what waits. When it is written or can't be, tell [`WriteBuffers::written`] or [`WriteBuffers::put_back`].
    pub(crate) fn take_waiting(&self) -> Waiting {
        let mut waiting = self.with(std::mem::take);
        waiting.counters = self.counters.take();
        if waiting.audit_lost > 0 {
            let lost = waiting.audit_lost;
            tracing::error!(lost, "audit entries were lost: more came than the catalog could take");
        }
        waiting
    }

    /// What was taken is written.
    pub(crate) fn written(&self, taken: &Waiting) {
        self.counters.written(&taken.totals());
    }

    /// What was taken could not be written: it waits again, before what came meanwhile.
    pub(crate) fn put_back(&self, taken: Waiting) {
        self.counters.put_back(&taken.counters);
        self.with(|w| {
            let newer = std::mem::replace(&mut w.audit, taken.audit);
            let fit = AUDIT_ENTRIES_MAX.saturating_sub(w.audit.len());
            w.audit_lost += newer.len().saturating_sub(fit) as u64;
            w.audit.extend(newer.into_iter().take(fit));
            for (token, last) in taken.touched {
                w.touched.entry(token).or_insert(last);
            }
            for (grant, last) in taken.touched_grants {
                w.touched_grants.entry(grant).or_insert(last);
            }
        });
    }

    fn with<T>(&self, change: impl FnOnce(&mut Waiting) -> T) -> T {
        change(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn taken(&self) -> MutexGuard<'_, Waiting> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const TOUCH: &str = "UPDATE tokens SET last_used_at = $2, last_client = coalesce($3, last_client) WHERE id = $1";
const TOUCH_GRANT: &str =
    "UPDATE oauth_grants SET last_used_at = $2, last_client = coalesce($3, last_client) WHERE id = $1";

impl BufferedWrites for WriteBuffers {
    fn is_due(&self) -> bool {
        self.with(|w| !w.audit.is_empty() || !w.touched.is_empty() || !w.touched_grants.is_empty())
            || self.counters.is_due()
    }

    fn take(&self) {
        *self.taken() = self.take_waiting();
    }

    fn write(&self, tx: &Tx<'_>) -> Result<()> {
        self.taken().write(tx)
    }

    fn ended(&self, written: bool) {
        let taken = std::mem::take(&mut *self.taken());
        if written { self.written(&taken) } else { self.put_back(taken) }
    }
}

impl Waiting {
    /// Writes the rows. May run several times.
    pub(crate) fn write(&self, tx: &Tx<'_>) -> Result<()> {
        let rows: Vec<Vec<Value>> = self.audit.iter().map(|(id, entry)| audit::row(*id, entry)).collect();
        tx.append("audit_log", &rows)?;
        // In the order of ids, as on every node: none waits for one that waits for it.
        for (token, (at, client)) in self.touched.iter().collect::<BTreeMap<_, _>>() {
            tx.execute(TOUCH, &values![*token, *at, client.as_deref()])?;
        }
        for (grant, (at, client)) in self.touched_grants.iter().collect::<BTreeMap<_, _>>() {
            tx.execute(TOUCH_GRANT, &values![*grant, *at, client.as_deref()])?;
        }
        *self.totals() = counters::write(tx, &self.counters)?;
        Ok(())
    }

    fn totals(&self) -> MutexGuard<'_, Vec<Growth>> {
        self.totals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(action: &str) -> AuditEntry {
        AuditEntry {
            at: EpochMs(1),
            workspace: None,
            principal: "local".into(),
            client_name: None,
            client_version: None,
            action: action.into(),
            tool: None,
            project: None,
            subject: None,
            code: None,
            duration_ms: 0,
        }
    }

    #[test]
    fn what_could_not_be_written_waits_again() {
        let buffers = WriteBuffers::default();
        let token = TokenId::new();
        buffers.audit(entry("first"));
        buffers.touch(token, EpochMs(1), None);
        buffers.take();
        buffers.audit(entry("second"));
        buffers.touch(token, EpochMs(2), None);
        buffers.ended(false);
        let waiting = buffers.take_waiting();
        let actions: Vec<&str> = waiting.audit.iter().map(|(_, entry)| entry.action.as_str()).collect();
        assert_eq!(actions, ["first", "second"]);
        assert_eq!(waiting.touched[&token].0, EpochMs(2), "the last use");
        assert!(!buffers.is_due());
    }

    #[test]
    fn entries_that_wait_are_bounded() {
        let buffers = WriteBuffers::default();
        buffers.audit(entry("first"));
        buffers.take();
        for _ in 0..AUDIT_ENTRIES_MAX {
            buffers.audit(entry("later"));
        }
        buffers.ended(false);
        let waiting = buffers.take_waiting();
        assert_eq!((waiting.audit.len(), waiting.audit_lost), (AUDIT_ENTRIES_MAX, 1));
        assert_eq!(waiting.audit[0].1.action, "first", "the oldest are kept");
    }
}
