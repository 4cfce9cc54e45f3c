//! Where a page is: navigation inside one document, which rrweb doesn't record.
//!
//! A router changes the address with `pushState` or a fragment. It is inferred from links that were followed, custom
//! events, the `Referer` of requests, and links that the page marks as current. Each rule below says why its evidence
//! can be trusted. Without evidence, no address is guessed.

mod marked_links;
mod return_links;
mod titles;
mod url_parts;

use std::rc::Rc;

use playhead_schemas::timeline::{MomentKind, Page};

use super::draft::{Draft, DraftIndex};
use super::moment_log::Referrer;
use super::outcome::is_click_on_noncontrol;
use super::unseen::is_chosen;
use super::window::Context;
use crate::dom::apply::Changes;
use crate::dom::name::find_by_id;
use crate::dom::{AttrName, Mirror, NodeIndex};
use crate::scrub::clean_url;
use marked_links::shown_address;
use return_links::changed_return_address;
use titles::{Titles, changes_title};
pub(crate) use url_parts::origin;
use url_parts::{path_words, without_fragment};

/// A load this soon after an inferred navigation completes it.
const INFERRED_MS: f64 = 10_000.0;
/// A title that changes this long before or after an address belongs to it.
const TITLE_MS: f64 = 1000.0;
/// Pages of one window that a link may have led back to.
const SHOWN_MAX: usize = 20;
/// Requests that were on their way when the address changed still tell the old one.
const OLD_SENDER_MS: f64 = 1000.0;
/// Moments that are looked at for the action that led to an address.
const INFERRED_FROM_MAX: usize = 200;

/// What is known of the address of one window, beside the address itself.
#[derive(Debug, Default)]
pub(crate) struct Address {
    /// The last navigation that was inferred and not recorded.
    inferred: Option<DraftIndex>,
    titles: Titles,
    /// The last time that a request told the address that is shown.
    confirmed_at: f64,
}

impl Address {
    /// A link that was clicked led somewhere in the same document, when the page answered at all.
    ///
    /// A link of the page's own origin that changes the page without a load is followed by a router.
    pub(crate) fn followed(&mut self, cx: &mut Context<'_, '_>, at: f64, action: DraftIndex) {
        if let Some(href) = link_target(cx, action) {
            self.infer_navigation(cx, at, &href);
        }
    }

    /// A click on a link to a place in the page, which the browser goes to without asking anyone: the
    /// address changes although the page doesn't.
    pub(crate) fn jumped(&mut self, cx: &mut Context<'_, '_>, at: f64, action: DraftIndex) {
        let Some(href) = link_target(cx, action) else { return };
        let Some((bare, fragment)) = href.split_once('#') else { return };
        let here = cx.page.url.as_deref().unwrap_or_default();
        let Some(link) = cx.mirror.by_id(cx.log.draft(action).node) else { return };
        if without_fragment(here) == bare && find_by_id(cx.mirror, link, fragment).is_some() {
            self.infer_navigation(cx, at, &href);
        }
    }

    fn infer_navigation(&mut self, cx: &mut Context<'_, '_>, at: f64, href: &str) {
        let before = cx.log.found.drafts.len();
        self.navigated(cx, at, href);
        if cx.log.found.drafts.len() > before {
            self.inferred = Some(before);
        }
    }

    /// The navigation that a load at this time completes, if one was inferred just before.
    pub(crate) fn take_inferred(&mut self, cx: &Context<'_, '_>, at: f64) -> Option<DraftIndex> {
        let inferred = self.inferred.take()?;
        let draft = cx.log.draft(inferred);
        (draft.url == cx.page.url && at - draft.at < INFERRED_MS).then_some(inferred)
    }

    /// The address became another one in the same document. `href` is cleaned already.
    pub(crate) fn navigated(&mut self, cx: &mut Context<'_, '_>, at: f64, href: &str) {
        if cx.page.url.as_deref() == Some(href) || href.is_empty() {
            return;
        }
        cx.outcomes.address_changed(cx.mirror, cx.log, at);
        self.leave_page(cx, at);
        cx.page.url = Some(Rc::from(href));
        cx.page.shown_since = at;
        self.titles.address_changed(at);
        let (url, no) = (cx.page.url.clone(), cx.no);
        let recent = cx.log.found.drafts.iter_mut().rev().take(INFERRED_FROM_MAX);
        for draft in recent.filter(|draft| draft.window == no && draft.at > at) {
            draft.url.clone_from(&url);
        }
        let navigation = cx.push(cx.draft(MomentKind::Navigate, at));
        cx.page_came(navigation, at, false);
    }

    /// Takes what a request tells about the address, in the only window.
    pub(crate) fn note_referrer(&mut self, cx: &mut Context<'_, '_>, referrer: &Referrer) {
        let Referrer { at, url, fetched } = referrer;
        let Some(page) = cx.page.url.clone() else { return };
        let pages = &cx.log.found.pages;
        // A document that was fetched and never was the page is in a frame.
        let framed = *fetched && !pages.iter().any(|page| without_fragment(&page.url) == url);
        // What is sent while the address changes tells now the old one, now the new one.
        let left = pages.last().filter(|_| *at - cx.page.shown_since < OLD_SENDER_MS);
        if left.is_some_and(|left| without_fragment(&left.url) == url) {
            return;
        }
        // A fragment is never sent.
        let shown = without_fragment(&page);
        if shown == url {
            self.confirmed_at = *at;
            return;
        }
        if cx.page.settled(*at) && !framed && origin(shown) == origin(url) && origin(url).is_some() {
            let led = self.navigation_time(cx, *at, shown, url);
            self.infer_navigation(cx, led.unwrap_or(*at), url);
        }
    }

