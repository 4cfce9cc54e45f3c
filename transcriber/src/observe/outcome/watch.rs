//! The page under watch for one action: what changed there, when.

use playhead_schemas::text::one_line;
use playhead_schemas::timeline::{Change, Element, OverlayKind};

use super::super::draft::{ChangeList, DraftIndex};
use super::feedback::Reply;
use super::lists::{self, List};
use super::loading::Loading;
use super::noise::{self, Noise};
use super::{QUOTE_CHARS_MAX, overlays};
use crate::Options;
use crate::dom::apply::Changes;
use crate::dom::context::heading;
use crate::dom::name::visible_text;
use crate::dom::{AttrName, Mirror, NodeIndex, NodeKind};
use crate::observe::moment_log::MomentLog;

/// A request that starts this long after an action may be its own.
const REQUEST_MS: f64 = 1500.0;
/// A click on something that isn't a control is answered by then, unless a request runs: handlers run at
/// once, and what comes later is another key, a timer or a feed.
pub(crate) const NONCONTROL_MS: f64 = 500.0;
/// What a response changes on the page is there by then.
const RENDER_MS: f64 = 800.0;
/// A late answer goes on for so long.
const LATE_MS: f64 = 800.0;
/// What comes so long after an action that was answered already, and after the last change, is not its own.
const SETTLED_MS: f64 = 800.0;
const STILL_MS: f64 = 500.0;
/// Elements around a change that may have come with the action.
const BACK_LEVELS_MAX: usize = 24;
/// How long what nothing recorded led to is followed.
pub(super) const ASIDE_MS: f64 = 1200.0;
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

/// What a region that is read out said at a time.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) region: NodeIndex,
    pub(super) kind: OverlayKind,
    pub(super) text: String,
    pub(super) at: f64,
}

