//! The steps that a failure can't be understood without: the action that failed and the one that it is compared with, and
//! what was entered for both.

use std::collections::BTreeSet;

use playhead_schemas::MomentId;
use playhead_schemas::timeline::{Failure, Moment, MomentKind, Timeline};

use crate::failures::{find, root_cause};

/// Values of one page that were entered before an action and are looked at.
const ENTERED_MAX: usize = 8;

/// The places of such steps in `steps`.
pub(super) fn steps(timeline: &Timeline, steps: &[&Moment]) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut ids: Vec<MomentId> = timeline.failures.iter().flat_map(|failure| actions(timeline, failure)).collect();
    ids.sort_unstable();
    ids.dedup();
    for id in ids {
        let Ok(at) = steps.binary_search_by_key(&id, |moment| moment.id) else { continue };
        found.insert(at);
        let Some(action) = steps.get(at) else { continue };
        let before = (0..at).rev().map_while(|at| Some((at, steps.get(at)?)));
        let on_page = before.take_while(|(_, moment)| moment.kind != MomentKind::PageLoad);
        let entered = on_page.filter(|(_, moment)| moment.sets_value() && moment.window == action.window);
        found.extend(entered.take(ENTERED_MAX).map(|(at, _)| at));
    }
    found
}

/// The action of a failure and those of what it is compared with.
fn actions(timeline: &Timeline, failure: &Failure) -> impl Iterator<Item = MomentId> {
    let compared = failure.contrast.iter().flat_map(|contrast| [contrast.failed, contrast.well]);
    let by = compared.filter_map(|id| {
        let moment = find(&timeline.moments, id)?;
        if moment.kind.is_action() { Some(id) } else { root_cause(&timeline.moments, moment) }
    });
    let own: Vec<MomentId> = failure.action.into_iter().chain(Some(failure.moment)).chain(by).collect();
    own.into_iter()
}
