//! The path of every call, over any transport: checks, the tool, the audit row. [`Service::checked`] shows the order.

use std::sync::Arc;
use std::time::{Duration, Instant};

use playhead_access::{Credential, Plan, Principal, Refusal, checks};
use playhead_schemas::{EpochMs, ErrorCode};
use playhead_store::{AuditEntry, Store, StoreError};
use playhead_web::{audit_entry, count_day, count_minute, milliseconds_since, roles_of};
use rmcp::model::{JsonObject, Tool};

use crate::call::{Acting, Call, Noted};
use crate::caller::{Caller, McpClient};
use crate::clients::KnownClients;
use crate::config::QueryConfig;
use crate::dispatch::Request;
use crate::error::ToolError;
use crate::gate::AllowedHosts;
use crate::llm_tokens;
use crate::registry::{Entry, Registry};
use crate::reply::Reply;
use crate::shared::Shared;
use crate::target::Target;

/// What the audit log calls a tool that does not exist: a caller's own words stay out of it.
const UNKNOWN_TOOL: &str = "(unknown)";
/// The sizes that are aimed at, in percent of the allowed one. A tool fills its answer by measure, so the first all but
/// always fits; the limit holds anyway.
const AIM_PERCENTS: [usize; 3] = [100, 80, 50];

