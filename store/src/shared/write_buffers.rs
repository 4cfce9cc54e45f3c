//! Rows that wait in memory until the writer flushes them: audit entries, last uses of tokens and grants, counters.
//!
//! They are not worth a commit each. A crash loses at most the last second of them; a close writes them all.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use playhead_schemas::{EpochMs, GrantId, TokenId};
use ulid::Ulid;

use super::counters::{self, Changed, Counters};
use crate::audit::AuditEntry;
use crate::engine::{BufferedWrites, Tx, Value, values};
use crate::{Result, audit};

/// Audit entries that may wait; further ones are counted and reported in the log.
const AUDIT_ENTRIES_MAX: usize = 10_000;

/// The buffers of one store.
#[derive(Default)]
pub(crate) struct WriteBuffers {
    waiting: Mutex<Waiting>,
    pub(crate) counters: Counters,
}

/// What was taken out to be written.
#[derive(Default)]
pub(crate) struct Waiting {
    audit: Vec<(Ulid, AuditEntry)>,
    audit_lost: u64,
    touched: HashMap<TokenId, (EpochMs, Option<String>)>,
    touched_grants: HashMap<GrantId, (EpochMs, Option<String>)>,
    counters: Vec<Changed>,
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

    /// Takes what waits.
    pub(crate) fn take(&self) -> Waiting {
        let mut waiting = self.with(std::mem::take);
        waiting.counters = self.counters.take();
        if waiting.audit_lost > 0 {
            let lost = waiting.audit_lost;
            tracing::error!(lost, "audit entries were lost: more came than the catalog could take");
        }
        waiting
    }

    fn with<T>(&self, change: impl FnOnce(&mut Waiting) -> T) -> T {
        change(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
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

    fn write(&self, tx: &Tx<'_>) -> Result<()> {
        self.take().write(tx)
    }
}

impl Waiting {
    /// Writes the rows. May run twice.
    pub(crate) fn write(&self, tx: &Tx<'_>) -> Result<()> {
        let rows: Vec<Vec<Value>> = self.audit.iter().map(|(id, entry)| audit::row(*id, entry)).collect();
        tx.append("audit_log", &rows)?;
        for (token, (at, client)) in &self.touched {
            tx.execute(TOUCH, &values![*token, *at, client.as_deref()])?;
        }
        for (grant, (at, client)) in &self.touched_grants {
            tx.execute(TOUCH_GRANT, &values![*grant, *at, client.as_deref()])?;
        }
        counters::write(tx, &self.counters)
    }
}
