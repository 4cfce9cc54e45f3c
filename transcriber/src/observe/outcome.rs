//! What followed on the page from an action, in words.
//!
//! After each action the window is watched: until the next action there, or until nothing that it
//! began is still running. Changes that go on without the user (clocks, feeds, animations) are told
//! by having happened before, and left out.

use std::collections::HashMap;

use playhead_schemas::text::one_line;

use super::draft::{Dx, Effects};
use super::session::{Session, Window};
use crate::Options;
use crate::dom::apply::Changes;
use crate::dom::context::heading;
use crate::dom::name::{find_by_id, is_out_of_sight, name, visible_text};
use crate::dom::role::role;
use crate::dom::tree::landmark_class;
use crate::dom::{AttrName, Mirror, NodeKind, Nx};

/// Changes of one kind that are kept for one action.
const CHANGES_MAX: usize = 300;
/// Phrases about one action.
const PHRASES_MAX: usize = 6;
/// Characters of a quoted text.
const QUOTE_CHARS_MAX: usize = 80;
/// Nodes of an added tree that are looked through for dialogs and alerts.
const LOOKED_MAX: usize = 600;
/// Changes of one element without the user's doing from which on it is noise.
const NOISE_COUNT: u32 = 2;
/// How long an element stays noisy after its last change of its own.
const NOISE_MS: f64 = 10_000.0;
/// Elements whose own changes are remembered.
const NOISE_MAX: usize = 20_000;
/// A request that starts this long after an action may be its own.
const REQUEST_MS: f64 = 1500.0;
/// What a response changes on the page is there by then.
const RENDER_MS: f64 = 800.0;

/// The page under watch for one action.
#[derive(Debug)]
pub(crate) struct Watch {
    dx: Dx,
    since: f64,
    /// The last time that the action went on: a key, a further click.
    renewed: f64,
    first_change: Option<f64>,
    answered: bool,
    added: Vec<Nx>,
    phrases: Vec<(u8, String)>,
    texts: Vec<(Nx, String)>,
    attrs: Vec<(Nx, AttrName, Option<Box<str>>)>,
    hidden: Vec<(Nx, bool)>,
    removed: u32,
}

impl Watch {
    pub(crate) fn new(dx: Dx, since: f64) -> Self {
        Self {
            dx,
            since,
            renewed: since,
            first_change: None,
            answered: false,
            added: Vec::new(),
            phrases: Vec::new(),
            texts: Vec::new(),
            attrs: Vec::new(),
            hidden: Vec::new(),
            removed: 0,
        }
    }

    /// The action goes on at `at`.
    pub(crate) fn renew(&mut self, at: f64) {
        self.renewed = self.renewed.max(at);
    }

    /// Until when changes are taken for the action's own.
    fn own_until(&self, requests: &[(f64, f64)], options: &Options) -> f64 {
        let first = requests.partition_point(|(start, _)| *start < self.since - 20.0);
        requests[first..]
            .iter()
            .take_while(|(start, _)| *start <= self.renewed + REQUEST_MS)
            .map(|(_, end)| end + RENDER_MS)
            .fold(self.renewed + options.outcome_ms, f64::max)
            .min(self.renewed + options.outcome_ms_max)
    }

    pub(crate) fn is_over(&self, at: f64, requests: &[(f64, f64)], options: &Options) -> bool {
        at > self.renewed + options.dead_ms && at > self.own_until(requests, options)
    }
}

