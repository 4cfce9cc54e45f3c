//! Ingest keys: list, make, revoke.

use axum::Json;
use axum::extract::{Extension, Path, Request, State};
use http::{StatusCode, Uri};
use playhead_schemas::{EpochMs, KeyId, ProjectId};
use playhead_store::IngestKey;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::AdminApp;
use super::guard::Admin;
use super::page::{PageView, body, id, paging};
use crate::access::{origin, query_value};
use crate::error::{ApiError, Fault};

/// An ingest key, without its secret.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct KeyView {
    pub(crate) id: KeyId,
    pub(crate) project: ProjectId,
    /// What it is for.
    pub(crate) label: String,
    /// The first characters of the secret.
    pub(crate) prefix: String,
    /// The origins that may use it; empty means any.
    pub(crate) allowed_origins: Vec<String>,
    pub(crate) created_at: EpochMs,
    pub(crate) revoked_at: Option<EpochMs>,
}

/// A key with its secret, which is shown this once.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct NewKeyView {
    pub(crate) key: KeyView,
    /// What clients present. It can't be shown again.
    pub(crate) secret: String,
}

/// A key to make.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewKey {
    /// The project, by id or slug.
    pub(crate) project: String,
    /// What it is for.
    #[serde(default)]
    pub(crate) label: String,
    /// Origins that may use it, such as https://shop.example or https://*.shop.example; none means any.
    #[serde(default)]
    pub(crate) allowed_origins: Vec<String>,
}

impl From<IngestKey> for KeyView {
    fn from(key: IngestKey) -> Self {
        let IngestKey { id, project, label, prefix, allowed_origins, created_at, revoked_at } = key;
        Self { id, project, label, prefix, allowed_origins, created_at, revoked_at }
    }
}

pub(super) async fn list(
    State(app): State<AdminApp>,
    Extension(admin): Extension<Admin>,
    uri: Uri,
) -> Result<Json<PageView<KeyView>>, ApiError> {
    let project = query_value(&uri, "project")
        .ok_or_else(|| Fault::invalid("the query names no project", "add ?project= with an id or a slug"))?;
    let project = admin.project(&app, &project).await?;
    let (after, limit) = paging(&uri)?;
    Ok(Json(PageView::of(app.store.ingest_keys(project.id, after, limit).await?)))
}

pub(super) async fn create(
    State(app): State<AdminApp>,
    Extension(admin): Extension<Admin>,
    request: Request,
) -> Result<(StatusCode, Json<NewKeyView>), ApiError> {
    let NewKey { project, label, allowed_origins } = body(request).await?;
    let project = admin.project(&app, &project).await?;
    check_origins(&allowed_origins)?;
    let label = playhead_schemas::text::one_line(&label, 200);
    let (key, secret) = app.store.create_ingest_key(project.id, &label, allowed_origins).await?;
    let view = NewKeyView { key: key.into(), secret: secret.expose().to_owned() };
    Ok((StatusCode::CREATED, Json(view)))
}

pub(super) async fn revoke(
    State(app): State<AdminApp>,
    Extension(admin): Extension<Admin>,
    Path(key): Path<String>,
) -> Result<Json<KeyView>, ApiError> {
    let key = id::<KeyId>(&key)?;
    if !manages(&app, &admin, key).await? {
        return Err(ApiError::not_found("ingest key"));
    }
    Ok(Json(app.store.revoke_ingest_key(key).await?.into()))
}

/// True when `key` belongs to a project of this administrator.
async fn manages(app: &AdminApp, admin: &Admin, key: KeyId) -> Result<bool, ApiError> {
    for project in admin.all_projects(app).await? {
        let mut after = None;
        loop {
            let page = app.store.ingest_keys(project.id, after, 1000).await?;
            if page.items.iter().any(|row| row.id == key) {
                admin.concerns(project.id);
                return Ok(true);
            }
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
    }
    Ok(false)
}

fn check_origins(origins: &[String]) -> Result<(), Fault> {
    if origins.len() > 100 {
        return Err(Fault::invalid("a key has at most 100 origins", "use https://*.example instead"));
    }
    for entry in origins {
        origin::check_entry(entry).map_err(|why| {
            let entry = playhead_schemas::text::one_line(entry, 100);
            Fault::invalid(format!("the origin {entry:?} is not valid: {why}"), "correct it")
        })?;
    }
    Ok(())
}
