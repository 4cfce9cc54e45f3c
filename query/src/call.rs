//! One call of a tool: who calls, what that one may see, how large the answer may be.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use playhead_access::{Reach, Refusal, checks};
use playhead_schemas::{BugId, ProjectId, ReplayId, ScreenshotId};
use playhead_store::{Bug, Project, Replay, Screenshot, Store, StoreError};
use rmcp::model::JsonObject;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::args::MaxTokens;
use crate::caller::Caller;
use crate::cursor::Binding;
use crate::error::ToolError;
use crate::meter::Meter;
use crate::service::Service;

/// How many projects of a workspace one call looks at.
const PROJECTS_MAX: usize = 10_000;

/// What a tool has at hand while it answers.
#[derive(Debug)]
pub(crate) struct Call {
    service: Arc<Service>,
    caller: Caller,
    /// The projects in which the caller may do what the tool does.
    reach: Reach,
    /// Percent of the allowed size that is aimed at; lowered when an answer came out too large.
    aim_percent: AtomicU32,
    allowed: AtomicU32,
    noted: Mutex<Noted>,
    rows: Mutex<Rows>,
}

/// The rows that the arguments name, read when they were checked.
#[derive(Debug, Default)]
struct Rows {
    bug: Option<Bug>,
    replay: Option<Replay>,
    screenshot: Option<Screenshot>,
}

/// What the audit log says about a call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Noted {
    pub(crate) project: Option<ProjectId>,
    pub(crate) subject: Option<String>,
}

impl Call {
    pub(crate) fn new(service: Arc<Service>, caller: Caller, reach: Reach) -> Self {
        let (allowed, aim_percent) = (AtomicU32::new(service.config.result_tokens()), AtomicU32::new(100));
        Self { service, caller, reach, aim_percent, allowed, noted: Mutex::default(), rows: Mutex::default() }
    }

    /// Begins anew, with answers of so many percent of the allowed size.
    pub(crate) fn aim(&self, percent: u32) {
        self.aim_percent.store(percent, Ordering::Relaxed);
        self.allowed.store(self.service.config.result_tokens(), Ordering::Relaxed);
    }

    /// Checks that each row which the arguments name belongs to a project within reach. Arguments that name none, or
    /// wrongly, are the tool's to judge: it reads rows through the same checks.
    pub(crate) async fn admit(&self, arguments: &JsonObject) -> Result<(), ToolError> {
        if self.caller.endpoint.project().is_some() && arguments.contains_key("project") {
            return Err(ToolError::invalid("This endpoint is bound to one project.", "Leave project out."));
        }
        let text = |key: &str| arguments.get(key).and_then(Value::as_str);
        if let Some(id) = text("bug_id").and_then(|text| text.parse().ok()) {
            self.bug(id).await?;
        }
        if let Some(id) = text("replay_id").and_then(|text| text.parse().ok()) {
            self.replay(id).await?;
        }
        if let Some(id) = text("screenshot_id").and_then(|text| text.parse().ok()) {
            self.screenshot(id).await?;
        }
        if let Some(named) = text("project").filter(|named| named.len() <= 64) {
            self.projects(Some(named)).await?;
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

    pub(crate) fn store(&self) -> &Store {
        &self.service.store
    }

    /// A meter over the size that the caller asks for, or over the default.
    pub(crate) fn meter(&self, asked: Option<MaxTokens>) -> Meter {
        Meter::new(self.room(asked))
    }

    /// The size that the caller asks for, or the default, in tokens of both forms together.
    pub(crate) fn room(&self, asked: Option<MaxTokens>) -> usize {
        if let Some(asked) = asked {
            self.allowed.store(asked.0, Ordering::Relaxed);
        }
        let aim_percent = self.aim_percent.load(Ordering::Relaxed) as usize;
        self.allowed_tokens().saturating_mul(aim_percent) / 100
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
        Binding::new(tool, &self.caller.principal.name(), filters)
    }

    /// The bug of an id, if the principal may see it.
    pub(crate) async fn bug(&self, id: BugId) -> Result<Bug, ToolError> {
        self.note_subject(id);
        let none = || ToolError::not_found("bug", "Call list_bugs or search_bugs for the ids that exist.");
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
        let none = || ToolError::not_found("replay", "Call list_bugs: each bug with a replay names it.");
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
        if let Some(screenshot) = self.rows().screenshot.as_ref().filter(|screenshot| screenshot.id == id) {
            return Ok(screenshot.clone());
        }
        let screenshot = found(self.store().screenshot(id).await, none)?;
        self.admit_row(screenshot.project, none).await?;
        self.rows().screenshot = Some(screenshot.clone());
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
                let workspace = self.reach.workspace();
                self.service.projects.named(self.store(), workspace, &slug).await?.ok_or_else(none)?
            }
        };
        self.admit_row(id, none).await?;
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
        let page = self.store().projects(self.reach.workspace(), self.reach.only(), after, limit).await?;
        Ok((page.items, page.next))
    }

    /// Checks that a row of `project` is within reach, and notes the project. `none` is what a row elsewhere is
    /// answered with, which is what a row that is not there is answered with.
    pub(crate) async fn admit_row(&self, project: ProjectId, none: impl Fn() -> ToolError) -> Result<(), ToolError> {
        let workspace = self.service.projects.workspace_of(self.store(), project).await?;
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