#[derive(Debug)]
pub(crate) struct Watch {
    pub(super) action: DraftIndex,
    pub(super) since: f64,
    /// The last time that the action went on: a key, a further click.
    pub(super) renewed: f64,
    pub(super) first_change: Option<f64>,
    /// What changed by itself before that time is noise.
    pub(super) noise_since: f64,
    /// The last change that was taken.
    pub(super) last_change: f64,
    /// A change came after the action itself, as when a link is followed.
    pub(super) followed: bool,
    pub(super) answered: bool,
    pub(super) answered_by_load: bool,
    /// How it was answered since it last went on.
    pub(super) reply: Reply,
    /// The texts that the page told since the action, where.
    pub(super) told: Vec<(NodeIndex, String)>,
    /// When a late answer began, which goes on for a while.
    pub(super) late: Option<f64>,
    /// Messages that were shown in regions that are read out, and when.
    pub(super) said: Vec<Said>,
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
    /// The first removed elements that were in sight and had a name: where they were, and when.
    pub(super) removed_element: Option<(NodeIndex, Element, f64)>,
    /// Something is dragged.
    pub(super) is_drag: bool,
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
            && self.said.is_empty()
            && self.removed_element.is_none()
    }

    pub(crate) fn new(action: DraftIndex, since: f64) -> Self {
        Self {
            action,
            since,
            renewed: since,
            first_change: None,
            noise_since: since,
            last_change: since,
            followed: false,
            answered: false,
            answered_by_load: false,
            reply: Reply::None,
            told: Vec::new(),
            late: None,
            said: Vec::new(),
            arrived: None,
            added: Vec::new(),
            removed_overlays: Vec::new(),
            texts: Vec::new(),
            attrs: Vec::new(),
            hidden: Vec::new(),
            removed: (0, since),
            removed_element: None,
            is_drag: false,
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
        let is_new =
            pressing.told.into_iter().map(|(nx, text)| self.note_told(nx, text)).fold(false, |any, new| any | new);
        let reply = if is_new { pressing.reply } else { pressing.reply.min(Reply::Changed) };
        self.reply = self.reply.max(reply);
        self.said.extend(pressing.said);
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
        self.reply = Reply::None;
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
            .max(self.late.map_or(0.0, |late| late + LATE_MS))
    }

    /// True when nothing has changed for long, and no request was made in that time either.
    pub(super) fn is_too_late(&self, at: f64, requests: &[(f64, f64)]) -> bool {
        let since = requests.partition_point(|(start, _)| *start < self.since - 20.0);
        self.first_change.is_none()
            && at - self.renewed > NONCONTROL_MS
            && requests.get(since).is_none_or(|(start, _)| *start > self.renewed + NONCONTROL_MS)
    }

    /// True when the action was answered, the page has been still since, no request of it runs, and what changes now is
    /// new: something else than the action led to it, as a key does, which is not recorded.
    pub(super) fn is_settled(&self, at: f64, requests: &[(f64, f64)]) -> bool {
        let is_asking = || {
            let first = requests.partition_point(|(start, _)| *start < self.since - 20.0);
            requests[first..].iter().take_while(|(start, _)| *start <= at).any(|(_, end)| *end + RENDER_MS >= at)
        };
        self.first_change.is_some()
            && at > self.renewed + SETTLED_MS
            && at > self.last_change + STILL_MS
            && self.late.is_none()
            && self.loading.is_empty()
            && !is_asking()
    }

    /// True for what only takes away or hides again what the action brought.
    pub(super) fn takes_back(&self, mirror: &Mirror, changes: &Changes) -> bool {
        let came = |nx: &NodeIndex| {
            let mut around = mirror.self_and_ancestors(*nx).take(BACK_LEVELS_MAX);
            around.any(|up| self.added.iter().any(|(known, _)| *known == up))
                || self.attrs.iter().any(|(known, ..)| known == nx)
                || self.hidden.iter().any(|(known, ..)| known == nx)
        };
        changes.added.is_empty()
            && changes.texts.iter().all(|(nx, _)| came(nx))
            && changes.removed.iter().all(came)
            && changes.attrs.iter().all(|(nx, ..)| came(nx))
            && changes.hidden.iter().all(|(nx, _)| came(nx))
    }

    pub(crate) fn is_over(&self, at: f64, requests: &[(f64, f64)], options: &Options) -> bool {
        at > self.renewed + options.dead_click_ms && at > self.own_until(requests, options)
    }

    /// True for a mutation that comes when answers are no longer expected and is one all the same: the first change of
    /// the page, or a dialog or alert.
    pub(super) fn answers_late(
        &self,
        mirror: &Mirror,
        noise: &Noise,
        log: &MomentLog<'_>,
        at: f64,
        changes: &Changes,
    ) -> bool {
        if at > self.renewed + log.options.dead_click_ms {
            return false;
        }
        match self.first_change {
            None => noise::has_other_changes(mirror, noise, self.since, changes),
            Some(_) => {
                let noisy = |nx: &NodeIndex| noise::is_noisy(mirror, noise, self.since, *nx);
                overlays::striking(mirror, changes).iter().any(|nx| !noisy(nx))
            }
        }
    }

    /// A field got another value that the user didn't enter.
    pub(super) fn note_field(&mut self, nx: NodeIndex, at: f64, value: &str, by_script: bool) {
        self.first_change.get_or_insert(at);
        let value = one_line(value, QUOTE_CHARS_MAX);
        self.note_told(nx, value.clone());
        self.reply = Reply::Told;
        if let Some(field) = self.fields.iter_mut().find(|field| field.nx == nx) {
            (field.value, field.at) = (value, at);
        } else if self.fields.len() < FIELDS_MAX {
            self.fields.push(Field { nx, at, value, by_script });
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

/// A line that is drawn of signs.
const RULER: &str = "-----";

/// A text without the lines that are drawn of signs.
fn without_rulers(text: &str) -> String {
    let words = text.split(' ').map(|word| word.trim_matches('-'));
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// What an element says: its heading, or all its text.
pub(super) fn element_text(mirror: &Mirror, nx: NodeIndex) -> String {
    if mirror.node(nx).kind == NodeKind::Text {
        return one_line(mirror.text(nx), QUOTE_CHARS_MAX);
    }
    heading(mirror, nx).unwrap_or_else(|| {
        let text = visible_text(mirror, nx, QUOTE_CHARS_MAX);
        // A ruler takes the place of what it stands over.
        if text.contains(RULER) {
            one_line(&without_rulers(&visible_text(mirror, nx, QUOTE_CHARS_MAX * 4)), QUOTE_CHARS_MAX)
        } else {
            text
        }
    })
}

/// Attributes that show and hide an element: one that was hidden and shown again did appear.
pub(super) fn is_display(attr: AttrName) -> bool {
    matches!(attr, AttrName::Hidden | AttrName::AriaHidden | AttrName::Class | AttrName::Open | AttrName::RrOpenMode)
}
