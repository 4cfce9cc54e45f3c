//! API tokens, which assistants and scripts authenticate with.

use playhead_schemas::{Actor, EpochMs, ProjectId, Scope, TokenId, WorkspaceId};
use serde::Serialize;

use crate::engine::{Row, Value, values};
use crate::json::to_json;
use crate::page::page_limit;
use crate::secret::{SecretKind, fingerprint_of};
use crate::{Page, Result, Secret, Store, StoreError};

/// A token to make.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// The workspace that it reads.
    pub workspace: WorkspaceId,
    /// The projects that it reads; `None` means every project of the workspace.
    pub projects: Option<Vec<ProjectId>>,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// A label that its creator chose.
    pub label: String,
    /// When it stops working; `None` means never.
    pub expires_at: Option<EpochMs>,
    /// The member or agent that it acts for, whose role at the time of a call limits it; `None`: the token acts for
    /// itself, and only its scopes and projects limit it.
    pub actor: Option<Actor>,
    /// The one project whose endpoint accepts it; `None`: the workspace's endpoint.
    pub bound_project: Option<ProjectId>,
}

/// A token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// The workspace that it reads.
    pub workspace: WorkspaceId,
    /// The projects that it reads; `None` means every project of the workspace.
    pub projects: Option<Vec<ProjectId>>,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// What it is for.
    pub label: String,
    /// The first 8 characters of the secret, to tell tokens apart.
    pub prefix: String,
    /// When it was made.
    pub created_at: EpochMs,
    /// When it stops working.
    pub expires_at: Option<EpochMs>,
    /// When it was last used, to within the second that [`Store::touch_token`] buffers.
    pub last_used_at: Option<EpochMs>,
    /// The client that last used it, as the client names itself.
    pub last_client: Option<String>,
    /// When it was revoked.
    pub revoked_at: Option<EpochMs>,
    /// The member or agent that it acts for.
    pub actor: Option<Actor>,
    /// The one project whose endpoint accepts it; `None`: the workspace's endpoint.
    pub bound_project: Option<ProjectId>,
}

impl Token {
    /// True when the token is neither revoked nor expired at `now`.
    pub fn is_live(&self, now: EpochMs) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    fn from_new(new: NewToken, secret: &Secret) -> Self {
        Self {
            id: TokenId::new(),
            workspace: new.workspace,
            projects: new.projects,
            scopes: new.scopes,
            label: new.label,
            prefix: secret.shown_prefix().to_owned(),
            created_at: EpochMs::now(),
            expires_at: new.expires_at,
            last_used_at: None,
            last_client: None,
            revoked_at: None,
            actor: new.actor,
            bound_project: new.bound_project,
        }
    }

    /// True when the token may see `project` (of its own workspace).
    pub fn covers(&self, project: ProjectId) -> bool {
        self.projects.as_ref().is_none_or(|projects| projects.contains(&project))
    }
}

const ADD: &str = "INSERT INTO tokens
    (id, workspace, projects, scopes, label, prefix, secret_sha256, created_at, expires_at, actor, bound_project)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
const BY_SECRET: &str = "SELECT id, workspace, projects, scopes, label, prefix, created_at, expires_at, last_used_at,
    last_client, revoked_at, actor, bound_project FROM tokens WHERE secret_sha256 = $1 AND revoked_at IS NULL";
const BY_ID: &str = "SELECT id, workspace, projects, scopes, label, prefix, created_at, expires_at, last_used_at,
    last_client, revoked_at, actor, bound_project FROM tokens WHERE id = $1";
const LIST: &str = "SELECT id, workspace, projects, scopes, label, prefix, created_at, expires_at, last_used_at,
    last_client, revoked_at, actor, bound_project FROM tokens
    WHERE workspace = $1 AND ($2::text IS NULL OR id > $2::text) ORDER BY id LIMIT $3";
const OF_ACTOR: &str = "SELECT id, workspace, projects, scopes, label, prefix, created_at, expires_at, last_used_at,
    last_client, revoked_at, actor, bound_project FROM tokens
    WHERE actor = $1 AND revoked_at IS NULL AND ($2::text IS NULL OR id > $2::text) ORDER BY id LIMIT $3";
const REVOKE_LIVE: &str = "UPDATE tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING id";
const REVOKE: &str = "UPDATE tokens SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1";

impl Store {
    /// Makes a token. The secret (`pht_..`) is returned here and never again.
    pub async fn create_token(&self, new: NewToken) -> Result<(Token, Secret)> {
        let secret = Secret::generate(SecretKind::Token);
        let token = Token::from_new(new, &secret);
        let row = row_of(&token, &secret)?;
        self.write(move |tx| tx.execute(ADD, &row)).await?;
        Ok((token, secret))
    }

