//! Titles that tell an address: one that comes again brings its address with it.

use std::rc::Rc;

use super::url_parts::origin;
use super::{Address, TITLE_MS};
use crate::dom::apply::Changes;
use crate::dom::{Mirror, NodeIndex, NodeKind};
use crate::observe::window::Context;

/// Surer evidence than a title comes within this time, if at all.
const TITLE_WAITS_MS: f64 = 500.0;
/// Titles of one address that are remembered.
const OWN_TITLES_MAX: usize = 16;
/// Titles of one window that are remembered.
const TITLES_MAX: usize = 500;

/// The titles of one window.
#[derive(Debug, Default)]
pub(super) struct Titles {
    /// The title that is shown, the one before, and when they changed places.
    shown: Option<String>,
    before: Option<String>,
    changed_at: f64,
    /// Titles that the address that is shown has had: pages say "Updating" for a while and go back.
    own: Vec<String>,
    /// Titles and the addresses that were left under them.
    known: Vec<(String, Rc<str>)>,
    /// An address that a title led back to, unless something else tells another one.
    pending: Option<(f64, Rc<str>)>,
}

impl Titles {
    /// Takes a title as one of the address that is shown; true when it was one already.
    fn is_own(&mut self, title: Option<String>) -> bool {
        let Some(title) = title else { return false };
        let known = self.own.contains(&title);
        if !known && self.own.len() < OWN_TITLES_MAX {
            self.own.push(title);
        }
        known
    }

    /// Another address is shown. A title that came just before belongs to it.
    pub(super) fn address_changed(&mut self, at: f64) {
        self.pending = None;
        self.own.clear();
        if at - self.changed_at < TITLE_MS {
            self.is_own(self.shown.clone());
        }
    }

    /// The title under which an address is left that was shown since `shown_since`.
    pub(super) fn leave(&mut self, url: &Rc<str>, shown_since: f64, at: f64) -> Option<String> {
        // A title that came just before the address is the next page's already.
        let early = at - self.changed_at < TITLE_MS && self.changed_at - shown_since > TITLE_MS;
        let title = if early && self.before.is_some() { self.before.clone() } else { self.shown.clone() };
        if let Some(title) = &title
            && self.known.len() < TITLES_MAX
            && !self.known.iter().any(|(known, of)| known == title && of == url)
        {
            self.known.push((title.clone(), Rc::clone(url)));
        }
        title
    }

    /// A document was loaded with this title.
    fn loaded(&mut self, title: Option<String>, at: f64) {
        (self.shown, self.before, self.changed_at, self.pending) = (title, None, at, None);
        self.own.clear();
        self.is_own(self.shown.clone());
    }
}

impl Address {
    /// Notes the title of a document that was loaded.
    pub(crate) fn titled(&mut self, cx: &mut Context<'_, '_>, at: f64) {
        self.titles.loaded(cx.title(), at);
    }

    /// A title that comes again brings its address with it, when only one address had it: applications
    /// that title their views do it for each address (this is what the browser's history lists). The first
    /// title after an address is that address's own, however late it comes.
    pub(super) fn retitled(&mut self, cx: &mut Context<'_, '_>, at: f64) {
        let title = cx.title();
        let (page, titles) = (&cx.page, &mut self.titles);
        if titles.shown == title {
            return;
        }
        let is_own = at - page.shown_since <= TITLE_MS || titles.changed_at < page.shown_since - TITLE_MS;
        titles.before = std::mem::replace(&mut titles.shown, title);
        titles.changed_at = at;
        titles.pending = None;
        let was_own = titles.is_own(titles.shown.clone());
        let Some(title) = titles.shown.as_deref().filter(|_| !is_own && !was_own) else { return };
        let mut under = titles.known.iter().filter(|(known, _)| known == title).map(|(_, url)| url);
        if let (Some(url), None) = (under.next(), under.next())
            && page.url.as_deref().and_then(origin) == origin(url)
            && page.url.as_ref() != Some(url)
        {
            titles.pending = Some((at, Rc::clone(url)));
        }
    }

    /// Ends the wait of an address that a title led back to.
    pub(crate) fn settle_title(&mut self, cx: &mut Context<'_, '_>, now: f64) {
        if self.titles.pending.as_ref().is_some_and(|(at, _)| now - at >= TITLE_WAITS_MS)
            && let Some((at, url)) = self.titles.pending.take()
        {
            self.infer_navigation(cx, at, &url);
        }
    }
}

/// True when a mutation touched a document's title.
pub(super) fn changes_title(mirror: &Mirror, changes: &Changes) -> bool {
    let is_title = |nx: NodeIndex| mirror.tag(nx) == "title" && !mirror.node(nx).is_svg;
    let inside = |nx: NodeIndex| {
        is_title(nx) || mirror.node(nx).kind == NodeKind::Text && mirror.parent(nx).is_some_and(is_title)
    };
    changes.texts.iter().any(|(nx, _)| inside(*nx)) || changes.added.iter().any(|nx| inside(*nx))
}
