//! Where a page is: navigation inside one document, which rrweb doesn't record.
//!
//! A router changes the address with `pushState` or a fragment; what tells it are links that were
//! followed, custom events, the `Referer` of requests, and marks that the page itself shows. Each rule
//! below says why its mark can be trusted. An address that nothing tells is not guessed.

use std::rc::Rc;

use playhead_schemas::timeline::{MomentKind, Page};

use super::comeback;
use super::draft::{Draft, Dx};
use super::outcome::is_inert;
use super::session::{Sender, Session};
use super::target::is_chosen;
use crate::dom::apply::Changes;
use crate::dom::name::{find_by_id, scope_of};
use crate::dom::{AttrName, Mirror, NodeKind, Nx};
use crate::scrub::clean_url;

/// A load this soon after a concluded navigation is what the navigation led to.
const CONCLUDED_MS: f64 = 10_000.0;
/// Nodes of what a mutation added that are looked at for links.
const LOOKED_MAX: usize = 400;
/// A title that changes this long before or after an address belongs to it.
const TITLE_MS: f64 = 1000.0;
/// Surer evidence than a title comes within this time, if at all.
const TITLE_WAITS_MS: f64 = 500.0;
/// Pages of one window that a link may have led back to.
const SHOWN_MAX: usize = 20;
/// Requests that were on their way when the address changed still tell the old one.
const OLD_SENDER_MS: f64 = 1000.0;
/// Titles of one address that are remembered.
const OWN_TITLES_MAX: usize = 16;
/// Moments that are looked at for what led to an address.
const LED_MAX: usize = 200;
/// Shorter words of a path name nothing.
const WORD_CHARS_MIN: usize = 3;
/// Titles of one window that are remembered.
const TITLES_MAX: usize = 500;

/// What is known of the address of one window, beside the address itself.
#[derive(Debug, Default)]
pub(crate) struct Trail {
    /// The last navigation that was concluded and not told.
    concluded: Option<Dx>,
    /// The title that is shown, the one before, and when they changed places.
    title: Option<String>,
    title_before: Option<String>,
    title_at: f64,
    /// Titles that the address that is shown has had: pages say "Updating" for a while and go back.
    own: Vec<String>,
    /// Titles and the addresses that were left under them.
    known: Vec<(String, Rc<str>)>,
    /// An address that a title led back to, unless something else tells another one.
    held: Option<(f64, Rc<str>)>,
    /// The last time that a request told the address that is shown.
    confirmed_at: f64,
}

impl Trail {
    /// Takes a title as one of the address that is shown; true when it was one already.
    fn is_own(&mut self, title: Option<String>) -> bool {
        let Some(title) = title else { return false };
        let known = self.own.contains(&title);
        if !known && self.own.len() < OWN_TITLES_MAX {
            self.own.push(title);
        }
        known
    }
}

