//! Members and invitations: list, make, remove.

use axum::Json;
use axum::extract::{Extension, Path, Request, State};
use http::{StatusCode, Uri};
use playhead_access::password;
use playhead_schemas::{EpochMs, InvitationId, MemberId, ProjectId, Role};
use playhead_store::{Invitation, Member, NewInvitation, NewMember};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::AdminApp;
use super::guard::Admin;
use super::page::{PageView, body, id, paging};
use crate::error::{ApiError, Fault};

/// How long an invitation can be taken, in days, unless it says otherwise, and at most.
const INVITED_DAYS: u32 = 7;
const INVITED_DAYS_MAX: u32 = 90;
const DAY_MS: i64 = 86_400_000;
/// The most roles of one invitation.
const ROLES_MAX: usize = 100;

/// A person with an account.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct MemberView {
    pub(crate) id: MemberId,
    pub(crate) email: String,
    pub(crate) name: String,
    /// An administrator of the workspace, who is the owner of every project.
    pub(crate) admin: bool,
    pub(crate) created_at: EpochMs,
    /// When the member was removed.
    pub(crate) disabled_at: Option<EpochMs>,
}

/// A member with a password that works once: it must be changed at the first sign-in.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct NewMemberView {
    pub(crate) member: MemberView,
    /// It can't be shown again.
    pub(crate) password: String,
}

/// A member to make.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MemberToMake {
    /// The address to sign in with.
    pub(crate) email: String,
    /// A name to show; the address when it is left out.
    #[serde(default)]
    pub(crate) name: Option<String>,
    /// Make an administrator of the workspace.
    #[serde(default)]
    pub(crate) admin: bool,
}

/// Whether a member administers the workspace.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AdminToSet {
    /// An administrator is the owner of every project.
    pub(crate) admin: bool,
}

/// An invitation.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct InvitationView {
    pub(crate) id: InvitationId,
    pub(crate) email: String,
    pub(crate) admin: bool,
    pub(crate) roles: Vec<(ProjectId, Role)>,
    pub(crate) created_at: EpochMs,
    pub(crate) expires_at: EpochMs,
    /// When it was taken or called back.
    pub(crate) used_at: Option<EpochMs>,
}

/// An invitation with its secret, which is shown this once.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct NewInvitationView {
    pub(crate) invitation: InvitationView,
    /// What the invited person opens, after the server's address.
    pub(crate) path: String,
}

/// A person to invite.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InvitationToMake {
    /// The address of the account.
    pub(crate) email: String,
    /// Make an administrator of the workspace.
    #[serde(default)]
    pub(crate) admin: bool,
    /// The roles that the account will have.
    #[serde(default)]
    pub(crate) roles: Vec<RoleToGive>,
    /// Days until it ends, 1 to 90; 7 when it is left out.
    #[serde(default)]
    pub(crate) days: Option<u32>,
}

/// A role in a project.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleToGive {
    /// By id or slug.
    pub(crate) project: String,
    pub(crate) role: Role,
}

impl From<Member> for MemberView {
    fn from(member: Member) -> Self {
        let Member { id, email, name, admin, created_at, disabled_at, .. } = member;
        Self { id, email, name, admin, created_at, disabled_at }
    }
}

impl From<Invitation> for InvitationView {
    fn from(invitation: Invitation) -> Self {
        let Invitation { id, email, admin, roles, created_at, expires_at, used_at, .. } = invitation;
        Self { id, email, admin, roles, created_at, expires_at, used_at }
    }
}

pub(super) async fn list(
    State(app): State<AdminApp>,
    Extension(admin): Extension<Admin>,
    uri: Uri,
) -> Result<Json<PageView<MemberView>>, ApiError> {
    admin.must_manage_all("list members")?;
    let (after, limit) = paging(&uri)?;
    Ok(Json(PageView::of(app.store.members(admin.workspace, after, limit).await?)))
}

pub(super) async fn create(
    State(app): State<AdminApp>,
    Extension(admin): Extension<Admin>,
    request: Request,
) -> Result<(StatusCode, Json<NewMemberView>), ApiError> {
    admin.must_manage_all("make members")?;
    let wanted: MemberToMake = body(request).await?;
    let (password, phc) = one_time_password().await?;
    let name = wanted.name.unwrap_or_else(|| wanted.email.clone());
    let new = NewMember {
        workspace: admin.workspace,
        email: wanted.email,
        name,
        password_hash: Some(phc),
        must_change_password: true,
        admin: wanted.admin,
    };
    let member = app.store.create_member(new).await?.into();
    Ok((StatusCode::CREATED, Json(NewMemberView { member, password })))
}

