//! Links that show where the page is: those that are marked as current, and those that rrweb resolved.

use super::head;
use super::url_parts::{origin, path, without_fragment};
use crate::dom::apply::Changes;
use crate::dom::name::scope_of;
use crate::dom::{AttrName, Mirror, NodeIndex};
use crate::scrub::clean_url;

/// Nodes of what a mutation added that are looked at for links.
const LOOKED_MAX: usize = 400;

/// The address that links show which a mutation brought or marked:
/// - `aria-current="page"` and Vue Router's `router-link-exact-active` are put on the link of the page that
///   is shown (ARIA 1.2; React Router's `NavLink` and Vue Router do it on their own);
/// - rrweb writes `href="#"` resolved against the address of that moment, so it tells it.
pub(super) fn shown_address(mirror: &Mirror, page: &str, changes: &Changes) -> Option<String> {
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
            at = mirror.next_in_subtree(*root, nx, true);
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
    fn look(&mut self, nx: NodeIndex) {
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
    class.split_ascii_whitespace().any(|word| word == "router-link-describe_exact-active")
}

fn in_top_document(mirror: &Mirror, nx: NodeIndex) -> bool {
    mirror.node(nx).attached && scope_of(mirror, nx).is_some_and(|scope| Some(scope) == mirror.root())
}

/// With a `<base>` element, relative addresses tell that element's and not the page's.
fn has_base(mirror: &Mirror) -> bool {
    head(mirror).is_some_and(|head| mirror.children(head).any(|nx| mirror.tag(nx) == "base"))
}
