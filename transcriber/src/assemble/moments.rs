//! Drafts to moments.

use playhead_schemas::MomentId;
use playhead_schemas::timeline::{Cause, Level, Moment, MomentKind, Outcome, PageChange};

use crate::observe::{Draft, Note, Tie, ToldChange};
use crate::render;

/// A change of the page this soon after an action came with it, milliseconds.
const AT_ONCE_MS: f64 = 500.0;

fn cause(tie: &Tie) -> Cause {
    let from = MomentId(tie.from as u32 + 1);
    Cause { from, edge: tie.edge, evidence: tie.evidence.clone(), confidence: tie.confidence }
}

/// A change of the page; its time and cause where they differ from those of the action, which ended at `end`.
fn page_change(told: ToldChange, end: f64, offset: impl Fn(f64) -> u64) -> PageChange {
    let ToldChange { change, at, tie } = told;
    let is_own = at - end <= AT_ONCE_MS && tie.is_none();
    PageChange { change, t_ms: (!is_own).then(|| offset(at)), cause: tie.as_ref().map(cause) }
}

/// Drafts to moments with ids; then, as lines name other moments, their texts.
pub(super) fn moments(mut drafts: Vec<Draft>, started_at: f64) -> Vec<Moment> {
    let count = drafts.len();
    let notes: Vec<Option<Note>> = drafts.iter_mut().map(|draft| draft.note.take()).collect();
    let id = |index: usize| MomentId(index as u32 + 1);
    let offset = |at: f64| (at - started_at).max(0.0) as u64;
    let kept = |list: &[usize]| list.iter().filter(|index| **index < count).map(|index| id(*index)).collect::<Vec<_>>();
    let mut moments: Vec<Moment> = drafts
        .into_iter()
        .enumerate()
        .map(|(index, draft)| Moment {
            id: id(index),
            t_ms: offset(draft.at),
            end_ms: offset(draft.end.max(draft.at)),
            window: draft.window,
            kind: draft.kind,
            count: draft.count.max(1),
            target: draft.target,
            value: draft.value,
            masked: draft.masked,
            url: draft.url.as_deref().map(str::to_owned),
            signals: draft.signals,
            caused_by: draft.cause.filter(|index| *index < count).map(id),
            causes: draft.ties.iter().filter(|tie| tie.from < count).map(cause).collect(),
            led_to: Vec::new(),
            entry: draft.entry,
            same_as: draft.same_as.filter(|index| *index < count).map(id),
            vital: draft.vital,
            doubts: draft.doubts,
            outcome: draft.outcome.map(|effects| {
                let silent = effects.requests.is_empty()
                    && effects.errors.is_empty()
                    && effects.told.changes.is_empty()
                    && effects.navigation.is_none()
                    && effects.first_change.is_none();
                let watched = (effects.watched_until - draft.end).max(0.0) as u64;
                Outcome {
                    requests: kept(&effects.requests),
                    errors: kept(&effects.errors),
                    changes: effects.told.changes.into_iter().map(|c| page_change(c, draft.end, offset)).collect(),
                    changes_omitted: effects.told.omitted,
                    navigation: effects.navigation.map(id),
                    unchanged_ms: (silent && !effects.answered_otherwise && effects.watched_until > 0.0)
                        .then_some(watched),
                }
            }),
            request: draft.request,
            level: draft.level.or((draft.kind == MomentKind::Error).then_some(Level::Error)),
            message: draft.message,
            stack: draft.stack,
            text: String::new(),
        })
        .collect();
    for index in 0..moments.len() {
        for i in 0..moments[index].causes.len() {
            let from = moments[index].causes[i].from.0 as usize;
            let id = moments[index].id;
            if let Some(earlier) = moments.get_mut(from.wrapping_sub(1)) {
                earlier.led_to.push(id);
            }
        }
    }
    for index in 0..moments.len() {
        moments[index].text = render::line::line(&moments[index], notes[index].as_ref(), &moments);
    }
    moments
}
