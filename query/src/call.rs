//! One call of a tool: who calls, what that one may see, how large the answer may be.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use playhead_schemas::{BugId, ProjectId, ReplayId, ScreenshotId};
use playhead_store::{Bug, Project, Replay, Screenshot, Store, StoreError};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::args::MaxTokens;
use crate::auth::Principal;
use crate::budget::Meter;
use crate::cursor::Binding;
use crate::error::ToolError;
use crate::service::Service;

/// How many projects of a workspace one call looks at.
const PROJECTS_MAX: usize = 10_000;

/// What a tool has at hand while it answers.
#[derive(Debug)]
pub(crate) struct Call {
    service: Arc<Service>,
    principal: Arc<Principal>,
    /// Percent of the allowed size that is aimed at; lowered when an answer came out too large.
    aim_percent: u32,
    allowed: AtomicU32,
    noted: Mutex<Noted>,
}

/// What the audit log says about a call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Noted {
    pub(crate) project: Option<ProjectId>,
    pub(crate) subject: Option<String>,
}

impl Call {
    pub(crate) fn new(service: Arc<Service>, principal: Arc<Principal>, aim_percent: u32) -> Self {
        let allowed = AtomicU32::new(service.config.result_tokens());
        Self { service, principal, aim_percent, allowed, noted: Mutex::default() }
    }

    pub(crate) fn store(&self) -> &Store {
        &self.service.store
    }

    /// A meter over the size that the caller asks for, or over the default.
    pub(crate) fn meter(&self, asked: Option<MaxTokens>) -> Meter {
        if let Some(asked) = asked {
            self.allowed.store(asked.0, Ordering::Relaxed);
        }
        Meter::new(self.allowed_tokens() * self.aim_percent as usize / 100)
    }

    /// The most tokens that the answer may have, both forms together.
    pub(crate) fn allowed_tokens(&self) -> usize {
        self.allowed.load(Ordering::Relaxed) as usize
    }

    /// Lifts the size limit: the caller acknowledged a larger answer in so many words.
    pub(crate) fn lift_limit(&self) {
        self.allowed.store(u32::MAX, Ordering::Relaxed);
    }

    /// The cursor of `position` for this call's `tool` and `filters`.
    pub(crate) fn seal(&self, tool: &str, filters: &impl Serialize, position: &impl Serialize) -> String {
        self.service.cursors.seal(self.binding(tool, filters), position)
    }

    /// The position of a cursor that the caller sent.
    pub(crate) fn open<T: DeserializeOwned>(
        &self,
        tool: &str,
        filters: &impl Serialize,
        cursor: Option<&str>,
    ) -> Result<Option<T>, ToolError> {
        cursor.map(|cursor| self.service.cursors.open(self.binding(tool, filters), cursor)).transpose()
    }

    fn binding(&self, tool: &str, filters: &impl Serialize) -> Binding {
        Binding::new(tool, &self.principal.name(), filters)
    }

    /// The bug of an id, if the principal may see it.
    pub(crate) async fn bug(&self, id: BugId) -> Result<Bug, ToolError> {
        self.note_subject(id);
        let none = || ToolError::not_found("bug", "Call list_bugs or search_bugs for the ids that exist.");
        let bug = found(self.store().bug(id).await, none)?;
        if !self.sees(bug.project).await? {
            return Err(none());
        }
        self.note_project(bug.project);
        Ok(bug)
    }

    /// The replay of an id, if the principal may see it.
    pub(crate) async fn replay(&self, id: ReplayId) -> Result<Replay, ToolError> {
        self.note_subject(id);
        let none = || ToolError::not_found("replay", "Call list_bugs: each bug with a replay names it.");
        let replay = found(self.store().replay(id).await, none)?;
        if !self.sees(replay.project).await? {
            return Err(none());
        }
        self.note_project(replay.project);
        Ok(replay)
    }

    /// The replay that a call names by itself or by its bug.
    pub(crate) async fn replay_of(&self, bug: Option<BugId>, replay: Option<ReplayId>) -> Result<Replay, ToolError> {
        match (bug, replay) {
            (None, Some(id)) => self.replay(id).await,
            (Some(id), None) => match self.bug(id).await?.replay {
                Some(replay) => self.replay(replay).await,
                None => Err(ToolError::not_found(
                    "replay: this bug was reported without one",
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
        let none = || ToolError::not_found("screenshot", "Call get_bug_media for the ids that a bug has.");
        let screenshot = found(self.store().screenshot(id).await, none)?;
        if !self.sees(screenshot.project).await? {
            return Err(none());
        }
        self.note_project(screenshot.project);
        Ok(screenshot)
    }

    /// The projects to list from: all that the principal sees, or the one that is named by id or slug.
    pub(crate) async fn projects(&self, named: Option<&str>) -> Result<Vec<ProjectId>, ToolError> {
        let Some(named) = named else { return self.all_projects().await };
        let none = || ToolError::not_found("project", "Call list_projects for the ids and slugs that exist.");
        let id = match named.parse::<ProjectId>() {
            Ok(id) => id,
            Err(_) => {
                let slug = named.to_ascii_lowercase();
                let project = self.store().project_by_slug(self.principal.workspace, &slug).await?;
                project.ok_or_else(none)?.id
            }
        };
        if !self.sees(id).await? {
            return Err(none());
        }
        self.note_project(id);
        Ok(vec![id])
    }

    async fn all_projects(&self) -> Result<Vec<ProjectId>, ToolError> {
        let (mut ids, mut after) = (Vec::new(), None);
        loop {
            let page = self.project_page(after, 1000).await?;
            ids.extend(page.0.iter().map(|project| project.id));
            after = page.1;
            if after.is_none() || ids.len() >= PROJECTS_MAX {
                return Ok(ids);
            }
        }
    }

    /// A page of the projects that the principal sees, oldest first, and the key of the next page.
    pub(crate) async fn project_page(
        &self,
        after: Option<ProjectId>,
        limit: u32,
    ) -> Result<(Vec<Project>, Option<ProjectId>), ToolError> {
        let only = self.principal.projects.as_deref();
        let page = self.store().projects(self.principal.workspace, only, after, limit).await?;
        Ok((page.items, page.next))
    }

    async fn sees(&self, project: ProjectId) -> Result<bool, ToolError> {
        if self.principal.excludes(project) {
            return Ok(false);
        }
        Ok(self.service.workspaces.of(self.store(), project).await? == Some(self.principal.workspace))
    }

    /// What the audit log says about this call.
    pub(crate) fn noted(&self) -> Noted {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note_subject(&self, subject: impl std::fmt::Display) {
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
