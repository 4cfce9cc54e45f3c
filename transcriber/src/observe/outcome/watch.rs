//! The page under watch for one action: what changed there, when.

use playhead_schemas::text::one_line;
use playhead_schemas::timeline::{Change, Subject};

use super::super::draft::{ChangeList, DraftIndex};
use super::lists::{self, List};
use super::loading::{self, Loading};
use super::overlays::{self, ClosedDialogs};
use super::{CHANGES_MAX, QUOTE_CHARS_MAX, container, feedback, is_element};
use crate::Options;
use crate::dom::apply::Changes;
use crate::dom::context::heading;
use crate::dom::name::{is_hidden, visible_text};
use crate::dom::{AttrName, Mirror, NodeIndex, NodeKind};

/// A request that starts this long after an action may be its own.
const REQUEST_MS: f64 = 1500.0;
/// A click on something that isn't a control is answered by then, unless a request runs: handlers run at
/// once, and what comes later is another key, a timer or a feed.
pub(crate) const NONCONTROL_MS: f64 = 500.0;
/// What a response changes on the page is there by then.
const RENDER_MS: f64 = 800.0;
/// Elements whose rebuilds are counted for one action.
const REBUILT_MAX: usize = 60;
/// Removed texts that are remembered for one action.
const REMOVED_TEXTS_MAX: usize = 40;
/// Elements around a message that may have been added together with it.
const BROUGHT_LEVELS_MAX: usize = 40;
/// Fields set by the page that are reported for one action.
const FIELDS_MAX: usize = 40;

/// A change that was found. The lower its weight, the more informative it is.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) weight: u8,
    pub(super) at: f64,
    /// The node that it is about.
    pub(super) of: NodeIndex,
    pub(super) change: Change,
}

/// A field that got another value.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) nx: NodeIndex,
    pub(super) at: f64,
    pub(super) value: String,
    pub(super) by_script: bool,
}

/// An element whose content was taken out and put in again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rebuilt {
    pub(super) nx: NodeIndex,
    pub(super) count: u32,
    pub(super) first: f64,
    pub(super) last: f64,
}

#[derive(Debug)]
pub(crate) struct Watch {
    pub(super) action: DraftIndex,
    pub(super) since: f64,
    /// The last time that the action went on: a key, a further click.
    pub(super) renewed: f64,
    pub(super) first_change: Option<f64>,
    /// A change came after the action itself, as when a link is followed.
    pub(super) followed: bool,
    pub(super) answered: bool,
    /// When the address changed for the first time.
    pub(super) arrived: Option<f64>,
    pub(super) added: Vec<(NodeIndex, f64)>,
    /// Overlays that were removed. Their names are read at that time, as their nodes may be gone later.
    pub(super) removed_overlays: Vec<Found>,
    pub(super) texts: Vec<(NodeIndex, String, f64)>,
    pub(super) attrs: Vec<(NodeIndex, AttrName, Option<Box<str>>, f64)>,
    pub(super) hidden: Vec<(NodeIndex, bool, f64)>,
    /// How many elements were removed, and when the last one was.
    pub(super) removed: (u32, f64),
    /// The texts of removed elements, and when they were removed.
    pub(super) removed_texts: Vec<(String, f64)>,
    pub(super) lists: Vec<List>,
    pub(super) loading: Vec<Loading>,
    pub(super) fields: Vec<Field>,
    pub(super) rebuilt: Vec<Rebuilt>,
    /// The rrweb id of the element that the page moved the focus to.
    pub(super) focus: Option<(u32, f64)>,
    /// How far the page was scrolled by it, CSS pixels from the top, and when.
    pub(super) scrolled: Option<(f64, f64)>,
    /// The changes up to when the next press began.
    pub(super) at_press: Option<ChangeList>,
}

impl Watch {
    /// True while it refers to no node.
    pub(crate) fn is_blank(&self) -> bool {
        self.added.is_empty()
            && self.texts.is_empty()
            && self.attrs.is_empty()
            && self.hidden.is_empty()
            && self.lists.is_empty()
            && self.loading.is_empty()
            && self.fields.is_empty()
            && self.rebuilt.is_empty()
    }

