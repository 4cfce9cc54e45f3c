//! The tokens of a grant: one access and one refresh token in each generation.

use playhead_schemas::oauth::{RefreshDecision, RefreshFacts};
use playhead_schemas::{EpochMs, GrantId, MemberId, Scope};

use super::grants;
use crate::engine::{Row, Tx, values};
use crate::json::to_json;
use crate::secret::{SecretKind, fingerprint_of};
use crate::{Result, Secret, Store, StoreError};

/// How long tokens work.
#[derive(Clone, Copy, Debug)]
pub struct TokenLifetimes {
    /// An access token, in milliseconds.
    pub access_ms: i64,
    /// A refresh token that is not used, in milliseconds.
    pub refresh_ms: i64,
}

/// The tokens that a client receives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenPair {
    /// The grant that they belong to.
    pub grant: GrantId,
    /// `pha_..`
    pub access: Secret,
    /// `phr_..`
    pub refresh: Secret,
    /// When the access token stops working.
    pub access_expires_at: EpochMs,
    /// What the access token may do.
    pub scopes: Vec<Scope>,
}

/// The result of redeeming a code or a refresh token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exchange<R> {
    /// No code or token has that secret.
    Unknown,
    /// The rule refused it.
    Refused(R),
    /// The new tokens.
    Issued(TokenPair),
}

/// Generations of a grant whose tokens are stored. An older token is unknown, so presenting it revokes nothing.
const GENERATIONS_KEPT: u64 = 64;

const ADD: &str = "INSERT INTO oauth_tokens (secret_sha256, kind, grant_id, generation, scopes, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6)";
const BY_REFRESH: &str = "SELECT g.client_id, g.resource, g.scopes, g.revoked_at, t.generation, g.newest, t.rotated_at,
    t.expires_at, g.id, g.salt, g.member FROM oauth_tokens t JOIN oauth_grants g ON g.id = t.grant_id
    WHERE t.secret_sha256 = $1 AND t.kind = 'refresh'";
const IS_MEMBER: &str = "SELECT id FROM members WHERE id = $1 AND disabled_at IS NULL";
const BY_SECRET: &str = "SELECT scopes, expires_at FROM oauth_tokens WHERE secret_sha256 = $1";
const ROTATE: &str = "UPDATE oauth_tokens SET rotated_at = $2 WHERE secret_sha256 = $1";
const RENEW: &str = "UPDATE oauth_grants SET newest = $2, expires_at = $3 WHERE id = $1";
const DELETE_OLD: &str = "DELETE FROM oauth_tokens WHERE grant_id = $1 AND generation < $2";
const GRANT_OF: &str = "SELECT g.id, g.client_id FROM oauth_tokens t JOIN oauth_grants g ON g.id = t.grant_id
    WHERE t.secret_sha256 = $1";

