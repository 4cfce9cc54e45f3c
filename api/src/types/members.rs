//! Members and invitations.

use playhead_schemas::{Actor, EpochMs, InvitationId, MemberId, ProjectId, Role};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Untrusted;

/// A person with an account.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Member {
    /// The id.
    pub id: MemberId,
    /// The email address to sign in with.
    pub email: String,
    /// A name to show.
    pub name: String,
    /// An administrator of the workspace, who is the owner of every project.
    pub admin: bool,
    /// When the account was made.
    pub created_at: EpochMs,
    /// When the member was removed.
    pub disabled_at: Option<EpochMs>,
}

/// A member with a password that works once: it must be changed at the first sign-in.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct CreatedMember {
    /// The member.
    pub member: Member,
    /// It can't be shown again.
    pub password: String,
}

/// A member to make.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateMember {
    /// The email address to sign in with.
    pub email: String,
    /// A name to show; the email address when it is left out.
    #[serde(default)]
    pub name: Option<String>,
    /// Make an administrator of the workspace.
    #[serde(default)]
    pub admin: bool,
}

/// Whether a member administers the workspace.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetAdministrator {
    /// An administrator is the owner of every project.
    pub admin: bool,
}

/// An invitation.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Invitation {
    /// The id.
    pub id: InvitationId,
    /// The email address of the account.
    pub email: String,
    /// Whether the account administers the workspace.
    pub admin: bool,
    /// The roles that the account will have.
    pub roles: Vec<(ProjectId, Role)>,
    /// When it was made.
    pub created_at: EpochMs,
    /// When it ends.
    pub expires_at: EpochMs,
    /// When it was accepted or withdrawn.
    pub used_at: Option<EpochMs>,
}

/// An invitation with its secret, which is shown this once.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct CreatedInvitation {
    /// The invitation.
    pub invitation: Invitation,
    /// What the invited person opens, after the server's address.
    pub path: String,
}

/// A person to invite.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Invite {
    /// The email address of the account.
    pub email: String,
    /// Make an administrator of the workspace.
    #[serde(default)]
    pub admin: bool,
    /// The roles that the account will have; at most 100.
    #[serde(default)]
    pub roles: Vec<InvitedRole>,
    /// Days until it ends, 1 to 90; 7 when it is left out.
    #[serde(default)]
    pub days: Option<u32>,
}

/// A role that an invited person will have in a project.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitedRole {
    /// By id or slug.
    pub project: String,
    /// The role.
    pub role: Role,
}

/// A person or an agent who has a role in a project, and can be assigned there.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ProjectMember {
    /// As assignee takes it.
    pub id: Actor,
    /// The role; an administrator of the workspace is the owner of each project.
    pub role: Role,
    /// What people wrote.
    pub untrusted: Untrusted<PersonName>,
}

/// How a person or an agent is called.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PersonName {
    /// A name to show.
    pub name: String,
}
