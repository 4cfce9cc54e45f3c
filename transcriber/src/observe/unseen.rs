//! Clicks that are answered where no recorder looks: downloads, new tabs, pickers and dialogs of the browser, popovers,
//! pixels.
//!
//! In: the element that was clicked. Out: whether nothing that is recorded has to change. Never here: whether something
//! changed.

use crate::dom::name::find_by_id;
use crate::dom::role::{editable_host, role};
use crate::dom::{AttrName, Mirror, NodeIndex};

/// Fields of a form that are looked at.
const FIELDS_MAX: usize = 500;
/// Files that browsers download, or show in a viewer of their own.
const FILES: [&str; 26] = [
    "7z", "apk", "avi", "csv", "dmg", "doc", "docx", "epub", "exe", "gz", "ics", "mov", "mp3", "mp4", "msi", "ods",
    "pdf", "pkg", "ppt", "pptx", "rtf", "tar", "vcf", "xls", "xlsx", "zip",
];
/// What buttons are called that use the clipboard, the printer or the screen. A download isn't among them: buttons that
/// should download and do nothing are a common fault.
const UNSEEN: [&str; 3] = ["copy", "fullscreen", "print"];

/// True when a click on an element changes nothing that is recorded: the answer is outside the page, or in pixels, or
/// the element is chosen already and stays so.
pub(super) fn is_answered_unseen(mirror: &Mirror, nx: NodeIndex, name: Option<&str>) -> bool {
    if is_chosen(mirror, nx) || is_named_unseen(mirror, nx, name) {
        return true;
    }
    match mirror.tag(nx) {
        "a" | "area" => leads_outside(mirror, nx),
        // A click on a field moves the focus; one on a button is like that on any other button.
        "input" => {
            let kind = mirror.attr(nx, AttrName::Type).unwrap_or("text").to_ascii_lowercase();
            !matches!(kind.as_str(), "submit" | "image" | "button")
                || opens_popover(mirror, nx)
                || is_refused(mirror, nx, &kind)
        }
        "button" => {
            let kind = mirror.attr(nx, AttrName::Type).unwrap_or("submit").to_ascii_lowercase();
            kind == "reset" || opens_popover(mirror, nx) || is_refused(mirror, nx, &kind)
        }
        "canvas" | "video" | "audio" | "iframe" | "object" | "embed" | "select" | "textarea" | "option" => true,
        _ => editable_host(mirror, nx),
    }
}

/// True for the one of several that is chosen: the tab, page or colour that is shown.
pub(crate) fn is_chosen(mirror: &Mirror, nx: NodeIndex) -> bool {
    let is = |attr: AttrName| mirror.attr(nx, attr).is_some_and(|value| value != "false");
    is(AttrName::AriaSelected)
        || is(AttrName::AriaCurrent)
        || is(AttrName::AriaChecked) && matches!(role(mirror, nx), "radio" | "menuitemradio" | "option")
        || mirror.attr(nx, AttrName::Class).is_some_and(|class| {
            class
                .split_ascii_whitespace()
                .any(|word| matches!(word, "active" | "selected" | "is-active" | "is-selected"))
        })
}

fn is_named_unseen(mirror: &Mirror, nx: NodeIndex, name: Option<&str>) -> bool {
    let first = name.unwrap_or_default().split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    matches!(role(mirror, nx), "button" | "link" | "menuitem")
        && UNSEEN.iter().any(|word| first.eq_ignore_ascii_case(word))
}

/// True for a link that a browser follows outside of the page: to a file, to another tab, to another program; or inside
/// of it without asking anyone, to a place that may be in sight already.
fn leads_outside(mirror: &Mirror, link: NodeIndex) -> bool {
    let href = mirror.attr(link, AttrName::Href).unwrap_or_default();
    let target = mirror.attr(link, AttrName::Target).unwrap_or_default().to_ascii_lowercase();
    let scheme = href.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    let is_programs = scheme.is_some_and(|scheme| {
        let is_scheme = scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
        is_scheme && !matches!(scheme.as_str(), "http" | "https" | "javascript" | "")
    });
    let path = href.split(['?', '#']).next().unwrap_or_default();
    let file = path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map(|(_, end)| end.to_ascii_lowercase());
    let is_place = href
        .split_once('#')
        .is_some_and(|(_, place)| place == "top" || !place.is_empty() && find_by_id(mirror, link, place).is_some());
    mirror.has(link, AttrName::Download)
        || !matches!(target.as_str(), "" | "_self" | "_top" | "_parent")
        || is_programs
        || is_place
        || file.is_some_and(|file| FILES.contains(&file.as_str()))
}

/// True for a button that opens or closes a popover, which changes no attribute (HTML, sections 6.12 and 4.10.6.1).
fn opens_popover(mirror: &Mirror, button: NodeIndex) -> bool {
    [AttrName::PopoverTarget, AttrName::CommandFor]
        .into_iter()
        .any(|attr| mirror.attr(button, attr).is_some_and(|id| !id.is_empty()))
}

/// True for a button that sends a form of which a required field is empty: the browser says so in a bubble of its own.
fn is_refused(mirror: &Mirror, button: NodeIndex, kind: &str) -> bool {
    if !matches!(kind, "submit" | "image") {
        return false;
    }
    let Some(form) = mirror.self_and_ancestors(button).find(|up| mirror.tag(*up) == "form") else { return false };
    mirror.subtree(form).take(FIELDS_MAX).any(|nx| {
        matches!(mirror.tag(nx), "input" | "textarea")
            && mirror.has(nx, AttrName::Required)
            && !mirror.has(nx, AttrName::Disabled)
            && match mirror.attr(nx, AttrName::Type) {
                Some("checkbox") => !mirror.has(nx, AttrName::Checked),
                Some("radio" | "hidden" | "file") => false,
                _ => mirror.attr(nx, AttrName::Value).unwrap_or_default().is_empty(),
            }
    })
}
