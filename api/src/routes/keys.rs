//! Ingest keys: list, create, revoke.

use aide::axum::ApiRouter;
use aide::axum::routing::{delete_with, get_with};
use aide::transform::TransformOperation;
use axum::extract::{Extension, State};
use playhead_access::origin;
use playhead_schemas::{KeyId, text};
use playhead_store as store;
use playhead_web::openapi::{Answer, Created, path, query};
use playhead_web::{ApiError, Problem};

use crate::administrator::Administrator;
use crate::app::Api;
use crate::extract::{JsonBody, Paging, PathId, Query, page};
use crate::named::{Named, on_conflict};
use crate::types::{CreateKey, CreatedKey, Key, Page};

/// Origins of one key.
const ORIGINS_MAX: usize = 100;

pub(crate) fn routes() -> ApiRouter<Api> {
    ApiRouter::new()
        .api_route("/api/v1/keys", get_with(list, list_docs).post_with(create, create_docs))
        .api_route("/api/v1/keys/{key}", delete_with(revoke, revoke_docs))
}

fn list_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation
        .id("listKeys")
        .summary("List the ingest keys of a project")
        .with(query::<String>("project", "A project, by id or slug."))
}

async fn list(
    State(api): State<Api>,
    Extension(administrator): Extension<Administrator>,
    query: Query,
    paging: Paging<KeyId>,
) -> Result<Answer<Page<Key>>, ApiError> {
    let params = query.read()?;
    let project = params
        .first("project")
        .ok_or_else(|| Problem::invalid("the query names no project", "add ?project= with an id or a slug"))?;
    let project = administrator.project(&api, project).await?;
    let (after, limit) = paging.read()?;
    Ok(Answer(page(api.store.ingest_keys(project.id, after, limit).await?)))
}

fn create_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation.id("createKey").summary("Make an ingest key").description("The secret is in this answer and never again.")
}

async fn create(
    State(api): State<Api>,
    Extension(administrator): Extension<Administrator>,
    body: JsonBody<CreateKey>,
) -> Result<Created<CreatedKey>, ApiError> {
    let CreateKey { project, label, allowed_origins } = body.read().await?;
    let project = administrator.project(&api, &project).await?;
    check_origins(&allowed_origins)?;
    let label = text::one_line(&label, 200);
    let made = api.store.create_ingest_key(project.id, &label, allowed_origins).await;
    let (key, secret) = made.map_err(on_conflict("GET /api/v1/projects says which projects are archived"))?;
    Ok(Answer(CreatedKey { key: key.into(), secret: secret.expose().to_owned() }))
}

fn revoke_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation.id("revokeKey").summary("Revoke an ingest key").with(path::<KeyId>("key", "The key's id."))
}

async fn revoke(
    State(api): State<Api>,
    Extension(administrator): Extension<Administrator>,
    key: PathId<KeyId>,
) -> Result<Answer<Key>, ApiError> {
    let key = key.read()?;
    if !manages(&api, &administrator, key).await? {
        return Err(Named::Key.missing());
    }
    Ok(Answer(api.store.revoke_ingest_key(key).await?.into()))
}

/// True when `key` belongs to a project of this administrator.
async fn manages(api: &Api, administrator: &Administrator, key: KeyId) -> Result<bool, ApiError> {
    for project in administrator.all_projects(api).await? {
        let mut after = None;
        loop {
            let page = api.store.ingest_keys(project.id, after, 1000).await?;
            if page.items.iter().any(|row| row.id == key) {
                administrator.concerns(project.id);
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

fn check_origins(origins: &[String]) -> Result<(), Problem> {
    if origins.len() > ORIGINS_MAX {
        return Err(Problem::invalid("a key has at most 100 origins", "use https://*.example instead"));
    }
    for entry in origins {
        origin::check_entry(entry).map_err(|why| {
            let entry = text::one_line(entry, 100);
            Problem::invalid(format!("the origin {entry:?} is not valid: {why}"), "correct it")
        })?;
    }
    Ok(())
}

impl From<store::IngestKey> for Key {
    fn from(key: store::IngestKey) -> Self {
        let store::IngestKey { id, project, label, prefix, allowed_origins, created_at, revoked_at } = key;
        Self { id, project, label, prefix, allowed_origins, created_at, revoked_at }
    }
}
