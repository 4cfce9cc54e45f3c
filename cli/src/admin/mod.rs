//! The server's admin API, as commands use it. The only place that knows its paths and answers.

mod audit;
mod people;

use playhead_schemas::{Actor, BugId, EpochMs, ErrorCode, KeyId, ProjectId, Scope, TokenId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::client::ApiClient;
use crate::exit::{self, Exit, Failure};
pub(crate) use audit::{AuditEntry, AuditFilter, audit};
pub(crate) use people::*;

/// A project, as the API shows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Project {
    pub(crate) id: ProjectId,
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) created_at: EpochMs,
    pub(crate) archived_at: Option<EpochMs>,
}

/// An ingest key without its secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Key {
    pub(crate) id: KeyId,
    pub(crate) label: String,
    pub(crate) prefix: String,
    pub(crate) allowed_origins: Vec<String>,
    pub(crate) created_at: EpochMs,
    pub(crate) revoked_at: Option<EpochMs>,
}

/// A token without its secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Token {
    pub(crate) id: TokenId,
    pub(crate) label: String,
    pub(crate) prefix: String,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) projects: Option<Vec<ProjectId>>,
    pub(crate) created_at: EpochMs,
    pub(crate) expires_at: Option<EpochMs>,
    pub(crate) last_used_at: Option<EpochMs>,
    pub(crate) last_client: Option<String>,
    pub(crate) revoked_at: Option<EpochMs>,
    /// The member or agent that it acts for.
    pub(crate) actor: Option<Actor>,
    /// The one project whose endpoint it is good for.
    pub(crate) bound_project: Option<ProjectId>,
}

impl Token {
    /// True when the token is neither revoked nor expired at `now`.
    pub(crate) fn is_live(&self, now: EpochMs) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

/// A new key together with its secret, which is shown this once.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct MadeKey {
    pub(crate) key: Key,
    pub(crate) secret: String,
}

/// A new token together with its secret, which is shown this once.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct MadeToken {
    pub(crate) token: Token,
    pub(crate) secret: String,
}

/// What a token is created with.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct NewToken {
    pub(crate) label: String,
    /// By id or slug; `None` means every project.
    pub(crate) projects: Option<Vec<String>>,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) expires_at: Option<EpochMs>,
    /// The member or agent that it acts for; `None`: itself.
    pub(crate) actor: Option<Actor>,
    /// By id or slug; then `projects` stays out.
    pub(crate) bound_project: Option<String>,
}

/// Which replays to transcribe again. Conditions are joined by and.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Reprocess {
    /// By id or slug.
    pub(crate) project: Option<String>,
    pub(crate) since: Option<EpochMs>,
    pub(crate) bug: Option<BugId>,
    /// Also those that the present version has transcribed.
    pub(crate) all: bool,
}

/// What a reprocessing began with.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Batch {
    /// Replays that match.
    pub(crate) total: u64,
    /// Jobs that were created. A replay that was waiting already has a job.
    pub(crate) enqueued: u64,
}

/// How many jobs there are of each state.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Jobs {
    pub(crate) queued: u64,
    pub(crate) running: u64,
    pub(crate) done: u64,
    pub(crate) dead: u64,
}

#[derive(Deserialize)]
struct Page<T> {
    items: Vec<T>,
    next: Option<String>,
}

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
    all(client, "/v1/admin/projects").await
}

/// Creates a project.
pub(crate) async fn create_project(client: &ApiClient, slug: &str, name: &str) -> anyhow::Result<Project> {
    client.post("/v1/admin/projects", &json!({ "slug": slug, "name": name })).await
}

/// Archives a project, by id or slug.
pub(crate) async fn archive_project(client: &ApiClient, project: &str) -> anyhow::Result<Project> {
    let archived = client.delete(&format!("/v1/admin/projects/{}", segment(project)?)).await;
    naming(client, [project], archived).await
}

/// Every ingest key of a project, by id or slug.
pub(crate) async fn keys(client: &ApiClient, project: &str) -> anyhow::Result<Vec<Key>> {
    let keys = all(client, &format!("/v1/admin/keys?project={}", segment(project)?)).await;
    naming(client, [project], keys).await
}

/// Creates an ingest key of a project, by id or slug.
pub(crate) async fn create_key(
    client: &ApiClient,
    project: &str,
    label: &str,
    origins: &[String],
) -> anyhow::Result<MadeKey> {
    let new = json!({ "project": project, "label": label, "allowed_origins": origins });
    let made = client.post("/v1/admin/keys", &new).await;
    naming(client, [project], made).await
}

/// Revokes an ingest key.
pub(crate) async fn revoke_key(client: &ApiClient, key: KeyId) -> anyhow::Result<Key> {
    client.delete(&format!("/v1/admin/keys/{key}")).await
}

/// Every token.
pub(crate) async fn tokens(client: &ApiClient) -> anyhow::Result<Vec<Token>> {
    all(client, "/v1/admin/tokens").await
}

/// Creates a token.
pub(crate) async fn create_token(client: &ApiClient, new: &NewToken) -> anyhow::Result<MadeToken> {
    let names = new.projects.iter().flatten().chain(&new.bound_project).map(String::as_str);
    let made = client.post("/v1/admin/tokens", &serde_json::to_value(new)?).await;
    naming(client, names, made).await
}

/// Replaces a token by one like it, with a new secret; the old secret is refused from the next call on.
pub(crate) async fn rotate_token(client: &ApiClient, token: TokenId) -> anyhow::Result<MadeToken> {
    client.post(&format!("/v1/admin/tokens/{token}/rotate"), &json!({})).await
}

/// Revokes a token.
pub(crate) async fn revoke_token(client: &ApiClient, token: TokenId) -> anyhow::Result<Token> {
    client.delete(&format!("/v1/admin/tokens/{token}")).await
}

/// Has replays transcribed again.
pub(crate) async fn reprocess(client: &ApiClient, wanted: &Reprocess) -> anyhow::Result<Batch> {
    let batch = client.post("/v1/admin/reprocess", &serde_json::to_value(wanted)?).await;
    naming(client, wanted.project.as_deref(), batch).await
}

/// The worker's jobs.
pub(crate) async fn jobs(client: &ApiClient) -> anyhow::Result<Jobs> {
    client.get("/v1/admin/jobs?limit=1").await
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
