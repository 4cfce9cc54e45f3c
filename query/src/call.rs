//! One call of a tool: who calls, what that one may see, how large the answer may be.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use playhead_access::{Reach, Refusal, checks};
use playhead_schemas::{Actor, ActorRoles, BugId, CommentId, ProjectId, ReplayId, Role, ScreenshotId};
use playhead_store::{Bug, Comment, Project, Replay, Screenshot, Store, StoreError};
use playhead_tracker::Writer;
use playhead_web::projects_within;
use serde::Serialize;

use crate::args::MaxTokens;
use crate::caller::Caller;
use crate::cursor::{Binding, Pager};
use crate::error::ToolError;
use crate::meter::TokenBudget;
use crate::shared::Shared;
use crate::tool::NamedRows;

/// What a tool has at hand while it runs.
#[derive(Debug)]
pub(crate) struct Call {
    shared: Arc<Shared>,
    caller: Caller,
    acting: Acting,
    /// The projects in which the caller may do what the tool does.
    reach: Reach,
    budget: TokenBudget,
    noted: Mutex<Noted>,
    rows: Mutex<Rows>,
}

/// For whom and with what program a call is made.
#[derive(Debug, Default)]
pub(crate) struct Acting {
    /// The program, as it names itself.
    pub(crate) client: Option<String>,
    /// The roles of the member or the agent, if the caller acts for one.
    pub(crate) roles: Option<ActorRoles>,
}

/// The rows that the arguments name, read when they were checked.
#[derive(Debug, Default)]
struct Rows {
    bug: Option<Bug>,
    replay: Option<Replay>,
    screenshot: Option<Screenshot>,
    comment: Option<Comment>,
}

/// What the audit log says about a call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Noted {
    pub(crate) project: Option<ProjectId>,
    pub(crate) subject: Option<String>,
}

impl Call {
    /// A call whose answer has the size that was asked for, or the default one.
    pub(crate) fn new(
        shared: Arc<Shared>,
        caller: Caller,
        acting: Acting,
        reach: Reach,
        asked: Option<MaxTokens>,
    ) -> Self {
        let tokens_max = asked.map_or(shared.config.result_tokens(), |asked| asked.0);
        let budget = TokenBudget { tokens_max: tokens_max as usize, form: caller.form };
        Self { shared, caller, acting, reach, budget, noted: Mutex::default(), rows: Mutex::default() }
    }

    /// Checks that each row which the arguments name belongs to a project within reach.
    pub(crate) async fn admit(&self, named: NamedRows<'_>) -> Result<(), ToolError> {
        if self.caller.endpoint.project().is_some() && named.project.is_some() {
            return Err(ToolError::invalid("This endpoint is bound to one project.", "Leave project out."));
        }
        if let Some(id) = named.bug {
            self.bug(id).await?;
        }
        if let Some(id) = named.replay {
            self.replay(id).await?;
        }
        if let Some(id) = named.screenshot {
            self.screenshot(id).await?;
        }
        if let Some(id) = named.comment {
            self.comment(id).await?;
        }
        if named.project.is_some() {
            self.projects(named.project).await?;
        }
        Ok(())
    }

    /// The projects in which the caller may do what the tool does.
    pub(crate) fn reach(&self) -> &Reach {
        &self.reach
    }

    /// The project that the call is about, if it is about one.
    pub(crate) fn project(&self) -> Option<ProjectId> {
        self.noted().project.or_else(|| self.caller.endpoint.project()).or_else(|| self.reach.single())
    }

    /// Who acts in the tracker.
    pub(crate) fn writer(&self) -> Writer {
        let name = self.acting.roles.as_ref().map(|roles| roles.name.as_str());
        Writer::new(&self.caller.principal, name, self.acting.client.clone())
    }

    /// The caller's role in a project; `None` for a caller that acts for nobody.
    pub(crate) fn role_in(&self, project: ProjectId) -> Option<Role> {
        self.acting.roles.as_ref()?.role_in(project)
    }

    /// The name of a member or an agent; `None` for one that was removed.
    pub(crate) async fn name_of(&self, actor: Actor) -> Result<Option<String>, ToolError> {
        Ok(self.store().actor_roles(actor).await?.map(|roles| roles.name))
    }

    pub(crate) fn store(&self) -> &Store {
        &self.shared.store
    }

    /// How large the answer may be: how much a tool has to read.
    pub(crate) fn budget(&self) -> TokenBudget {
        self.budget
    }

    /// What makes and reads the cursors of `tool` for `filters`: every argument but cursor and sizes.
    pub(crate) async fn pager(&self, tool: &str, filters: &impl Serialize) -> Result<Pager, ToolError> {
        let binding = Binding::new(tool, &self.caller.principal.name(), filters);
        Ok(Pager::new(self.shared.cursors().await?.clone(), binding))
    }

    /// The bug of an id, if the principal may see it.
    pub(crate) async fn bug(&self, id: BugId) -> Result<Bug, ToolError> {
        self.note_subject(id);
        let none = || ToolError::not_found("Bug not found.", "Call list_bugs or search_bugs for the ids that exist.");
        if let Some(bug) = self.rows().bug.as_ref().filter(|bug| bug.id == id) {
            return Ok(bug.clone());
        }
        let bug = found(self.store().bug(id).await, none)?;
        self.admit_row(bug.project, none).await?;
        self.rows().bug = Some(bug.clone());
        Ok(bug)
    }

