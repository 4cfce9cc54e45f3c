//! Read tokens: what an assistant or a person presents.

use playhead_schemas::{EpochMs, ProjectId, Scope, TokenId, WorkspaceId};
use serde::Serialize;

use crate::store::pending;
use crate::{Page, Result, Secret, Store};

/// What a token is made with.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// The workspace that it reads.
    pub workspace: WorkspaceId,
    /// The projects that it reads; `None` means every project of the workspace.
    pub projects: Option<Vec<ProjectId>>,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// What it is for, in the words of who made it.
    pub label: String,
    /// When it stops working; `None` means never.
    pub expires_at: Option<EpochMs>,
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
    /// When it was last presented, give or take the seconds that [`Store::touch_token`] batches.
    pub last_used_at: Option<EpochMs>,
    /// The client that last presented it, in its own words.
    pub last_client: Option<String>,
    /// When it was revoked.
    pub revoked_at: Option<EpochMs>,
}

impl Token {
    /// True when the token is neither revoked nor expired at `now`.
    pub fn is_live(&self, now: EpochMs) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    /// True when the token may see `project` (of its own workspace).
    pub fn covers(&self, project: ProjectId) -> bool {
        self.projects.as_ref().is_none_or(|projects| projects.contains(&project))
    }
}

impl Store {
    /// Makes a token. The secret (`pht_..`) is given here and never again.
    pub async fn create_token(&self, new: NewToken) -> Result<(Token, Secret)> {
        let _ = new;
        pending()
    }

    /// The token of a secret; `None` for one that is unknown or revoked. Expiry is the caller's to check
    /// ([`Token::is_live`]). Answered from memory after the first time; a revocation bites at once.
    pub async fn token_by_secret(&self, secret: &str) -> Result<Option<Token>> {
        let _ = secret;
        pending()
    }

    /// The tokens of a workspace, oldest first, revoked ones too.
    pub async fn tokens(
        &self,
        workspace: WorkspaceId,
        after: Option<TokenId>,
        limit: u32,
    ) -> Result<Page<Token, TokenId>> {
        let _ = (workspace, after, limit);
        pending()
    }

    /// Revokes a token; once revoked, it stays so and the first time is kept.
    pub async fn revoke_token(&self, id: TokenId) -> Result<Token> {
        let _ = id;
        pending()
    }

    /// Notes that a token was used. Buffered in memory and written with the next batch; never waits, never fails.
    pub fn touch_token(&self, id: TokenId, now: EpochMs, client: Option<&str>) {
        let _ = (id, now, client);
    }
}
