//! Authorization codes: made when a member consents, redeemed once.

use playhead_schemas::oauth::{CodeDecision, CodeFacts};
use playhead_schemas::{EpochMs, GrantId, MemberId, ProjectId, Scope, WorkspaceId};
use rand::RngExt;

use super::token_pairs::{Exchange, TokenLifetimes, TokenPair, add_pair};
use super::{clients, grants};
use crate::engine::{Row, Tx, values};
use crate::json::to_json;
use crate::secret::{SecretKind, fingerprint_of};
use crate::{Result, Secret, Store};

/// What a member consented to.
#[derive(Clone, Debug)]
pub struct NewCode {
    /// The workspace of the member.
    pub workspace: WorkspaceId,
    /// Who consented.
    pub member: MemberId,
    /// The one project of the resource; `None` for the workspace's.
    pub project: Option<ProjectId>,
    /// What the client may do.
    pub scopes: Vec<Scope>,
    /// The client.
    pub client_id: String,
    /// The client's name at that time.
    pub client_name: String,
    /// Where the code is sent, exactly.
    pub redirect_uri: String,
    /// The PKCE challenge.
    pub challenge: String,
    /// The audience, a URL.
    pub resource: String,
    /// When the code stops working.
    pub expires_at: EpochMs,
}

const ADD: &str = "INSERT INTO oauth_codes (secret_sha256, grant_id, workspace, member, project, scopes, client_id,
    client_name, redirect_uri, challenge, resource, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
const BY_SECRET: &str = "SELECT client_id, redirect_uri, challenge, resource, expires_at, redeemed_at, grant_id,
    workspace, member, project, scopes, client_name FROM oauth_codes WHERE secret_sha256 = $1";
const REDEEM: &str = "UPDATE oauth_codes SET redeemed_at = coalesce(redeemed_at, $2) WHERE secret_sha256 = $1";
const ADD_GRANT: &str = "INSERT INTO oauth_grants (id, workspace, member, project, scopes, client_id, client_name,
    resource, salt, newest, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $11)";

impl Store {
    /// Makes a code (`phc_..`) and records that its client was authorized.
    pub async fn create_code(&self, new: NewCode, now: EpochMs) -> Result<Secret> {
        let secret = Secret::generate(SecretKind::Code);
        let row = values![
            secret.fingerprint().0.to_vec(),
            GrantId::new(),
            new.workspace,
            new.member,
            new.project,
            to_json(&new.scopes)?,
            new.client_id.as_str(),
            new.client_name,
            new.redirect_uri,
            new.challenge,
            new.resource,
            new.expires_at
        ];
        self.write(move |tx| {
            tx.execute(ADD, &row)?;
            clients::mark_used(tx, &new.client_id, now)
        })
        .await?;
        Ok(secret)
    }

    /// Redeems a code. `decide` is called inside the transaction that carries out its decision.
    pub async fn redeem_code<R: Send + 'static>(
        &self,
        secret: &str,
        now: EpochMs,
        lifetimes: TokenLifetimes,
        decide: impl Fn(&CodeFacts) -> CodeDecision<R> + Send + 'static,
    ) -> Result<Exchange<R>> {
        let Some(sha256) = fingerprint_of(SecretKind::Code, secret) else { return Ok(Exchange::Unknown) };
        let fresh = (Secret::generate(SecretKind::Access), Secret::generate(SecretKind::Refresh));
        let mut salt = [0; 32];
        rand::rng().fill(&mut salt);
        let lookup = self.shared().lookups.grants.clone();
        self.write(move |tx| {
            let Some(row) = tx.query_one(BY_SECRET, &values![&sha256.0[..]])? else { return Ok(Exchange::Unknown) };
            match decide(&facts(&row)?) {
                CodeDecision::Refuse(refusal) => Ok(Exchange::Refused(refusal)),
                CodeDecision::Burn(refusal) => {
                    tx.execute(REDEEM, &values![&sha256.0[..], now])?;
                    grants::revoke(tx, row.get(6)?, now, &lookup)?;
                    Ok(Exchange::Refused(refusal))
                }
                CodeDecision::Redeem => {
                    tx.execute(REDEEM, &values![&sha256.0[..], now])?;
                    let pair = TokenPair {
                        grant: row.get(6)?,
                        access: fresh.0.clone(),
                        refresh: fresh.1.clone(),
                        access_expires_at: now.plus_ms(lifetimes.access_ms),
                        scopes: row.json(10)?,
                    };
                    let refresh_expires_at = now.plus_ms(lifetimes.refresh_ms);
                    add_grant(tx, &row, &salt, now, refresh_expires_at)?;
                    add_pair(tx, &pair, 1, refresh_expires_at)?;
                    Ok(Exchange::Issued(pair))
                }
            }
        })
        .await
    }
}

fn facts(row: &Row) -> Result<CodeFacts> {
    Ok(CodeFacts {
        client_id: row.get(0)?,
        redirect_uri: row.get(1)?,
        challenge: row.get(2)?,
        resource: row.get(3)?,
        expires_at: row.get(4)?,
        redeemed_at: row.get(5)?,
    })
}

fn add_grant(tx: &Tx<'_>, code: &Row, salt: &[u8], now: EpochMs, expires_at: EpochMs) -> Result<()> {
    let grant = values![
        code.get::<GrantId>(6)?,
        code.get::<WorkspaceId>(7)?,
        code.get::<MemberId>(8)?,
        code.get::<Option<ProjectId>>(9)?,
        code.get::<String>(10)?,
        code.get::<String>(0)?,
        code.get::<String>(11)?,
        code.get::<String>(3)?,
        salt,
        now,
        expires_at
    ];
    tx.execute(ADD_GRANT, &grant).map(drop)
}