impl Session<'_> {
    /// Something other than a change of the document answered what was done, when it came within `within_ms`.
    pub(crate) fn answered(&mut self, w: usize, at: f64, within_ms: f64) {
        let Window { watch, pointer, .. } = &mut self.windows[w];
        if let Some(watch) = watch
            && at >= watch.since
            // A press that came after belongs to the next action, and so does the focus that it moves.
            && !pointer.is_down_since(watch.since)
            && at <= watch.renewed + within_ms
        {
            watch.answered = true;
        }
    }

    /// Takes the changes of one mutation into the watch, or counts them as noise.
    pub(crate) fn watch_changes(&mut self, w: usize, at: f64, changes: &Changes) {
        let requests = self.requests;
        let options = self.options;
        let Window { mirror, watch, noise, .. } = &mut self.windows[w];
        let own = watch.as_ref().is_some_and(|watch| at <= watch.own_until(requests, options));
        let Some(watch) = watch.as_mut().filter(|_| own) else {
            if let Some(watch) = watch
                && watch.first_change.is_none()
                && has_news(mirror, noise, watch.since, changes)
            {
                watch.first_change = Some(at);
            }
            note_noise(mirror, noise, at, changes);
            return;
        };
        let noisy = |nx: Nx| is_noisy(mirror, noise, watch.since, nx);
        let before = (watch.added.len(), watch.texts.len(), watch.attrs.len(), watch.hidden.len(), watch.removed);
        for nx in changes.added.iter().filter(|nx| !noisy(container(mirror, **nx))) {
            push(&mut watch.added, *nx);
        }
        for nx in changes.removed.iter().filter(|nx| !noisy(**nx)) {
            watch.removed += 1;
            if watch.phrases.len() < CHANGES_MAX
                && let Some(phrase) = landmark(mirror, *nx, "went")
            {
                watch.phrases.push((2, phrase));
            }
        }
        for (nx, old) in changes.texts.iter().filter(|(nx, _)| !noisy(container(mirror, *nx))) {
            // What stood there first counts: there and back again is no change.
            if !watch.texts.iter().any(|(known, _)| known == nx) {
                let old = one_line(mirror.slice(*old), QUOTE_CHARS_MAX);
                push(&mut watch.texts, (*nx, old));
            }
        }
        for (nx, attr, old) in changes.attrs.iter().filter(|(nx, attr, _)| *attr != AttrName::Src && !noisy(*nx)) {
            let known = watch.attrs.iter().any(|(known, of, _)| (known, of) == (nx, attr));
            if !known || is_display(*attr) {
                push(&mut watch.attrs, (*nx, *attr, old.clone()));
            }
        }
        for hidden in changes.hidden.iter().filter(|(nx, _)| !noisy(*nx)) {
            push(&mut watch.hidden, *hidden);
        }
        let after = (watch.added.len(), watch.texts.len(), watch.attrs.len(), watch.hidden.len(), watch.removed);
        if before != after && watch.first_change.is_none() {
            watch.first_change = Some(at);
            let dx = watch.dx;
            self.followed(w, at, dx);
        }
    }

    /// Ends the watch of a window and writes its outcome.
    pub(crate) fn close_watch(&mut self, w: usize, at: f64) {
        let Some(watch) = self.windows[w].watch.take() else { return };
        let dom = phrases(&self.windows[w].mirror, &watch);
        let draft = &mut self.out.drafts[watch.dx];
        draft.outcome = Some(Effects {
            dom,
            first_change: watch.first_change,
            watched_until: at,
            answered_otherwise: watch.answered,
            ..Effects::default()
        });
    }

    /// Ends the watch because a new document replaces the page: that is the answer.
    pub(crate) fn close_watch_for_load(&mut self, w: usize, at: f64) {
        if let Some(watch) = &mut self.windows[w].watch {
            watch.answered = true;
        }
        self.close_watch(w, at);
    }
}

/// Attributes that show and hide: what went and came again did appear.
fn is_display(attr: AttrName) -> bool {
    matches!(attr, AttrName::Hidden | AttrName::AriaHidden | AttrName::Class | AttrName::Open | AttrName::RrOpenMode)
}

fn push<T>(list: &mut Vec<T>, item: T) {
    if list.len() < CHANGES_MAX {
        list.push(item);
    }
}

/// The element whose content a change is.
fn container(mirror: &Mirror, nx: Nx) -> Nx {
    mirror.parent(nx).unwrap_or(nx)
}

fn touched<'a>(mirror: &'a Mirror, changes: &'a Changes) -> impl Iterator<Item = Nx> + 'a {
    let added = changes.added.iter().map(|nx| container(mirror, *nx));
    let texts = changes.texts.iter().map(|(nx, _)| container(mirror, *nx));
    let attrs = changes.attrs.iter().map(|(nx, _, _)| *nx);
    added.chain(texts).chain(attrs).chain(changes.hidden.iter().map(|(nx, _)| *nx))
}

