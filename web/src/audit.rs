//! The beginning of an audit entry.

use std::time::{Duration, Instant};

use http::HeaderMap;
use http::header::USER_AGENT;
use playhead_schemas::{EpochMs, WorkspaceId, text};
use playhead_store::AuditEntry;

/// Characters of a client's name that are kept.
const CLIENT_CHARS_MAX: usize = 120;

/// An entry that says who did what and when. Surfaces add what they know beyond that: client, tool, project, subject,
/// the code of a refusal, and how long it took.
pub fn audit_entry(at: EpochMs, workspace: Option<WorkspaceId>, principal: String, action: String) -> AuditEntry {
    AuditEntry {
        at,
        workspace,
        principal,
        client_name: None,
        client_version: None,
        action,
        tool: None,
        project: None,
        subject: None,
        code: None,
        duration_ms: 0,
    }
}

/// The client as its header `User-Agent` names it: on one line, at most 120 characters.
pub fn user_agent(headers: &HeaderMap) -> Option<String> {
    let agent = headers.get(USER_AGENT)?.to_str().ok()?;
    Some(text::one_line(agent, CLIENT_CHARS_MAX))
}

/// Whole milliseconds since `began`.
pub fn milliseconds_since(began: Instant) -> u64 {
    milliseconds(began.elapsed())
}

fn milliseconds(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}