pub(super) async fn remove(
    State(app): State<AdminApp>,
    Extension(admin): Extension<Admin>,
    Path(member): Path<String>,
) -> Result<Json<MemberView>, ApiError> {
    let member = member_of(&app, &admin, &member).await?;
    Ok(Json(app.store.disable_member(member.id).await?.into()))
}

pub(super) async fn restore(
    State(app): State<AdminApp>,
    Extension(admin): Extension<Admin>,
    Path(member): Path<String>,
) -> Result<Json<MemberView>, ApiError> {
    let member = member_of(&app, &admin, &member).await?;
    Ok(Json(app.store.enable_member(member.id).await?.into()))
}

pub(super) async fn set_admin(
    State(app): State<AdminApp>,
    Extension(admin): Extension<Admin>,
    Path(member): Path<String>,
    request: Request,
) -> Result<Json<MemberView>, ApiError> {
    let member = member_of(&app, &admin, &member).await?;
    let wanted: AdminToSet = body(request).await?;
    Ok(Json(app.store.set_member_admin(member.id, wanted.admin).await?.into()))
}

pub(super) async fn reset_password(
    State(app): State<AdminApp>,
    Extension(admin): Extension<Admin>,
    Path(member): Path<String>,
) -> Result<Json<NewMemberView>, ApiError> {
    let member = member_of(&app, &admin, &member).await?;
    let (password, phc) = one_time_password().await?;
    let member = app.store.set_one_time_password(member.id, phc).await?.into();
    Ok(Json(NewMemberView { member, password }))
}

pub(super) async fn invitations(
    State(app): State<AdminApp>,
    Extension(admin): Extension<Admin>,
    uri: Uri,
) -> Result<Json<PageView<InvitationView>>, ApiError> {
    admin.must_manage_all("list invitations")?;
    let (after, limit) = paging(&uri)?;
    Ok(Json(PageView::of(app.store.invitations(admin.workspace, after, limit).await?)))
}

pub(super) async fn invite(
    State(app): State<AdminApp>,
    Extension(admin): Extension<Admin>,
    request: Request,
) -> Result<(StatusCode, Json<NewInvitationView>), ApiError> {
    admin.must_manage_all("invite members")?;
    let wanted: InvitationToMake = body(request).await?;
    let days = wanted.days.unwrap_or(INVITED_DAYS);
    if !(1..=INVITED_DAYS_MAX).contains(&days) || wanted.roles.len() > ROLES_MAX {
        let message = format!("days is 1 to {INVITED_DAYS_MAX}, and roles are at most {ROLES_MAX}");
        return Err(Fault::invalid(message, "give less").into());
    }
    let mut roles = Vec::new();
    for wanted in wanted.roles {
        roles.push((admin.project(&app, &wanted.project).await?.id, wanted.role));
    }
    let new = NewInvitation {
        workspace: admin.workspace,
        email: wanted.email,
        admin: wanted.admin,
        roles,
        expires_at: app.clock.now().plus_ms(i64::from(days) * DAY_MS),
    };
    let (invitation, secret) = app.store.create_invitation(new).await?;
    let path = format!("/invitations/{}", secret.expose());
    Ok((StatusCode::CREATED, Json(NewInvitationView { invitation: invitation.into(), path })))
}

pub(super) async fn call_back(
    State(app): State<AdminApp>,
    Extension(admin): Extension<Admin>,
    Path(invitation): Path<String>,
) -> Result<Json<InvitationView>, ApiError> {
    admin.must_manage_all("call invitations back")?;
    let invitation = app.store.invitation(id::<InvitationId>(&invitation)?).await?;
    if invitation.workspace != admin.workspace {
        return Err(ApiError::not_found("invitation"));
    }
    Ok(Json(app.store.revoke_invitation(invitation.id).await?.into()))
}

/// The member of the workspace that a path names.
async fn member_of(app: &AdminApp, admin: &Admin, text: &str) -> Result<Member, ApiError> {
    admin.must_manage_all("manage members")?;
    let member = app.store.member(id::<MemberId>(text)?).await?;
    if member.workspace == admin.workspace { Ok(member) } else { Err(ApiError::not_found("member")) }
}

async fn one_time_password() -> Result<(String, String), ApiError> {
    let made = tokio::task::spawn_blocking(|| {
        let password = password::generate();
        password::hash(&password).map(|phc| (password, phc))
    });
    made.await.ok().and_then(Result::ok).ok_or_else(|| {
        ApiError::new(Fault::new(playhead_schemas::ErrorCode::Internal, "the password can't be hashed", "try again"))
    })
}
