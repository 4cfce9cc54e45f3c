//! `playhead audit`: who called and changed what.

use playhead_api::types::AuditEntry;
use playhead_schemas::{EpochMs, ErrorCode};

use crate::commands::when;
use crate::session::Session;
use crate::settings::{Settings, TargetFlags};
use crate::{admin, out};

/// Arguments of `audit`.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Only entries of this project, given as its short name or id
    #[arg(long)]
    project: Option<String>,
    /// Only entries of this principal, as the log names it: "token 01J..", "grant 01J..", local
    #[arg(long, value_name = "WHO")]
    principal: Option<String>,
    /// Only entries of this client, by the name that it gives
    #[arg(long, value_name = "NAME")]
    client: Option<String>,
    /// Only calls of this tool
    #[arg(long, value_name = "NAME")]
    tool: Option<String>,
    /// Only entries that were refused with this code, such as FORBIDDEN
    #[arg(long, value_parser = code)]
    code: Option<ErrorCode>,
    /// Only entries that were refused
    #[arg(long)]
    refused: bool,
    /// Only entries since this time: 2026-11-21, 2026-11-21T08:00:00Z, or an age such as 12h or 7d
    #[arg(long, value_name = "TIME", value_parser = when::time)]
    since: Option<EpochMs>,
    /// Only entries before this time
    #[arg(long, value_name = "TIME", value_parser = when::time)]
    until: Option<EpochMs>,
    /// The largest number of entries. The newest come first
    #[arg(long, value_name = "N", default_value = "100", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    limit: u32,
    #[command(flatten)]
    pub(crate) target: TargetFlags,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "Examples:
  playhead audit --since 24h --refused
  playhead audit --project shop --tool get_bug_cookies --json
  playhead audit --principal \"token 01JD3M6ZQK8V0W2X4Y6Z8A0B2C\" --limit 1000

Every tool call and every request to the management API is an entry: who, with which client, what, in which \
project, on which row, with which result, and how long it took. Arguments are never stored. Entries are kept for \
as long as the setting audit_days says.";

/// Prints the newest entries.
pub(crate) async fn run(args: Args, settings: &Settings) -> anyhow::Result<()> {
    let session = Session::open(settings).await?;
    let filter = admin::AuditFilter {
        project: args.project,
        principal: args.principal,
        client: args.client,
        tool: args.tool,
        code: args.code,
        refused: args.refused,
        since: args.since,
        until: args.until,
    };
    let entries = admin::audit(session.client(), &filter, args.limit as usize).await;
    session.close().await;
    let entries = entries?;
    out::either(args.json, &entries, || out::table(&HEADER, &entries.iter().map(row).collect::<Vec<_>>()))
}

const HEADER: [&str; 8] = ["TIME", "WHO", "WHAT", "PROJECT", "ROW", "RESULT", "MS", "CLIENT"];

fn row(entry: &AuditEntry) -> Vec<String> {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let client = match (&entry.client_name, &entry.client_version) {
        (Some(name), Some(version)) => format!("{name} {version}"),
        (name, _) => or_dash(name.clone()),
    };
    vec![
        entry.at.to_rfc3339(),
        entry.principal.clone(),
        entry.tool.clone().unwrap_or_else(|| entry.action.clone()),
        or_dash(entry.project.map(|project| project.to_string())),
        or_dash(entry.subject.clone()),
        entry.code.map_or_else(|| "done".to_owned(), |code| code.to_string()),
        entry.duration_ms.to_string(),
        client,
    ]
}

fn code(text: &str) -> Result<ErrorCode, String> {
    let code = serde_json::from_value(text.to_ascii_uppercase().into());
    code.map_err(|_| {
        "not an error code; error codes are, for example, FORBIDDEN, NOT_FOUND and QUOTA_EXCEEDED".to_owned()
    })
}
