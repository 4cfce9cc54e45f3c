//! Invitations: a link with which one person creates an account.

use playhead_schemas::{Actor, EpochMs, InvitationId, ProjectId, Role, WorkspaceId};
use serde::Serialize;

use super::{Member, NewMember, email, members, roles};
use crate::engine::{Row, values};
use crate::json::to_json;
use crate::page::page_limit;
use crate::secret::{SecretKind, fingerprint_of};
use crate::{Page, Result, Secret, Store, StoreError};

/// A person to invite.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The address that the account will have.
    pub email: String,
    /// True to make an administrator of the workspace.
    pub admin: bool,
    /// The roles that the account will have.
    pub roles: Vec<(ProjectId, Role)>,
    /// When the invitation ends.
    pub expires_at: EpochMs,
}

/// An invitation, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The address that the account will have, in lower case.
    pub email: String,
    /// True when it makes an administrator of the workspace.
    pub admin: bool,
    /// The roles that the account will have.
    pub roles: Vec<(ProjectId, Role)>,
    /// When it was made.
    pub created_at: EpochMs,
    /// When it ends.
    pub expires_at: EpochMs,
    /// When it was accepted or revoked.
    pub used_at: Option<EpochMs>,
}

const ADD: &str = "INSERT INTO invitations (id, workspace, email, admin, roles, token_sha256, created_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const OPEN: &str = "SELECT id, workspace, email, admin, roles, created_at, expires_at, used_at FROM invitations
    WHERE token_sha256 = $1 AND used_at IS NULL AND expires_at > $2";
const BY_ID: &str = "SELECT id, workspace, email, admin, roles, created_at, expires_at, used_at FROM invitations
    WHERE id = $1";
const LIST: &str = "SELECT id, workspace, email, admin, roles, created_at, expires_at, used_at FROM invitations
    WHERE workspace = $1 AND ($2::text IS NULL OR id > $2::text) ORDER BY id LIMIT $3";
const SET_ADMIN: &str = "UPDATE invitations SET admin = $2 WHERE id = $1";
const END_OF_ADDRESS: &str =
    "UPDATE invitations SET used_at = $3 WHERE workspace = $1 AND email = $2 AND used_at IS NULL";
const END: &str = "UPDATE invitations SET used_at = coalesce(used_at, $2) WHERE id = $1";

impl Store {
    /// Invites a person. The secret (`phi_..`) is returned here and never again.
    ///
    /// # Errors
    /// `Invalid` if the address is no email address, `Conflict` if it has an account: nobody could accept.
    pub async fn create_invitation(&self, new: NewInvitation) -> Result<(Invitation, Secret)> {
        let secret = Secret::generate(SecretKind::Invitation);
        let invitation = Invitation {
            id: InvitationId::new(),
            workspace: new.workspace,
            email: email(&new.email)?,
            admin: new.admin,
            roles: new.roles,
            created_at: EpochMs::now(),
            expires_at: new.expires_at,
            used_at: None,
        };
        let i = &invitation;
        let (roles, sha256) = (to_json(&i.roles)?, secret.fingerprint().0.to_vec());
        let row =
            values![i.id, i.workspace, i.email.as_str(), i.admin, roles, sha256, i.created_at, i.expires_at].to_vec();
        let address = invitation.email.clone();
        self.write(move |tx| {
            members::must_be_free(tx, &address)?;
            tx.execute(ADD, &row)
        })
        .await?;
        Ok((invitation, secret))
    }

    /// The invitation of an id, accepted ones included.
    pub async fn invitation(&self, id: InvitationId) -> Result<Invitation> {
        self.find(BY_ID, values![id], invitation).await?.ok_or(StoreError::NotFound("invitation"))
    }

    /// The invitation of a secret, if it can still be accepted.
    pub async fn invitation_by_secret(&self, secret: &str, now: EpochMs) -> Result<Option<Invitation>> {
        let Some(sha256) = fingerprint_of(SecretKind::Invitation, secret) else { return Ok(None) };
        self.find(OPEN, values![&sha256.0[..], now], invitation).await
    }

