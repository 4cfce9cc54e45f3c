//! What became of the items of one request.

use std::collections::BTreeMap;

use playhead_schemas::BugId;
use playhead_schemas::text::one_line;
use serde::Serialize;

/// Names of items that are listed; further ones count under the last.
const NAMES_MAX: usize = 32;
/// Rejections that are listed.
const REJECTED_MAX: usize = 20;
/// Bugs that are listed.
const BUGS_MAX: usize = 20;

/// The account of a request: each item has exactly one outcome.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Account {
    /// Stored, by what it is.
    accepted: BTreeMap<&'static str, u32>,
    /// Stored before.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    duplicates: BTreeMap<&'static str, u32>,
    /// Not used here, by the name that the SDK gives it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    unused: BTreeMap<String, u32>,
    /// Why items were rejected.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rejected: Vec<Rejection>,
    /// How many items were rejected.
    #[serde(skip_serializing_if = "is_zero")]
    rejected_count: u32,
    /// Flaws that were worked around.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    defects: BTreeMap<&'static str, u32>,
    /// Pieces of recordings that were stored.
    #[serde(skip)]
    pieces: u32,
    /// Bugs that events became or joined.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    bugs: Vec<BugId>,
}

#[derive(Debug, Serialize)]
struct Rejection {
    item: &'static str,
    message: String,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde gives a reference
fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl Account {
    pub(crate) fn accept(&mut self, item: &'static str) {
        *self.accepted.entry(item).or_default() += 1;
    }

    /// Counts a piece of a recording that was stored; how many there are now.
    pub(crate) fn stores_piece(&mut self) -> u32 {
        self.pieces += 1;
        self.pieces
    }

    pub(crate) fn repeat(&mut self, item: &'static str) {
        *self.duplicates.entry(item).or_default() += 1;
    }

    /// Counts what means nothing here.
    pub(crate) fn pass_over(&mut self, name: &str) {
        let name = one_line(name, 64);
        let is_known = self.unused.contains_key(&name) || self.unused.len() < NAMES_MAX;
        *self.unused.entry(if is_known { name } else { "others".to_owned() }).or_default() += 1;
    }

    pub(crate) fn reject(&mut self, item: &'static str, message: impl Into<String>) {
        self.rejected_count += 1;
        if self.rejected.len() < REJECTED_MAX {
            self.rejected.push(Rejection { item, message: one_line(&message.into(), 300) });
        }
    }

    pub(crate) fn defect(&mut self, what: &'static str) {
        *self.defects.entry(what).or_default() += 1;
    }

    pub(crate) fn bug(&mut self, bug: BugId) {
        if self.bugs.len() < BUGS_MAX && !self.bugs.contains(&bug) {
            self.bugs.push(bug);
        }
    }

    /// One line in the log for what was lost: the client does not read answers.
    pub(crate) fn log(&self, dialect: &'static str) {
        if let Some(first) = self.rejected.first() {
            let (item, message, count) = (first.item, &first.message, self.rejected_count);
            tracing::warn!(dialect, count, item, message, "items of an SDK were rejected");
        }
        if !self.unused.is_empty() || !self.defects.is_empty() {
            tracing::debug!(dialect, unused = ?self.unused, defects = ?self.defects, "items of an SDK were not used");
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_account_is_bounded() {
        let mut account = Account::default();
        for n in 0..1000 {
            account.pass_over(&format!("kind{n}"));
            account.reject("event", "broken".repeat(1000));
            account.bug(BugId::new());
        }
        let text = serde_json::to_string(&account).unwrap();
        assert!(text.len() < 16_000, "{}", text.len());
        assert_eq!(account.rejected_count, 1000);
        assert_eq!(account.unused.values().sum::<u32>(), 1000);
    }
}
