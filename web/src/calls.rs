//! What every call has in common, whichever surface it comes to: its roles, what it counts against, its projects.

use playhead_access::{Plan, Principal, Reach, Refusal, checks, quota};
use playhead_schemas::{ActorRoles, EpochMs, ProjectId};
use playhead_store::{Counted, Counter, Store, StoreError};

/// How many projects of a workspace one call looks at.
const PROJECTS_MAX: usize = 10_000;

/// The roles that the one whom a credential acts for has now: from memory, and forgotten with each change.
pub async fn roles_of(store: &Store, principal: &Principal) -> Result<Option<ActorRoles>, StoreError> {
    match principal.actor {
        Some(actor) => store.actor_roles(actor).await,
        None => Ok(None),
    }
}

/// Counts a call of this minute.
///
/// # Errors
/// When the calls of the minute are used up.
pub fn count_minute(store: &Store, plan: &Plan, principal: &Principal, now: EpochMs) -> Result<(), Refusal> {
    let counter = Counter::PrincipalMinute(principal.rate_key());
    let counted = store.count(counter, quota::minute_no(now), plan.calls_per_minute);
    checks::rate(plan, counted != Counted::Full, now)
}

/// Counts a call of this day in the project that it is about, else in the workspace.
///
/// # Errors
/// When the calls of the day are used up.
pub fn count_day(
    store: &Store,
    plan: &Plan,
    reach: &Reach,
    project: Option<ProjectId>,
    now: EpochMs,
) -> Result<(), Refusal> {
    let counter = project.map_or_else(|| Counter::WorkspaceDay(reach.workspace()), Counter::ProjectDay);
    let counted = store.count(counter, quota::day_no(now), plan.calls_per_day);
    checks::daily(plan, counted != Counted::Full, now)
}

/// The projects within reach, oldest first: at most 10,000.
pub async fn projects_within(store: &Store, reach: &Reach) -> Result<Vec<ProjectId>, StoreError> {
    let (mut ids, mut after) = (Vec::new(), None);
    loop {
        let page = store.projects(reach.workspace(), reach.only(), after, 1000).await?;
        ids.extend(page.items.iter().map(|project| project.id));
        after = page.next;
        if after.is_none() || ids.len() >= PROJECTS_MAX {
            return Ok(ids);
        }
    }
}
