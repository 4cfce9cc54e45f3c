//! Ingest keys.

use playhead_schemas::{EpochMs, KeyId, ProjectId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An ingest key, without its secret.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Key {
    /// Its id.
    pub id: KeyId,
    /// The project that it uploads to.
    pub project: ProjectId,
    /// What it is for.
    pub label: String,
    /// The first characters of the secret.
    pub prefix: String,
    /// The origins that may use it; empty means any.
    pub allowed_origins: Vec<String>,
    /// When it was made.
    pub created_at: EpochMs,
    /// When it was revoked.
    pub revoked_at: Option<EpochMs>,
}

/// A key with its secret, which is shown this once.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct CreatedKey {
    /// The key.
    pub key: Key,
    /// What clients present. It can't be shown again.
    pub secret: String,
}

/// A key to make.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateKey {
    /// The project, by id or slug.
    pub project: String,
    /// What it is for.
    #[serde(default)]
    pub label: String,
    /// Origins that may use it, such as `https://shop.example` or `https://*.shop.example`; none means any.
    #[serde(default)]
    pub allowed_origins: Vec<String>,
}
