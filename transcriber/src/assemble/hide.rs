//! The last pass over the texts of a timeline: what is secret in this recording is taken out wherever it stands.
//!
//! In: drafts, pages, and what is known of secrets ([`Known`]). Out: the same without them. Comes after causes and
//! signals were found, which compare texts. Never here: what a secret is.

use playhead_schemas::timeline::{Change, Element, Page, Request, Shown, Subject, Target};

use crate::network::RawRequest;
use crate::observe::{Draft, Note};
use crate::scrub::Known;

/// Remembers the secrets that requests sent.
pub(super) fn learn(known: &mut Known, requests: &[RawRequest]) {
    requests.iter().flat_map(|request| &request.secrets).for_each(|value| known.note_value(value));
}

/// Takes secrets out of all texts.
pub(super) fn hide(drafts: &mut [Draft], pages: &mut [Page], known: &mut Known) {
    // What stands under secret names first: it is then known by its value too.
    for draft in drafts.iter_mut() {
        if let Some(request) = &mut draft.request {
            under_names(request, known);
        }
        if let Some(message) = &mut draft.message {
            known.clean_told(message);
        }
    }
    for draft in drafts.iter_mut() {
        in_draft(draft, known);
    }
    for page in pages {
        known.clean_values(&mut page.url);
        page.title.iter_mut().for_each(|title| known.clean(title));
    }
}

fn under_names(request: &mut Request, known: &mut Known) {
    known.clean_address(&mut request.url);
    if let Some(body) = &mut request.request_body {
        known.clean_sent(body);
        if !body.starts_with(['{', '[']) {
            known.clean_address(body);
        }
    }
    for body in [&mut request.response_body, &mut request.answer].into_iter().flatten() {
        known.clean_told(body);
    }
}

fn in_draft(draft: &mut Draft, known: &Known) {
    if let Some(request) = &mut draft.request {
        known.clean_values(&mut request.url);
        let texts = [&mut request.request_body, &mut request.response_body, &mut request.answer, &mut request.error];
        texts.into_iter().flatten().for_each(|text| known.clean_values(text));
    }
    [&mut draft.message, &mut draft.stack].into_iter().flatten().for_each(|text| known.clean_values(text));
    draft.components.iter_mut().for_each(|frame| known.clean_values(frame));
    draft.inner_errors.iter_mut().for_each(|inner| known.clean_values(&mut inner.message));
    draft.value.iter_mut().for_each(|value| known.clean(value));
    if let Some(url) = &draft.url {
        let mut clean = url.to_string();
        known.clean_values(&mut clean);
        if clean != **url {
            draft.url = Some(clean.into());
        }
    }
    draft.target.iter_mut().for_each(|target| in_target(target, known));
    match &mut draft.note {
        Some(Note::DraggedOnto { name, .. } | Note::Was(name)) => known.clean(name),
        Some(Note::Event(text) | Note::Place(text)) => known.clean_values(text),
        Some(Note::Recorder(note)) => note.texts_mut().for_each(|text| known.clean_values(text)),
        _ => {}
    }
    draft.shows.iter_mut().for_each(|shown| in_shown(shown, known));
    let changes = draft.outcome.iter_mut().flat_map(|outcome| &mut outcome.changes.reported);
    changes.for_each(|reported| in_change(&mut reported.change, known));
}

fn in_target(target: &mut Target, known: &Known) {
    let Target { name, text, within, around, component, source, markup, selector, selectors, .. } = target;
    let texts = name.iter_mut().chain(text).chain(within).chain(around).chain(component).chain(source).chain(markup);
    texts.for_each(|text| known.clean(text));
    // A selector with a part left out finds nothing.
    selectors.retain(|one| !known.is_secret(&one.selector));
    known.clean_values(selector);
}

fn in_change(change: &mut Change, known: &Known) {
    match change {
        Change::Appeared { what } | Change::Disappeared { what } | Change::AppearedAndDisappeared { what } => {
            in_subject(what, known);
        }
        Change::Text { before, after, .. } => [before, after].into_iter().for_each(|text| known.clean(text)),
        Change::Value { element, value, .. } => {
            in_element(element, known);
            known.clean(value);
        }
        Change::Invalid { element, message } => {
            in_element(element, known);
            message.iter_mut().for_each(|message| known.clean(message));
        }
        Change::Enabled { element, .. }
        | Change::Expanded { element, .. }
        | Change::Toggled { element, .. }
        | Change::Selected { element }
        | Change::Busy { element }
        | Change::FocusMoved { element } => in_element(element, known),
        Change::ListLength { list, removed_item, added_items, .. } => {
            list.iter_mut().chain(removed_item).chain(added_items).for_each(|text| known.clean(text));
        }
        Change::Moved { list, name, .. } => {
            list.iter_mut().chain([name]).for_each(|text| known.clean(text));
        }
        Change::Replaced { before, after } => [before, after].into_iter().for_each(|one| in_element(one, known)),
        Change::RowTexts { .. } | Change::Loading { .. } | Change::Scrolled { .. } | Change::Elements { .. } => {}
    }
}

fn in_shown(shown: &mut Shown, known: &Known) {
    match shown {
        Shown::Heading { text } | Shown::Text { text } | Shown::Count { text } | Shown::Message { text, .. } => {
            known.clean(text);
        }
        Shown::Value { label, value } => [label, value].into_iter().for_each(|text| known.clean(text)),
        Shown::Choice { element, value } => {
            in_element(element, known);
            known.clean(value);
        }
        Shown::Table { name, columns, row } => {
            name.iter_mut().chain(columns).chain(row).for_each(|text| known.clean(text));
        }
        Shown::List { name, items, .. } => name.iter_mut().chain(items).for_each(|text| known.clean(text)),
        Shown::Picture { name } => known.clean_values(name),
        Shown::Current { element } => in_element(element, known),
        Shown::Invalid { element, message } => {
            in_element(element, known);
            message.iter_mut().for_each(|message| known.clean(message));
        }
    }
}

fn in_subject(what: &mut Subject, known: &Known) {
    match what {
        Subject::Overlay { text, items, .. } => {
            text.iter_mut().chain(items).for_each(|text| known.clean(text));
        }
        Subject::Element { element } => in_element(element, known),
        Subject::List { element, columns, items, .. } => {
            in_element(element, known);
            columns.iter_mut().chain(items).for_each(|text| known.clean(text));
        }
        Subject::Text { text } => known.clean(text),
    }
}

fn in_element(element: &mut Element, known: &Known) {
    element.name.iter_mut().for_each(|name| known.clean(name));
}