    /// Makes a token like an existing one and revokes the existing one, in one transaction.
    ///
    /// # Errors
    /// `NotFound` if there is no such token, `Conflict` if it is revoked.
    pub async fn rotate_token(&self, id: TokenId) -> Result<(Token, Secret)> {
        let old = self.find(BY_ID, values![id], token).await?.ok_or(StoreError::NotFound("token"))?;
        let Token { workspace, projects, scopes, label, expires_at, actor, bound_project, .. } = old;
        let new = NewToken { workspace, projects, scopes, label, expires_at, actor, bound_project };
        let secret = Secret::generate(SecretKind::Token);
        let token = Token::from_new(new, &secret);
        let (row, lookup) = (row_of(&token, &secret)?, self.shared().lookups.tokens.clone());
        self.write(move |tx| {
            if tx.change(REVOKE_LIVE, &values![id, EpochMs::now()])?.is_empty() {
                return Err(StoreError::Conflict("the token is revoked; make a new one".into()));
            }
            lookup.clear_after(tx)?;
            tx.execute(ADD, &row)
        })
        .await?;
        Ok((token, secret))
    }

    /// The token of an id, revoked ones included.
    pub async fn token(&self, id: TokenId) -> Result<Token> {
        self.find(BY_ID, values![id], token).await?.ok_or(StoreError::NotFound("token"))
    }

    /// The token of a secret; `None` for one that is unknown or revoked. Expiry is the caller's to check
    /// ([`Token::is_live`]). Answered from memory after the first time; a revocation takes effect at once.
    pub async fn token_by_secret(&self, secret: &str) -> Result<Option<Token>> {
        let Some(sha256) = fingerprint_of(SecretKind::Token, secret) else { return Ok(None) };
        let read = self.find(BY_SECRET, values![&sha256.0[..]], token);
        self.shared().lookups.tokens.get(sha256, read).await
    }

    /// The token of a secret from memory alone: also `None` for a token that was not used since tokens last changed.
    pub fn cached_token(&self, secret: &str) -> Option<Token> {
        self.shared().lookups.tokens.cached(&fingerprint_of(SecretKind::Token, secret)?)
    }

    /// The tokens of a workspace, oldest first, revoked ones included.
    pub async fn tokens(
        &self,
        workspace: WorkspaceId,
        after: Option<TokenId>,
        limit: u32,
    ) -> Result<Page<Token, TokenId>> {
        let rows = self.list(LIST, values![workspace, after, page_limit(limit) + 1], token).await?;
        Ok(Page::from_rows(rows, limit, |t| t.id))
    }

    /// The tokens that act for a member or an agent and are not revoked, oldest first.
    pub async fn tokens_of(&self, actor: Actor, after: Option<TokenId>, limit: u32) -> Result<Page<Token, TokenId>> {
        let rows = self.list(OF_ACTOR, values![actor, after, page_limit(limit) + 1], token).await?;
        Ok(Page::from_rows(rows, limit, |t| t.id))
    }

    /// Revokes a token; revoking it again changes nothing.
    pub async fn revoke_token(&self, id: TokenId) -> Result<Token> {
        let lookup = self.shared().lookups.tokens.clone();
        self.write(move |tx| {
            tx.execute(REVOKE, &values![id, EpochMs::now()])?;
            lookup.clear_after(tx)?;
            tx.query_one(BY_ID, &values![id])?.as_ref().map(token).transpose()
        })
        .await?
        .ok_or(StoreError::NotFound("token"))
    }

    /// Records that a token was used. Buffered in memory and written within a second; never waits, never fails.
    pub fn touch_token(&self, id: TokenId, now: EpochMs, client: Option<&str>) {
        self.shared().write_buffers.touch(id, now, client);
    }
}

fn row_of(token: &Token, secret: &Secret) -> Result<Vec<Value>> {
    let projects = token.projects.as_ref().map(to_json).transpose()?;
    let sha256 = secret.fingerprint().0.to_vec();
    Ok(values![
        token.id,
        token.workspace,
        projects,
        to_json(&token.scopes)?,
        token.label.as_str(),
        token.prefix.as_str(),
        sha256,
        token.created_at,
        token.expires_at,
        token.actor,
        token.bound_project
    ]
    .to_vec())
}

fn token(row: &Row) -> Result<Token> {
    let projects = match row.get::<Option<String>>(2)? {
        Some(_) => Some(row.json(2)?),
        None => None,
    };
    Ok(Token {
        id: row.get(0)?,
        workspace: row.get(1)?,
        projects,
        scopes: row.json(3)?,
        label: row.get(4)?,
        prefix: row.get(5)?,
        created_at: row.get(6)?,
        expires_at: row.get(7)?,
        last_used_at: row.get(8)?,
        last_client: row.get(9)?,
        revoked_at: row.get(10)?,
        actor: row.get(11)?,
        bound_project: row.get(12)?,
    })
}
