//! Jobs of the worker.

use playhead_schemas::{BugId, EpochMs, JobId, ProjectId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Page;

/// How many jobs there are of each state, and a page of the dead ones.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Jobs {
    /// Waiting, for a worker or for the time of their next try.
    pub queued: u64,
    /// Being computed.
    pub running: u64,
    /// Completed.
    pub done: u64,
    /// Given up.
    pub dead: u64,
    /// Those that were given up, oldest first.
    pub dead_jobs: Page<DeadJob>,
}

/// A job that was given up.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct DeadJob {
    /// The id.
    pub id: JobId,
    /// What it was to do.
    pub kind: JobKind,
    /// The id of the replay or the screenshot.
    pub subject: String,
    /// The project of the replay or the screenshot.
    pub project: ProjectId,
    /// How often it was tried.
    pub attempts: u32,
    /// The last error.
    pub error: String,
    /// When it was given up.
    pub died_at: EpochMs,
}

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum JobKind {
    /// Transcribes a replay.
    Transcribe,
    /// Makes the smaller pictures of a screenshot.
    Renditions,
}

/// Which replays to transcribe again. Conditions are joined by and.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reprocess {
    /// Of this project, by id or slug.
    #[serde(default)]
    pub project: Option<String>,
    /// Made at this time or later, epoch milliseconds.
    #[serde(default)]
    pub since: Option<EpochMs>,
    /// Of this bug, whatever the version of its transcript.
    #[serde(default)]
    pub bug: Option<BugId>,
    /// True: also those that this version has transcribed already.
    #[serde(default)]
    pub all: bool,
}

/// What was enqueued. `/api/v1/jobs` tells how far it is.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Enqueued {
    /// Replays that match.
    pub total: u64,
    /// Jobs that were made; a replay whose job was waiting already keeps that one.
    pub enqueued: u64,
}
