//! Ingest keys: write-only credentials of a project, safe to publish in a page.

use playhead_schemas::{EpochMs, KeyId, ProjectId};
use serde::Serialize;

use crate::engine::{Row, values};
use crate::json::to_json;
use crate::page::page_limit;
use crate::secret::{SecretKind, fingerprint_of};
use crate::{Page, Result, Secret, Store, StoreError};

/// An ingest key, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IngestKey {
    /// Its id.
    pub id: KeyId,
    /// The project that it uploads to.
    pub project: ProjectId,
    /// A label that its creator chose.
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

const ADD: &str = "INSERT INTO ingest_keys (id, project, label, prefix, secret_sha256, allowed_origins, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const PROJECT: &str = "SELECT archived_at FROM projects WHERE id = $1";
const BY_SECRET: &str = "SELECT id, project, label, prefix, allowed_origins, created_at, revoked_at FROM ingest_keys
    WHERE secret_sha256 = $1 AND revoked_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM projects p WHERE p.id = project AND p.archived_at IS NOT NULL)";
const BY_ID: &str = "SELECT id, project, label, prefix, allowed_origins, created_at, revoked_at FROM ingest_keys
    WHERE id = $1";
const LIST: &str = "SELECT id, project, label, prefix, allowed_origins, created_at, revoked_at FROM ingest_keys
    WHERE project = $1 AND ($2::text IS NULL OR id > $2::text) ORDER BY id LIMIT $3";
const REVOKE: &str = "UPDATE ingest_keys SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1";

impl Store {
    /// Makes a key. The secret (`phk_..`) is returned here and never again.
    ///
    /// # Errors
    /// `NotFound` if there is no such project, `Conflict` if it is archived.
    pub async fn create_ingest_key(
        &self,
        project: ProjectId,
        label: &str,
        allowed_origins: Vec<String>,
    ) -> Result<(IngestKey, Secret)> {
        let secret = Secret::generate(SecretKind::IngestKey);
        let key = IngestKey {
            id: KeyId::new(),
            project,
            label: label.to_owned(),
            prefix: secret.shown_prefix().to_owned(),
            allowed_origins,
            created_at: EpochMs::now(),
            revoked_at: None,
        };
        let sha256 = secret.fingerprint().0.to_vec();
        let origins = to_json(&key.allowed_origins)?;
        let key = self
            .write(move |tx| {
                let k = &key;
                let row = tx.query_one(PROJECT, &values![k.project])?.ok_or(StoreError::NotFound("project"))?;
                if row.get::<Option<EpochMs>>(0)?.is_some() {
                    return Err(StoreError::Conflict("the project is archived and takes no uploads".into()));
                }
                let (label, prefix) = (k.label.as_str(), k.prefix.as_str());
                tx.execute(ADD, &values![k.id, k.project, label, prefix, &sha256[..], origins.as_str(), k.created_at])?;
                Ok(key.clone())
            })
            .await?;
        Ok((key, secret))
    }

    /// The live key of a secret; `None` for one that is unknown or revoked, or of an archived project. Answered from
    /// memory after the first time; a revocation takes effect at once.
    pub async fn ingest_key_by_secret(&self, secret: &str) -> Result<Option<IngestKey>> {
        let Some(sha256) = fingerprint_of(SecretKind::IngestKey, secret) else { return Ok(None) };
        let read = self.find(BY_SECRET, values![&sha256.0[..]], key);
        self.shared().lookups.ingest_keys.get(sha256, read).await
    }

    /// The keys of a project, oldest first, revoked ones included.
    pub async fn ingest_keys(
        &self,
        project: ProjectId,
        after: Option<KeyId>,
        limit: u32,
    ) -> Result<Page<IngestKey, KeyId>> {
        let rows = self.list(LIST, values![project, after, page_limit(limit) + 1], key).await?;
        Ok(Page::from_rows(rows, limit, |k| k.id))
    }

    /// Revokes a key; revoking it again changes nothing.
    pub async fn revoke_ingest_key(&self, id: KeyId) -> Result<IngestKey> {
        let lookup = self.shared().lookups.ingest_keys.clone();
        self.write(move |tx| {
            tx.execute(REVOKE, &values![id, EpochMs::now()])?;
            lookup.clear_after(tx)?;
            tx.query_one(BY_ID, &values![id])?.as_ref().map(key).transpose()
        })
        .await?
        .ok_or(StoreError::NotFound("ingest key"))
    }
}

fn key(row: &Row) -> Result<IngestKey> {
    Ok(IngestKey {
        id: row.get(0)?,
        project: row.get(1)?,
        label: row.get(2)?,
        prefix: row.get(3)?,
        allowed_origins: row.json(4)?,
        created_at: row.get(5)?,
        revoked_at: row.get(6)?,
    })
}