    /// Accepts an invitation: adds the member with the invitation's roles, in one transaction, and ends every open
    /// invitation of the address. `phc` is the password's PHC string.
    ///
    /// # Errors
    /// `NotFound` if the invitation is unknown, expired, accepted or revoked; `Conflict` if the address has an account
    /// by now.
    pub async fn accept_invitation(&self, secret: &str, now: EpochMs, name: &str, phc: String) -> Result<Member> {
        let sha256 = fingerprint_of(SecretKind::Invitation, secret).ok_or(StoreError::NotFound("invitation"))?;
        let (name, lookup) = (name.to_owned(), self.shared().lookups.actor_roles.clone());
        self.write(move |tx| {
            let row = tx.query_one(OPEN, &values![&sha256.0[..], now])?.ok_or(StoreError::NotFound("invitation"))?;
            let invitation = invitation(&row)?;
            let new = NewMember {
                workspace: invitation.workspace,
                email: invitation.email.clone(),
                name: name.clone(),
                password_hash: Some(phc.clone()),
                must_change_password: false,
                admin: invitation.admin,
            };
            let member = members::add(tx, &new)?;
            for (project, role) in invitation.roles {
                roles::set(tx, project, Actor::Member(member.id), Some(role))?;
            }
            // Further invitations of the address could not be accepted any more.
            tx.execute(END_OF_ADDRESS, &values![invitation.workspace, invitation.email.as_str(), now])?;
            lookup.clear_after(tx)?;
            Ok(member)
        })
        .await
    }

    /// The invitations of a workspace, oldest first, accepted ones included.
    pub async fn invitations(
        &self,
        workspace: WorkspaceId,
        after: Option<InvitationId>,
        limit: u32,
    ) -> Result<Page<Invitation, InvitationId>> {
        let rows = self.list(LIST, values![workspace, after, page_limit(limit) + 1], invitation).await?;
        Ok(Page::from_rows(rows, limit, |i| i.id))
    }

    /// Decides whether accepting the invitation makes an administrator of the workspace.
    ///
    /// # Errors
    /// `Conflict` if the invitation was accepted or revoked, or has expired at `now`.
    pub async fn set_invitation_admin(&self, id: InvitationId, admin: bool, now: EpochMs) -> Result<Invitation> {
        self.write(move |tx| {
            let row = tx.query_one(BY_ID, &values![id])?.ok_or(StoreError::NotFound("invitation"))?;
            let invitation = invitation(&row)?;
            if invitation.used_at.is_some() {
                let message = "the invitation was accepted or revoked; if there is a member, change the member instead";
                return Err(StoreError::Conflict(message.into()));
            }
            if invitation.expires_at <= now {
                return Err(StoreError::Conflict("the invitation has expired; invite the person again".into()));
            }
            tx.execute(SET_ADMIN, &values![id, admin])?;
            Ok(Invitation { admin, ..invitation })
        })
        .await
    }

    /// Revokes an invitation: it can't be accepted any more.
    pub async fn revoke_invitation(&self, id: InvitationId) -> Result<Invitation> {
        self.write(move |tx| {
            tx.execute(END, &values![id, EpochMs::now()])?;
            tx.query_one(BY_ID, &values![id])?.as_ref().map(invitation).transpose()
        })
        .await?
        .ok_or(StoreError::NotFound("invitation"))
    }
}

fn invitation(row: &Row) -> Result<Invitation> {
    Ok(Invitation {
        id: row.get(0)?,
        workspace: row.get(1)?,
        email: row.get(2)?,
        admin: row.get(3)?,
        roles: row.json(4)?,
        created_at: row.get(5)?,
        expires_at: row.get(6)?,
        used_at: row.get(7)?,
    })
}