    pub(crate) fn new(action: DraftIndex, since: f64) -> Self {
        Self {
            action,
            since,
            renewed: since,
            first_change: None,
            followed: false,
            answered: false,
            arrived: None,
            added: Vec::new(),
            removed_overlays: Vec::new(),
            texts: Vec::new(),
            attrs: Vec::new(),
            hidden: Vec::new(),
            removed: (0, since),
            removed_texts: Vec::new(),
            lists: Vec::new(),
            loading: Vec::new(),
            fields: Vec::new(),
            rebuilt: Vec::new(),
            focus: None,
            scrolled: None,
            at_press: None,
        }
    }

    /// The watch of the action that a press began, with what changed since the press.
    pub(crate) fn of_press(self, action: DraftIndex, at: f64) -> Self {
        Self { action, since: at.min(self.since), renewed: at, ..self }
    }

    /// Takes what changed since a further press of the same action.
    pub(crate) fn absorb(&mut self, pressing: Self) {
        self.first_change = self.first_change.or(pressing.first_change);
        self.added.extend(pressing.added);
        self.removed_overlays.extend(pressing.removed_overlays);
        self.texts.extend(
            pressing
                .texts
                .into_iter()
                .filter(|(nx, ..)| !self.texts.iter().any(|(own, ..)| own == nx))
                .collect::<Vec<_>>(),
        );
        self.attrs.extend(pressing.attrs);
        self.hidden.extend(pressing.hidden);
        self.removed = (self.removed.0 + pressing.removed.0, pressing.removed.1);
        self.removed_texts.extend(pressing.removed_texts);
        lists::absorb(&mut self.lists, pressing.lists);
        self.loading.extend(pressing.loading);
        self.fields.extend(pressing.fields);
    }

    /// The action goes on at `at`.
    pub(crate) fn renew(&mut self, at: f64) {
        self.renewed = self.renewed.max(at);
        self.at_press = None;
    }

    /// Until when changes are taken for the action's own.
    pub(super) fn own_until(&self, requests: &[(f64, f64)], options: &Options) -> f64 {
        let first = requests.partition_point(|(start, _)| *start < self.since - 20.0);
        requests[first..]
            .iter()
            .take_while(|(start, _)| *start <= self.renewed + REQUEST_MS)
            .map(|(_, end)| end + RENDER_MS)
            .fold(self.renewed + options.outcome_ms, f64::max)
            .min(self.renewed + options.outcome_ms_max)
    }

    /// True when nothing has changed for long, and no request was made in that time either.
    pub(super) fn is_too_late(&self, at: f64, requests: &[(f64, f64)]) -> bool {
        let since = requests.partition_point(|(start, _)| *start < self.since - 20.0);
        self.first_change.is_none()
            && at - self.renewed > NONCONTROL_MS
            && requests.get(since).is_none_or(|(start, _)| *start > self.renewed + NONCONTROL_MS)
    }

    pub(crate) fn is_over(&self, at: f64, requests: &[(f64, f64)], options: &Options) -> bool {
        at > self.renewed + options.dead_click_ms && at > self.own_until(requests, options)
    }

    /// A field got another value that the user didn't enter.
    pub(super) fn note_field(&mut self, nx: NodeIndex, at: f64, value: &str, by_script: bool) {
        self.first_change.get_or_insert(at);
        let value = one_line(value, QUOTE_CHARS_MAX);
        if let Some(field) = self.fields.iter_mut().find(|field| field.nx == nx) {
            (field.value, field.at) = (value, at);
        } else if self.fields.len() < FIELDS_MAX {
            self.fields.push(Field { nx, at, value, by_script });
        }
    }

