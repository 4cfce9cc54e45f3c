//! Drafts to moments.

use playhead_schemas::MomentId;
use playhead_schemas::timeline::{Cause, Level, Moment, MomentKind, Outcome, PageChange};

use crate::observe::{CauseEdge, Draft, Note, TimedChange};
use crate::render;

/// A change of the page this soon after an action came with it, milliseconds.
const AT_ONCE_MS: f64 = 500.0;

fn cause(edge: &CauseEdge) -> Cause {
    let from = MomentId(edge.from as u32 + 1);
    Cause { from, edge: edge.edge, evidence: edge.evidence.clone(), confidence: edge.confidence }
}

/// A change of the page; its time and cause where they differ from those of the action, which ended at `end`.
fn page_change(reported: TimedChange, end: f64, offset: impl Fn(f64) -> u64) -> PageChange {
    let TimedChange { change, at, edge } = reported;
    let is_own = at - end <= AT_ONCE_MS && edge.is_none();
    PageChange { change, t_ms: (!is_own).then(|| offset(at)), cause: edge.as_ref().map(cause) }
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
            causes: draft.edges.iter().filter(|edge| edge.from < count).map(cause).collect(),
            led_to: Vec::new(),
            entry: draft.entry,
            same_as: draft.same_as.filter(|index| *index < count).map(id),
            vital: draft.vital,
            doubts: draft.doubts,
            outcome: draft.outcome.map(|outcome| {
                let silent = outcome.requests.is_empty()
                    && outcome.errors.is_empty()
                    && outcome.changes.reported.is_empty()
                    && outcome.navigation.is_none()
                    && outcome.first_change.is_none();
                let watched = (outcome.watched_until - draft.end).max(0.0) as u64;
                Outcome {
                    requests: kept(&outcome.requests),
                    errors: kept(&outcome.errors),
                    changes: outcome.changes.reported.into_iter().map(|c| page_change(c, draft.end, offset)).collect(),
                    changes_omitted: outcome.changes.omitted,
                    navigation: outcome.navigation.map(id),
                    unchanged_ms: (silent && !outcome.answered_otherwise && outcome.watched_until > 0.0)
                        .then_some(watched),
                }
            }),
            request: draft.request,
            retried_as: draft.retried_as.filter(|index| *index < count).map(id),
            level: draft.level.or((draft.kind == MomentKind::Error).then_some(Level::Error)),
            message: draft.message,
            stack: draft.stack,
            inner_errors: draft.inner_errors,
            component_stack: draft.components,
            release: draft.release,
            navigation: draft.navigation,
            shows: draft.shows,
            note: None,
            text: String::new(),
            units: Vec::new(),
        })
        .collect();
    tell_what_followed(&mut moments);
    for (moment, note) in moments.iter_mut().zip(&notes) {
        moment.note = note.as_ref().and_then(|note| render::action::note_words(moment.kind, note));
    }
    for index in 0..moments.len() {
        let line = render::line::line(&moments[index], notes[index].as_ref(), &moments);
        (moments[index].text, moments[index].units) = (line.text, line.units);
    }
    moments
}

/// Gives each moment those that it led to.
fn tell_what_followed(moments: &mut [Moment]) {
    for index in 0..moments.len() {
        for i in 0..moments[index].causes.len() {
            let from = moments[index].causes[i].from.0 as usize;
            let id = moments[index].id;
            if let Some(earlier) = moments.get_mut(from.wrapping_sub(1)) {
                earlier.led_to.push(id);
            }
        }
    }
}
