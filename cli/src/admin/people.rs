//! Members, invitations, agents and roles.

use playhead_api::types::{
    Agent, CreateAgent, CreateMember, CreatedInvitation, CreatedMember, Invitation, Invite, Member, ProjectRoles,
    SetAdministrator, SetRole,
};
use playhead_schemas::{Actor, AgentId, EpochMs, InvitationId, MemberId, Role};

use super::{all, naming, segment};
use crate::client::ApiClient;
use crate::exit::{Exit, Failure};

const MEMBERS: &str = "/api/v1/members";
const INVITATIONS: &str = "/api/v1/invitations";
const AGENTS: &str = "/api/v1/agents";

/// Every member, removed ones included.
pub(crate) async fn members(client: &ApiClient) -> anyhow::Result<Vec<Member>> {
    all(client, MEMBERS).await
}

/// The member of an address or id, if there is one.
pub(crate) async fn find_member(client: &ApiClient, text: &str) -> anyhow::Result<Option<Member>> {
    let (id, email) = (text.parse::<MemberId>().ok(), text.trim().to_lowercase());
    Ok(members(client).await?.into_iter().find(|member| Some(member.id) == id || member.email == email))
}

/// The member of an address or id.
pub(crate) async fn member_named(client: &ApiClient, text: &str) -> anyhow::Result<Member> {
    if let Some(member) = find_member(client, text).await? {
        return Ok(member);
    }
    if !open_invitations(client, text).await?.is_empty() {
        let message =
            format!("{text} has not accepted the invitation yet; `playhead member invitations` lists the open ones");
        return Err(Failure::error(Exit::Refused, message));
    }
    Err(none("member", text, "playhead member list --all"))
}

/// The open invitations of an address, the oldest first.
pub(crate) async fn open_invitations(client: &ApiClient, email: &str) -> anyhow::Result<Vec<Invitation>> {
    let (email, now) = (email.trim().to_lowercase(), EpochMs::now());
    let mut all = invitations(client).await?;
    all.retain(|one| one.email == email && one.used_at.is_none() && now < one.expires_at);
    Ok(all)
}

/// Decides whether the invited person becomes an administrator of the workspace.
pub(crate) async fn set_invitation_admin(
    client: &ApiClient,
    id: InvitationId,
    admin: bool,
) -> anyhow::Result<Invitation> {
    client.post(&format!("{INVITATIONS}/{id}/admin"), &SetAdministrator { admin }).await
}

/// Creates a member with a one-time password.
pub(crate) async fn create_member(
    client: &ApiClient,
    email: &str,
    name: Option<&str>,
    admin: bool,
) -> anyhow::Result<CreatedMember> {
    let new = CreateMember { email: email.to_owned(), name: name.map(str::to_owned), admin };
    client.post(MEMBERS, &new).await
}

/// Removes a member.
pub(crate) async fn remove_member(client: &ApiClient, id: MemberId) -> anyhow::Result<Member> {
    client.delete(&format!("{MEMBERS}/{id}")).await
}

/// Restores a removed member.
pub(crate) async fn restore_member(client: &ApiClient, id: MemberId) -> anyhow::Result<Member> {
    client.post_nothing(&format!("{MEMBERS}/{id}/restore")).await
}

/// Makes a member an administrator of the workspace, or takes the rights away.
pub(crate) async fn set_member_admin(client: &ApiClient, id: MemberId, admin: bool) -> anyhow::Result<Member> {
    client.post(&format!("{MEMBERS}/{id}/admin"), &SetAdministrator { admin }).await
}

/// Gives a member a new one-time password.
pub(crate) async fn reset_password(client: &ApiClient, id: MemberId) -> anyhow::Result<CreatedMember> {
    client.post_nothing(&format!("{MEMBERS}/{id}/password")).await
}

/// Invites a person.
pub(crate) async fn invite(client: &ApiClient, new: &Invite) -> anyhow::Result<CreatedInvitation> {
    let made = client.post(INVITATIONS, new).await;
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
    client.post(AGENTS, &CreateAgent { name: name.to_owned() }).await
}

/// Removes an agent.
pub(crate) async fn remove_agent(client: &ApiClient, id: AgentId) -> anyhow::Result<Agent> {
    client.delete(&format!("{AGENTS}/{id}")).await
}

/// Who has which role in a project, by id or slug.
pub(crate) async fn roles(client: &ApiClient, project: &str) -> anyhow::Result<ProjectRoles> {
    let roles = client.get(&format!("/api/v1/roles?project={}", segment(project)?)).await;
    naming(client, [project], roles).await
}

/// Gives an actor a role in a project, or takes it away.
pub(crate) async fn set_role(
    client: &ApiClient,
    project: &str,
    actor: Actor,
    role: Option<Role>,
) -> anyhow::Result<ProjectRoles> {
    let set = SetRole { project: project.to_owned(), actor, role };
    let roles = client.post("/api/v1/roles", &set).await;
    naming(client, [project], roles).await
}

fn none(what: &str, text: &str, list: &str) -> anyhow::Error {
    Failure::error(Exit::Refused, format!("there is no {what} {text:?}; `{list}` lists all"))
}
