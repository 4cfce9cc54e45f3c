//! Who acts.

use playhead_access::{Credential, Principal};
use playhead_schemas::{Actor, MemberId};
use playhead_store::{Author, IdempotencyKey};

use crate::{TrackerError, text};

/// Characters of an idempotency key.
const KEY_CHARS_MAX: usize = 200;

/// Who does something in the tracker: a member or an agent, or a credential that acts for nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Writer {
    /// The member or the agent.
    pub actor: Option<Actor>,
    author: Author,
    id: String,
}

impl Writer {
    /// The one behind a principal. `name` is that of its member or agent, where it acts for one; `client` is the program,
    /// as it names itself.
    pub fn new(principal: &Principal, name: Option<&str>, client: Option<String>) -> Self {
        let id = principal.actor.map_or_else(|| principal.name(), |actor| actor.to_string());
        let fallback = match principal.credential {
            Credential::Local => "local user",
            Credential::Token(_) | Credential::Grant { .. } => &principal.label,
        };
        let author = Author { id: Some(id.clone()), name: name.unwrap_or(fallback).to_owned(), client };
        Self { actor: principal.actor, author, id }
    }

    /// How it stands in comments and activity.
    pub fn author(&self) -> Author {
        self.author.clone()
    }

    /// The member, the agent or the credential, such as `member 01J..`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The member, if it is one.
    pub fn member(&self) -> Option<MemberId> {
        match self.actor {
            Some(Actor::Member(member)) => Some(member),
            Some(Actor::Agent(_)) | None => None,
        }
    }

    /// The member who answers for `assignee` when this one assigns it: itself, for an agent.
    pub(crate) fn answers_for(&self, assignee: Actor) -> Option<MemberId> {
        self.member().filter(|_| matches!(assignee, Actor::Agent(_)))
    }

    /// The key with which its request may be repeated.
    ///
    /// # Errors
    /// `INVALID_INPUT` for a key that is empty or too long.
    pub(crate) fn key(
        &self,
        kind: &str,
        key: Option<&str>,
        request: &impl serde::Serialize,
    ) -> Result<Option<IdempotencyKey>, TrackerError> {
        let Some(key) = key else { return Ok(None) };
        let key = text::bounded("idempotency_key", key, KEY_CHARS_MAX)?;
        let request = serde_json::to_string(request).unwrap_or_default();
        Ok(Some(IdempotencyKey::new(&self.id, kind, key, &request)))
    }
}
