//! What a member could grant to a client at this moment.

use playhead_access::oauth::Resource;
use playhead_schemas::{Actor, Scope};
use playhead_store::{Member, Project, StoreError};

use crate::server::OAuth;

/// Projects that are named; further ones are counted.
const NAMED_MAX: usize = 12;
/// Projects that are looked at.
const PROJECTS_MAX: u32 = 1000;

/// What a grant would reach, and what it could allow.
#[derive(Clone, Debug)]
pub struct Grantable {
    /// The one project of the endpoint; `None` for the workspace's endpoint.
    pub project: Option<Project>,
    /// The names of projects, at most 12.
    pub names: Vec<String>,
    /// How many projects are not named.
    pub more: usize,
    /// What was asked and may be allowed: administration only by an administrator.
    pub scopes: Vec<Scope>,
}

impl Grantable {
    /// What `member` could grant of `asked` for `resource`; `None` when it is a project in which the member has no
    /// role.
    pub(crate) async fn find(
        oauth: &OAuth,
        member: &Member,
        resource: &Resource,
        asked: &[Scope],
    ) -> Result<Option<Self>, StoreError> {
        let Some(actor_roles) = oauth.store.actor_roles(Actor::Member(member.id)).await? else { return Ok(None) };
        let may = |scope: &Scope| *scope != Scope::Admin || member.admin;
        let scopes: Vec<Scope> = asked.iter().copied().filter(may).collect();
        if let Resource::Project(slug) = resource {
            let project = oauth.store.project_by_slug(member.workspace, slug).await?;
            let project = project.filter(|project| actor_roles.role_in(project.id).is_some());
            return Ok(project.map(|project| Self {
                names: vec![project.name.clone()],
                more: 0,
                project: Some(project),
                scopes,
            }));
        }
        let only: Vec<_> = actor_roles.roles.keys().copied().collect();
        let only = if actor_roles.admin { None } else { Some(only.as_slice()) };
        let projects = oauth.store.projects(member.workspace, only, None, PROJECTS_MAX).await?.items;
        let live: Vec<&Project> = projects.iter().filter(|project| project.archived_at.is_none()).collect();
        let names: Vec<String> = live.iter().take(NAMED_MAX).map(|project| project.name.clone()).collect();
        Ok(Some(Self { more: live.len() - names.len(), names, project: None, scopes }))
    }
}