fn note_noise(mirror: &Mirror, noise: &mut HashMap<u32, (u32, f64)>, at: f64, changes: &Changes) {
    if noise.len() > NOISE_MAX {
        noise.clear();
    }
    for nx in touched(mirror, changes).take(CHANGES_MAX) {
        let entry = noise.entry(mirror.node(nx).id).or_insert((0, at));
        if entry.1 < at || entry.0 == 0 {
            entry.0 += 1;
        }
        entry.1 = at;
    }
}

fn is_noisy(mirror: &Mirror, noise: &HashMap<u32, (u32, f64)>, since: f64, nx: Nx) -> bool {
    mirror.lineage(nx).take(4).any(|up| {
        noise.get(&mirror.node(up).id).is_some_and(|(count, last)| *count >= NOISE_COUNT && since - last < NOISE_MS)
    })
}

fn has_news(mirror: &Mirror, noise: &HashMap<u32, (u32, f64)>, since: f64, changes: &Changes) -> bool {
    !changes.removed.is_empty() || touched(mirror, changes).any(|nx| !is_noisy(mirror, noise, since, nx))
}

/// The changes as phrases, the weightiest first.
fn phrases(mirror: &Mirror, watch: &Watch) -> Vec<String> {
    let mut found = watch.phrases.clone();
    for nx in &watch.added {
        if mirror.node(*nx).attached && !is_out_of_sight(mirror, *nx) {
            found.extend(appeared(mirror, *nx));
        }
    }
    for (nx, attr, old) in &watch.attrs {
        if mirror.node(*nx).attached {
            found.extend(attribute(mirror, *nx, *attr, old.as_deref()));
        }
    }
    for (nx, hidden) in &watch.hidden {
        if mirror.node(*nx).attached && mirror.node(*nx).style_hidden == *hidden {
            let verb = if *hidden { "went" } else { "appeared" };
            found.extend(landmark(mirror, *nx, verb).map(|phrase| (1, phrase)).or_else(|| {
                let text = visible_text(mirror, *nx, QUOTE_CHARS_MAX);
                (!text.is_empty() && !*hidden).then(|| (4, format!("\"{text}\" appeared")))
            }));
        }
    }
    for (nx, old) in &watch.texts {
        let now = one_line(mirror.text(*nx), QUOTE_CHARS_MAX);
        if mirror.node(*nx).attached && now != *old && !is_out_of_sight(mirror, *nx) {
            found.push(match (old.is_empty(), now.is_empty()) {
                (_, true) => continue,
                (true, false) => (4, format!("\"{now}\" appeared")),
                (false, false) => (3, format!("\"{old}\" became \"{now}\"")),
            });
        }
    }
    found.extend(counts(mirror, &watch.added));
    found.sort_by_key(|(weight, _)| *weight);
    let mut out: Vec<String> = Vec::new();
    for (_, phrase) in found {
        if !out.contains(&phrase) {
            out.push(phrase);
        }
    }
    if out.is_empty() && (!watch.added.is_empty() || watch.removed > 0) {
        let elements = |n: usize| if n == 1 { "1 element".to_owned() } else { format!("{n} elements") };
        out.push(match (watch.added.len(), watch.removed as usize) {
            (0, removed) => format!("{} went", elements(removed)),
            (added, 0) => format!("{} appeared", elements(added)),
            (added, removed) => format!("{} appeared, {removed} went", elements(added)),
        });
    }
    if out.len() > PHRASES_MAX {
        let more = out.len() - PHRASES_MAX + 1;
        out.truncate(PHRASES_MAX - 1);
        out.push(format!("and {more} more changes"));
    }
    out
}

