//! Members, invitations, agents and roles.

use playhead_schemas::{Actor, AgentId, EpochMs, InvitationId, MemberId, ProjectId, Role};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{all, naming, segment};
use crate::client::ApiClient;
use crate::exit::{Exit, Failure};

/// A person with an account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Member {
    pub(crate) id: MemberId,
    pub(crate) email: String,
    pub(crate) name: String,
    /// An administrator of the workspace: the owner of every project.
    pub(crate) admin: bool,
    pub(crate) created_at: EpochMs,
    pub(crate) disabled_at: Option<EpochMs>,
}

/// A member with a password that must be changed at the first sign-in; it is shown this once.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct MadeMember {
    pub(crate) member: Member,
    pub(crate) password: String,
}

/// A person to invite.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct NewInvitation {
    pub(crate) email: String,
    pub(crate) admin: bool,
    pub(crate) roles: Vec<RoleToGive>,
    pub(crate) days: Option<u32>,
}

/// A role in a project, which is named by id or slug.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RoleToGive {
    pub(crate) project: String,
    pub(crate) role: Role,
}

/// An invitation without its secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Invitation {
    pub(crate) id: InvitationId,
    pub(crate) email: String,
    pub(crate) admin: bool,
    pub(crate) roles: Vec<(ProjectId, Role)>,
    pub(crate) created_at: EpochMs,
    pub(crate) expires_at: EpochMs,
    pub(crate) used_at: Option<EpochMs>,
}

/// An invitation with the path to open, which is shown this once.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct MadeInvitation {
    pub(crate) invitation: Invitation,
    pub(crate) path: String,
}

/// A named AI agent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Agent {
    pub(crate) id: AgentId,
    pub(crate) name: String,
    pub(crate) created_at: EpochMs,
    pub(crate) disabled_at: Option<EpochMs>,
}

/// Who has which role in a project.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Roles {
    pub(crate) project: ProjectId,
    pub(crate) roles: Vec<GivenRole>,
}

/// A role that was given.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct GivenRole {
    pub(crate) actor: Actor,
    pub(crate) role: Role,
}

impl Roles {
    /// The role of an actor.
    pub(crate) fn of(&self, actor: Actor) -> Option<Role> {
        self.roles.iter().find(|given| given.actor == actor).map(|given| given.role)
    }
}

const MEMBERS: &str = "/v1/admin/members";
const INVITATIONS: &str = "/v1/admin/invitations";
const AGENTS: &str = "/v1/admin/agents";

/// Every member, removed ones included.
pub(crate) async fn members(client: &ApiClient) -> anyhow::Result<Vec<Member>> {
    all(client, MEMBERS).await
}

/// The member of an address or id.
pub(crate) async fn member_named(client: &ApiClient, text: &str) -> anyhow::Result<Member> {
    let (id, email) = (text.parse::<MemberId>().ok(), text.trim().to_lowercase());
    let found = members(client).await?.into_iter().find(|member| Some(member.id) == id || member.email == email);
    found.ok_or_else(|| none("member", text, "playhead member list --all"))
}

/// Creates a member with a one-time password.
pub(crate) async fn create_member(
    client: &ApiClient,
    email: &str,
    name: Option<&str>,
    admin: bool,
) -> anyhow::Result<MadeMember> {
    client.post(MEMBERS, &json!({ "email": email, "name": name, "admin": admin })).await
}

/// Removes a member.
pub(crate) async fn remove_member(client: &ApiClient, id: MemberId) -> anyhow::Result<Member> {
    client.delete(&format!("{MEMBERS}/{id}")).await
}

/// Restores a removed member.
pub(crate) async fn restore_member(client: &ApiClient, id: MemberId) -> anyhow::Result<Member> {
    client.post(&format!("{MEMBERS}/{id}/restore"), &json!({})).await
}

/// Makes a member an administrator of the workspace, or takes the rights away.
pub(crate) async fn set_member_admin(client: &ApiClient, id: MemberId, admin: bool) -> anyhow::Result<Member> {
    client.post(&format!("{MEMBERS}/{id}/admin"), &json!({ "admin": admin })).await
}

/// Gives a member a new one-time password.
pub(crate) async fn reset_password(client: &ApiClient, id: MemberId) -> anyhow::Result<MadeMember> {
    client.post(&format!("{MEMBERS}/{id}/password"), &json!({})).await
}

/// Invites a person.
pub(crate) async fn invite(client: &ApiClient, new: &NewInvitation) -> anyhow::Result<MadeInvitation> {
    let made = client.post(INVITATIONS, &serde_json::to_value(new)?).await;
    naming(client, new.roles.iter().map(|role| role.project.as_str()), made).await
}

/// Every invitation, accepted ones included.
pub(crate) async fn invitations(client: &ApiClient) -> anyhow::Result<Vec<Invitation>> {
    all(client, INVITATIONS).await
}

/// Withdraws an invitation.
pub(crate) async fn withdraw_invitation(client: &ApiClient, id: InvitationId) -> anyhow::Result<Invitation> {
    client.delete(&format!("{INVITATIONS}/{id}")).await
}

/// Every agent, removed ones included.
pub(crate) async fn agents(client: &ApiClient) -> anyhow::Result<Vec<Agent>> {
    all(client, AGENTS).await
}

/// The agent of an id, or the one of a name that was not removed.
pub(crate) async fn agent_named(client: &ApiClient, text: &str) -> anyhow::Result<Agent> {
    let id = text.parse::<AgentId>().ok();
    let is_meant = |agent: &Agent| Some(agent.id) == id || (agent.name == text && agent.disabled_at.is_none());
    let mut meant = agents(client).await?.into_iter().filter(is_meant);
    match (meant.next(), meant.next()) {
        (Some(agent), None) => Ok(agent),
        (Some(_), Some(_)) => {
            let message = format!("several agents are called {text:?}; name one by its id (playhead agent list)");
            Err(Failure::error(Exit::Refused, message))
        }
        (None, _) => Err(none("agent", text, "playhead agent list --all")),
    }
}

/// Creates an agent.
pub(crate) async fn create_agent(client: &ApiClient, name: &str) -> anyhow::Result<Agent> {
    client.post(AGENTS, &json!({ "name": name })).await
}

/// Removes an agent.
pub(crate) async fn remove_agent(client: &ApiClient, id: AgentId) -> anyhow::Result<Agent> {
    client.delete(&format!("{AGENTS}/{id}")).await
}

/// Who has which role in a project, by id or slug.
pub(crate) async fn roles(client: &ApiClient, project: &str) -> anyhow::Result<Roles> {
    let roles = client.get(&format!("/v1/admin/roles?project={}", segment(project)?)).await;
    naming(client, [project], roles).await
}

/// Gives an actor a role in a project, or takes it away.
pub(crate) async fn set_role(
    client: &ApiClient,
    project: &str,
    actor: Actor,
    role: Option<Role>,
) -> anyhow::Result<Roles> {
    let roles = client.post("/v1/admin/roles", &json!({ "project": project, "actor": actor, "role": role })).await;
    naming(client, [project], roles).await
}

fn none(what: &str, text: &str, list: &str) -> anyhow::Error {
    Failure::error(Exit::Refused, format!("there is no {what} {text:?}; `{list}` lists all"))
}
