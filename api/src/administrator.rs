//! Administrators: whom they manage, and which projects.

use http::request::Parts;
use playhead_access::{Action, Credential, Endpoint, Principal, Reach, Refusal, checks};
use playhead_schemas::{ActorRoles, EpochMs, ErrorCode, ProjectId, Scope, WorkspaceId};
use playhead_store::Project;
use playhead_web::{ApiError, Problem, roles_of, user_agent};

use crate::app::Api;
use crate::guard::{self, AuthRefused, Identity, Noted, Sender};
use crate::named::{Named, project_named};

/// Who sent a request, and which projects the sender manages.
#[derive(Clone, Debug)]
pub(crate) struct Administrator {
    pub(crate) workspace: WorkspaceId,
    /// `None` means every project of the workspace.
    pub(crate) projects: Option<Vec<ProjectId>>,
    noted: Noted,
}

impl Sender for Administrator {
    async fn admitted(api: &Api, identity: Identity, head: &Parts) -> Result<Self, AuthRefused> {
        let principal = match identity {
            Identity::Local(workspace) => return Ok(Self::new(workspace, None, "local".to_owned())),
            Identity::Token(principal) => *principal,
        };
        let (now, actor_roles) = (api.clock.now(), roles_of(&api.store, &principal).await?);
        let reach = checked(&principal, actor_roles.as_ref(), now).map_err(|refusal| AuthRefused {
            error: guard::refused(&refusal, now),
            known: Some(Noted::new(principal.workspace, principal.name())),
        })?;
        if let Credential::Token(id) = principal.credential {
            api.store.touch_token(id, now, user_agent(&head.headers).as_deref());
        }
        let projects = reach.only().map(<[ProjectId]>::to_vec);
        Ok(Self::new(principal.workspace, projects, principal.name()))
    }

    fn noted(&self) -> &Noted {
        &self.noted
    }
}

/// The checks of a call, as far as they concern who manages: the token is live, made for the workspace, and has the
/// scope `admin`; the one that it acts for is an administrator, or an owner of projects, at this moment.
fn checked(principal: &Principal, actor_roles: Option<&ActorRoles>, now: EpochMs) -> Result<Reach, Refusal> {
    guard::live(principal, now)?;
    checks::audience(principal, &Endpoint::Rest, "")?;
    checks::scope(principal, &[Scope::Admin])?;
    checks::role(principal, actor_roles, &Endpoint::Rest, Action::ManageProject)
}

impl Administrator {
    fn new(workspace: WorkspaceId, projects: Option<Vec<ProjectId>>, principal: String) -> Self {
        Self { workspace, projects, noted: Noted::new(workspace, principal) }
    }

    /// True when `project` is one that this administrator manages.
    pub(crate) fn covers(&self, project: &Project) -> bool {
        project.workspace == self.workspace
            && self.projects.as_ref().is_none_or(|projects| projects.contains(&project.id))
    }

    /// Says in the audit log which project the request is about; the first one stays.
    pub(crate) fn concerns(&self, project: ProjectId) {
        self.noted.concerns(project);
    }

    /// Refuses who manages only some projects.
    pub(crate) fn must_manage_all(&self, what: &str) -> Result<(), ApiError> {
        if self.projects.is_none() {
            return Ok(());
        }
        Err(ApiError::new(Problem::new(
            ErrorCode::Forbidden,
            format!("this token is limited to some projects and may not {what}"),
            "use a token for the whole workspace",
        )))
    }

    /// The project that `text` names by id or slug; what is not covered does not exist.
    pub(crate) async fn project(&self, api: &Api, text: &str) -> Result<Project, ApiError> {
        let found = project_named(api, self.workspace, text).await?;
        let found = found.filter(|project| self.covers(project)).ok_or_else(|| Named::Project.missing())?;
        self.concerns(found.id);
        Ok(found)
    }

    /// Every project that this administrator manages.
    pub(crate) async fn all_projects(&self, api: &Api) -> Result<Vec<Project>, ApiError> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let only = self.projects.as_deref();
            let page = api.store.projects(self.workspace, only, after, 1000).await?;
            all.extend(page.items);
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(all),
            }
        }
    }
}
