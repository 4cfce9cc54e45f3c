//! Members: people with an account.

use playhead_schemas::{EpochMs, MemberId, WorkspaceId};
use serde::Serialize;

use super::{email, name};
use crate::engine::{Row, Tx, values};
use crate::page::page_limit;
use crate::{Page, Result, Store, StoreError, sessions};

/// A person to make an account for.
#[derive(Clone)]
pub struct NewMember {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The address to sign in with; stored in lower case.
    pub email: String,
    /// A display name.
    pub name: String,
    /// The password as a PHC string (`access::password::hash` makes it); `None`: can't sign in with a password.
    pub password_hash: Option<String>,
    /// True when the password must be changed at the next sign-in.
    pub must_change_password: bool,
    /// True for an administrator of the workspace: owner of all of its projects.
    pub admin: bool,
}

/// A person with an account, without the password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Member {
    /// Its id.
    pub id: MemberId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The address to sign in with, in lower case; unique on the server.
    pub email: String,
    /// A display name.
    pub name: String,
    /// True for an administrator of the workspace.
    pub admin: bool,
    /// True when there is a password, and it must be changed at the next sign-in.
    pub must_change_password: bool,
    /// When the account was made.
    pub created_at: EpochMs,
    /// When the member was removed. Sessions, tokens and grants end at once; bugs, comments and audit entries stay.
    pub disabled_at: Option<EpochMs>,
}

