//! The way of every call, whatever brought it. [`Service::checked`] reads as the story.

use std::sync::Arc;
use std::time::{Duration, Instant};

use playhead_access::{Action, Credential, Plan, Principal, Refusal, checks, quota};
use playhead_schemas::{ActorRoles, EpochMs, ErrorCode};
use playhead_store::{AuditEntry, Counted, Counter, Store, StoreError};
use rmcp::model::{JsonObject, Tool};
use serde_json::Value;

use crate::call::{Call, Noted};
use crate::caller::{Caller, McpClient};
use crate::config::{CursorKey, QueryConfig};
use crate::cursor::Cursors;
use crate::error::ToolError;
use crate::gate::Target;
use crate::llm_tokens;
use crate::projects::Projects;
use crate::registry::{Entry, Registry};
use crate::tool::{Answer, Picture};

/// What the audit log calls a tool that there is not: a caller's own words stay out of it.
const UNKNOWN_TOOL: &str = "(unknown)";

/// What all calls share. Made once; every transport holds the same one.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) store: Store,
    pub(crate) config: QueryConfig,
    pub(crate) registry: Registry,
    pub(crate) cursors: Cursors,
    pub(crate) projects: Projects,
    plan: Plan,
}

/// The answer to a call: a result or a failure, in both forms.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) text: String,
    pub(crate) structured: Option<Value>,
    pub(crate) picture: Option<Picture>,
    /// Set when it is a failure.
    pub(crate) code: Option<ErrorCode>,
    /// Set when a check refused it.
    pub(crate) refusal: Option<Refusal>,
}

/// Why a call gave no result.
struct Failed {
    error: ToolError,
    refusal: Option<Refusal>,
}

impl From<ToolError> for Failed {
    fn from(error: ToolError) -> Self {
        Self { error, refusal: None }
    }
}

impl From<Refusal> for Failed {
    fn from(refusal: Refusal) -> Self {
        Self { error: refusal.clone().into(), refusal: Some(refusal) }
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        ToolError::from(error).into()
    }
}

impl Service {
    pub(crate) fn new(store: Store, config: QueryConfig) -> Arc<Self> {
        llm_tokens::warm();
        let cursors = Cursors::new(config.cursor_key.clone().unwrap_or_else(CursorKey::random));
        let plan = config.plan();
        Arc::new(Self { store, config, registry: Registry::new(), cursors, projects: Projects::default(), plan })
    }

    pub(crate) fn now(&self) -> EpochMs {
        self.config.clock.now()
    }

    /// Answers a call, and notes it. Arguments that could not be read are refused once it is known that the caller may
    /// call the tool at all.
    pub(crate) async fn call(
        self: &Arc<Self>,
        caller: &Caller,
        client: &McpClient,
        tool: &str,
        arguments: Result<JsonObject, ToolError>,
    ) -> Reply {
        let begun = Instant::now();
        let mut noted = Noted::default();
        let result = self.checked(caller, tool, arguments, &mut noted).await;
        let code = result.as_ref().err().map(|failed| failed.error.code);
        let tool = self.registry.get(tool).map_or(UNKNOWN_TOOL, Entry::name);
        let (now, words) = (self.now(), client.words());
        match &caller.principal.credential {
            Credential::Token(token) => self.store.touch_token(*token, now, words.as_deref()),
            Credential::Grant { grant, .. } => self.store.touch_grant(*grant, now, words.as_deref()),
            Credential::Local => {}
        }
        self.note(&caller.principal, client, ("tools/call", Some(tool)), noted, code, begun.elapsed());
        result.unwrap_or_else(|Failed { error, refusal }| Reply { refusal, ..Reply::failure(error) })
    }

    /// The checks from the fourth on, in their order, then the tool. Those before it are the gate's; scope and role are
    /// checked here again, for every transport.
    async fn checked(
        self: &Arc<Self>,
        caller: &Caller,
        tool: &str,
        arguments: Result<JsonObject, ToolError>,
        noted: &mut Noted,
    ) -> Result<Reply, Failed> {
        let principal = &caller.principal;
        let entry = self.registry.get(tool).ok_or_else(|| self.unknown_tool(principal, tool))?;
        let (needed, now) = ([entry.scope], self.now());
        checks::scope(principal, &needed)?;
        let actor_roles = self.actor_roles(principal).await?;
        let reach = checks::role(principal, actor_roles.as_ref(), &caller.endpoint, Action::of_scope(entry.scope))?;
        checks::entitled(&self.plan, &needed)?;
        self.count_minute(principal, now)?;
        let arguments = arguments?;
        let call = Call::new(self.clone(), caller.clone(), reach);
        let admitted = call.admit(&arguments).await;
        *noted = call.noted();
        admitted?;
        self.count_day(&call, now)?;
        let result = self.run(entry, &call, arguments).await;
        *noted = call.noted();
        Ok(result?)
    }

    /// Runs a tool without checks, counters and audit row.
    #[cfg(feature = "bench-noop")]
    pub(crate) async fn call_unchecked(self: &Arc<Self>, caller: &Caller, tool: &str, arguments: JsonObject) -> Reply {
        let Some(entry) = self.registry.get(tool) else {
            return Reply::failure(self.unknown_tool(&caller.principal, tool));
        };
        let reach = checks::role(&caller.principal, None, &caller.endpoint, Action::of_scope(entry.scope));
        let Ok(reach) = reach else { return Reply::failure(self.unknown_tool(&caller.principal, tool)) };
        let call = Call::new(self.clone(), caller.clone(), reach);
        self.run(entry, &call, arguments).await.unwrap_or_else(Reply::failure)
    }

