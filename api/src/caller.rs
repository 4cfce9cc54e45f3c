//! Those who work on bugs: what they may do in which projects. The checks are those of the tools, in their order.

use http::Method;
use http::request::Parts;
use playhead_access::{Action, Credential, Endpoint, Principal, Reach, Refusal, checks};
use playhead_schemas::{ActorRoles, BugId, CommentId, ProjectId};
use playhead_store::{Bug, Comment};
use playhead_tracker::Writer;
use playhead_web::{ApiError, Problem, count_day, count_minute, projects_within, roles_of, user_agent};

use crate::app::Api;
use crate::extract::PathId;
use crate::guard::{self, AuthRefused, Identity, Noted, Sender};
use crate::named::{Named, project_named};

/// Who sent a request about bugs, and the projects in which the sender may do what it asks for.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    principal: Principal,
    roles: Option<ActorRoles>,
    action: Action,
    reach: Reach,
    client: Option<String>,
    noted: Noted,
}

impl Sender for Caller {
    async fn admitted(api: &Api, identity: Identity, head: &Parts) -> Result<Self, AuthRefused> {
        let (principal, endpoint) = match identity {
            Identity::Local(workspace) => (Principal::local(workspace), Endpoint::Local),
            Identity::Token(principal) => (*principal, Endpoint::Rest),
        };
        let (now, roles) = (api.clock.now(), roles_of(&api.store, &principal).await?);
        let noted = Noted::new(principal.workspace, principal.name());
        let action = action_of(&head.method);
        let checked = || -> Result<Reach, Refusal> {
            guard::live(&principal, now)?;
            checks::audience(&principal, &endpoint, "")?;
            checks::scope(&principal, &[action.scope()])?;
            checks::role(&principal, roles.as_ref(), &endpoint, action)
        };
        let known = |refusal| AuthRefused { error: guard::refused(&refusal, now), known: Some(noted.clone()) };
        let reach = checked().map_err(known)?;
        let client = user_agent(&head.headers);
        if let Credential::Token(id) = principal.credential {
            api.store.touch_token(id, now, client.as_deref());
        }
        Ok(Self { principal, roles, action, reach, client, noted })
    }

    fn begin(&self, api: &Api) -> Result<(), ApiError> {
        let now = api.clock.now();
        let within = checks::entitled(&api.plan, &[self.action.scope()])
            .and_then(|()| count_minute(&api.store, &api.plan, &self.principal, now));
        within.map_err(|refusal| guard::refused(&refusal, now))
    }

    fn noted(&self) -> &Noted {
        &self.noted
    }
}

/// What a request about bugs does.
fn action_of(method: &Method) -> Action {
    if method.is_safe() { Action::ReadBugs } else { Action::WriteBugs }
}

impl Caller {
    /// Who acts in the tracker.
    pub(crate) fn writer(&self) -> Writer {
        Writer::new(&self.principal, self.roles.as_ref().map(|roles| roles.name.as_str()), self.client.clone())
    }

    /// The bug that a path names; one out of reach does not exist.
    pub(crate) async fn bug(&self, api: &Api, bug: &PathId<BugId>) -> Result<Bug, ApiError> {
        let bug = Named::Bug.found(api.store.bug(bug.read()?).await)?;
        self.admit(api, bug.project, Named::Bug).await?;
        Ok(bug)
    }

    /// The comment that a path names; one of a bug out of reach does not exist.
    pub(crate) async fn comment(&self, api: &Api, comment: &PathId<CommentId>) -> Result<Comment, ApiError> {
        let comment = Named::Comment.found(api.store.comment(comment.read()?).await)?;
        let bug = Named::Comment.found(api.store.bug(comment.bug).await)?;
        self.admit(api, bug.project, Named::Comment).await?;
        Ok(comment)
    }

    /// The project that is named by id or slug, or the only one within reach.
    pub(crate) async fn project(&self, api: &Api, named: Option<&str>) -> Result<ProjectId, ApiError> {
        let project = match named {
            Some(named) => {
                let found = project_named(api, self.reach.workspace(), named.trim()).await?;
                found.ok_or_else(|| Named::SeenProject.missing())?.id
            }
            None => match projects_within(&api.store, &self.reach).await?[..] {
                [one] => one,
                _ => {
                    let message = "project is missing, and this token sees several";
                    return Err(Problem::invalid(message, "name one by id or slug").into());
                }
            },
        };
        self.admit(api, project, Named::SeenProject).await?;
        Ok(project)
    }

    /// The projects to list from: the one that is named, or all within reach.
    pub(crate) async fn projects(&self, api: &Api, named: Option<&str>) -> Result<Vec<ProjectId>, ApiError> {
        if named.is_some() {
            return Ok(vec![self.project(api, named).await?]);
        }
        self.count_day(api, self.reach.single())?;
        Ok(projects_within(&api.store, &self.reach).await?)
    }

    /// Checks that a row of a project is within reach, and counts the call there.
    async fn admit(&self, api: &Api, project: ProjectId, row: Named) -> Result<(), ApiError> {
        let workspace = row.found(api.store.project(project).await)?.workspace;
        checks::belongs(&self.reach, Some(workspace), project).map_err(|refusal| match refusal {
            Refusal::NotFound => row.missing(),
            other => guard::refused(&other, api.clock.now()),
        })?;
        self.noted.concerns(project);
        self.count_day(api, Some(project))
    }

    fn count_day(&self, api: &Api, project: Option<ProjectId>) -> Result<(), ApiError> {
        let now = api.clock.now();
        count_day(&api.store, &api.plan, &self.reach, project, now).map_err(|refusal| guard::refused(&refusal, now))
    }
}