const ADD: &str = "INSERT INTO members
    (id, workspace, email, name, password_hash, must_change_password, admin, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (email) DO NOTHING RETURNING id";
const BY_ID: &str = "SELECT id, workspace, email, name, admin, must_change_password, created_at, disabled_at
    FROM members WHERE id = $1";
const BY_EMAIL: &str = "SELECT id, workspace, email, name, admin, must_change_password, created_at, disabled_at,
    password_hash FROM members WHERE email = $2 AND workspace = $1";
const LIST: &str = "SELECT id, workspace, email, name, admin, must_change_password, created_at, disabled_at
    FROM members WHERE workspace = $1 AND ($2::text IS NULL OR id > $2::text) ORDER BY id LIMIT $3";
const TAKEN: &str = "SELECT id FROM members WHERE email = $1";
const ANY: &str = "SELECT id FROM members LIMIT 1";
const SET_PASSWORD: &str = "UPDATE members SET password_hash = $2, must_change_password = $3 WHERE id = $1";
const SET_ADMIN: &str = "UPDATE members SET admin = $2 WHERE id = $1";
const DISABLE: &str = "UPDATE members SET disabled_at = coalesce(disabled_at, $2) WHERE id = $1";
const ENABLE: &str = "UPDATE members SET disabled_at = NULL WHERE id = $1";
const OTHER_ADMINS: &str = "SELECT count(*) FROM members
    WHERE workspace = $1 AND id <> $2 AND admin AND disabled_at IS NULL";

impl Store {
    /// Makes a member.
    ///
    /// # Errors
    /// `Conflict` if the address has an account, `Invalid` if it is no email address or if the name is empty.
    pub async fn create_member(&self, new: NewMember) -> Result<Member> {
        self.write(move |tx| add(tx, &new)).await
    }

    /// True when there is no member: the server was never set up.
    pub async fn has_no_member(&self) -> Result<bool> {
        Ok(self.find(ANY, [], |row| row.get::<MemberId>(0)).await?.is_none())
    }

    /// The member of an id, removed ones included.
    pub async fn member(&self, id: MemberId) -> Result<Member> {
        self.find(BY_ID, values![id], member).await?.ok_or(StoreError::NotFound("member"))
    }

    /// The member of an address with the password's PHC string, if there is one. Includes removed ones: check
    /// `disabled_at`.
    pub async fn member_by_email(
        &self,
        workspace: WorkspaceId,
        address: &str,
    ) -> Result<Option<(Member, Option<String>)>> {
        let Ok(address) = email(address) else { return Ok(None) };
        self.find(BY_EMAIL, values![workspace, address], |row| Ok((member(row)?, row.get(8)?))).await
    }

    /// The members of a workspace, oldest first, removed ones included.
    pub async fn members(
        &self,
        workspace: WorkspaceId,
        after: Option<MemberId>,
        limit: u32,
    ) -> Result<Page<Member, MemberId>> {
        let rows = self.list(LIST, values![workspace, after, page_limit(limit) + 1], member).await?;
        Ok(Page::from_rows(rows, limit, |m| m.id))
    }

    /// Sets the password that the member chose, as a PHC string.
    pub async fn set_password(&self, id: MemberId, phc: String) -> Result<Member> {
        self.change_member(id, move |tx, member| {
            tx.execute(SET_PASSWORD, &values![member.id, phc.as_str(), false]).map(drop)
        })
        .await
    }

    /// Sets a password that must be changed at the next sign-in. Every browser of the member is signed out.
    pub async fn set_one_time_password(&self, id: MemberId, phc: String) -> Result<Member> {
        self.change_member(id, move |tx, member| {
            tx.execute(SET_PASSWORD, &values![member.id, phc.as_str(), true])?;
            sessions::end_all(tx, member.id, &member.email, EpochMs::now())
        })
        .await
    }

    /// Makes a member an administrator of the workspace, or revokes that.
    ///
    /// # Errors
    /// `Conflict` if no administrator would be left.
    pub async fn set_member_admin(&self, id: MemberId, admin: bool) -> Result<Member> {
        self.change_member(id, move |tx, member| {
            if !admin {
                must_leave_an_admin(tx, member)?;
            }
            tx.execute(SET_ADMIN, &values![member.id, admin]).map(drop)
        })
        .await
    }

    /// Removes a member: from the next call on, everything that acts as this member is refused, and its sessions have ended
    /// for good.
    ///
    /// # Errors
    /// `Conflict` if no administrator would be left.
    pub async fn disable_member(&self, id: MemberId) -> Result<Member> {
        self.change_member(id, |tx, member| {
            must_leave_an_admin(tx, member)?;
            tx.execute(DISABLE, &values![member.id, EpochMs::now()])?;
            sessions::end_all(tx, member.id, &member.email, EpochMs::now())
        })
        .await
    }

    /// Restores a removed member, with the roles from before.
    pub async fn enable_member(&self, id: MemberId) -> Result<Member> {
        self.change_member(id, |tx, member| {
            tx.execute(ENABLE, &values![member.id])?;
            sessions::end_all(tx, member.id, &member.email, EpochMs::now())
        })
        .await
    }

    async fn change_member(
        &self,
        id: MemberId,
        change: impl Fn(&Tx<'_>, &Member) -> Result<()> + Send + 'static,
    ) -> Result<Member> {
        let lookup = self.shared().lookups.actor_roles.clone();
        self.write(move |tx| {
            let read = |tx: &Tx<'_>| {
                let row = tx.query_one(BY_ID, &values![id])?;
                row.as_ref().map(member).transpose()?.ok_or(StoreError::NotFound("member"))
            };
            change(tx, &read(tx)?)?;
            lookup.clear_after(tx)?;
            read(tx)
        })
        .await
    }
}

/// Adds a member within a transaction.
pub(super) fn add(tx: &Tx<'_>, new: &NewMember) -> Result<Member> {
    let member = Member {
        id: MemberId::new(),
        workspace: new.workspace,
        email: email(&new.email)?,
        name: name(&new.name, "the member")?,
        admin: new.admin,
        must_change_password: new.must_change_password,
        created_at: EpochMs::now(),
        disabled_at: None,
    };
    let m = &member;
    let row = values![
        m.id,
        m.workspace,
        m.email.as_str(),
        m.name.as_str(),
        new.password_hash.as_deref(),
        m.must_change_password,
        m.admin,
        m.created_at
    ];
    if tx.change(ADD, &row)?.is_empty() {
        return Err(has_account());
    }
    Ok(member)
}

/// Fails when an address, as it is stored, has an account.
pub(super) fn must_be_free(tx: &Tx<'_>, address: &str) -> Result<()> {
    if tx.query_one(TAKEN, &values![address])?.is_some() { Err(has_account()) } else { Ok(()) }
}

fn has_account() -> StoreError {
    StoreError::Conflict("the address already has an account".into())
}

fn must_leave_an_admin(tx: &Tx<'_>, member: &Member) -> Result<()> {
    if !member.admin || member.disabled_at.is_some() {
        return Ok(());
    }
    let others: u64 = match tx.query_one(OTHER_ADMINS, &values![member.workspace, member.id])? {
        Some(row) => row.get(0)?,
        None => 0,
    };
    if others == 0 {
        return Err(StoreError::Conflict("this is the last administrator; make another one first".into()));
    }
    Ok(())
}

fn member(row: &Row) -> Result<Member> {
    Ok(Member {
        id: row.get(0)?,
        workspace: row.get(1)?,
        email: row.get(2)?,
        name: row.get(3)?,
        admin: row.get(4)?,
        must_change_password: row.get(5)?,
        created_at: row.get(6)?,
        disabled_at: row.get(7)?,
    })
}
