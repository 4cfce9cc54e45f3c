//! Facts of recorders to moments: navigation, visibility, pauses, web vitals, events of applications.
//!
//! In: the [facts](crate::dialects) of one custom event or plugin event. Requests and console lines among the facts
//! were taken out before the pass.

use playhead_schemas::timeline::{DefectCode, MomentKind, Rating, Vital};

use super::draft::Note;
use super::moment_log::{Arrival, ReachedPage};
use super::pointer::LEFT_MS;
use super::session::Session;
use super::window::Context;
use crate::Options;
use crate::dialects::rrweb::EventType;
use crate::dialects::{Fact, Measurement, Reached};
use crate::scrub::clean_url;

impl Session<'_> {
    /// A custom event or a plugin event, as [`event`](Self::event) for the others.
    pub(crate) fn facts(&mut self, w: usize, event_type: EventType, at: f64, facts: &[Fact]) {
        self.event(w, event_type, at, &[]);
        for fact in facts {
            self.fact(w, at, fact);
        }
    }

    fn fact(&mut self, w: usize, at: f64, fact: &Fact) {
        match fact {
            Fact::Navigated(address) => {
                let (mut cx, on) = self.at(w);
                let href = absolute(&cx, address);
                on.pointer.note_navigation(at);
                on.address.navigated(&mut cx, at, &href);
            }
            Fact::Came(how) => {
                let (cx, _) = self.at(w);
                cx.log.found.arrivals.push(Arrival { window: cx.no, at, how: *how });
            }
            Fact::Visibility { is_hidden } => {
                let (mut cx, on) = self.at(w);
                cx.outcomes.answered(on.pointer, at, LEFT_MS);
                let mut draft = cx.draft(MomentKind::Tab, at);
                draft.value = Some(if *is_hidden { "hidden" } else { "visible" }.to_owned());
                cx.push(draft);
            }
            Fact::Paused => self.paused(w, at),
            Fact::Resumed => self.resumed(w, at),
            Fact::Vitals(measured) => {
                let (mut cx, _) = self.at(w);
                let options = cx.log.options;
                for vital in measured.iter().filter_map(|measured| rated(*measured, options)) {
                    push_vital(&mut cx, at, vital);
                }
            }
            Fact::Custom { tag, text } => {
                let (mut cx, on) = self.at(w);
                if tag.contains("fullscreen") {
                    cx.outcomes.answered(on.pointer, at, LEFT_MS);
                }
                let mut draft = cx.draft(MomentKind::Custom, at);
                draft.note = Some(Note::Event(tag.clone()));
                draft.value.clone_from(text);
                cx.push(draft);
            }
            Fact::Unseen { tag, text } if !self.at(w).0.page.has_snapshot => {
                if tag == "navigation" {
                    return self.fact(w, at, &Fact::Navigated(text.clone()));
                }
                self.fact(w, at, &Fact::Custom { tag: tag.clone(), text: Some(text.clone()) });
            }
            Fact::Unseen { .. } => {}
            Fact::Page { release } => self.at(w).0.page.release.clone_from(release),
            Fact::Reached(reached) => {
                let (cx, _) = self.at(w);
                let address = reached.address.as_deref().map(|address| absolute(&cx, address));
                let Reached { way, by, .. } = **reached;
                cx.log.found.reached.push(ReachedPage { window: cx.no, at, way, address, by });
            }
            Fact::Key(press) => {
                let (mut cx, on) = self.at(w);
                on.fields.key_pressed(&mut cx, at, press);
            }
            Fact::DisabledClick { x, y, on: subject } => {
                let (mut cx, on) = self.at(w);
                on.pointer.pressed_disabled(&mut cx, on.fields, at, (*x, *y), subject);
            }
            Fact::Pseudonym { node, same } => self.at(w).0.pseudonym(*node, same),
            Fact::Noted { note, on: subject, by } => {
                let (mut cx, on) = self.at(w);
                cx.noted(on.pointer, at, note, subject, *by);
            }
            Fact::ErrorDetails(details) => {
                let (mut cx, _) = self.at(w);
                let mut draft = cx.draft(MomentKind::Custom, at);
                draft.note = Some(Note::Event(details.message.clone()));
                draft.value = details.components.first().cloned().or_else(|| details.context.clone());
                cx.push(draft);
            }
            // Requests and lines took them already.
            Fact::Socket(_) | Fact::NotLoaded { .. } => {}
            Fact::Unreadable => self.skip_event(DefectCode::BadEvent, "a custom event without a tag"),
            Fact::Request(_) | Fact::Line(_) => {}
        }
    }
}

fn push_vital(cx: &mut Context<'_, '_>, at: f64, vital: Vital) {
    let mut draft = cx.draft(MomentKind::Custom, at);
    let value = if vital.name == "CLS" { format!("{:.3}", vital.value) } else { format!("{:.0} ms", vital.value) };
    let rating = match vital.rating {
        Rating::Good => "good",
        Rating::NeedsImprovement => "needs improvement",
        Rating::Poor => "poor",
    };
    draft.value = Some(format!("{value}, {rating}"));
    draft.vital = Some(vital);
    cx.push(draft);
}

/// An address that may be relative to that of the page, cleaned.
fn absolute(cx: &Context<'_, '_>, href: &str) -> String {
    let href = href.trim();
    let full = match &cx.page.url {
        Some(base) if !href.contains("://") => {
            url::Url::parse(base).and_then(|base| base.join(href)).map_or_else(|_| href.to_owned(), String::from)
        }
        _ => href.to_owned(),
    };
    clean_url(&full)
}

/// A measurement with the rating that the options give it.
fn rated(measured: Measurement, options: &Options) -> Option<Vital> {
    let Measurement { name, value } = measured;
    let limits = options.vitals.iter().find(|limits| limits.name == name)?;
    let rating = match value {
        v if v <= limits.good => Rating::Good,
        v if v <= limits.poor => Rating::NeedsImprovement,
        _ => Rating::Poor,
    };
    Some(Vital { name: name.to_owned(), value, rating })
}
