//! Which moment an action is that a recorder saw, and which page something belongs to that came before its snapshot.
//!
//! In: all drafts in order of time, and when an action began, on which node. Out: the draft of that action. Never here: a
//! guess from nearness alone.

use crate::observe::{Draft, DraftIndex};

/// A recorder notes a press; the moment of a click begins when the button is released, at most so long after.
const PRESS_MS: f64 = 1050.0;
/// The events of one action follow each other within this time, such as a click and the form that it sends.
const AFTER_MS: f64 = 100.0;
/// Without a node in common, times must agree so closely.
const SAME_MS: f64 = 20.0;
/// Actions that are looked at for each.
const LOOKED_AT_MAX: usize = 50;
/// Pages of other windows that may come between.
const WINDOWS_LOOKED_MAX: usize = 16;

/// The actions of a timeline and the pages whose recorder said when it began, by time.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    actions: Vec<DraftIndex>,
    pages: Vec<DraftIndex>,
}

impl Recorded {
    pub(super) fn of(drafts: &[Draft]) -> Self {
        let those = |is: fn(&Draft) -> bool| (0..drafts.len()).filter(|index| is(&drafts[*index])).collect();
        Self { actions: those(|draft| draft.kind.is_action()), pages: those(|draft| draft.recorded_from.is_some()) }
    }

    /// The page that was about to be shown, and recorded already, when the draft at `of` began: its snapshot came later.
    pub(super) fn coming(&self, drafts: &[Draft], of: DraftIndex) -> Option<DraftIndex> {
        let (at, window) = (drafts[of].at, drafts[of].window);
        let next = self.pages.partition_point(|page| drafts[*page].at < at);
        let mut coming = self.pages[next..].iter().copied().take(WINDOWS_LOOKED_MAX);
        let page = coming.find(|page| drafts[*page].window == window)?;
        drafts[page].recorded_from.is_some_and(|from| at >= from).then_some(page)
    }

    /// The action that the draft at `of` belongs to, as the recorder told.
    pub(super) fn find(&self, drafts: &[Draft], of: DraftIndex) -> Option<DraftIndex> {
        let action = drafts[of].belongs?.action?;
        let until = self.actions.partition_point(|index| drafts[*index].at <= action.at + PRESS_MS);
        let recent = self.actions[..until].iter().rev().copied().take(LOOKED_AT_MAX);
        let own = recent.filter(|index| drafts[*index].window == drafts[of].window);
        let near = own.filter_map(|index| {
            let draft = &drafts[index];
            let is_on = action.node != 0 && [draft.node, draft.hit, draft.form].contains(&action.node);
            let (early, late) = (draft.at - action.at, action.at - draft.end);
            let fits = match is_on {
                true => early <= PRESS_MS && late <= AFTER_MS,
                false => early <= SAME_MS && late <= SAME_MS,
            };
            fits.then_some((!is_on, early.max(late).max(0.0), index))
        });
        near.min_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))).map(|(_, _, index)| index)
    }
}
