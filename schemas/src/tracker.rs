//! Words of the tracker: the fields of a bug that people and agents change, the kinds of activity, the orders of lists.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::string_enum::string_enum;

/// A field of a bug that can be changed.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::IntoStaticStr,
    strum::EnumCount,
    strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum BugField {
    /// One line.
    Title,
    /// Many lines.
    Description,
    /// Where it stands.
    Status,
    /// How urgent it is.
    Priority,
    /// Its tags.
    Tags,
    /// The member or agent who works on it.
    Assignee,
    /// The member who answers for the agent that works on it.
    AnsweredBy,
    /// The milestone that it belongs to.
    Milestone,
    /// The release that fixes it.
    FixedIn,
    /// The bug that it repeats.
    DuplicateOf,
}

string_enum!(
    BugField,
    "field (title, description, status, priority, tags, assignee, answered_by, milestone, fixed_in, duplicate_of)"
);

/// What was done to a bug.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::IntoStaticStr,
    strum::EnumCount,
    strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ActivityKind {
    /// It was made by hand. Reports of an SDK have no such entry: they are reported.
    Created,
    /// Fields were changed.
    Updated,
    /// A comment was added.
    Commented,
    /// A comment was changed.
    CommentEdited,
    /// A comment was deleted.
    CommentDeleted,
}

string_enum!(ActivityKind, "activity (created, updated, commented, comment_edited, comment_deleted)");

/// The order of a list of bugs.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::IntoStaticStr,
    strum::EnumCount,
    strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum BugSort {
    /// The last reported first.
    #[default]
    Newest,
    /// The first reported first.
    Oldest,
    /// The last changed first.
    Updated,
    /// The most urgent first, of one priority the last reported first.
    Priority,
}

string_enum!(BugSort, "order (newest, oldest, updated, priority)");

/// Whether bugs are done with.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::IntoStaticStr,
    strum::EnumCount,
    strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum BugState {
    /// Not resolved and not closed.
    Open,
    /// Resolved or closed.
    Closed,
    /// Either.
    All,
}

string_enum!(BugState, "state (open, closed, all)");
