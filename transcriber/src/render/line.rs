//! One moment as one line, without id and time.

use std::fmt::Write;

use playhead_schemas::text::{excerpt, one_line};
use playhead_schemas::timeline::{Cause, Confidence, Level, Moment, MomentKind, Request, Shown, Signal};

use super::action::{self, Limits};
use super::text::Text;
use super::{changes, evidence, outcome, phrases, recorder, remarks};
use crate::dom::name::is_masked;
use crate::observe::Note;

/// Characters of a value, message or note in a line.
const VALUE_CHARS_MAX: usize = 200;
/// Characters of a message of the console in a line.
const MESSAGE_CHARS_MAX: usize = 240;
/// Errors inside of an error that are told.
const INNER_MAX: usize = 3;
/// Equal lines that went on for longer are told with the time that they took.
const RUN_MS: u64 = 1000;
/// Characters of the function that sent a request.
const SENDER_CHARS_MAX: usize = 120;
/// Causes that are named.
const CAUSES_MAX: usize = 2;

/// The line of a moment. `note` is what its kind alone doesn't say; `all` are the moments of the timeline.
pub(crate) fn line(moment: &Moment, note: Option<&Note>, all: &[Moment]) -> Text {
    let mut out = Text::default();
    out.push(&phrases::window(moment));
    write_head(&mut out, moment, note);
    out.push(&remarks::release(moment, all));
    out.push(&remarks::entry(moment));
    for signal in &moment.signals {
        out.push(match signal {
            Signal::RageClick => " [rage click]",
            Signal::DeadClick => " [dead click]",
            Signal::SlowClick => " [answered late]",
            Signal::SlowRequest => " [slow]",
            Signal::QuickBack => " [left at once]",
            Signal::RepeatedSubmit => " [sent again]",
            Signal::FormAbandoned => " [form abandoned]",
            Signal::LayoutThrash => " [layout thrash]",
            Signal::PoorVital if moment.vital.is_none() => " [poor]",
            Signal::HydrationError => " [hydration error]",
            Signal::PoorVital | Signal::ErrorAfterAction | Signal::InvalidInput => "",
        });
    }
    out.push(&phrases::retried(moment, all));
    if moment.request.as_ref().is_some_and(Request::is_trouble) {
        evidence::write_answer(&mut out, moment);
    }
    outcome::write(&mut out, moment, all);
    if let Some(from) = causes(moment, all) {
        let _ = write!(out, " <- {from}");
    }
    out.push(&remarks::doubts(moment));
    out
}

/// What led to a failure, a line of the console or a page, where it is known: `m98`, `probably m98`, `perhaps m98`.
///
/// What an action led to stands in the action's own line as well. Requests that succeeded have no causes in their
/// lines.
fn causes(moment: &Moment, all: &[Moment]) -> Option<String> {
    let telling = match moment.kind {
        MomentKind::Error | MomentKind::PageLoad | MomentKind::Navigate => true,
        MomentKind::Console => moment.level.is_some_and(|level| level >= Level::Warn),
        MomentKind::Request => moment.request.as_ref().is_some_and(Request::is_trouble),
        _ => false,
    };
    // For a page, only what asked for it is named.
    let is_page = moment.kind.is_page();
    let known = |cause: &&Cause| {
        (!is_page || moment.caused_by == Some(cause.from)) && crate::failures::find(all, cause.from).is_some()
    };
    let named: Vec<String> = moment
        .causes
        .iter()
        .filter(|_| telling)
        .filter(known)
        .take(CAUSES_MAX)
        .map(|cause| match cause.confidence {
            Confidence::High => cause.from.to_string(),
            Confidence::Medium => format!("probably {}", cause.from),
            Confidence::Low => format!("perhaps {}", cause.from),
        })
        .collect();
    (!named.is_empty()).then(|| named.join(", "))
}