    /// When an address changed that is only inferred now: with the last action since the old one was confirmed that
    /// has a word of the new one in its name, as a menu item "Settings" has for `/settings`.
    fn navigation_time(&self, cx: &Context<'_, '_>, at: f64, from: &str, to: &str) -> Option<f64> {
        let since = cx.page.shown_since.max(self.confirmed_at);
        let known = path_words(from);
        let words: Vec<String> = path_words(to).into_iter().filter(|word| !known.contains(word)).collect();
        let recent = cx
            .log
            .found
            .drafts
            .iter()
            .rev()
            .take(INFERRED_FROM_MAX)
            .filter(|draft| draft.window == cx.no && draft.at >= since && draft.at < at && draft.kind.is_action());
        let names = |draft: &Draft| {
            let Some(target) = &draft.target else { return false };
            let told = [target.name.as_deref(), target.text.as_deref(), target.within.as_deref()];
            told.iter().flatten().any(|told| path_words(told).iter().any(|word| words.contains(word)))
        };
        let mut clicks = recent.filter(|draft| {
            matches!(draft.kind, MomentKind::Click | MomentKind::Touch | MomentKind::DoubleClick)
                && !is_click_on_noncontrol(draft)
        });
        Some(clicks.find(|draft| names(draft))?.end + 1.0)
    }

    /// Takes what a mutation shows of the address.
    pub(crate) fn infer_from_mutation(&mut self, cx: &mut Context<'_, '_>, at: f64, changes: &Changes) {
        let page = cx.page.url.as_deref();
        let was_shown = |url: &str| {
            let earlier = cx.log.found.pages.iter().rev().filter(|page| page.window == cx.no).take(SHOWN_MAX);
            // A router of fragments begins at `#/`, which no event tells.
            let same = |known: &str| known.trim_end_matches("#/") == url.trim_end_matches("#/");
            page.is_some_and(same) || earlier.map(|page| page.url.as_str()).any(same)
        };
        // A return address is the whole address; a marked link may be only that of a section.
        let told = changed_return_address(cx.mirror, changes, was_shown);
        let marked = || page.filter(|_| cx.page.settled(at)).and_then(|page| shown_address(cx.mirror, page, changes));
        if let Some(url) = told.or_else(marked) {
            self.infer_navigation(cx, at, &url);
        }
        if changes_title(cx.mirror, changes) {
            self.retitled(cx, at);
        }
    }

    /// Notes the page that is shown as done with.
    pub(crate) fn leave_page(&mut self, cx: &mut Context<'_, '_>, at: f64) {
        cx.read_page_now(at);
        let Some(url) = cx.page.url.clone() else { return };
        let shown_since = cx.page.shown_since;
        let title = self.titles.leave(&url, shown_since, at);
        let t_ms = (shown_since - cx.log.started_at).max(0.0) as u64;
        cx.log.found.pages.push(Page { window: cx.no, t_ms, url: url.to_string(), title });
    }
}

/// Where the link leads that an action was done to, cleaned, when that may be in the same document.
fn link_target(cx: &Context<'_, '_>, action: DraftIndex) -> Option<String> {
    let draft = cx.log.draft(action);
    // A chosen link says nothing when it leads to where one is; it may lead elsewhere all the same.
    let is_chosen = || cx.mirror.by_id(draft.node).is_some_and(|nx| is_chosen(cx.mirror, nx));
    if draft.expects_no_change && !is_chosen() || draft.kind != MomentKind::Click && draft.kind != MomentKind::Touch {
        return None;
    }
    let href = clean_url(draft.href.as_deref().filter(|href| href.starts_with("http"))?);
    let page = cx.page.url.as_deref()?;
    // `#` alone is how buttons are written as links.
    if origin(&href).is_none() || origin(&href) != origin(page) || href.ends_with('#') {
        return None;
    }
    let here = without_fragment(&href) == without_fragment(page);
    // What only holds a link is followed inside the page, or not at all.
    if draft.target.as_ref().is_some_and(|target| target.tag != "a" && target.tag != "area") && !here {
        return None;
    }
    let fragment = href.split_once('#').map_or("", |(_, fragment)| fragment);
    let switches = || cx.mirror.by_id(draft.node).is_some_and(|link| is_switch(cx.mirror, link));
    (!(here && !fragment.contains('/') && switches())).then_some(href)
}

/// A link that a script took over to open and close something: its fragment only names what it controls
/// (ARIA 1.2: `aria-controls`, `aria-expanded`, `aria-haspopup`; Bootstrap's `data-toggle`; jQuery UI and
/// WAI-ARIA tabs).
fn is_switch(mirror: &Mirror, link: NodeIndex) -> bool {
    const MARKS: [AttrName; 5] = [
        AttrName::AriaControls,
        AttrName::AriaExpanded,
        AttrName::AriaHasPopup,
        AttrName::DataToggle,
        AttrName::DataBsToggle,
    ];
    let acts = |nx: NodeIndex| {
        matches!(mirror.attr(nx, AttrName::Role), Some("button" | "tab" | "menuitem" | "option" | "switch"))
            || MARKS.iter().any(|mark| mirror.has(nx, *mark))
    };
    acts(link) || mirror.parent(link).is_some_and(|up| mirror.attr(up, AttrName::Role) == Some("tab"))
}

/// The head of the top document.
pub(crate) fn head(mirror: &Mirror) -> Option<NodeIndex> {
    let html = mirror.children(mirror.root()?).find(|nx| mirror.tag(*nx) == "html")?;
    mirror.children(html).find(|nx| mirror.tag(*nx) == "head")
}
