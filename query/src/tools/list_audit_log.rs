//! `list_audit_log`: who called what. For administrators of the workspace and owners of projects.

use playhead_access::Action;
use playhead_schemas::{ErrorCode, ProjectId};
use playhead_store::{AuditEntry, AuditQuery};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ulid::Ulid;

use crate::args::{Limit, Text};
use crate::call::Call;
use crate::cursor::{Cursor, Pager};
use crate::error::ToolError;
use crate::meter::{Meter, TokenBudget};
use crate::tool::{self, Arguments, Effect, NamedRows, Tool};
use crate::untrusted::{self, Source};

pub(crate) struct ListAuditLog;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// Id or slug.
    project: Option<Text<64>>,
    /// Such as "token 01J...".
    principal: Option<Text<64>>,
    tool: Option<Text<64>>,
    /// Only what was refused.
    refused: Option<bool>,
    #[serde(default)]
    limit: Limit<200, 50>,
    cursor: Option<Cursor>,
}

impl Arguments for Input {
    fn named_rows(&self) -> NamedRows<'_> {
        NamedRows { project: self.project.as_ref().map(Text::as_str), ..NamedRows::default() }
    }
}

/// A page as it was read.
pub(crate) struct Entries {
    rows: Vec<(Ulid, AuditEntry)>,
    next: Option<Ulid>,
    pager: Pager,
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
    const DESCRIPTION: &'static str =
        "Lists calls and changes, newest first: when, who, client, what, project, row, code of a refusal.";
    const ACTION: Action = Action::ReadAudit;
    const EFFECT: Effect = Effect::Reads;
    type Input = Input;
    type Data = Entries;
    type Output = Output;

    async fn run(call: &Call, input: Input) -> Result<Entries, ToolError> {
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
        let pager = call.pager(Self::NAME, &(&input.project, &input.principal, &input.tool, input.refused)).await?;
        let after = pager.open::<Ulid>(input.cursor.as_ref())?;
        let page = call.store().audit_entries(query, after, input.limit.rows()).await?;
        Ok(Entries { rows: page.items, next: page.next, pager })
    }

    fn render(data: &Entries, budget: TokenBudget) -> Output {
        let (mut meter, mut entries) = (Meter::new(budget), Vec::new());
        let (mut next, mut last) = (data.next, None);
        for (id, row) in &data.rows {
            let entry = shown(row);
            if !meter.admit(&line(&entry), &entry) {
                next = last;
                break;
            }
            last = Some(*id);
            entries.push(entry);
        }
        Output { next_cursor: next.map(|last| data.pager.seal(&last)), untrusted: entries }
    }
}

impl tool::Output for Output {
    fn text(&self) -> String {
        let mut text = match self.untrusted.len() {
            1 => "1 entry.\n".to_owned(),
            count => format!("{count} entries, newest first.\n"),
        };
        if !self.untrusted.is_empty() {
            let lines: String = self.untrusted.iter().map(line).collect();
            text.push_str(&untrusted::block(Source::Report, &lines));
        }
        if let Some(cursor) = &self.next_cursor {
            text.push_str(&format!("There are more: list_audit_log with the same filters and cursor \"{cursor}\".\n"));
        }
        text
    }
}

fn shown(row: &AuditEntry) -> Entry {
    let client = row.client_name.as_ref().map(|name| match &row.client_version {
        Some(version) => format!("{name} {version}"),
        None => name.clone(),
    });
    Entry {
        time: row.at.to_rfc3339(),
        principal: untrusted::line(&row.principal, 80),
        client: client.map(|client| untrusted::short_line(&client, 80, 30)),
        what: untrusted::line(row.tool.as_ref().unwrap_or(&row.action), 80),
        project: row.project,
        subject: row.subject.as_ref().map(|subject| untrusted::short_line(subject, 100, 40)),
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
