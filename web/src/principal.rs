//! The principal behind a credential that the store knows.

use playhead_access::{Credential, Principal};
use playhead_schemas::Actor;
use playhead_store::{AccessGrant, Token};

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
