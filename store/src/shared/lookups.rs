//! Credentials and roles that were read once, kept in memory until something about them changes.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use playhead_schemas::{Actor, ActorRoles};

use crate::Result;
use crate::engine::Tx;
use crate::keys::IngestKey;
use crate::oauth::AccessGrant;
use crate::payload::Fingerprint;
use crate::tokens::Token;

/// One memory for each kind. Shared with the transactions that change what they hold. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Lookups {
    pub(crate) ingest_keys: Arc<Lookup<IngestKey>>,
    pub(crate) tokens: Arc<Lookup<Token>>,
    pub(crate) grants: Arc<Lookup<AccessGrant>>,
    pub(crate) actor_roles: Arc<Lookup<ActorRoles, Actor>>,
}

impl Lookups {
    /// Empty ones. With several nodes they keep nothing until the node hears what the others change.
    pub(crate) fn new() -> Self {
        Self {
            ingest_keys: Arc::new(Lookup::new("ingest keys")),
            tokens: Arc::new(Lookup::new("tokens")),
            grants: Arc::new(Lookup::new("grants")),
            actor_roles: Arc::new(Lookup::new("actor roles")),
        }
    }

    /// Takes note of what another node committed; of one kind, or of every kind when its name is not known.
    pub(crate) fn changed(&self, what: &str) {
        let kinds: [(&str, &dyn Fn()); 4] = [
            (self.ingest_keys.name, &|| self.ingest_keys.clear()),
            (self.tokens.name, &|| self.tokens.clear()),
            (self.grants.name, &|| self.grants.clear()),
            (self.actor_roles.name, &|| self.actor_roles.clear()),
        ];
        let is_known = kinds.iter().any(|(name, _)| *name == what);
        kinds.iter().filter(|(name, _)| *name == what || !is_known).for_each(|(_, clear)| clear());
    }

    /// Forgets everything, and says whether anything may be kept from now on: not while changes of other nodes are not
    /// heard.
    pub(crate) fn keep(&self, keep: bool) {
        self.ingest_keys.keep(keep);
        self.tokens.keep(keep);
        self.grants.keep(keep);
        self.actor_roles.keep(keep);
    }
}

/// What is known of keys; credentials go by the fingerprint of their secret. That a key is unknown is not kept: the
/// number of unknown ones has no bound.
pub(crate) struct Lookup<T, K = Fingerprint> {
    /// What other nodes are told.
    name: &'static str,
    known: Mutex<Known<T, K>>,
}

struct Known<T, K> {
    values: HashMap<K, T>,
    /// Counts the changes, so that an answer that was read before a change is not kept after it.
    changes: u64,
    /// False while changes of other nodes are not heard.
    keeps: bool,
}

impl<T: Clone, K: Eq + Hash> Lookup<T, K> {
    fn new(name: &'static str) -> Self {
        Self { name, known: Mutex::new(Known { values: HashMap::new(), changes: 0, keeps: true }) }
    }

    /// What belongs to a key: from memory, else by `read`.
    pub(crate) async fn get(&self, key: K, read: impl Future<Output = Result<Option<T>>>) -> Result<Option<T>> {
        let changes = {
            let known = self.known();
            if let Some(found) = known.values.get(&key) {
                return Ok(Some(found.clone()));
            }
            known.changes
        };
        let found = read.await?;
        let mut known = self.known();
        if let Some(found) = &found
            && known.changes == changes
            && known.keeps
        {
            known.values.insert(key, found.clone());
        }
        Ok(found)
    }

    /// What belongs to a key, from memory alone.
    pub(crate) fn cached(&self, key: &K) -> Option<T> {
        self.known().values.get(key).cloned()
    }

    /// Forgets everything, on every node, when the transaction has been committed.
    pub(crate) fn clear_after(self: &Arc<Self>, tx: &Tx<'_>) -> Result<()>
    where
        T: Send + 'static,
        K: Send + 'static,
    {
        let lookup = self.clone();
        tx.after_commit(move || lookup.clear());
        tx.notify(self.name)
    }

    fn keep(&self, keep: bool) {
        self.clear();
        self.known().keeps = keep;
    }

    /// Forgets everything, on this node. Changes are rare.
    pub(crate) fn clear(&self) {
        let mut known = self.known();
        known.values.clear();
        known.changes += 1;
    }

    fn known(&self) -> MutexGuard<'_, Known<T, K>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::payload::fingerprint;

    #[tokio::test]
    async fn an_answer_that_a_change_overtook_is_not_kept() {
        let (lookup, secret) = (Lookup::<u32>::new("numbers"), fingerprint(b"s"));
        let overtaken = async {
            lookup.clear();
            Ok(Some(1))
        };
        assert_eq!(lookup.get(secret, overtaken).await.unwrap(), Some(1));
        assert_eq!(lookup.get(secret, async { Ok(None) }).await.unwrap(), None);
        assert_eq!(lookup.get(secret, async { Ok(Some(2)) }).await.unwrap(), Some(2));
        assert_eq!(lookup.get(secret, async { Ok(Some(3)) }).await.unwrap(), Some(2));
        assert_eq!(lookup.cached(&secret), Some(2));
        lookup.clear();
        assert_eq!(lookup.cached(&secret), None);
        assert_eq!(lookup.get(secret, async { Ok(None) }).await.unwrap(), None);
    }
}
