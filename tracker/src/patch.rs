//! A partial update of a bug, as a pure function from the bug as it is to its fields as they are to be.

use playhead_schemas::limits::DESCRIPTION_CHARS_MAX;
use playhead_schemas::upload::{BugStatus, Priority};
use playhead_schemas::{Actor, BugId, MemberId};
use playhead_store::{Bug, BugFields};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{TrackerError, Writer, next_statuses, text};

/// What is to be changed about a bug; what is `None` or empty stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BugPatch {
    /// One line.
    pub title: Option<String>,
    /// Many lines.
    pub description: Option<String>,
    /// Where it is to stand.
    pub status: Option<BugStatus>,
    /// How urgent it is.
    pub priority: Option<Priority>,
    /// All of its tags, in place of those that it has.
    pub tags: Option<Vec<String>>,
    /// Tags that are added.
    pub add_tags: Vec<String>,
    /// Tags that are removed.
    pub remove_tags: Vec<String>,
    /// Who is to work on it. That this one may, is checked by [`update_bug`](crate::update_bug).
    pub assignee: Option<Actor>,
    /// The member who answers for the agent that works on it; by default the one who assigns it.
    pub answered_by: Option<MemberId>,
    /// The milestone that it belongs to.
    pub milestone: Option<String>,
    /// The release that fixes it.
    pub fixed_in: Option<String>,
    /// The bug that it repeats.
    pub duplicate_of: Option<BugId>,
    /// Fields that are emptied.
    pub clear: Vec<Clearable>,
}

/// A field that can be emptied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Clearable {
    /// Nobody works on it.
    Assignee,
    /// It belongs to no milestone.
    Milestone,
    /// No release is known to fix it.
    FixedIn,
    /// It repeats no other bug.
    DuplicateOf,
}

impl Clearable {
    /// Every one, in order of declaration.
    pub const ALL: [Self; 4] = [Self::Assignee, Self::Milestone, Self::FixedIn, Self::DuplicateOf];

    /// The field's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Assignee => "assignee",
            Self::Milestone => "milestone",
            Self::FixedIn => "fixed_in",
            Self::DuplicateOf => "duplicate_of",
        }
    }
}

/// The fields of `bug` after `patch` by `writer`.
///
/// What follows without being asked for: a bug that is marked as a duplicate is closed, one that no longer is comes back,
/// and one that comes back loses the release that was to fix it.
///
/// # Errors
/// `INVALID_INPUT` that names the field.
pub(crate) fn apply(bug: &Bug, patch: &BugPatch, writer: &Writer) -> Result<BugFields, TrackerError> {
    check_clear(patch)?;
    let mut fields = bug.fields();
    if let Some(title) = &patch.title {
        fields.title = text::title(title)?;
    }
    if let Some(description) = &patch.description {
        fields.description = text::lines("description", description, 0, DESCRIPTION_CHARS_MAX)?;
    }
    fields.priority = patch.priority.unwrap_or(fields.priority);
    fields.tags = tags(&fields.tags, patch)?;
    assign(&mut fields, patch, writer)?;
    if let Some(milestone) = &patch.milestone {
        fields.milestone = Some(text::name("milestone", milestone)?);
    }
    fields.duplicate_of = patch.duplicate_of.or(fields.duplicate_of);
    for field in &patch.clear {
        match field {
            Clearable::Assignee => (fields.assignee, fields.answered_by) = (None, None),
            Clearable::Milestone => fields.milestone = None,
            Clearable::FixedIn => fields.fixed_in = None,
            Clearable::DuplicateOf => fields.duplicate_of = None,
        }
    }
    fields.status = status(bug, patch, fields.duplicate_of)?;
    let is_asked = patch.status.is_some() || patch.duplicate_of.is_some();
    if is_asked && fields.duplicate_of.is_some() && fields.status.is_open() {
        return Err(TrackerError::invalid(
            "status",
            "leaves it open, and a duplicate is closed",
            "Leave status out, or send clear: [\"duplicate_of\"].",
        ));
    }
    if fields.status == BugStatus::Reopened && bug.status != BugStatus::Reopened {
        fields.fixed_in = None;
    }
    if let Some(release) = &patch.fixed_in {
        fields.fixed_in = Some(text::name("fixed_in", release)?);
    }
    Ok(fields)
}

/// A field is either set or emptied.
fn check_clear(patch: &BugPatch) -> Result<(), TrackerError> {
    let is_set = |field: Clearable| match field {
        Clearable::Assignee => patch.assignee.is_some(),
        Clearable::Milestone => patch.milestone.is_some(),
        Clearable::FixedIn => patch.fixed_in.is_some(),
        Clearable::DuplicateOf => patch.duplicate_of.is_some(),
    };
    match patch.clear.iter().find(|field| is_set(**field)) {
        Some(both) => Err(TrackerError::invalid(
            both.as_str(),
            "is set and named in clear",
            "Set it, or name it in clear, not both.",
        )),
        None => Ok(()),
    }
}

fn tags(now: &[String], patch: &BugPatch) -> Result<Vec<String>, TrackerError> {
    let mut tags = match &patch.tags {
        Some(all) => text::tags("tags", all)?,
        None => now.to_vec(),
    };
    let removed = text::tags("remove_tags", &patch.remove_tags)?;
    tags.retain(|tag| !removed.contains(tag));
    for tag in text::tags("add_tags", &patch.add_tags)? {
        if removed.contains(&tag) {
            return Err(TrackerError::invalid("add_tags", "and remove_tags name one tag", "Name each tag once."));
        }
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    // Reports may have come with more tags than are taken by hand; removing some of them must be possible.
    if tags.len() > now.len() {
        text::check_tags("add_tags", &tags)?;
    }
    Ok(tags)
}

fn assign(fields: &mut BugFields, patch: &BugPatch, writer: &Writer) -> Result<(), TrackerError> {
    if let Some(assignee) = patch.assignee.filter(|assignee| fields.assignee != Some(*assignee)) {
        fields.assignee = Some(assignee);
        fields.answered_by = writer.answers_for(assignee);
    }
    if let Some(member) = patch.answered_by {
        if !matches!(fields.assignee, Some(Actor::Agent(_))) {
            return Err(TrackerError::invalid(
                "answered_by",
                "stands beside an agent, and no agent is assigned",
                "Assign an agent in the same call, or leave answered_by out.",
            ));
        }
        fields.answered_by = Some(member);
    }
    Ok(())
}

fn status(bug: &Bug, patch: &BugPatch, duplicate_of: Option<BugId>) -> Result<BugStatus, TrackerError> {
    let follows = match (bug.duplicate_of, duplicate_of) {
        (None, Some(_)) if bug.status != BugStatus::Closed => Some(BugStatus::Closed),
        (Some(_), None) if bug.status == BugStatus::Closed => Some(BugStatus::Reopened),
        _ => None,
    };
    let Some(to) = patch.status.or(follows).filter(|to| *to != bug.status) else { return Ok(bug.status) };
    let next = next_statuses(bug.status);
    if next.contains(&to) { Ok(to) } else { Err(TrackerError::Transition { from: bug.status, to, next }) }
}
