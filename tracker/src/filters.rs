//! Which bugs a list or a search gives: the conditions as callers name them, checked and turned into the store's query.

use playhead_schemas::limits::{RELEASE_CHARS_MAX, TAG_CHARS_MAX};
use playhead_schemas::timeline::Signal;
use playhead_schemas::tracker::{BugSort, BugState};
use playhead_schemas::upload::{BugStatus, Priority};
use playhead_schemas::{BugId, EpochMs, ProjectId};
use playhead_store::{AssigneeIs, BugQuery, MoreConditions};
use serde::Serialize;

use crate::{TrackerError, When, Worker, Writer, text};

/// Characters of a reporter's name, address or id.
const REPORTER_CHARS_MAX: usize = 200;
/// Characters of a browser's name.
const BROWSER_CHARS_MAX: usize = 64;
/// Characters of the words of a search.
const WORDS_CHARS_MAX: usize = 200;
/// Tags that a bug is asked to have.
const TAGS_MAX: usize = 100;

/// The conditions of a list, joined by and. The default takes every bug, newest first.
#[derive(Clone, Debug, Default, Serialize)]
pub struct BugFilters {
    /// With one of these; an empty list takes any.
    pub status: Vec<BugStatus>,
    /// Done with or not.
    pub state: Option<BugState>,
    /// With one of these; an empty list takes any.
    pub priority: Vec<Priority>,
    /// With all of these.
    pub tag: Vec<String>,
    /// Who works on it.
    pub assignee: Option<Worker>,
    /// Exact name, address or id.
    pub reporter: Option<String>,
    /// Seen in exactly this one.
    pub release: Option<String>,
    /// A part of the browser's name.
    pub browser: Option<String>,
    /// With a replay, or without one.
    pub has_replay: Option<bool>,
    /// With an error or a failed request in the replay, or without one.
    pub has_error: Option<bool>,
    /// With this pattern in the replay.
    pub signal: Option<Signal>,
    /// Reported then or later.
    pub created_from: Option<When>,
    /// Reported before.
    pub created_before: Option<When>,
    /// Changed then or later.
    pub updated_from: Option<When>,
    /// Changed before.
    pub updated_before: Option<When>,
    /// Marked as a duplicate of this bug.
    pub duplicate_of: Option<BugId>,
    /// The order.
    pub sort: Option<BugSort>,
}

impl BugFilters {
    /// The query of a list in these projects. Its place and its limit are the caller's to set.
    ///
    /// # Errors
    /// `INVALID_INPUT` that names the condition.
    pub fn query(&self, projects: Vec<ProjectId>, writer: &Writer) -> Result<BugQuery, TrackerError> {
        Ok(BugQuery {
            projects,
            status: self.statuses()?,
            priority: self.priority.clone(),
            tags: self.tags()?,
            more: self.conditions(writer)?,
            sort: self.sort.unwrap_or_default(),
            ..BugQuery::default()
        })
    }

    /// The statuses that `status` and `state` name together.
    fn statuses(&self) -> Result<Vec<BugStatus>, TrackerError> {
        let named = self.status.clone();
        let wants_open = match self.state {
            Some(BugState::Open) => true,
            Some(BugState::Closed) => false,
            Some(BugState::All) | None => return Ok(named),
        };
        let of = if named.is_empty() { BugStatus::ALL.to_vec() } else { named };
        let both: Vec<BugStatus> = of.into_iter().filter(|status| status.is_open() == wants_open).collect();
        if both.is_empty() {
            return Err(TrackerError::invalid("status", "and state exclude each other", "Leave one of them out."));
        }
        Ok(both)
    }

    fn tags(&self) -> Result<Vec<String>, TrackerError> {
        if self.tag.len() > TAGS_MAX {
            return Err(TrackerError::invalid("tag", format!("names more than {TAGS_MAX} tags"), "Name fewer."));
        }
        let tag = |tag: &String| text::bounded("tag", tag, TAG_CHARS_MAX).map(str::to_owned);
        self.tag.iter().map(tag).collect()
    }

    fn conditions(&self, writer: &Writer) -> Result<MoreConditions, TrackerError> {
        let text = |field, text: &Option<String>, most| {
            text.as_deref().map(|text| text::bounded(field, text, most).map(str::to_owned)).transpose()
        };
        let time = |when: Option<When>| -> Option<EpochMs> { when.map(|when| when.0) };
        let assignee = match self.assignee {
            None => None,
            Some(Worker::Nobody) => Some(AssigneeIs::Nobody),
            Some(Worker::One(assignee)) => Some(AssigneeIs::Actor(assignee.actor(writer)?)),
        };
        Ok(MoreConditions {
            assignee,
            reporter: text("reporter", &self.reporter, REPORTER_CHARS_MAX)?,
            release: text("release", &self.release, RELEASE_CHARS_MAX)?,
            browser: text("browser", &self.browser, BROWSER_CHARS_MAX)?,
            has_replay: self.has_replay,
            has_error: self.has_error,
            signal: self.signal,
            duplicate_of: self.duplicate_of,
            created_from: time(self.created_from),
            created_before: time(self.created_before),
            updated_from: time(self.updated_from),
            updated_before: time(self.updated_before),
        })
    }
}

/// The query of a search for `words` among bugs of these statuses; an empty list takes any. Its place and its limit are
/// the caller's to set.
///
/// # Errors
/// `INVALID_INPUT` when there is nothing to search for, or too much.
pub fn search_query(projects: Vec<ProjectId>, words: &str, status: Vec<BugStatus>) -> Result<BugQuery, TrackerError> {
    let words = text::bounded("query", words, WORDS_CHARS_MAX)?;
    if !words.chars().any(char::is_alphanumeric) {
        return Err(TrackerError::invalid(
            "query",
            "has no word to search for: it consists of signs",
            "Send at least one letter or digit.",
        ));
    }
    Ok(BugQuery { projects, status, text: Some(words.to_owned()), ..BugQuery::default() })
}
