//! Changed attributes as phrases: refused fields, disabled and expanded controls, what is shown and hidden.

use super::landmarks::landmark;
use super::{QUOTE_CHARS_MAX, is_element};
use crate::dom::name::{find_by_id, is_hidden, name, visible_text};
use crate::dom::role::role;
use crate::dom::{AttrName, Mirror, Nx};

/// Elements after a field that may hold its message.
const AFTER_MAX: usize = 3;

/// A changed attribute as a phrase.
pub(super) fn attribute(mirror: &Mirror, nx: Nx, attr: AttrName, old: Option<&str>) -> Option<(u8, String)> {
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

/// Classes by which common style sheets show things.
pub(super) const SHOWING: &[&str] = &["show", "open", "is-open", "visible", "is-visible", "is-active"];

/// Classes by which common style sheets show, hide and mark things.
fn class_change(mirror: &Mirror, nx: Nx, old: &str, now: &str) -> Option<(u8, String)> {
    let has = |classes: &str, wanted: &[&str]| classes.split_ascii_whitespace().any(|word| wanted.contains(&word));
    const HIDING: &[&str] = &["hidden", "d-none", "hide", "is-hidden", "invisible"];
    const REFUSING: &[&str] = &["is-invalid", "invalid", "error", "has-error", "is-error"];
    // What a page's frame is called tells of what is open in it.
    if matches!(mirror.tag(nx), "body" | "html") {
        return None;
    }
    if has(now, REFUSING) && !has(old, REFUSING) && matches!(mirror.tag(nx), "input" | "select" | "textarea") {
        let label = name(mirror, nx).unwrap_or_default();
        let message = message_of(mirror, nx).map_or_else(String::new, |text| format!(": \"{text}\""));
        return Some((0, format!("{} \"{label}\" marked invalid{message}", role(mirror, nx))));
    }
    // Libraries put their own name before it: `ant-dropdown-hidden`, `ag-hidden`.
    let hides =
        |classes: &str| has(classes, HIDING) || classes.split_ascii_whitespace().any(|word| word.ends_with("-hidden"));
    if hides(now) != hides(old) {
        return shown(mirror, nx, !hides(now));
    }
    if has(now, SHOWING) != has(old, SHOWING) {
        let verb = if has(now, SHOWING) { "appeared" } else { "went" };
        return landmark(mirror, nx, verb).map(|phrase| (1, phrase));
    }
    None
}

/// The message that explains an invalid field: one that the field refers to, else one that stands right after
/// it and looks like one.
fn message_of(mirror: &Mirror, nx: Nx) -> Option<String> {
    let referred = [AttrName::AriaErrorMessage, AttrName::AriaDescribedBy].iter().find_map(|attr| {
        let ids = mirror.attr(nx, *attr)?;
        ids.split_ascii_whitespace()
            .filter_map(|id| find_by_id(mirror, nx, id))
            .map(|message| visible_text(mirror, message, QUOTE_CHARS_MAX))
            .find(|text| !text.is_empty())
    });
    referred.or_else(|| {
        let after = |of: Nx| std::iter::successors(mirror.next(of), |next| mirror.next(*next)).take(AFTER_MAX);
        let around = mirror.parent(nx);
        after(nx)
            .chain(around.into_iter().flat_map(after))
            .filter(|nx| explains(mirror, *nx))
            .find_map(|message| Some(visible_text(mirror, message, QUOTE_CHARS_MAX)).filter(|text| !text.is_empty()))
    })
}

/// True for what style sheets and libraries call the message of a refused field.
fn explains(mirror: &Mirror, nx: Nx) -> bool {
    if !is_element(mirror, nx) || is_hidden(mirror, nx) {
        return false;
    }
    role(mirror, nx) == "alert"
        || mirror.attr(nx, AttrName::Class).unwrap_or_default().split(['-', '_', ' ']).any(|word| {
            ["error", "errors", "invalid", "feedback", "errormessage", "danger"]
                .iter()
                .any(|sign| word.eq_ignore_ascii_case(sign))
        })
}
