//! Tokens: list, create, rotate, revoke.

use aide::axum::ApiRouter;
use aide::axum::routing::{delete_with, get_with, post_with};
use aide::transform::TransformOperation;
use axum::extract::{Extension, State};
use playhead_schemas::{EpochMs, ProjectId, Scope, TokenId, text};
use playhead_store as store;
use playhead_web::openapi::{Answer, Created, path};
use playhead_web::{ApiError, Problem};

use crate::administrator::Administrator;
use crate::app::Api;
use crate::extract::{JsonBody, Paging, PathId, page};
use crate::named::{Named, on_conflict};
use crate::types::{CreateToken, CreatedToken, Page, Token};

pub(crate) fn routes() -> ApiRouter<Api> {
    ApiRouter::new()
        .api_route("/api/v1/tokens", get_with(list, list_docs).post_with(create, create_docs))
        .api_route("/api/v1/tokens/{token}", delete_with(revoke, revoke_docs))
        .api_route("/api/v1/tokens/{token}/rotate", post_with(rotate, rotate_docs))
}

fn list_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation.id("listTokens").summary("List the tokens")
}

async fn list(
    State(api): State<Api>,
    Extension(administrator): Extension<Administrator>,
    paging: Paging<TokenId>,
) -> Result<Answer<Page<Token>>, ApiError> {
    administrator.must_manage_all("list tokens")?;
    let (after, limit) = paging.read()?;
    let mut tokens: Page<Token> = page(api.store.tokens(administrator.workspace, after, limit).await?);
    for token in &mut tokens.items {
        if let Some(actor) = token.actor {
            token.actor_removed = api.store.actor_roles(actor).await?.is_none();
        }
    }
    Ok(Answer(tokens))
}

fn create_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation.id("createToken").summary("Make a token").description("The secret is in this answer and never again.")
}

async fn create(
    State(api): State<Api>,
    Extension(administrator): Extension<Administrator>,
    body: JsonBody<CreateToken>,
) -> Result<Created<CreatedToken>, ApiError> {
    administrator.must_manage_all("make tokens")?;
    let new = new_token(&api, &administrator, body.read().await?).await?;
    let (token, secret) = api.store.create_token(new).await?;
    Ok(Answer(CreatedToken { token: token.into(), secret: secret.expose().to_owned() }))
}

fn revoke_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation.id("revokeToken").summary("Revoke a token").with(path::<TokenId>("token", "The token's id."))
}

async fn revoke(
    State(api): State<Api>,
    Extension(administrator): Extension<Administrator>,
    token: PathId<TokenId>,
) -> Result<Answer<Token>, ApiError> {
    let token = token_of(&api, &administrator, &token).await?;
    Ok(Answer(api.store.revoke_token(token).await?.into()))
}

fn rotate_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation
        .id("rotateToken")
        .summary("Replace a token")
        .description("The old one is revoked as the new one begins. The secret is in this answer and never again.")
        .with(path::<TokenId>("token", "The token's id."))
}

async fn rotate(
    State(api): State<Api>,
    Extension(administrator): Extension<Administrator>,
    token: PathId<TokenId>,
) -> Result<Created<CreatedToken>, ApiError> {
    let token = token_of(&api, &administrator, &token).await?;
    let rotated = api.store.rotate_token(token).await;
    let (token, secret) = rotated.map_err(on_conflict("POST /api/v1/tokens makes a token"))?;
    Ok(Answer(CreatedToken { token: token.into(), secret: secret.expose().to_owned() }))
}

/// The token of the workspace that a path names.
async fn token_of(api: &Api, administrator: &Administrator, token: &PathId<TokenId>) -> Result<TokenId, ApiError> {
    administrator.must_manage_all("manage tokens")?;
    let token = Named::Token.found(api.store.token(token.read()?).await)?;
    if token.workspace == administrator.workspace { Ok(token.id) } else { Err(Named::Token.missing()) }
}

async fn new_token(api: &Api, administrator: &Administrator, wanted: CreateToken) -> Result<store::NewToken, ApiError> {
    if let Some(actor) = wanted.actor {
        let actor_roles = api.store.actor_roles(actor).await?;
        actor_roles
            .filter(|actor_roles| actor_roles.workspace == administrator.workspace)
            .ok_or_else(|| Named::actor(actor).missing())?;
    }
    let bound_project = match &wanted.bound_project {
        Some(named) => Some(administrator.project(api, named).await?.id),
        None => None,
    };
    if bound_project.is_some() && wanted.projects.is_some() {
        return Err(Problem::invalid("a bound token has one project", "leave projects out").into());
    }
    Ok(store::NewToken {
        workspace: administrator.workspace,
        projects: match bound_project {
            Some(project) => Some(vec![project]),
            None => project_ids(api, administrator, wanted.projects).await?,
        },
        scopes: scopes(wanted.scopes)?,
        label: text::one_line(&wanted.label, 200),
        expires_at: future(wanted.expires_at, api.clock.now())?,
        actor: wanted.actor,
        bound_project,
    })
}

async fn project_ids(
    api: &Api,
    administrator: &Administrator,
    names: Option<Vec<String>>,
) -> Result<Option<Vec<ProjectId>>, ApiError> {
    let Some(names) = names else { return Ok(None) };
    if names.is_empty() {
        let message = "projects is empty: the token could read nothing";
        return Err(Problem::invalid(message, "name projects, or leave it out for all").into());
    }
    let mut ids = Vec::new();
    for name in names {
        ids.push(administrator.project(api, &name).await?.id);
    }
    Ok(Some(ids))
}

fn scopes(wanted: Option<Vec<Scope>>) -> Result<Vec<Scope>, Problem> {
    let mut scopes = wanted.unwrap_or_else(|| vec![Scope::BugsRead]);
    scopes.sort_unstable();
    scopes.dedup();
    if scopes.is_empty() {
        return Err(Problem::invalid("scopes is empty: the token could do nothing", "name a scope"));
    }
    Ok(scopes)
}

fn future(expires_at: Option<EpochMs>, now: EpochMs) -> Result<Option<EpochMs>, Problem> {
    match expires_at {
        Some(end) if end <= now => {
            Err(Problem::invalid("expires_at is in the past", "give epoch milliseconds in the future, or leave it out"))
        }
        other => Ok(other),
    }
}

impl From<store::Token> for Token {
    fn from(token: store::Token) -> Self {
        Self {
            id: token.id,
            projects: token.projects,
            scopes: token.scopes,
            label: token.label,
            prefix: token.prefix,
            created_at: token.created_at,
            expires_at: token.expires_at,
            last_used_at: token.last_used_at,
            last_client: token.last_client,
            revoked_at: token.revoked_at,
            actor: token.actor,
            // The list looks it up; elsewhere it is not asked for.
            actor_removed: false,
            bound_project: token.bound_project,
        }
    }
}
