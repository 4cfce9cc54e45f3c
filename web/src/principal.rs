//! The principal behind a credential that the store knows.

use std::net::IpAddr;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use playhead_access::{Credential, Principal, Refusal, checks};
use playhead_schemas::{Actor, EpochMs};
use playhead_store::{AccessGrant, Store, StoreError, Token};

/// Why it is not known what a secret stands for.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Too many requests of the address were refused: nothing is looked up for it, for so many seconds.
    #[error("too many requests from this address were refused")]
    Wait(u32),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The bearer token of a request.
///
/// # Errors
/// As [`checks::bearer`].
pub fn bearer(headers: &HeaderMap) -> Result<&str, Refusal> {
    checks::bearer(headers.get_all(AUTHORIZATION).iter().map(|value| value.to_str().unwrap_or_default()))
}

/// What a bearer token stands for; `None` for one that is unknown or revoked. One that is in memory is known even when
/// its address has to wait.
///
/// # Errors
/// When the address has to wait, or the store fails.
pub async fn principal_of_secret(
    store: &Store,
    secret: &str,
    address: Option<IpAddr>,
    auth_failures_per_minute: u32,
    now: EpochMs,
) -> Result<Option<Principal>, SecretError> {
    let token = store.cached_token(secret).map(principal_of_token);
    if let Some(known) = token.or_else(|| store.cached_grant(secret).map(principal_of_grant)) {
        return Ok(Some(known));
    }
    store.admit_address(address, auth_failures_per_minute, now).map_err(SecretError::Wait)?;
    match store.token_by_secret(secret).await? {
        Some(token) => Ok(Some(principal_of_token(token))),
        None => Ok(store.grant_by_access_token(secret).await?.map(principal_of_grant)),
    }
}

/// A token acts for its actor where it has one, within its own bounds.
pub fn principal_of_token(token: Token) -> Principal {
    Principal {
        credential: Credential::Token(token.id),
        workspace: token.workspace,
        projects: token.projects,
        bound_project: token.bound_project,
        actor: token.actor,
        scopes: token.scopes,
        label: token.label,
        expires_at: token.expires_at,
    }
}

/// A grant acts for the member who gave it, within the scopes that were allowed.
pub fn principal_of_grant(grant: AccessGrant) -> Principal {
    Principal {
        credential: Credential::Grant { grant: grant.grant, resource: grant.resource },
        workspace: grant.workspace,
        projects: grant.project.map(|project| vec![project]),
        bound_project: grant.project,
        actor: Some(Actor::Member(grant.member)),
        scopes: grant.scopes,
        label: grant.client_name,
        expires_at: Some(grant.expires_at),
    }
}
