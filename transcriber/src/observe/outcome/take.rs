//! The changes of one mutation, taken into the watch of an action.

use playhead_schemas::text::one_line;
use playhead_schemas::timeline::{Change, Subject};

use super::feedback::{self, Reply};
use super::overlays::{self, ClosedDialogs};
use super::watch::{Found, Rebuilt, Said, Watch, element_text, is_content, is_display};
use super::{CHANGES_MAX, QUOTE_CHARS_MAX, container, element, is_element, lists, loading};
use crate::dom::apply::Changes;
use crate::dom::name::{is_hidden, name};
use crate::dom::{AttrName, Mirror, NodeIndex, NodeKind};

/// Elements whose rebuilds are counted for one action.
const REBUILT_MAX: usize = 60;
/// Removed texts that are remembered for one action.
const REMOVED_TEXTS_MAX: usize = 40;
/// Elements around a message that may have been added together with it.
const BROUGHT_LEVELS_MAX: usize = 40;
/// Messages that are remembered for one action, and changed nodes of one mutation that are looked at for them.
const SAID_MAX: usize = 20;
const SAID_LOOKED_MAX: usize = 40;
/// Texts that are remembered for one action, and changed texts of one mutation that are looked at.
const TOLD_MAX: usize = 60;
const TOLD_LOOKED_MAX: usize = 40;

impl Watch {
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
        self.note_reply(mirror, changes, target, &noisy);
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
        if changed {
            self.last_change = at;
            self.note_said(mirror, at, changes);
        }
        if changed && self.action == usize::MAX {
            self.first_change.get_or_insert(at);
        }
        changed
    }

    /// Notes how the changes of one mutation answer a click. A text that changes to and fro tells nothing new.
    fn note_reply(
        &mut self,
        mirror: &Mirror,
        changes: &Changes,
        target: Option<NodeIndex>,
        noisy: &impl Fn(NodeIndex) -> bool,
    ) {
        let mut reply = feedback::reply(mirror, changes, target, noisy);
        if reply == Reply::Told {
            let is_text = |nx: &NodeIndex| mirror.node(*nx).kind == NodeKind::Text;
            let places = changes.texts.iter().map(|(nx, _)| *nx).chain(changes.added.iter().copied().filter(is_text));
            let mut is_new = false;
            for nx in places.take(TOLD_LOOKED_MAX).filter(|nx| !noisy(container(mirror, *nx))) {
                is_new |= self.note_told(nx, one_line(mirror.text(nx), QUOTE_CHARS_MAX));
            }
            reply = if is_new { Reply::Told } else { Reply::Changed };
        }
        self.reply = self.reply.max(reply);
    }

    /// Remembers a text that was told; true when it is a new one.
    pub(super) fn note_told(&mut self, nx: NodeIndex, text: String) -> bool {
        let is_new = !self.told.iter().any(|(known, told)| *known == nx && *told == text);
        if is_new && self.told.len() < TOLD_MAX {
            self.told.push((nx, text));
        }
        is_new
    }

    /// Takes the dialogs and alerts alone of a mutation; true when there were some.
    pub(super) fn take_striking(&mut self, mirror: &Mirror, at: f64, changes: &Changes) -> bool {
        let striking = overlays::striking(mirror, changes);
        for nx in &striking {
            match () {
                () if changes.added.contains(nx) => push(&mut self.added, (*nx, at)),
                () if changes.hidden.iter().any(|(of, _)| of == nx) => push(&mut self.hidden, (*nx, false, at)),
                () => {
                    let own = changes.attrs.iter().filter(|(of, attr, _)| of == nx && is_display(*attr));
                    own.for_each(|(nx, attr, old)| {
                        push(&mut self.attrs, (*nx, *attr, old.map(|old| Box::from(mirror.slice(old))), at));
                    });
                }
            }
        }
        !striking.is_empty()
    }

    /// Remembers what regions that are read out say now: it may be gone before the outcome ends.
    fn note_said(&mut self, mirror: &Mirror, at: f64, changes: &Changes) {
        let places = changes.texts.iter().map(|(nx, _)| *nx).chain(changes.added.iter().copied());
        for nx in places.take(SAID_LOOKED_MAX) {
            let Some((region, kind, text)) = overlays::said(mirror, nx) else { continue };
            let is_known = self.said.iter().any(|said| said.region == region && said.text == text);
            if !is_known && self.said.len() < SAID_MAX {
                self.said.push(Said { region, kind, text, at });
            }
        }
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
        // Of one that was replaced the name is told, so the first alone matters.
        if self.removed.0 == 1
            && is_element(mirror, nx)
            && let Some(name) = name(mirror, nx)
        {
            self.removed_element = Some((from, element(mirror, nx, Some(name)), at));
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
}

fn push<T>(list: &mut Vec<T>, item: T) {
    if list.len() < CHANGES_MAX {
        list.push(item);
    }
}
