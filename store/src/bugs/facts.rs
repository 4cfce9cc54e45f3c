//! What lists of bugs are filtered by and no caller gives: taken from a report and from the transcript of its replay.

use std::collections::BTreeSet;

use playhead_schemas::text::one_line;
use playhead_schemas::timeline::{FailureKind, Signal, Timeline};
use playhead_schemas::upload::SystemInfo;
use serde_json::{Map, Value as Json};

use crate::Result;
use crate::json::to_json;

/// Characters of a release's or a browser's name.
const NAME_CHARS_MAX: usize = 200;
/// The keys of the metadata that name the application's release, the first one that is there.
const RELEASE_KEYS: [&str; 3] = ["release", "app_version", "version"];

/// Facts of a replay, as they stand beside its transcript and in the rows of its bugs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReplayFacts {
    /// Its signals, as a JSON array of their words.
    pub(crate) signals: String,
    /// True when an error was thrown or logged, or a request failed.
    pub(crate) has_error: bool,
}

impl Default for ReplayFacts {
    fn default() -> Self {
        Self { signals: "[]".to_owned(), has_error: false }
    }
}

impl ReplayFacts {
    /// The facts of a timeline.
    pub(crate) fn of(timeline: &Timeline) -> Result<Self> {
        let signals: BTreeSet<Signal> =
            timeline.moments.iter().flat_map(|moment| moment.signals.iter().copied()).collect();
        let is_error = |kind: FailureKind| {
            use FailureKind::{AnswerError, ConsoleError, HttpError, RequestFailed, UncaughtError};
            matches!(kind, UncaughtError | HttpError | AnswerError | RequestFailed | ConsoleError)
        };
        let has_error = timeline.failures.iter().any(|failure| is_error(failure.kind));
        Ok(Self { signals: to_json(&signals)?, has_error })
    }
}

/// The application's release that a report names in its metadata.
pub(super) fn release(metadata: &Map<String, Json>) -> Option<String> {
    let told = RELEASE_KEYS.iter().find_map(|key| metadata.get(*key));
    let text = match told? {
        Json::String(text) => text.clone(),
        Json::Number(number) => number.to_string(),
        _ => return None,
    };
    Some(one_line(&text, NAME_CHARS_MAX)).filter(|text| !text.is_empty())
}

/// The browser that a report names.
pub(super) fn browser(system: &SystemInfo) -> Option<String> {
    system.browser.as_ref().map(|text| one_line(text, NAME_CHARS_MAX)).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use playhead_schemas::{BugId, ProjectId};

    use super::*;
    use crate::engine::{Connector, PAGE_BYTES, Sqlite, SqliteSettings, Value, migrate, values};
    use crate::store::CATALOG_MIGRATIONS;

    /// Bugs from before there was a tracker get their release and their browser, and the new word for their priority.
    #[test]
    fn older_bugs_are_brought_up_to_date() {
        let dir = tempfile::tempdir().unwrap();
        let settings = SqliteSettings { cache_mib: 1, connections: 1, page_bytes: PAGE_BYTES };
        let session = Sqlite::open(&dir.path().join("c.sqlite"), &settings).unwrap().connect().unwrap();
        migrate(&*session, &CATALOG_MIGRATIONS[..3]).unwrap();
        let (project, id) = (ProjectId::new(), BugId::new());
        let system = r#"{"browser":"Firefox 140","x":"\u0000"}"#;
        let row = [
            values![Value::Null, id, project, Value::Null, "t", "d", "open", "urgent", r#"["a"]"#, "{}"].to_vec(),
            values!["{}", system, r#"{"version":7}"#, Value::Null, Value::Null, Value::Null].to_vec(),
            values![0i64, 0i64, 0i64, 0i64, 0i64, 0i64].to_vec(),
        ];
        session.append("bugs", &[row.concat()]).unwrap();
        session.append("bug_tags", &[values![project, "a", "open", "urgent", id].to_vec()]).unwrap();
        migrate(&*session, CATALOG_MIGRATIONS).unwrap();
        let bug = session.query_one("SELECT priority, release, browser, version FROM bugs", &[]).unwrap().unwrap();
        assert_eq!(bug.0, values!["critical", "7", "Firefox 140", 1i64]);
        let tag = session.query_one("SELECT priority FROM bug_tags", &[]).unwrap().unwrap();
        assert_eq!(tag.0, values!["critical"]);
    }

    #[test]
    fn a_release_is_what_the_metadata_names() {
        for (metadata, want) in [
            (serde_json::json!({"release": "1.4.2", "version": "9"}), Some("1.4.2")),
            (serde_json::json!({"version": 7}), Some("7")),
            (serde_json::json!({"app_version": " 2026.11\n"}), Some("2026.11")),
            (serde_json::json!({"release": ""}), None),
            (serde_json::json!({"release": {"a": 1}}), None),
            (serde_json::json!({"plan": "pro"}), None),
        ] {
            let found = metadata.as_object().and_then(release);
            assert_eq!(found.as_deref(), want, "{metadata}");
        }
    }
}