    /// Takes the changes of one mutation, without the noisy ones and what only shows that `target` was pressed;
    /// true when there were others.
    pub(super) fn take(
        &mut self,
        mirror: &Mirror,
        at: f64,
        changes: &Changes,
        target: Option<NodeIndex>,
        noisy: impl Fn(NodeIndex) -> bool,
    ) -> bool {
        let before = self.count();
        for (nx, from) in changes.removed.iter().zip(&changes.removed_from) {
            let is_self_dismissed = feedback::dismisses_itself(mirror, *nx, target)
                .is_some_and(|message| !self.is_new_message(mirror, message, *from));
            if !noisy(*nx) && !feedback::is_ripple(mirror, *nx, *from) && !is_self_dismissed {
                self.take_removed(mirror, at, *nx, *from);
            }
        }
        for nx in changes.added.iter().filter(|nx| !noisy(container(mirror, **nx))) {
            if feedback::is_ripple(mirror, *nx, container(mirror, *nx)) {
                continue;
            }
            push(&mut self.added, (*nx, at));
            lists::note_added(mirror, &mut self.lists, *nx, at);
            loading::began(mirror, &mut self.loading, *nx, at);
        }
        self.note_rebuilt(mirror, at, changes, &noisy);
        for (nx, old) in changes.texts.iter().filter(|(nx, _)| !noisy(container(mirror, *nx))) {
            // The first old text counts: a text that is changed back is no change.
            if !self.texts.iter().any(|(known, ..)| known == nx) {
                let old = one_line(mirror.slice(*old), QUOTE_CHARS_MAX);
                push(&mut self.texts, (*nx, old, at));
            }
        }
        for (nx, attr, old) in changes.attrs.iter().filter(|(nx, attr, _)| *attr != AttrName::Src && !noisy(*nx)) {
            let known = self.attrs.iter().any(|(known, of, ..)| (known, of) == (nx, attr));
            let old = old.map(|old| mirror.slice(old));
            if feedback::is_cosmetic(mirror, *nx, *attr, old.unwrap_or_default()) {
                continue;
            }
            if !known || is_display(*attr) {
                push(&mut self.attrs, (*nx, *attr, old.map(Box::from), at));
            }
        }
        for (nx, hidden) in changes.hidden.iter().filter(|(nx, _)| !noisy(*nx)) {
            push(&mut self.hidden, (*nx, *hidden, at));
            if *hidden {
                loading::ended(mirror, &mut self.loading, *nx, at);
            } else {
                loading::began(mirror, &mut self.loading, *nx, at);
            }
        }
        let changed = before != self.count();
        if changed && self.action == usize::MAX {
            self.first_change.get_or_insert(at);
        }
        changed
    }

    fn take_removed(&mut self, mirror: &Mirror, at: f64, nx: NodeIndex, from: NodeIndex) {
        self.removed = (self.removed.0 + 1, at);
        lists::note_removed(mirror, &mut self.lists, nx, from, at);
        loading::ended(mirror, &mut self.loading, nx, at);
        if self.removed.0 as usize > CHANGES_MAX {
            return;
        }
        // An element that was already hidden did not disappear, unless the action itself hid it.
        let hides = |attr: AttrName| matches!(attr, AttrName::AriaHidden | AttrName::Hidden);
        let seen = |nx: NodeIndex| {
            !is_hidden(mirror, nx)
                || self.hidden.iter().any(|(known, to, _)| *known == nx && *to)
                || self.attrs.iter().any(|(known, attr, ..)| *known == nx && hides(*attr))
        };
        if !seen(nx) {
            return;
        }
        if self.removed_texts.len() < REMOVED_TEXTS_MAX
            && is_content(mirror, nx, Some(from))
            && !self.was_added(mirror, nx, from)
        {
            let text = element_text(mirror, nx);
            if !text.is_empty() {
                self.removed_texts.push((text, at));
            }
        }
        let Some((found, what)) = overlays::overlay_in_sight(mirror, nx, ClosedDialogs::Count, seen) else { return };
        let is_message = matches!(&what, Subject::Overlay { overlay, .. } if overlays::is_message(*overlay));
        let came_too = self.was_added(mirror, found, from) || is_message && self.is_new_message(mirror, found, from);
        let change = if came_too { Change::AppearedAndDisappeared { what } } else { Change::Disappeared { what } };
        self.removed_overlays.push(Found { weight: 2, at, of: from, change });
    }

