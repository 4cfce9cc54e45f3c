//! Events: which bug each became, how many bugs a replay has, and which breadcrumbs are stored.

use playhead_schemas::{BugId, EpochMs, ProjectId, ReplayKey};

use crate::engine::values;
use crate::replays::full_key;
use crate::{Bug, Result, Store, StoreError};

/// Bytes of an SDK's id of an event.
const EVENT_BYTES_MAX: usize = 200;

const BY_CLIENT_KEY: &str = "SELECT id FROM bugs WHERE client_key = $1";
const BUG: &str = "SELECT bug FROM sdk_events WHERE full_id = $1";
const REMEMBER: &str = "INSERT INTO sdk_events (full_id, bug, seen_at) VALUES ($1, $2, $3)
    ON CONFLICT (full_id) DO NOTHING";
const BUGS: &str = "SELECT count(*) FROM bugs b JOIN replays r ON b.replay = r.id WHERE r.full_key = $1";
const CRUMBS: &str = "SELECT crumbs_until FROM sdk_replays WHERE full_key = $1";
const SET_CRUMBS: &str = "INSERT INTO sdk_replays (full_key, crumbs_until, seen_at) VALUES ($1, $2, $3)
    ON CONFLICT (full_key) DO UPDATE SET seen_at = excluded.seen_at, crumbs_until =
        CASE WHEN sdk_replays.crumbs_until < excluded.crumbs_until THEN excluded.crumbs_until
        ELSE sdk_replays.crumbs_until END";

impl Store {
    /// The bug that was created with a client id.
    pub async fn bug_by_client_id(&self, project: ProjectId, client_id: &str) -> Result<Option<Bug>> {
        let found = self.find(BY_CLIENT_KEY, values![format!("{project}/{client_id}")], |row| row.get(0)).await?;
        match found {
            Some(id) => self.bug(id).await.map(Some),
            None => Ok(None),
        }
    }

    /// The bug that an event became or joined, by the SDK's id of the event.
    pub async fn bug_of_sdk_event(&self, project: ProjectId, event: &str) -> Result<Option<BugId>> {
        self.find(BUG, values![full_id(project, event)?], |row| row.get(0)).await
    }

    /// Notes which bug an event became or joined. The first note stays.
    pub async fn remember_sdk_event(&self, project: ProjectId, event: &str, bug: BugId) -> Result<()> {
        let id = full_id(project, event)?;
        let now = EpochMs::now();
        self.write(move |tx| tx.execute(REMEMBER, &values![id.as_str(), bug, now]).map(drop)).await
    }

    /// How many bugs a replay has.
    pub async fn bug_count_of_replay(&self, project: ProjectId, replay: &ReplayKey) -> Result<u64> {
        Ok(self.find(BUGS, values![full_key(project, replay)], |row| row.get(0)).await?.unwrap_or(0))
    }

    /// The time of the newest breadcrumb of a replay that is stored; `None` when there is none.
    pub async fn crumbs_until(&self, project: ProjectId, replay: &ReplayKey) -> Result<Option<EpochMs>> {
        self.find(CRUMBS, values![full_key(project, replay)], |row| row.get(0)).await
    }

    /// Notes that the breadcrumbs of a replay are stored up to a time. A later time that was noted stays.
    pub async fn set_crumbs_until(&self, project: ProjectId, replay: &ReplayKey, until: EpochMs) -> Result<()> {
        let key = full_key(project, replay);
        let now = EpochMs::now();
        self.write(move |tx| tx.execute(SET_CRUMBS, &values![key.as_str(), until, now]).map(drop)).await
    }
}

/// Project and the SDK's id in one text.
fn full_id(project: ProjectId, event: &str) -> Result<String> {
    if event.is_empty() || event.len() > EVENT_BYTES_MAX {
        return Err(StoreError::Invalid(format!("an event's id has 1 to {EVENT_BYTES_MAX} bytes")));
    }
    Ok(format!("{project}/{event}"))
}
