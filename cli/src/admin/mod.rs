//! The server's management API, as commands use it. The only place that knows its paths; its payloads are the types of
//! the crate `playhead-api`, which the server writes.

mod audit;
mod people;

use playhead_api::types::{
    CreateKey, CreateProject, CreateToken, CreatedKey, CreatedToken, Enqueued, Jobs, Key, Page, Project, Reprocess,
    Token,
};
use playhead_schemas::{ErrorCode, KeyId, TokenId};
use serde::de::DeserializeOwned;

use crate::client::ApiClient;
use crate::exit::{self, Exit, Failure};
pub(crate) use audit::{AuditFilter, audit};
pub(crate) use people::*;

/// Rows of one page.
const PAGE_ROWS: u32 = 1000;

/// Every row of a list. `path` has its query already, if any.
async fn all<T: DeserializeOwned>(client: &ApiClient, path: &str) -> anyhow::Result<Vec<T>> {
    let joint = if path.contains('?') { '&' } else { '?' };
    let (mut rows, mut after) = (Vec::new(), String::new());
    loop {
        let page: Page<T> = client.get(&format!("{path}{joint}limit={PAGE_ROWS}{after}")).await?;
        rows.extend(page.items);
        match page.next {
            Some(next) => after = format!("&after={next}"),
            None => return Ok(rows),
        }
    }
}

/// The answer of a call that names projects, by id or slug. When one of them is not there, the error says which, and
/// where all are listed.
async fn naming<T>(
    client: &ApiClient,
    names: impl IntoIterator<Item = &str>,
    answer: anyhow::Result<T>,
) -> anyhow::Result<T> {
    let error = match answer {
        Err(error) if exit::code_of(&error) == Some(ErrorCode::NotFound) => error,
        other => return other,
    };
    let Ok(known) = projects(client).await else { return Err(error) };
    let is_known = |name: &&str| known.iter().any(|project| project.slug == **name || project.id.to_string() == **name);
    match names.into_iter().find(|name| !is_known(name)) {
        Some(name) => Err(no_project(name)),
        None => Err(error),
    }
}

fn no_project(name: &str) -> anyhow::Error {
    let message = format!("there is no project {name:?}; `playhead project list` lists all (NOT_FOUND)");
    Failure::error(Exit::Refused, message)
}

/// Every project.
pub(crate) async fn projects(client: &ApiClient) -> anyhow::Result<Vec<Project>> {
    all(client, "/api/v1/projects").await
}

/// Creates a project.
pub(crate) async fn create_project(client: &ApiClient, slug: &str, name: &str) -> anyhow::Result<Project> {
    let new = CreateProject { slug: slug.to_owned(), name: Some(name.to_owned()) };
    client.post("/api/v1/projects", &new).await
}

/// Archives a project, by id or slug.
pub(crate) async fn archive_project(client: &ApiClient, project: &str) -> anyhow::Result<Project> {
    let archived = client.delete(&format!("/api/v1/projects/{}", segment(project)?)).await;
    naming(client, [project], archived).await
}

/// Every ingest key of a project, by id or slug.
pub(crate) async fn keys(client: &ApiClient, project: &str) -> anyhow::Result<Vec<Key>> {
    let keys = all(client, &format!("/api/v1/keys?project={}", segment(project)?)).await;
    naming(client, [project], keys).await
}

/// Creates an ingest key of a project, by id or slug.
pub(crate) async fn create_key(
    client: &ApiClient,
    project: &str,
    label: &str,
    origins: &[String],
) -> anyhow::Result<CreatedKey> {
    let new = CreateKey { project: project.to_owned(), label: label.to_owned(), allowed_origins: origins.to_vec() };
    let made = client.post("/api/v1/keys", &new).await;
    naming(client, [project], made).await
}

/// Revokes an ingest key.
pub(crate) async fn revoke_key(client: &ApiClient, key: KeyId) -> anyhow::Result<Key> {
    client.delete(&format!("/api/v1/keys/{key}")).await
}

/// Every token.
pub(crate) async fn tokens(client: &ApiClient) -> anyhow::Result<Vec<Token>> {
    all(client, "/api/v1/tokens").await
}

/// Creates a token.
pub(crate) async fn create_token(client: &ApiClient, new: &CreateToken) -> anyhow::Result<CreatedToken> {
    let names = new.projects.iter().flatten().chain(&new.bound_project).map(String::as_str);
    let made = client.post("/api/v1/tokens", new).await;
    naming(client, names, made).await
}

/// Replaces a token by one like it, with a new secret; the old secret is refused from the next call on.
pub(crate) async fn rotate_token(client: &ApiClient, token: TokenId) -> anyhow::Result<CreatedToken> {
    client.post_nothing(&format!("/api/v1/tokens/{token}/rotate")).await
}

/// Revokes a token.
pub(crate) async fn revoke_token(client: &ApiClient, token: TokenId) -> anyhow::Result<Token> {
    client.delete(&format!("/api/v1/tokens/{token}")).await
}

/// Has replays transcribed again.
pub(crate) async fn reprocess(client: &ApiClient, wanted: &Reprocess) -> anyhow::Result<Enqueued> {
    let batch = client.post("/api/v1/reprocess", wanted).await;
    naming(client, wanted.project.as_deref(), batch).await
}

/// The worker's jobs.
pub(crate) async fn jobs(client: &ApiClient) -> anyhow::Result<Jobs> {
    client.get("/api/v1/jobs?limit=1").await
}

/// A project's name as a part of a URL. Anything else could be another path.
fn segment(project: &str) -> anyhow::Result<&str> {
    let fits = !project.is_empty() && project.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if fits {
        return Ok(project);
    }
    Err(Failure::error(
        Exit::Usage,
        format!("{project:?} is neither a project's short name nor its id; `playhead project list` lists all"),
    ))
}