impl Session<'_> {
    /// A link that was clicked led somewhere in the same document, when the page answered at all.
    ///
    /// A link of the page's own origin that changes the page without a load is followed by a router.
    pub(crate) fn followed(&mut self, w: usize, at: f64, dx: Dx) {
        let Some(href) = self.leads(w, dx) else { return };
        self.concluded(w, at, &href);
    }

    /// A click on a link to a place in the page, which the browser goes to without asking anyone: the
    /// address changes although the page doesn't.
    pub(crate) fn jumped(&mut self, w: usize, at: f64, dx: Dx) {
        let Some(href) = self.leads(w, dx) else { return };
        let Some((bare, fragment)) = href.split_once('#') else { return };
        let window = &self.windows[w];
        let here = window.page.url.as_deref().unwrap_or_default();
        let Some(link) = window.mirror.by_id(self.out.drafts[dx].node) else { return };
        if without_fragment(here) == bare && find_by_id(&window.mirror, link, fragment).is_some() {
            self.concluded(w, at, &href);
        }
    }

    /// Where the link leads that an action was done to, cleaned, when that may be in the same document.
    fn leads(&self, w: usize, dx: Dx) -> Option<String> {
        let draft = &self.out.drafts[dx];
        // A chosen link says nothing when it leads to where one is; it may lead elsewhere all the same.
        let mirror = &self.windows[w].mirror;
        let is_chosen = || mirror.by_id(draft.node).is_some_and(|nx| is_chosen(mirror, nx));
        if draft.quiet && !is_chosen() || draft.kind != MomentKind::Click && draft.kind != MomentKind::Touch {
            return None;
        }
        let href = clean_url(draft.href.as_deref().filter(|href| href.starts_with("http"))?);
        let window = &self.windows[w];
        let page = window.page.url.as_deref()?;
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
        let switches = || window.mirror.by_id(draft.node).is_some_and(|link| is_switch(&window.mirror, link));
        (!(here && !fragment.contains('/') && switches())).then_some(href)
    }

    fn concluded(&mut self, w: usize, at: f64, href: &str) {
        let before = self.out.drafts.len();
        self.navigated(w, at, href);
        if self.out.drafts.len() > before {
            self.windows[w].page.trail.concluded = Some(before);
        }
    }

    /// The navigation that a load at this time completes, if one was concluded just before.
    pub(crate) fn take_concluded(&mut self, w: usize, at: f64) -> Option<Dx> {
        let page = &mut self.windows[w].page;
        let dx = page.trail.concluded.take()?;
        let draft = &self.out.drafts[dx];
        (draft.url == page.url && at - draft.at < CONCLUDED_MS).then_some(dx)
    }

    /// The address became another one in the same document. `href` is cleaned already.
    pub(crate) fn navigated(&mut self, w: usize, at: f64, href: &str) {
        if self.windows[w].page.url.as_deref() == Some(href) || href.is_empty() {
            return;
        }
        self.turn_watch(w, at);
        self.leave_page(w, at);
        let page = &mut self.windows[w].page;
        page.url = Some(Rc::from(href));
        page.shown_since = at;
        page.trail.held = None;
        page.trail.own.clear();
        if at - page.trail.title_at < TITLE_MS {
            page.trail.is_own(page.trail.title.clone());
        }
        let (url, no) = (page.url.clone(), self.windows[w].no);
        for draft in self.out.drafts.iter_mut().rev().take(LED_MAX).filter(|draft| draft.window == no && draft.at > at)
        {
            draft.url.clone_from(&url);
        }
        let draft = Draft::new(MomentKind::Navigate, at, self.windows[w].no);
        self.push(draft);
    }

    /// Takes what requests tell about the address up to a time. With several windows it isn't known which
    /// one sent them.
    pub(crate) fn take_senders(&mut self, until: f64) {
        while let Some((Sender { at, url, fetched }, rest)) =
            self.sent_from.split_first().filter(|(s, _)| s.at <= until)
        {
            self.sent_from = rest;
            let [window] = self.windows.as_slice() else { continue };
            let Some(page) = window.page.url.clone() else { continue };
            // A document that was fetched and never was the page is in a frame.
            let framed = *fetched && !self.out.pages.iter().any(|page| without_fragment(&page.url) == url);
            // What is sent while the address changes tells now the old one, now the new one.
            let left = self.out.pages.last().filter(|_| *at - window.page.shown_since < OLD_SENDER_MS);
            if left.is_some_and(|left| without_fragment(&left.url) == url) {
                continue;
            }
            // A fragment is never sent.
            let shown = without_fragment(&page);
            if shown == url {
                self.windows[0].page.trail.confirmed_at = *at;
                continue;
            }
            let window = &self.windows[0];
            if window.page.settled(*at) && !framed && origin(shown) == origin(url) && origin(url).is_some() {
                let led = self.led_there(0, *at, shown, url);
                self.concluded(0, led.unwrap_or(*at), url);
            }
        }
    }

    /// When the address changed that something tells only now: with the last action since it was still the old one
    /// that bears the name of the new one, as a menu item "Settings" does for `/settings`.
    fn led_there(&self, w: usize, at: f64, from: &str, to: &str) -> Option<f64> {
        let page = &self.windows[w].page;
        let since = page.shown_since.max(page.trail.confirmed_at);
        let known = path_words(from);
        let words: Vec<String> = path_words(to).into_iter().filter(|word| !known.contains(word)).collect();
        let recent = self.out.drafts.iter().rev().take(LED_MAX).filter(|draft| {
            draft.window == self.windows[w].no && draft.at >= since && draft.at < at && draft.kind.is_action()
        });
        let names = |draft: &Draft| {
            let Some(target) = &draft.target else { return false };
            let told = [target.name.as_deref(), target.text.as_deref(), target.within.as_deref()];
            told.iter().flatten().any(|told| path_words(told).iter().any(|word| words.contains(word)))
        };
        let mut clicks = recent.filter(|draft| {
            matches!(draft.kind, MomentKind::Click | MomentKind::Touch | MomentKind::DoubleClick) && !is_inert(draft)
        });
        Some(clicks.find(|draft| names(draft))?.end + 1.0)
    }

    /// Takes what a mutation shows of the address.
    pub(crate) fn told_by_page(&mut self, w: usize, at: f64, changes: &Changes) {
        let window = &self.windows[w];
        let page = window.page.url.as_deref();
        let was_shown = |url: &str| {
            let earlier = self.out.pages.iter().rev().filter(|page| page.window == window.no).take(SHOWN_MAX);
            // A router of fragments begins at `#/`, which no event tells.
            let same = |known: &str| known.trim_end_matches("#/") == url.trim_end_matches("#/");
            page.is_some_and(same) || earlier.map(|page| page.url.as_str()).any(same)
        };
        // What tells the whole address is surer than marks, which tell that of a section.
        let told = comeback::told(&window.mirror, changes, was_shown);
        let marked =
            || page.filter(|_| window.page.settled(at)).and_then(|page| shown_address(&window.mirror, page, changes));
        if let Some(url) = told.or_else(marked) {
            self.concluded(w, at, &url);
        }
        if changes_title(&self.windows[w].mirror, changes) {
            self.retitled(w, at);
        }
    }

    /// A title that comes again brings its address with it, when only one address had it: applications
    /// that title their views do it for each address (this is what the browser's history lists). The first
    /// title after an address is that address's own, however late it comes.
    fn retitled(&mut self, w: usize, at: f64) {
        let title = self.title(w);
        let page = &mut self.windows[w].page;
        let trail = &mut page.trail;
        if trail.title == title {
            return;
        }
        let is_own = at - page.shown_since <= TITLE_MS || trail.title_at < page.shown_since - TITLE_MS;
        trail.title_before = std::mem::replace(&mut trail.title, title);
        trail.title_at = at;
        trail.held = None;
        let was_own = trail.is_own(trail.title.clone());
        let Some(title) = trail.title.as_deref().filter(|_| !is_own && !was_own) else { return };
        let mut under = trail.known.iter().filter(|(known, _)| known == title).map(|(_, url)| url);
        if let (Some(url), None) = (under.next(), under.next())
            && page.url.as_deref().and_then(origin) == origin(url)
            && page.url.as_ref() != Some(url)
        {
            trail.held = Some((at, Rc::clone(url)));
        }
    }

    /// Ends the wait of an address that a title led back to.
    pub(crate) fn settle_title(&mut self, w: usize, now: f64) {
        let trail = &mut self.windows[w].page.trail;
        if trail.held.as_ref().is_some_and(|(at, _)| now - at >= TITLE_WAITS_MS)
            && let Some((at, url)) = trail.held.take()
        {
            self.concluded(w, at, &url);
        }
    }

    /// Notes the title of a document that was loaded.
    pub(crate) fn titled(&mut self, w: usize, at: f64) {
        let title = self.title(w);
        let trail = &mut self.windows[w].page.trail;
        (trail.title, trail.title_before, trail.title_at, trail.held) = (title, None, at, None);
        trail.own.clear();
        trail.is_own(trail.title.clone());
    }

    /// Notes the page that is shown as done with.
    pub(crate) fn leave_page(&mut self, w: usize, at: f64) {
        let page = &mut self.windows[w].page;
        let Some(url) = page.url.clone() else { return };
        let trail = &mut page.trail;
        // A title that came just before the address is the next page's already.
        let early = at - trail.title_at < TITLE_MS && trail.title_at - page.shown_since > TITLE_MS;
        let title =
            if early && trail.title_before.is_some() { trail.title_before.clone() } else { trail.title.clone() };
        if let Some(title) = &title
            && trail.known.len() < TITLES_MAX
            && !trail.known.iter().any(|(known, of)| known == title && *of == url)
        {
            trail.known.push((title.clone(), Rc::clone(&url)));
        }
        let t_ms = (page.shown_since - self.started_at).max(0.0) as u64;
        self.out.pages.push(Page { window: self.windows[w].no, t_ms, url: url.to_string(), title });
    }
}