/// What the moment was, up to its signals.
pub(super) fn write_head(out: &mut Text, moment: &Moment, note: Option<&Note>) {
    let value = moment.value.as_deref();
    if let (MomentKind::Custom | MomentKind::Browser, Some(Note::Recorder(seen))) = (moment.kind, note) {
        return recorder::write(out, moment, seen);
    }
    match moment.kind {
        MomentKind::PageLoad => {
            let is_again = note.is_some() || moment.note.is_some();
            out.push(if is_again { "page load again " } else { "page load " });
            let page = moment.url.as_deref().filter(|url| !url.is_empty()).unwrap_or("(address unknown)");
            out.unit(&one_line(page, VALUE_CHARS_MAX));
            if let Some(title) = value.filter(|title| !is_masked(title)) {
                out.push(" ");
                out.quote(&one_line(title, 80));
            }
            out.push(phrases::navigation(moment));
            write_shows(out, &moment.shows);
        }
        MomentKind::Navigate => {
            out.push("navigate to ");
            out.unit(&one_line(moment.url.as_deref().unwrap_or_default(), VALUE_CHARS_MAX));
            out.push(phrases::navigation(moment));
            if moment.count > 1 {
                out.push(&phrases::typed_addresses(moment.count));
            }
            write_shows(out, &moment.shows);
        }
        MomentKind::Notice => {
            out.push("unasked: ");
            let mut shown = moment.outcome.iter().flat_map(|outcome| &outcome.changes);
            if let Some(change) = shown.next() {
                changes::write(out, &change.change);
            }
        }
        MomentKind::Request => match &moment.request {
            Some(request) => {
                phrases::write_request(out, request, moment.url.as_deref());
                if let Some(sender) = frames(moment).next() {
                    out.push(" sent by ");
                    out.unit(&one_line(&sender, SENDER_CHARS_MAX));
                }
            }
            None => out.push("request"),
        },
        MomentKind::Console | MomentKind::Error => write_entry(out, moment, note),
        MomentKind::Idle => {
            let _ = write!(out, "idle for {}", phrases::duration(moment.end_ms - moment.t_ms));
        }
        MomentKind::Resize => {
            let _ = write!(out, "resize to {}", value.unwrap_or_default());
        }
        MomentKind::Tab => {
            let _ = write!(out, "tab {}", value.unwrap_or_default());
        }
        MomentKind::Custom => match &moment.vital {
            Some(vital) => out.push(&phrases::vital(vital)),
            None => {
                out.push("custom event");
                if let Some(note) = note {
                    action::write_note(out, note, Limits::LINE);
                }
                if let Some(payload) = value {
                    out.push(": ");
                    out.unit(&one_line(payload, VALUE_CHARS_MAX));
                }
            }
        },
        MomentKind::Annotation => {
            out.push("annotation ");
            out.quote(&one_line(value.unwrap_or_default(), VALUE_CHARS_MAX));
        }
        _ => {
            action::write_located(out, moment, note);
            action::write_count(out, moment);
        }
    }
}

/// What a page showed: ` shows heading "Orders"; alert "Saved"`.
pub(super) fn write_shows<'s>(out: &mut Text, shows: impl IntoIterator<Item = &'s Shown>) {
    for (i, shown) in shows.into_iter().enumerate() {
        out.push(if i == 0 { " shows " } else { "; " });
        changes::write_shown(out, shown);
    }
}

fn write_entry(out: &mut Text, moment: &Moment, note: Option<&Note>) {
    if moment.kind == MomentKind::Error {
        out.push("uncaught error: ");
    } else {
        let _ = write!(out, "console {}: ", moment.level.map_or("log", Level::as_str));
    }
    let place = match note {
        Some(Note::Place(place)) => Some(here(place, moment)),
        _ => None,
    };
    out.whole(|out| {
        out.unit(&excerpt(moment.message.as_deref().unwrap_or_default(), MESSAGE_CHARS_MAX));
        if let Some(trace) = evidence::trace(moment, place) {
            out.push(" at ");
            out.unit(&trace);
        }
    });
    if let Some(component) = moment.component_stack.first() {
        out.push(" in component ");
        out.unit(&one_line(&here(component, moment), 120));
    }
    if let Some(context) = moment.value.as_deref() {
        out.push(" with ");
        out.unit(&one_line(context, VALUE_CHARS_MAX));
    }
    for inner in inner_errors(moment).take(INNER_MAX) {
        out.push(", caused by ");
        out.unit(&inner);
    }
    action::write_count(out, moment);
    let ms = moment.end_ms - moment.t_ms;
    if moment.count > 1 && ms >= RUN_MS {
        let _ = write!(out, " in {}", phrases::duration(ms));
    }
}

/// The errors inside of an error, each with its place.
pub(crate) fn inner_errors(moment: &Moment) -> impl Iterator<Item = String> {
    moment.inner_errors.iter().map(|inner| {
        let place = inner.place.as_deref().map_or_else(String::new, |place| format!(" at {}", here(place, moment)));
        format!("{}{place}", excerpt(&inner.message, MESSAGE_CHARS_MAX))
    })
}

/// The frames of a stack, the innermost first, with addresses as they stand in lines.
pub(crate) fn frames(moment: &Moment) -> impl Iterator<Item = String> {
    let message = moment.message.as_deref().unwrap_or("\n");
    let lines = moment.stack.as_deref().unwrap_or_default().lines();
    // The frames of causes come after those of the error itself.
    let own = lines.take_while(|line| !line.starts_with("Caused by") && !line.starts_with("[cause]"));
    let frames = own.filter(move |line| line.contains(':') && !line.starts_with(message));
    frames.map(|frame| here(frame.trim().trim_start_matches("at "), moment))
}

/// A place in a script without the origin that the page itself has.
fn here(place: &str, moment: &Moment) -> String {
    let origin = moment.url.as_deref().and_then(phrases::origin);
    origin.map_or_else(|| place.to_owned(), |origin| place.replace(&format!("{origin}/"), "/"))
}

/// Requests that a program makes for data, not for the page's own parts.
pub(crate) fn is_call(resource: Option<&str>) -> bool {
    matches!(
        resource,
        None | Some("fetch" | "xhr" | "xmlhttprequest" | "document" | "websocket" | "eventsource" | "beacon")
    )
}
