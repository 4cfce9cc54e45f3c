//! Grants: what a member allowed a client, until one of the two ends it.

use std::sync::Arc;

use playhead_schemas::{EpochMs, GrantId, MemberId, ProjectId, Scope, WorkspaceId};
use serde::Serialize;

use crate::engine::{Row, Tx, values};
use crate::page::page_limit;
use crate::secret::{SecretKind, fingerprint_of};
use crate::shared::Lookup;
use crate::{Page, Result, Store, StoreError};

/// What an access token stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessGrant {
    /// The grant.
    pub grant: GrantId,
    /// Who gave it; their role at the time of a call limits it.
    pub member: MemberId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The one project whose endpoint accepts it; `None`: the workspace's endpoint.
    pub project: Option<ProjectId>,
    /// What the token may do.
    pub scopes: Vec<Scope>,
    /// The client.
    pub client_id: String,
    /// The client's name, which it chose itself.
    pub client_name: String,
    /// The exact audience, a URL.
    pub resource: String,
    /// When the token stops working.
    pub expires_at: EpochMs,
}

/// A grant as its member sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// Who gave it.
    pub member: MemberId,
    /// The one project; `None`: the projects of the workspace in which the member has a role.
    pub project: Option<ProjectId>,
    /// What was consented to.
    pub scopes: Vec<Scope>,
    /// The client.
    pub client_id: String,
    /// The client's name, which it chose itself.
    pub client_name: String,
    /// When it was given.
    pub created_at: EpochMs,
    /// When it ends if it is not used.
    pub expires_at: EpochMs,
    /// When it was last used, to within the second that [`Store::touch_grant`] buffers.
    pub last_used_at: Option<EpochMs>,
    /// The client that last used it, as the client names itself.
    pub last_client: Option<String>,
}

const BY_ACCESS: &str =
    "SELECT g.id, g.member, g.workspace, g.project, t.scopes, g.client_id, g.client_name, g.resource,
    t.expires_at FROM oauth_tokens t JOIN oauth_grants g ON g.id = t.grant_id
    WHERE t.secret_sha256 = $1 AND t.kind = 'access' AND g.revoked_at IS NULL";
const OF_MEMBER: &str = "SELECT id, member, project, scopes, client_id, client_name, created_at, expires_at,
    last_used_at, last_client FROM oauth_grants
    WHERE member = $1 AND revoked_at IS NULL AND expires_at > $2 AND ($3::text IS NULL OR id > $3::text)
    ORDER BY id LIMIT $4";
const MEMBER_OF: &str = "SELECT member FROM oauth_grants WHERE id = $1";
const REVOKE: &str = "UPDATE oauth_grants SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1";

impl Store {
    /// What an access token (`pha_..`) stands for; `None` for one that is unknown or revoked. Expiry is the caller's
    /// to check. Answered from memory after the first time; a revocation takes effect at once.
    pub async fn grant_by_access_token(&self, secret: &str) -> Result<Option<AccessGrant>> {
        let Some(sha256) = fingerprint_of(SecretKind::Access, secret) else { return Ok(None) };
        let read = self.find(BY_ACCESS, values![&sha256.0[..]], access_grant);
        self.shared().lookups.grants.get(sha256, read).await
    }

    /// The grant of an access token from memory alone: also `None` for one that was not used since grants last changed.
    pub fn cached_grant(&self, secret: &str) -> Option<AccessGrant> {
        self.shared().lookups.grants.cached(&fingerprint_of(SecretKind::Access, secret)?)
    }

    /// The grants of a member that have not ended, oldest first.
    pub async fn grants_of(
        &self,
        member: MemberId,
        now: EpochMs,
        after: Option<GrantId>,
        limit: u32,
    ) -> Result<Page<Grant, GrantId>> {
        let rows = self.list(OF_MEMBER, values![member, now, after, page_limit(limit) + 1], grant).await?;
        Ok(Page::from_rows(rows, limit, |g| g.id))
    }

    /// Revokes a grant of `member`: from the next call on, its tokens are refused.
    ///
    /// # Errors
    /// `NotFound` when the member has no such grant.
    pub async fn revoke_grant(&self, id: GrantId, member: MemberId, now: EpochMs) -> Result<()> {
        let lookup = self.shared().lookups.grants.clone();
        self.write(move |tx| {
            let row = tx.query_one(MEMBER_OF, &values![id])?;
            if row.map(|row| row.get(0)).transpose()? != Some(member) {
                return Err(StoreError::NotFound("connected app"));
            }
            revoke(tx, id, now, &lookup)
        })
        .await
    }

    /// Records that a grant was used. Buffered in memory and written within a second; never waits, never fails.
    pub fn touch_grant(&self, id: GrantId, now: EpochMs, client: Option<&str>) {
        self.shared().write_buffers.touch_grant(id, now, client);
    }
}

/// Revokes a grant, if there is one, within a transaction.
pub(super) fn revoke(tx: &Tx<'_>, id: GrantId, now: EpochMs, lookup: &Arc<Lookup<AccessGrant>>) -> Result<()> {
    tx.execute(REVOKE, &values![id, now])?;
    lookup.clear_after(tx)
}

fn access_grant(row: &Row) -> Result<AccessGrant> {
    Ok(AccessGrant {
        grant: row.get(0)?,
        member: row.get(1)?,
        workspace: row.get(2)?,
        project: row.get(3)?,
        scopes: row.json(4)?,
        client_id: row.get(5)?,
        client_name: row.get(6)?,
        resource: row.get(7)?,
        expires_at: row.get(8)?,
    })
}

fn grant(row: &Row) -> Result<Grant> {
    Ok(Grant {
        id: row.get(0)?,
        member: row.get(1)?,
        project: row.get(2)?,
        scopes: row.json(3)?,
        client_id: row.get(4)?,
        client_name: row.get(5)?,
        created_at: row.get(6)?,
        expires_at: row.get(7)?,
        last_used_at: row.get(8)?,
        last_client: row.get(9)?,
    })
}