    /// The replay of an id, if the principal may see it.
    pub(crate) async fn replay(&self, id: ReplayId) -> Result<Replay, ToolError> {
        self.note_subject(id);
        let none = || {
            ToolError::not_found(
                "Replay not found.",
                "Call list_bugs for the bugs that exist; get_bug names the replay of one.",
            )
        };
        if let Some(replay) = self.rows().replay.as_ref().filter(|replay| replay.id == id) {
            return Ok(replay.clone());
        }
        let replay = found(self.store().replay(id).await, none)?;
        self.admit_row(replay.project, none).await?;
        self.rows().replay = Some(replay.clone());
        Ok(replay)
    }

    /// The replay that a call names by itself or by its bug.
    pub(crate) async fn replay_of(&self, bug: Option<BugId>, replay: Option<ReplayId>) -> Result<Replay, ToolError> {
        match (bug, replay) {
            (None, Some(id)) => self.replay(id).await,
            (Some(id), None) => match self.bug(id).await?.replay {
                Some(replay) => self.replay(replay).await,
                None => Err(ToolError::not_found(
                    "This bug was reported without a replay.",
                    "Call get_bug_context for what the report itself holds.",
                )),
            },
            _ => Err(ToolError::invalid(
                "Exactly one of bug_id and replay_id is needed.",
                "Send bug_id, as list_bugs gives it, or replay_id.",
            )),
        }
    }

    /// The screenshot of an id, if the principal may see it.
    pub(crate) async fn screenshot(&self, id: ScreenshotId) -> Result<Screenshot, ToolError> {
        self.note_subject(id);
        let none = || ToolError::not_found("Screenshot not found.", "Call get_bug_media for the ids that a bug has.");
        if let Some(screenshot) = self.rows().screenshot.as_ref().filter(|screenshot| screenshot.id == id) {
            return Ok(screenshot.clone());
        }
        let screenshot = found(self.store().screenshot(id).await, none)?;
        self.admit_row(screenshot.project, none).await?;
        self.rows().screenshot = Some(screenshot.clone());
        Ok(screenshot)
    }

    /// The comment of an id, if the principal may see its bug.
    pub(crate) async fn comment(&self, id: CommentId) -> Result<Comment, ToolError> {
        self.note_subject(id);
        let none = || ToolError::not_found("Comment not found.", "Call list_comments for the ids that a bug has.");
        if let Some(comment) = self.rows().comment.as_ref().filter(|comment| comment.id == id) {
            return Ok(comment.clone());
        }
        let comment = found(self.store().comment(id).await, none)?;
        let bug = found(self.store().bug(comment.bug).await, none)?;
        self.admit_row(bug.project, none).await?;
        self.rows().comment = Some(comment.clone());
        Ok(comment)
    }

    /// The one project that a call is about: the named one, which was noted when the arguments were checked, that of the
    /// endpoint, or the only one within reach.
    pub(crate) async fn one_project(&self) -> Result<ProjectId, ToolError> {
        let one = match self.project() {
            Some(one) => one,
            None => match self.project_page(None, 2).await?.0.as_slice() {
                [one] => one.id,
                _ => {
                    return Err(ToolError::invalid(
                        "project is missing, and this token sees several.",
                        "Name one by id or slug, as list_projects gives them.",
                    ));
                }
            },
        };
        self.admit_row(one, || ToolError::not_found("Project not found.", "Call list_projects.")).await?;
        Ok(one)
    }

    /// The projects to list from: all that the principal sees, or the one that is named by id or slug.
    pub(crate) async fn projects(&self, named: Option<&str>) -> Result<Vec<ProjectId>, ToolError> {
        let Some(named) = named else { return Ok(projects_within(self.store(), &self.reach).await?) };
        let none =
            || ToolError::not_found("Project not found.", "Call list_projects for the ids and slugs that exist.");
        let id = match named.parse::<ProjectId>() {
            Ok(id) => id,
            Err(_) => {
                let slug = named.to_ascii_lowercase();
                let workspace = self.reach.workspace();
                self.shared.projects.named(self.store(), workspace, &slug).await?.ok_or_else(none)?
            }
        };
        self.admit_row(id, none).await?;
        Ok(vec![id])
    }

    /// A page of the projects that the principal sees, oldest first, and the key of the next page.
    pub(crate) async fn project_page(
        &self,
        after: Option<ProjectId>,
        limit: u32,
    ) -> Result<(Vec<Project>, Option<ProjectId>), ToolError> {
        let page = self.store().projects(self.reach.workspace(), self.reach.only(), after, limit).await?;
        Ok((page.items, page.next))
    }

    /// Checks that a row of `project` is within reach, and notes the project. `none` is what a row elsewhere is
    /// answered with, which is what a row that is not there is answered with.
    pub(crate) async fn admit_row(&self, project: ProjectId, none: impl Fn() -> ToolError) -> Result<(), ToolError> {
        let workspace = self.shared.projects.workspace_of(self.store(), project).await?;
        checks::belongs(&self.reach, workspace, project).map_err(|refusal| match refusal {
            Refusal::NotFound => none(),
            other => other.into(),
        })?;
        self.note_project(project);
        Ok(())
    }

    fn rows(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the audit log says about this call.
    pub(crate) fn noted(&self) -> Noted {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes what the call is about, or made: the audit log names it.
    pub(crate) fn note_subject(&self, subject: impl std::fmt::Display) {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner).subject.get_or_insert_with(|| subject.to_string());
    }

    fn note_project(&self, project: ProjectId) {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner).project = Some(project);
    }
}

fn found<T>(result: Result<T, StoreError>, none: impl Fn() -> ToolError) -> Result<T, ToolError> {
    result.map_err(|error| match error {
        StoreError::NotFound(_) => none(),
        other => other.into(),
    })
}
