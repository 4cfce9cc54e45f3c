//! `list_audit_log`: who called what. For administrators of the workspace and owners of projects.

use playhead_schemas::{ErrorCode, ProjectId, Scope};
use playhead_store::{AuditEntry, AuditQuery};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ulid::Ulid;

use crate::args::{Int, Text};
use crate::call::Call;
use crate::error::ToolError;
use crate::tool::{Answer, Tool};
use crate::untrusted::{self, Source};

pub(crate) struct ListAuditLog;

const LIMIT_DEFAULT: u32 = 50;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// Id or slug.
    project: Option<Text<64>>,
    /// Such as token 01J..
    principal: Option<Text<64>>,
    tool: Option<Text<64>>,
    /// Only what was refused.
    refused: Option<bool>,
    limit: Option<Int<1, 200>>,
    /// The next_cursor of the page before.
    cursor: Option<Text<512>>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    untrusted: Vec<Entry>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Entry {
    time: String,
    principal: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<String>,
    what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<ProjectId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<ErrorCode>,
    ms: u64,
}

impl Tool for ListAuditLog {
    const NAME: &'static str = "list_audit_log";
    const TITLE: &'static str = "List the audit log";
    const DESCRIPTION: &'static str = "Lists calls and changes, newest first: when, who, with which client, what, in \
        which project, on which row, and the code of a refusal.";
    const SCOPE: Scope = Scope::Admin;
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call, input: Input) -> Result<Answer<Output>, ToolError> {
        let text = |text: &Option<Text<64>>| text.as_ref().map(|text| text.0.clone());
        let projects = match &input.project {
            Some(named) => Some(call.projects(Some(&named.0)).await?),
            // An administrator sees also what was done in no project.
            None => call.reach().only().map(<[ProjectId]>::to_vec),
        };
        let query = AuditQuery {
            workspace: Some(call.reach().workspace()),
            projects,
            principal: text(&input.principal),
            tool: text(&input.tool),
            refused: input.refused.unwrap_or(false),
            ..AuditQuery::default()
        };
        let filters = (&input.project, &input.principal, &input.tool, input.refused);
        let cursor = input.cursor.as_ref().map(|cursor| cursor.0.as_str());
        let after = call.open::<Ulid>(Self::NAME, &filters, cursor)?;
        let limit = input.limit.map_or(LIMIT_DEFAULT, |limit| limit.0);
        let page = call.store().audit_entries(query, after, limit).await?;

        let (mut meter, mut lines, mut entries) = (call.meter(None), String::new(), Vec::new());
        let mut next = page.next;
        let mut last = None;
        for (id, row) in page.items {
            let entry = shown(row);
            let line = line(&entry);
            if !meter.admit(&line, &serde_json::to_string(&entry).unwrap_or_default()) {
                next = last;
                break;
            }
            last = Some(id);
            lines.push_str(&line);
            entries.push(entry);
        }
        let next_cursor = next.map(|last| call.seal(Self::NAME, &filters, &last));
        let mut text = format!("{} entries, newest first.\n", entries.len());
        if !entries.is_empty() {
            text.push_str(&untrusted::block(Source::Report, &lines));
        }
        if let Some(cursor) = &next_cursor {
            text.push_str(&format!("There are more: list_audit_log with the same filters and cursor \"{cursor}\".\n"));
        }
        Ok(Answer::new(text, Output { next_cursor, untrusted: entries }))
    }
}

fn shown(row: AuditEntry) -> Entry {
    let client = row.client_name.map(|name| match row.client_version {
        Some(version) => format!("{name} {version}"),
        None => name,
    });
    Entry {
        time: row.at.to_rfc3339(),
        principal: untrusted::line(&row.principal, 80),
        client: client.map(|client| untrusted::short_line(&client, 80, 30)),
        what: untrusted::line(&row.tool.unwrap_or(row.action), 80),
        project: row.project,
        subject: row.subject.map(|subject| untrusted::short_line(&subject, 100, 40)),
        code: row.code,
        ms: row.duration_ms,
    }
}

fn line(entry: &Entry) -> String {
    let mut line = format!("{} {} {}", entry.time, entry.principal, entry.what);
    if let Some(project) = entry.project {
        line.push_str(&format!(" project {project}"));
    }
    if let Some(subject) = &entry.subject {
        line.push_str(&format!(" on {subject}"));
    }
    line.push_str(&match entry.code {
        Some(code) => format!(" {code}"),
        None => " done".to_owned(),
    });
    line.push_str(&format!(" {} ms", entry.ms));
    if let Some(client) = &entry.client {
        line.push_str(&format!(" | {client}"));
    }
    line.push('\n');
    line
}