/// Scheme, host and port of a web address.
pub(crate) fn origin(url: &str) -> Option<&str> {
    let host = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"))?;
    let start = url.len() - host.len();
    Some(&url[..start + host.find(['/', '?', '#']).unwrap_or(host.len())])
}

/// An address without its query; the fragment of a router's address is its path.
fn path(url: &str) -> &str {
    let from = url.find("#/").unwrap_or_default();
    let end = url[from..].find('?').map_or(url.len(), |at| from + at);
    let path = if from == 0 { url[..end].split('#').next().unwrap_or_default() } else { &url[..end] };
    path.trim_end_matches('/')
}

/// The words of a path or a name, in lower case. The host is none of a path.
fn path_words(text: &str) -> Vec<String> {
    let text = origin(text).map_or(text, |origin| &text[origin.len()..]);
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() >= WORD_CHARS_MIN);
    words.map(str::to_lowercase).collect()
}

fn without_fragment(url: &str) -> &str {
    url.split('#').next().unwrap_or_default()
}

/// A link that a script took over to open and close something: its fragment only names what it controls
/// (ARIA 1.2: `aria-controls`, `aria-expanded`, `aria-haspopup`; Bootstrap's `data-toggle`; jQuery UI and
/// WAI-ARIA tabs).
fn is_switch(mirror: &Mirror, link: Nx) -> bool {
    const MARKS: [AttrName; 5] = [
        AttrName::AriaControls,
        AttrName::AriaExpanded,
        AttrName::AriaHasPopup,
        AttrName::DataToggle,
        AttrName::DataBsToggle,
    ];
    let acts = |nx: Nx| {
        matches!(mirror.attr(nx, AttrName::Role), Some("button" | "tab" | "menuitem" | "option" | "switch"))
            || MARKS.iter().any(|mark| mirror.has(nx, *mark))
    };
    acts(link) || mirror.parent(link).is_some_and(|up| mirror.attr(up, AttrName::Role) == Some("tab"))
}