    /// Where the one that a credential acts for stands now: from memory, and forgotten with each change.
    pub(crate) async fn actor_roles(&self, principal: &Principal) -> Result<Option<ActorRoles>, StoreError> {
        match principal.actor {
            Some(actor) => self.store.actor_roles(actor).await,
            None => Ok(None),
        }
    }

    fn count_minute(&self, principal: &Principal, now: EpochMs) -> Result<(), Refusal> {
        let counter = Counter::PrincipalMinute(principal.rate_key());
        let counted = self.store.count(counter, quota::minute_no(now), self.plan.calls_per_minute);
        checks::rate(&self.plan, counted != Counted::Full, now)
    }

    /// Counts the call in the project that it is about, else in the workspace.
    fn count_day(&self, call: &Call, now: EpochMs) -> Result<(), Refusal> {
        let counter = match call.project() {
            Some(project) => Counter::ProjectDay(project),
            None => Counter::WorkspaceDay(call.reach().workspace()),
        };
        let counted = self.store.count(counter, quota::day_no(now), self.plan.calls_per_day);
        checks::daily(&self.plan, counted != Counted::Full, now)
    }

    async fn run(&self, entry: &Entry, call: &Call, arguments: JsonObject) -> Result<Reply, ToolError> {
        // A tool fills its answer by measure, so the first try all but always fits; the limit holds anyway.
        for aim_percent in [100, 80, 50] {
            call.aim(aim_percent);
            let limit = Duration::from_millis(self.config.call_ms_max);
            let answer = match tokio::time::timeout(limit, (entry.run)(call, arguments.clone())).await {
                Ok(answer) => answer?,
                Err(elapsed) => return Err(ToolError::internal(&elapsed)),
            };
            if let Some(reply) = Reply::within(answer, call.allowed_tokens()) {
                return Ok(reply);
            }
            tracing::warn!(tool = entry.name(), aim_percent, "an answer came out larger than measured");
        }
        Err(ToolError::new(
            ErrorCode::PayloadTooLarge,
            "The answer does not fit into the allowed number of tokens.",
            "Raise max_tokens, or ask for less at once.",
        ))
    }

    /// The tools that a caller may call at this moment, as this endpoint defines them, always in the same order.
    pub(crate) async fn tools(&self, caller: &Caller) -> Result<Vec<Tool>, StoreError> {
        let actor_roles = self.actor_roles(&caller.principal).await?;
        let may_call = |entry: &&Entry| {
            let action = Action::of_scope(entry.scope);
            checks::scope(&caller.principal, &[entry.scope]).is_ok()
                && checks::role(&caller.principal, actor_roles.as_ref(), &caller.endpoint, action).is_ok()
                && checks::entitled(&self.plan, &[entry.scope]).is_ok()
        };
        let bound = caller.endpoint.project().is_some();
        let shown = |entry: &Entry| if bound { entry.bound_definition.clone() } else { entry.definition.clone() };
        Ok(self.registry.all().filter(may_call).map(shown).collect())
    }

    fn unknown_tool(&self, principal: &Principal, tool: &str) -> ToolError {
        let known = self.registry.all().filter(|entry| principal.holds(entry.scope));
        let names: Vec<&str> = known.map(Entry::name).collect();
        ToolError::new(
            ErrorCode::NotFound,
            format!("There is no tool {:?}.", crate::args::shortened(tool)),
            format!("Call one of: {}.", names.join(", ")),
        )
    }

    /// Notes what the gate refused to a principal that is known.
    pub(crate) fn note_refusal(
        &self,
        caller: &Caller,
        client: &McpClient,
        target: &Target,
        refusal: &Refusal,
        took: Duration,
    ) {
        let tool = target.tool.as_deref().map(|tool| self.registry.get(tool).map_or(UNKNOWN_TOOL, Entry::name));
        let action = if tool.is_some() { "tools/call" } else { "request" };
        self.note(&caller.principal, client, (action, tool), Noted::default(), Some(refusal.code()), took);
    }

    fn note(
        &self,
        principal: &Principal,
        client: &McpClient,
        (action, tool): (&str, Option<&str>),
        noted: Noted,
        code: Option<ErrorCode>,
        took: Duration,
    ) {
        self.store.audit(AuditEntry {
            at: self.now(),
            workspace: Some(principal.workspace),
            principal: principal.name(),
            client_name: client.name.clone(),
            client_version: client.version.clone(),
            action: action.to_owned(),
            tool: tool.map(str::to_owned),
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
            || llm_tokens::count(&answer.text) + llm_tokens::count(&json) <= tokens_max;
        fits.then_some(Self {
            text: answer.text,
            structured: answer.data,
            picture: answer.picture,
            code: None,
            refusal: None,
        })
    }

    /// A failure. Its text says everything, for some clients show a model nothing else of failures.
    pub(crate) fn failure(error: ToolError) -> Self {
        Self {
            text: error.to_string(),
            structured: serde_json::to_value(&error).ok(),
            picture: None,
            code: Some(error.code),
            refusal: None,
        }
    }
}