/// What serves calls. Made once; every transport holds the same one.
#[derive(Debug)]
pub(crate) struct Service {
    shared: Arc<Shared>,
    pub(crate) registry: Registry,
    /// The programs behind requests that don't name them.
    pub(crate) clients: KnownClients,
    /// What the MCP endpoints answer to.
    pub(crate) hosts: AllowedHosts,
    plan: Plan,
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
        let registry = Registry::new(config.result_tokens());
        Arc::new(Self::with_registry(store, config, registry))
    }

    fn with_registry(store: Store, config: QueryConfig, registry: Registry) -> Self {
        llm_tokens::warm();
        let (plan, hosts) = (config.plan(), AllowedHosts::new(&config));
        let shared = Arc::new(Shared::new(store, config));
        Self { shared, registry, clients: KnownClients::default(), hosts, plan }
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    pub(crate) fn config(&self) -> &QueryConfig {
        &self.shared.config
    }

    pub(crate) fn store(&self) -> &Store {
        &self.shared.store
    }

    pub(crate) fn now(&self) -> EpochMs {
        self.shared.now()
    }

    /// Answers a call, and notes it. Arguments that could not be read are refused once it is known that the caller may
    /// call the tool at all.
    pub(crate) async fn call(
        &self,
        caller: &Caller,
        client: &McpClient,
        tool: &str,
        arguments: Result<JsonObject, ToolError>,
    ) -> Reply {
        let began = Instant::now();
        let mut noted = Noted::default();
        let result = self.checked((caller, client), tool, arguments, &mut noted).await;
        let code = result.as_ref().err().map(|failed| failed.error.code);
        let tool = self.registry.get(tool).map_or(UNKNOWN_TOOL, Entry::name);
        let (now, label) = (self.now(), client.label());
        match &caller.principal.credential {
            Credential::Token(token) => self.store().touch_token(*token, now, label.as_deref()),
            Credential::Grant { grant, .. } => self.store().touch_grant(*grant, now, label.as_deref()),
            Credential::Local => {}
        }
        self.note(&caller.principal, client, ("tools/call", Some(tool)), noted, code, began);
        result.unwrap_or_else(|Failed { error, refusal }| Reply { refusal, ..Reply::failure(error, caller.form) })
    }

    /// The checks from the fourth on, in their order, then the tool. Those before it are the gate's; scope and role are
    /// checked here again, for every transport.
    async fn checked(
        &self,
        (caller, client): (&Caller, &McpClient),
        tool: &str,
        arguments: Result<JsonObject, ToolError>,
        noted: &mut Noted,
    ) -> Result<Reply, Failed> {
        let principal = &caller.principal;
        let entry = self.registry.get(tool).ok_or_else(|| self.unknown_tool(principal, tool))?;
        let (needed, now) = ([entry.scope()], self.now());
        checks::scope(principal, &needed)?;
        let actor_roles = roles_of(self.store(), principal).await?;
        let reach = checks::role(principal, actor_roles.as_ref(), &caller.endpoint, entry.action)?;
        checks::entitled(&self.plan, &needed)?;
        caller.filter.check(entry)?;
        count_minute(self.store(), &self.plan, principal, now)?;
        let request = (entry.parse)(arguments?)?;
        let acting = Acting { client: client.label(), roles: actor_roles };
        let call = Call::new(self.shared.clone(), caller.clone(), acting, reach, request.max_tokens());
        let admitted = call.admit(request.named_rows()).await;
        *noted = call.noted();
        admitted?;
        count_day(self.store(), &self.plan, call.reach(), call.project(), now)?;
        let result = self.run(entry, &call, request).await;
        *noted = call.noted();
        Ok(result?)
    }

    /// Runs a tool without checks, counters and audit row.
    #[cfg(feature = "bench-noop")]
    pub(crate) async fn call_unchecked(&self, caller: &Caller, tool: &str, arguments: JsonObject) -> Reply {
        let unknown = || Reply::failure(self.unknown_tool(&caller.principal, tool), caller.form);
        let Some(entry) = self.registry.get(tool) else { return unknown() };
        let reach = checks::role(&caller.principal, None, &caller.endpoint, entry.action);
        let (Ok(reach), Ok(request)) = (reach, (entry.parse)(arguments)) else { return unknown() };
        let call = Call::new(self.shared.clone(), caller.clone(), Acting::default(), reach, request.max_tokens());
        self.run(entry, &call, request).await.unwrap_or_else(|error| Reply::failure(error, caller.form))
    }

    /// Runs the tool once, then renders its answer: again and smaller when it came out too large.
    async fn run(&self, entry: &Entry, call: &Call, request: Box<dyn Request>) -> Result<Reply, ToolError> {
        let limit = Duration::from_millis(self.config().call_ms_max);
        let ran = match tokio::time::timeout(limit, request.run(call)).await {
            Ok(ran) => ran?,
            Err(elapsed) => return Err(ToolError::internal(&elapsed)),
        };
        let allowed = call.budget();
        for percent in AIM_PERCENTS {
            if let Some(reply) = ran.render(allowed.percent(percent), allowed)? {
                if percent < AIM_PERCENTS[0] {
                    tracing::warn!(tool = entry.name(), percent, "an answer came out larger than measured");
                }
                return Ok(reply);
            }
        }
        Err(ToolError::new(
            ErrorCode::PayloadTooLarge,
            "The answer does not fit into the allowed number of tokens.",
            "Raise max_tokens, or ask for less at once.",
        ))
    }

    /// The tools that a caller may call at this moment, as this endpoint defines them, always in the same order.
    pub(crate) async fn tools(&self, caller: &Caller) -> Result<Vec<Tool>, StoreError> {
        let actor_roles = roles_of(self.store(), &caller.principal).await?;
        let may_call = |entry: &&Entry| {
            checks::scope(&caller.principal, &[entry.scope()]).is_ok()
                && checks::role(&caller.principal, actor_roles.as_ref(), &caller.endpoint, entry.action).is_ok()
                && checks::entitled(&self.plan, &[entry.scope()]).is_ok()
                && caller.filter.check(entry).is_ok()
        };
        let is_bound = caller.endpoint.project().is_some();
        let listed = self.registry.all().filter(may_call);
        Ok(listed.map(|entry| entry.definition(is_bound, caller.form)).collect())
    }

    fn unknown_tool(&self, principal: &Principal, tool: &str) -> ToolError {
        let known = self.registry.all().filter(|entry| principal.holds(entry.scope()));
        let names: Vec<&str> = known.map(Entry::name).collect();
        ToolError::new(
            ErrorCode::NotFound,
            format!("Unknown tool {:?}.", crate::args::shortened(tool)),
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
        began: Instant,
    ) {
        let tool = target.tool.as_deref().map(|tool| self.registry.get(tool).map_or(UNKNOWN_TOOL, Entry::name));
        let action = if tool.is_some() { "tools/call" } else { "request" };
        self.note(&caller.principal, client, (action, tool), Noted::default(), Some(refusal.code()), began);
    }

    fn note(
        &self,
        principal: &Principal,
        client: &McpClient,
        (action, tool): (&str, Option<&str>),
        noted: Noted,
        code: Option<ErrorCode>,
        began: Instant,
    ) {
        let entry = audit_entry(self.now(), Some(principal.workspace), principal.name(), action.to_owned());
        self.store().audit(AuditEntry {
            client_name: client.name.clone(),
            client_version: client.version.clone(),
            tool: tool.map(str::to_owned),
            project: noted.project,
            subject: noted.subject,
            code,
            duration_ms: milliseconds_since(began),
            ..entry
        });
    }
}

#[cfg(test)]
mod tests;
