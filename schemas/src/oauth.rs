//! What the catalog knows when an OAuth credential is presented, and what the rules decide about it.
//!
//! `store` reads the facts and carries the decision out in one transaction; `access` decides. So that no
//! two requests can be told "yes" for one credential, the decision is made inside the transaction.

use crate::{EpochMs, Scope};

/// An authorization code that was presented, as the catalog has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeFacts {
    /// The client that it was made for.
    pub client_id: String,
    /// Where it was sent, exactly as the client asked.
    pub redirect_uri: String,
    /// The PKCE challenge (S256) of who asked for it.
    pub challenge: String,
    /// The audience that was consented to, a URL.
    pub resource: String,
    /// When it stops working.
    pub expires_at: EpochMs,
    /// When it was redeemed; a code is redeemed once.
    pub redeemed_at: Option<EpochMs>,
}

/// What to do about a presented code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeDecision<R> {
    /// Make the grant and its first tokens.
    Redeem,
    /// Nothing changes.
    Refuse(R),
    /// The code never works again, and a grant that came of it is revoked: it is in foreign hands.
    Burn(R),
}

/// A refresh token that was presented, as the catalog has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshFacts {
    /// The client that the grant was given to.
    pub client_id: String,
    /// The audience of the grant, a URL.
    pub resource: String,
    /// What the member consented to.
    pub scopes: Vec<Scope>,
    /// True when the grant was revoked, or its member disabled.
    pub is_revoked: bool,
    /// Which token of the grant this is: each rotation adds 1.
    pub generation: u64,
    /// The grant's newest generation.
    pub newest: u64,
    /// When this token was exchanged for the next generation.
    pub rotated_at: Option<EpochMs>,
    /// When it stops working.
    pub expires_at: EpochMs,
}

/// What to do about a presented refresh token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefreshDecision<R> {
    /// Make the next generation; its access token gets these scopes.
    Rotate(Vec<Scope>),
    /// Give the answer again that was lost on its way: the same tokens.
    Repeat,
    /// Nothing changes.
    Refuse(R),
    /// The whole grant is revoked: an old token came back.
    Revoke(R),
}