/// The address that links show which a mutation brought or marked:
/// - `aria-current="page"` and Vue Router's `router-link-exact-active` are put on the link of the page that
///   is shown (ARIA 1.2; React Router's `NavLink` and Vue Router do it on their own);
/// - rrweb writes `href="#"` resolved against the address of that moment, so it tells it.
fn shown_address(mirror: &Mirror, page: &str, changes: &Changes) -> Option<String> {
    let mut found = Shown { mirror, page, current: None, resolved: None };
    for (nx, attr, old) in &changes.attrs {
        match attr {
            AttrName::AriaCurrent | AttrName::Href => found.look(*nx),
            AttrName::Class if !old.is_some_and(|old| is_exactly_active(mirror.slice(old))) => found.look(*nx),
            _ => {}
        }
    }
    let mut looked = 0;
    for root in &changes.added {
        let mut at = Some(*root);
        while let Some(nx) = at.filter(|_| looked < LOOKED_MAX) {
            looked += 1;
            found.look(nx);
            at = mirror.walk_on(*root, nx, true);
        }
    }
    found.current.or(found.resolved)
}

struct Shown<'m> {
    mirror: &'m Mirror,
    page: &'m str,
    current: Option<String>,
    resolved: Option<String>,
}

impl Shown<'_> {
    fn look(&mut self, nx: Nx) {
        let mirror = self.mirror;
        if mirror.tag(nx) != "a" {
            return;
        }
        let Some(href) = mirror.attr(nx, AttrName::Href).filter(|href| href.starts_with("http")) else { return };
        let bare = href.strip_suffix('#');
        let marked = bare.is_none()
            && (mirror.attr(nx, AttrName::AriaCurrent) == Some("page")
                || mirror.attr(nx, AttrName::Class).is_some_and(is_exactly_active));
        if !marked && bare.is_none() || origin(href) != origin(self.page) || !in_top_document(mirror, nx) {
            return;
        }
        let url = clean_url(bare.unwrap_or(href));
        if marked {
            // A section's link is marked on the pages below it too, whatever their query, so the longest one
            // tells most and one above the known address tells nothing.
            let below =
                path(self.page).strip_prefix(path(&url)).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            let in_page = without_fragment(&url) == without_fragment(self.page) && !url.contains("#/");
            if !below && !in_page && self.current.as_ref().is_none_or(|known| known.len() < url.len()) {
                self.current = Some(url);
            }
        } else if url != without_fragment(self.page) && !has_base(mirror) {
            self.resolved = Some(url);
        }
    }
}

fn is_exactly_active(class: &str) -> bool {
    class.split_ascii_whitespace().any(|word| word == "router-link-exact-active")
}

fn in_top_document(mirror: &Mirror, nx: Nx) -> bool {
    mirror.node(nx).attached && scope_of(mirror, nx).is_some_and(|scope| Some(scope) == mirror.root())
}

/// With a `<base>` element, relative addresses tell that element's and not the page's.
fn has_base(mirror: &Mirror) -> bool {
    head(mirror).is_some_and(|head| mirror.children(head).any(|nx| mirror.tag(nx) == "base"))
}

/// The head of the top document.
pub(crate) fn head(mirror: &Mirror) -> Option<Nx> {
    let html = mirror.children(mirror.root()?).find(|nx| mirror.tag(*nx) == "html")?;
    mirror.children(html).find(|nx| mirror.tag(*nx) == "head")
}

/// True when a mutation touched a document's title.
fn changes_title(mirror: &Mirror, changes: &Changes) -> bool {
    let is_title = |nx: Nx| mirror.tag(nx) == "title" && !mirror.node(nx).is_svg;
    let inside =
        |nx: Nx| is_title(nx) || mirror.node(nx).kind == NodeKind::Text && mirror.parent(nx).is_some_and(is_title);
    changes.texts.iter().any(|(nx, _)| inside(*nx)) || changes.added.iter().any(|nx| inside(*nx))
}
