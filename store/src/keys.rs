//! Ingest keys: write-only credentials of a project, safe to publish in a page.

use playhead_schemas::{EpochMs, KeyId, ProjectId};
use serde::Serialize;

use crate::store::pending;
use crate::{Page, Result, Secret, Store};

/// An ingest key, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IngestKey {
    /// Its id.
    pub id: KeyId,
    /// The project that it uploads to.
    pub project: ProjectId,
    /// What it is for, in the words of who made it.
    pub label: String,
    /// The first 8 characters of the secret, to tell keys apart.
    pub prefix: String,
    /// The origins that may use it, such as `https://shop.example`; empty means any.
    pub allowed_origins: Vec<String>,
    /// When it was made.
    pub created_at: EpochMs,
    /// When it was revoked.
    pub revoked_at: Option<EpochMs>,
}

impl Store {
    /// Makes a key. The secret (`phk_..`) is given here and never again.
    pub async fn create_ingest_key(
        &self,
        project: ProjectId,
        label: &str,
        allowed_origins: Vec<String>,
    ) -> Result<(IngestKey, Secret)> {
        let _ = (project, label, allowed_origins);
        pending()
    }

    /// The live key of a secret; `None` for one that is unknown or revoked. Answered from memory after the
    /// first time; a revocation bites at once.
    pub async fn ingest_key_by_secret(&self, secret: &str) -> Result<Option<IngestKey>> {
        let _ = secret;
        pending()
    }

    /// The keys of a project, oldest first, revoked ones too.
    pub async fn ingest_keys(
        &self,
        project: ProjectId,
        after: Option<KeyId>,
        limit: u32,
    ) -> Result<Page<IngestKey, KeyId>> {
        let _ = (project, after, limit);
        pending()
    }

    /// Revokes a key; once revoked, it stays so and the first time is kept.
    pub async fn revoke_ingest_key(&self, id: KeyId) -> Result<IngestKey> {
        let _ = id;
        pending()
    }
}