impl Store {
    /// Redeems a refresh token. `decide` is called inside the transaction that carries out its decision.
    ///
    /// The next tokens are derived from the presented one and the grant's salt: a client that presents it again gets
    /// the same tokens, as long as the rule says [`RefreshDecision::Repeat`], although none of them is stored.
    pub async fn refresh_grant<R: Send + 'static>(
        &self,
        secret: &str,
        now: EpochMs,
        lifetimes: TokenLifetimes,
        decide: impl Fn(&RefreshFacts) -> RefreshDecision<R> + Send + 'static,
    ) -> Result<Exchange<R>> {
        let Some(sha256) = fingerprint_of(SecretKind::Refresh, secret) else { return Ok(Exchange::Unknown) };
        let (secret, lookup) = (secret.to_owned(), self.shared().lookups.grants.clone());
        self.write(move |tx| {
            let Some(row) = tx.query_one(BY_REFRESH, &values![&sha256.0[..]])? else { return Ok(Exchange::Unknown) };
            let facts = facts(tx, &row)?;
            let (grant, salt): (GrantId, Vec<u8>) = (row.get(8)?, row.get(9)?);
            match decide(&facts) {
                RefreshDecision::Refuse(refusal) => Ok(Exchange::Refused(refusal)),
                RefreshDecision::Revoke(refusal) => {
                    grants::revoke(tx, grant, now, &lookup)?;
                    Ok(Exchange::Refused(refusal))
                }
                RefreshDecision::Repeat => repeat(tx, grant, &salt, &secret).map(Exchange::Issued),
                RefreshDecision::Rotate(scopes) => {
                    let pair = successor(grant, &salt, &secret, now.plus_ms(lifetimes.access_ms), scopes);
                    let generation = facts.newest + 1;
                    let expires_at = now.plus_ms(lifetimes.refresh_ms);
                    tx.execute(ROTATE, &values![&sha256.0[..], now])?;
                    tx.execute(RENEW, &values![grant, generation, expires_at])?;
                    add_pair(tx, &pair, generation, expires_at)?;
                    tx.execute(DELETE_OLD, &values![grant, generation.saturating_sub(GENERATIONS_KEPT)])?;
                    Ok(Exchange::Issued(pair))
                }
            }
        })
        .await
    }

    /// Revokes the grant of an access or refresh token (RFC 7009). `Some(false)` when `client` is given and the token
    /// belongs to another client: nothing changes then; `None` when there is no such token.
    pub async fn revoke_by_token(&self, secret: &str, client: Option<&str>, now: EpochMs) -> Result<Option<bool>> {
        let kinds = [SecretKind::Access, SecretKind::Refresh];
        let Some(sha256) = kinds.into_iter().find_map(|kind| fingerprint_of(kind, secret)) else { return Ok(None) };
        let (client, lookup) = (client.map(str::to_owned), self.shared().lookups.grants.clone());
        self.write(move |tx| {
            let Some(row) = tx.query_one(GRANT_OF, &values![&sha256.0[..]])? else { return Ok(None) };
            if client.is_some() && client != row.get::<Option<String>>(1)? {
                return Ok(Some(false));
            }
            grants::revoke(tx, row.get(0)?, now, &lookup)?;
            Ok(Some(true))
        })
        .await
    }
}

/// Adds the tokens of one generation.
pub(super) fn add_pair(tx: &Tx<'_>, pair: &TokenPair, generation: u64, refresh_expires_at: EpochMs) -> Result<()> {
    let scopes = to_json(&pair.scopes)?;
    let add = |secret: &Secret, kind: &str, expires_at: EpochMs| {
        let sha256 = secret.fingerprint().0.to_vec();
        tx.execute(ADD, &values![sha256, kind, pair.grant, generation, scopes.as_str(), expires_at])
    };
    add(&pair.access, "access", pair.access_expires_at)?;
    add(&pair.refresh, "refresh", refresh_expires_at).map(drop)
}

fn facts(tx: &Tx<'_>, row: &Row) -> Result<RefreshFacts> {
    let is_member = tx.query_one(IS_MEMBER, &values![row.get::<MemberId>(10)?])?.is_some();
    Ok(RefreshFacts {
        client_id: row.get(0)?,
        resource: row.get(1)?,
        scopes: row.json(2)?,
        is_revoked: !is_member || row.get::<Option<EpochMs>>(3)?.is_some(),
        generation: row.get(4)?,
        newest: row.get(5)?,
        rotated_at: row.get(6)?,
        expires_at: row.get(7)?,
    })
}

fn successor(grant: GrantId, salt: &[u8], secret: &str, access_expires_at: EpochMs, scopes: Vec<Scope>) -> TokenPair {
    TokenPair {
        grant,
        access: Secret::derive(SecretKind::Access, salt, secret),
        refresh: Secret::derive(SecretKind::Refresh, salt, secret),
        access_expires_at,
        scopes,
    }
}

fn repeat(tx: &Tx<'_>, grant: GrantId, salt: &[u8], secret: &str) -> Result<TokenPair> {
    let mut pair = successor(grant, salt, secret, EpochMs::default(), Vec::new());
    let sha256 = pair.access.fingerprint().0.to_vec();
    let row = tx.query_one(BY_SECRET, &values![sha256])?.ok_or(StoreError::NotFound("access token"))?;
    pair.scopes = row.json(0)?;
    pair.access_expires_at = row.get(1)?;
    Ok(pair)
}
