//! The audit log: list.

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use aide::transform::TransformOperation;
use axum::extract::{Extension, State};
use playhead_schemas::{EpochMs, ErrorCode};
use playhead_store as store;
use playhead_web::openapi::{Answer, query};
use playhead_web::{ApiError, Params, Problem};

use crate::administrator::Administrator;
use crate::app::Api;
use crate::extract::{Paging, Query, paging};
use crate::types::{AuditEntry, Page};

pub(crate) fn routes() -> ApiRouter<Api> {
    ApiRouter::new().api_route("/api/v1/audit", get_with(list, list_docs))
}

fn list_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation
        .id("listAudit")
        .summary("List the audit log")
        .description("Every call of a tool and of these routes, newest first.")
        .with(query::<String>("project", "A project, by id or slug."))
        .with(query::<String>("principal", "Such as token 01J.."))
        .with(query::<String>("client", "The name of a client."))
        .with(query::<String>("tool", "The name of a tool."))
        .with(query::<String>("code", "Refused with this code."))
        .with(query::<String>("refused", "1: only what was refused."))
        .with(query::<String>("since", "Not before, epoch milliseconds."))
        .with(query::<String>("until", "Before, epoch milliseconds."))
        .input::<Paging<()>>()
}

async fn list(
    State(api): State<Api>,
    Extension(administrator): Extension<Administrator>,
    query: Query,
) -> Result<Answer<Page<AuditEntry>>, ApiError> {
    let params = query.read()?;
    let (after, limit) = paging(&params, |text| text.parse().map_err(|_| "not the id of an entry"))?;
    let query = audit_query(&api, &administrator, &params).await?;
    let page = api.store.audit_entries(query, after, limit).await?;
    let items = page.items.into_iter().map(|(_, entry)| entry.into()).collect();
    Ok(Answer(Page { items, next: page.next.map(|id| id.to_string()) }))
}

async fn audit_query(api: &Api, administrator: &Administrator, params: &Params) -> Result<store::AuditQuery, ApiError> {
    let text = |name: &str| params.first(name).filter(|value| !value.is_empty());
    let projects = match text("project") {
        Some(named) => Some(vec![administrator.project(api, named).await?.id]),
        None => administrator.projects.clone(),
    };
    Ok(store::AuditQuery {
        workspace: Some(administrator.workspace),
        projects,
        principal: text("principal").map(str::to_owned),
        client_name: text("client").map(str::to_owned),
        tool: text("tool").map(str::to_owned),
        code: text("code").map(error_code).transpose()?,
        refused: text("refused").is_some_and(|text| text != "0"),
        since: text("since").map(epoch_ms).transpose()?,
        until: text("until").map(epoch_ms).transpose()?,
    })
}

fn error_code(text: &str) -> Result<ErrorCode, Problem> {
    serde_json::from_value(text.into())
        .map_err(|_| Problem::invalid("code is not an error code", "give one such as NOT_FOUND, as answers have it"))
}

fn epoch_ms(text: &str) -> Result<EpochMs, Problem> {
    let ms = text.parse().map(EpochMs);
    ms.map_err(|_| Problem::invalid("since and until are epoch milliseconds", "give a whole number"))
}

impl From<store::AuditEntry> for AuditEntry {
    fn from(entry: store::AuditEntry) -> Self {
        let store::AuditEntry { at, principal, client_name, client_version, action, tool, project, .. } = entry;
        let store::AuditEntry { subject, code, duration_ms, .. } = entry;
        Self { at, principal, client_name, client_version, action, tool, project, subject, code, duration_ms }
    }
}