/// What is notable about an added tree.
fn appeared(mirror: &Mirror, nx: Nx) -> Option<(u8, String)> {
    if let Some(phrase) = landmark(mirror, nx, "appeared") {
        return Some((0, phrase));
    }
    if mirror.node(nx).kind == NodeKind::Text {
        let text = one_line(mirror.text(nx), QUOTE_CHARS_MAX);
        return (!text.is_empty()).then(|| (5, format!("\"{text}\" appeared")));
    }
    if matches!(mirror.tag(nx), "style" | "script" | "link" | "meta" | "title" | "iframe") {
        return None;
    }
    if matches!(role(mirror, nx), "row" | "listitem" | "option" | "treeitem" | "rowgroup" | "article") {
        return None;
    }
    let text = heading(mirror, nx).unwrap_or_else(|| visible_text(mirror, nx, QUOTE_CHARS_MAX));
    (!text.is_empty()).then(|| (5, format!("\"{text}\" appeared")))
}

/// Rows and items that came into one list or table.
fn counts(mirror: &Mirror, added: &[Nx]) -> Vec<(u8, String)> {
    let mut lists: Vec<(Nx, u32)> = Vec::new();
    for nx in added.iter().filter(|nx| mirror.node(**nx).attached) {
        if !matches!(role(mirror, *nx), "row" | "listitem" | "option" | "treeitem" | "article") {
            continue;
        }
        let list = container(mirror, *nx);
        match lists.iter_mut().find(|(known, _)| *known == list) {
            Some((_, count)) => *count += 1,
            None => lists.push((list, 1)),
        }
    }
    lists
        .into_iter()
        .map(|(list, count)| {
            let item =
                mirror.children(list).map(|child| role(mirror, child)).find(|r| *r != "generic").unwrap_or("item");
            let item = if item == "listitem" { "item" } else { item };
            let of = mirror
                .lineage(list)
                .take(3)
                .find_map(|up| name(mirror, up))
                .map_or_else(String::new, |name| format!(" in \"{name}\""));
            let plural = if count == 1 { "" } else { "s" };
            (2, format!("{count} {item}{plural} appeared{of}"))
        })
        .collect()
}

/// A dialog, alert, menu or the like at or below a node, as a phrase.
fn landmark(mirror: &Mirror, top: Nx, verb: &str) -> Option<String> {
    for nx in mirror.subtree(top).take(LOOKED_MAX) {
        if !mirror.node(nx).notable || mirror.node(nx).kind != NodeKind::Element {
            continue;
        }
        let kind = match role(mirror, nx) {
            "dialog" if mirror.tag(nx) == "dialog" && verb == "appeared" && !is_open(mirror, nx) => continue,
            "dialog" | "alertdialog" => "dialog",
            "alert" => "alert",
            "status" | "log" => "status",
            "tooltip" => "tooltip",
            "menu" => "menu",
            "listbox" if mirror.tag(nx) != "select" => "list of options",
            _ => match by_class(mirror, nx) {
                Some(kind) => kind,
                None => continue,
            },
        };
        let label = match kind {
            "dialog" => name(mirror, nx)
                .or_else(|| heading(mirror, nx))
                .unwrap_or_else(|| visible_text(mirror, nx, QUOTE_CHARS_MAX)),
            "menu" | "list of options" => name(mirror, nx).unwrap_or_default(),
            _ => visible_text(mirror, nx, QUOTE_CHARS_MAX),
        };
        let label = one_line(&label, QUOTE_CHARS_MAX);
        if label.is_empty() {
            if matches!(kind, "alert" | "status" | "tooltip") {
                continue;
            }
            return Some(format!("{kind} {verb}"));
        }
        return Some(format!("{kind} \"{label}\" {verb}"));
    }
    None
}

fn is_open(mirror: &Mirror, nx: Nx) -> bool {
    mirror.has(nx, AttrName::Open) || mirror.has(nx, AttrName::RrOpenMode)
}

/// Toasts and modals of libraries that give them no role.
fn by_class(mirror: &Mirror, nx: Nx) -> Option<&'static str> {
    landmark_class(mirror.attr(nx, AttrName::Class)?)
}