    /// True when an element of a tree that was removed from `from` was added since the action, alone or in another
    /// one.
    fn was_added(&self, mirror: &Mirror, nx: NodeIndex, from: NodeIndex) -> bool {
        let around = || mirror.self_and_ancestors(nx).chain(mirror.self_and_ancestors(from)).take(BROUGHT_LEVELS_MAX);
        self.added.iter().any(|(known, _)| around().any(|up| up == *known))
    }

    /// True when a message that was removed from `from` was added since the action, or got its text since.
    fn is_new_message(&self, mirror: &Mirror, nx: NodeIndex, from: NodeIndex) -> bool {
        let inside = |known: NodeIndex| mirror.self_and_ancestors(known).take(BROUGHT_LEVELS_MAX).any(|up| up == nx);
        self.was_added(mirror, nx, from) || self.added.iter().any(|(known, _)| inside(*known))
    }

    fn count(&self) -> [usize; 5] {
        [self.added.len(), self.texts.len(), self.attrs.len(), self.hidden.len(), self.removed.0 as usize]
    }

    /// Counts the elements that lost and got elements in one mutation. Live feeds do so without the user.
    fn note_rebuilt(&mut self, mirror: &Mirror, at: f64, changes: &Changes, noisy: &impl Fn(NodeIndex) -> bool) {
        if changes.added.is_empty() || changes.removed.is_empty() {
            return;
        }
        let parents = |list: &[NodeIndex], of: &dyn Fn(usize) -> Option<NodeIndex>| {
            let mut parents: Vec<NodeIndex> = list
                .iter()
                .enumerate()
                .take(CHANGES_MAX)
                .filter(|(_, nx)| is_element(mirror, **nx))
                .filter_map(|(i, _)| of(i))
                .collect();
            parents.sort_unstable();
            parents.dedup();
            parents
        };
        let got = parents(&changes.added, &|i| mirror.parent(changes.added[i]));
        for nx in parents(&changes.removed, &|i| changes.removed_from.get(i).copied()) {
            if got.binary_search(&nx).is_err() || noisy(nx) {
                continue;
            }
            if let Some(known) = self.rebuilt.iter_mut().find(|known| known.nx == nx) {
                (known.count, known.last) = (known.count + 1, at);
            } else if self.rebuilt.len() < REBUILT_MAX {
                self.rebuilt.push(Rebuilt { nx, count: 1, first: at, last: at });
            }
        }
    }

    /// The element that was rebuilt repeatedly, faster than the options allow.
    pub(super) fn thrashing(&self, options: &Options) -> Option<Rebuilt> {
        self.rebuilt.iter().copied().find(|of| {
            let spans = (of.last - of.first) / options.thrash_ms;
            of.count >= options.thrash_count && f64::from(of.count) >= f64::from(options.thrash_count) * spans
        })
    }

    pub(super) fn is_thrashing(&self, options: &Options) -> bool {
        self.thrashing(options).is_some()
    }
}

/// True for visible content, not for style sheets and scripts.
pub(super) fn is_content(mirror: &Mirror, nx: NodeIndex, parent: Option<NodeIndex>) -> bool {
    let holder = if mirror.node(nx).kind == NodeKind::Text { parent } else { Some(nx) };
    !holder.is_some_and(|nx| {
        matches!(mirror.tag(nx), "style" | "script" | "link" | "meta" | "title" | "noscript" | "template")
    })
}

/// What an element says: its heading, or all its text.
pub(super) fn element_text(mirror: &Mirror, nx: NodeIndex) -> String {
    if mirror.node(nx).kind == NodeKind::Text {
        return one_line(mirror.text(nx), QUOTE_CHARS_MAX);
    }
    heading(mirror, nx).unwrap_or_else(|| visible_text(mirror, nx, QUOTE_CHARS_MAX))
}

/// Attributes that show and hide an element: one that was hidden and shown again did appear.
fn is_display(attr: AttrName) -> bool {
    matches!(attr, AttrName::Hidden | AttrName::AriaHidden | AttrName::Class | AttrName::Open | AttrName::RrOpenMode)
}

fn push<T>(list: &mut Vec<T>, item: T) {
    if list.len() < CHANGES_MAX {
        list.push(item);
    }
}
