//! The audit log: list.

use std::collections::HashMap;

use axum::Json;
use axum::extract::{Extension, State};
use http::Uri;
use playhead_schemas::{EpochMs, ErrorCode, ProjectId};
use playhead_store::{AuditEntry, AuditQuery};
use schemars::JsonSchema;
use serde::Serialize;
use url::form_urlencoded;

use super::AdminApp;
use super::guard::Admin;
use super::page::PageView;
use crate::error::{ApiError, Fault};

/// One thing that was done or refused.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AuditView {
    pub(crate) at: EpochMs,
    /// Who: `token 01J..`, `grant 01J..`, `member 01J..` or `local`.
    pub(crate) principal: String,
    /// With what client, in its own words.
    pub(crate) client_name: Option<String>,
    pub(crate) client_version: Option<String>,
    /// What: `tools/call`, or method and route.
    pub(crate) action: String,
    pub(crate) tool: Option<String>,
    pub(crate) project: Option<ProjectId>,
    /// On which row.
    pub(crate) subject: Option<String>,
    /// Why it was refused; null when it was done.
    pub(crate) code: Option<ErrorCode>,
    pub(crate) duration_ms: u64,
}

impl From<AuditEntry> for AuditView {
    fn from(entry: AuditEntry) -> Self {
        let AuditEntry { at, principal, client_name, client_version, action, tool, project, .. } = entry;
        let AuditEntry { subject, code, duration_ms, .. } = entry;
        Self { at, principal, client_name, client_version, action, tool, project, subject, code, duration_ms }
    }
}

pub(super) async fn list(
    State(app): State<AdminApp>,
    Extension(admin): Extension<Admin>,
    uri: Uri,
) -> Result<Json<PageView<AuditView>>, ApiError> {
    let (after, limit) = super::page::limits(&uri)?;
    let after = after.map(|text| text.parse()).transpose();
    let after = after.map_err(|_| Fault::invalid("after is none", "give the value of next of the page before"))?;
    let pairs: HashMap<String, String> =
        form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    let text = |name: &str| pairs.get(name).filter(|value| !value.is_empty()).cloned();
    let projects = match text("project") {
        Some(named) => Some(vec![admin.project(&app, &named).await?.id]),
        None => admin.projects.clone(),
    };
    let query = AuditQuery {
        workspace: Some(admin.workspace),
        projects,
        principal: text("principal"),
        client_name: text("client"),
        tool: text("tool"),
        code: text("code").map(|code| word(&code)).transpose()?,
        refused: text("refused").is_some_and(|text| text != "0"),
        since: text("since").map(|time| number(&time)).transpose()?,
        until: text("until").map(|time| number(&time)).transpose()?,
    };
    let page = app.store.audit_entries(query, after, limit).await?;
    let items = page.items.into_iter().map(|(_, entry)| entry.into()).collect();
    Ok(Json(PageView { items, next: page.next.map(|id| id.to_string()) }))
}

fn word(text: &str) -> Result<ErrorCode, Fault> {
    serde_json::from_value(text.into())
        .map_err(|_| Fault::invalid("code is none", "give one such as NOT_FOUND, as answers have it"))
}

fn number(text: &str) -> Result<EpochMs, Fault> {
    let ms = text.parse().map(EpochMs);
    ms.map_err(|_| Fault::invalid("since and until are epoch milliseconds", "give a whole number"))
}