/// A changed attribute as a phrase.
fn attribute(mirror: &Mirror, nx: Nx, attr: AttrName, old: Option<&str>) -> Option<(u8, String)> {
    let now = mirror.attr(nx, attr);
    let on = |value: Option<&str>| value.is_some_and(|v| v != "false");
    let what = || {
        let label = name(mirror, nx).unwrap_or_else(|| visible_text(mirror, nx, QUOTE_CHARS_MAX / 2));
        let role = role(mirror, nx);
        if label.is_empty() { role.to_owned() } else { format!("{role} \"{label}\"") }
    };
    let (was, is) = (on(old), on(now));
    match attr {
        AttrName::AriaInvalid if is && !was => {
            let message = message_of(mirror, nx).map_or_else(String::new, |text| format!(": \"{text}\""));
            Some((0, format!("{} marked invalid{message}", what())))
        }
        AttrName::Disabled | AttrName::AriaDisabled if is != was => {
            Some((1, format!("{} {}", what(), if is { "disabled" } else { "enabled" })))
        }
        AttrName::AriaExpanded if is != was => {
            Some((2, format!("{} {}", what(), if is { "expanded" } else { "collapsed" })))
        }
        AttrName::AriaSelected | AttrName::AriaCurrent if is && !was => Some((2, format!("{} selected", what()))),
        AttrName::AriaPressed | AttrName::AriaChecked if is != was => {
            Some((2, format!("{} {}", what(), if is { "on" } else { "off" })))
        }
        AttrName::AriaBusy if is && !was => Some((2, format!("{} loading", what()))),
        AttrName::Open | AttrName::RrOpenMode if now.is_some() != old.is_some() => {
            Some((0, format!("{} {}", what(), if now.is_some() { "appeared" } else { "went" })))
        }
        AttrName::Hidden if now.is_some() != old.is_some() => shown(mirror, nx, now.is_none()),
        AttrName::AriaHidden if is != was => shown(mirror, nx, !is).filter(|(weight, _)| *weight < 4),
        AttrName::Class => class_change(mirror, nx, old.unwrap_or_default(), now.unwrap_or_default()),
        _ => None,
    }
}

fn shown(mirror: &Mirror, nx: Nx, visible: bool) -> Option<(u8, String)> {
    let verb = if visible { "appeared" } else { "went" };
    if let Some(phrase) = landmark(mirror, nx, verb) {
        return Some((1, phrase));
    }
    let text = visible_text(mirror, nx, QUOTE_CHARS_MAX);
    (!text.is_empty()).then(|| (4, format!("\"{text}\" {verb}")))
}

/// Classes by which common style sheets show, hide and mark things.
fn class_change(mirror: &Mirror, nx: Nx, old: &str, now: &str) -> Option<(u8, String)> {
    let has = |classes: &str, wanted: &[&str]| classes.split_ascii_whitespace().any(|word| wanted.contains(&word));
    const HIDING: &[&str] = &["hidden", "d-none", "hide", "is-hidden", "invisible"];
    const SHOWING: &[&str] = &["show", "open", "is-open", "visible", "is-visible", "is-active"];
    const REFUSING: &[&str] = &["is-invalid", "invalid", "error", "has-error", "is-error"];
    if has(now, REFUSING) && !has(old, REFUSING) && matches!(mirror.tag(nx), "input" | "select" | "textarea") {
        let label = name(mirror, nx).unwrap_or_default();
        return Some((0, format!("{} \"{label}\" marked invalid", role(mirror, nx))));
    }
    if has(now, HIDING) != has(old, HIDING) {
        return shown(mirror, nx, !has(now, HIDING));
    }
    if has(now, SHOWING) != has(old, SHOWING) {
        let verb = if has(now, SHOWING) { "appeared" } else { "went" };
        return landmark(mirror, nx, verb).map(|phrase| (1, phrase));
    }
    None
}

/// The message that explains an invalid field.
fn message_of(mirror: &Mirror, nx: Nx) -> Option<String> {
    [AttrName::AriaErrorMessage, AttrName::AriaDescribedBy].iter().find_map(|attr| {
        let ids = mirror.attr(nx, *attr)?;
        ids.split_ascii_whitespace()
            .filter_map(|id| find_by_id(mirror, nx, id))
            .map(|message| visible_text(mirror, message, QUOTE_CHARS_MAX))
            .find(|text| !text.is_empty())
    })
}
