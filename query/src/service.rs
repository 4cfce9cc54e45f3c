//! The way of every call, whatever brought it: find the tool, check the scope, answer, bound, note.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use playhead_schemas::{EpochMs, ErrorCode, ProjectId, WorkspaceId};
use playhead_store::{AuditEntry, Store, StoreError};
use rmcp::model::JsonObject;
use serde_json::Value;

use crate::auth::Principal;
use crate::call::{Call, Noted};
use crate::config::{CursorKey, QueryConfig};
use crate::cursor::Cursors;
use crate::error::ToolError;
use crate::registry::{Entry, Registry};
use crate::tool::{Answer, Picture};
use crate::{tokens, untrusted};

/// What all calls share. Made once; every transport holds the same one.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) store: Store,
    pub(crate) config: QueryConfig,
    pub(crate) registry: Registry,
    pub(crate) cursors: Cursors,
    pub(crate) workspaces: Workspaces,
}

/// The answer to a call: a result or a failure, in both forms.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) text: String,
    pub(crate) structured: Option<Value>,
    pub(crate) picture: Option<Picture>,
    /// Set when it is a failure.
    pub(crate) code: Option<ErrorCode>,
}

impl Service {
    pub(crate) fn new(store: Store, config: QueryConfig) -> Arc<Self> {
        tokens::warm();
        let cursors = Cursors::new(config.cursor_key.clone().unwrap_or_else(CursorKey::random));
        Arc::new(Self { store, config, registry: Registry::new(), cursors, workspaces: Workspaces::default() })
    }

    /// Answers a call. `client` is the caller's program in its own words.
    pub(crate) async fn call(
        self: &Arc<Self>,
        principal: &Arc<Principal>,
        client: Option<&str>,
        tool: &str,
        arguments: JsonObject,
    ) -> Reply {
        let begun = Instant::now();
        let entry = self.registry.get(tool);
        let (result, noted) = match entry {
            None => (Err(self.unknown_tool(principal, tool)), Noted::default()),
            Some(entry) if !principal.may(entry.scope) => {
                (Err(ToolError::lacks_scope(entry.name(), entry.scope)), Noted::default())
            }
            Some(entry) => self.answer(entry, principal, arguments).await,
        };
        let code = result.as_ref().err().map(|error| error.code);
        self.note(principal, client, entry, noted, code, begun.elapsed());
        result.unwrap_or_else(Reply::failure)
    }

    async fn answer(
        self: &Arc<Self>,
        entry: &Entry,
        principal: &Arc<Principal>,
        arguments: JsonObject,
    ) -> (Result<Reply, ToolError>, Noted) {
        // A tool fills its answer by measure, so the first try all but always fits; the limit holds anyway.
        for aim_percent in [100, 80, 50] {
            let call = Call::new(self.clone(), principal.clone(), aim_percent);
            let limit = Duration::from_millis(self.config.call_ms_max);
            let answer = match tokio::time::timeout(limit, (entry.run)(&call, arguments.clone())).await {
                Ok(Ok(answer)) => answer,
                Ok(Err(error)) => return (Err(error), call.noted()),
                Err(elapsed) => return (Err(ToolError::internal(&elapsed)), call.noted()),
            };
            if let Some(reply) = Reply::within(answer, call.allowed_tokens()) {
                return (Ok(reply), call.noted());
            }
            tracing::warn!(tool = entry.name(), aim_percent, "an answer came out larger than measured");
        }
        let error = ToolError::new(
            ErrorCode::PayloadTooLarge,
            "The answer does not fit into the allowed number of tokens.",
            "Raise max_tokens, or ask for less at once.",
        );
        (Err(error), Noted::default())
    }

    fn unknown_tool(&self, principal: &Principal, tool: &str) -> ToolError {
        let names: Vec<&str> = self.registry.visible(principal).map(Entry::name).collect();
        ToolError::new(
            ErrorCode::NotFound,
            format!("There is no tool {:?}.", crate::args::shortened(tool)),
            format!("Call one of: {}.", names.join(", ")),
        )
    }

    fn note(
        &self,
        principal: &Principal,
        client: Option<&str>,
        entry: Option<&Entry>,
        noted: Noted,
        code: Option<ErrorCode>,
        took: Duration,
    ) {
        let now = EpochMs::now();
        let client = client.map(|client| untrusted::line(client, 100)).filter(|client| !client.is_empty());
        if let Some(token) = principal.token {
            self.store.touch_token(token, now, client.as_deref());
        }
        self.store.audit(AuditEntry {
            at: now,
            workspace: Some(principal.workspace),
            principal: principal.name(),
            client_name: client,
            client_version: None,
            action: "tools/call".to_owned(),
            tool: Some(entry.map_or("(unknown)", Entry::name).to_owned()),
            project: noted.project,
            subject: noted.subject,
            code,
            duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        });
    }
}

impl Reply {
    /// The answer as a reply, unless it has more than `tokens_max` tokens in both forms together.
    fn within(answer: Answer<Option<Value>>, tokens_max: usize) -> Option<Self> {
        let json = answer.data.as_ref().map(Value::to_string).unwrap_or_default();
        let fits = answer.text.len() + json.len() <= tokens_max
            || tokens::count(&answer.text) + tokens::count(&json) <= tokens_max;
        fits.then_some(Self { text: answer.text, structured: answer.data, picture: answer.picture, code: None })
    }

    /// A failure. Its text says everything, for some clients show a model nothing else of failures.
    pub(crate) fn failure(error: ToolError) -> Self {
        Self {
            text: error.to_string(),
            structured: serde_json::to_value(&error).ok(),
            picture: None,
            code: Some(error.code),
        }
    }
}

/// Which workspace a project belongs to: looked up once, for it never changes.
#[derive(Debug, Default)]
pub(crate) struct Workspaces {
    known: RwLock<HashMap<ProjectId, WorkspaceId>>,
}

impl Workspaces {
    const KNOWN_MAX: usize = 100_000;

    async fn look_up(&self, store: &Store, project: ProjectId) -> Result<Option<WorkspaceId>, StoreError> {
        match store.project(project).await {
            Ok(project) => Ok(Some(project.workspace)),
            Err(StoreError::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The workspace of `project`; `None` when there is no such project.
    pub(crate) async fn of(&self, store: &Store, project: ProjectId) -> Result<Option<WorkspaceId>, StoreError> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).get(&project).copied();
        if known.is_some() {
            return Ok(known);
        }
        let found = self.look_up(store, project).await?;
        if let Some(workspace) = found {
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            if known.len() >= Self::KNOWN_MAX {
                known.clear();
            }
            known.insert(project, workspace);
        }
        Ok(found)
    }
}
