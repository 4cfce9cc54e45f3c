//! One moment as one line, without id and time.

use std::fmt::Write;

use playhead_schemas::text::{counted, excerpt, one_line};
use playhead_schemas::timeline::{Cause, Confidence, Level, Moment, MomentKind, Request, Shown, Signal, Target};

use super::text::Text;
use super::{changes, outcome, phrases, recorder, remarks};
use crate::dialects::RecorderNote;
use crate::dom::name::is_masked;
use crate::observe::{Axis, Note};

/// Characters of a value, message or note in a line.
const VALUE_CHARS_MAX: usize = 200;
/// Characters of a message of the console in a line.
const MESSAGE_CHARS_MAX: usize = 240;
/// Characters of a selector in a line.
const SELECTOR_CHARS_MAX: usize = 120;
/// Errors inside of an error that are told.
const INNER_MAX: usize = 3;
/// Equal lines that went on for longer are told with the time that they took.
const RUN_MS: u64 = 1000;
/// Characters of the function that sent a request.
const SENDER_CHARS_MAX: usize = 120;
/// Causes that are named.
const CAUSES_MAX: usize = 2;

/// The action, its target and its count.
pub(crate) fn counted_action(moment: &Moment) -> String {
    Text::written(|out| write_counted_action(out, moment))
}

/// The action, its target with the selector, and its count.
pub(crate) fn counted_located_action(moment: &Moment) -> String {
    Text::written(|out| {
        write_located_action(out, moment, None);
        write_count(out, moment);
    })
}

/// The action and its target with the selector, without its count.
pub(crate) fn located_action(moment: &Moment) -> String {
    Text::written(|out| write_located_action(out, moment, None))
}

pub(super) fn write_counted_action(out: &mut Text, moment: &Moment) {
    if moment.kind.is_action() {
        write_action(out, moment, None);
        write_count(out, moment);
    } else {
        write_head(out, moment, None);
    }
}

fn write_count(out: &mut Text, moment: &Moment) {
    if moment.count > 1 {
        let _ = write!(out, " x{}", moment.count);
    }
}

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
fn write_head(out: &mut Text, moment: &Moment, note: Option<&Note>) {
    let value = moment.value.as_deref();
    if let (MomentKind::Custom | MomentKind::Browser, Some(Note::Recorder(seen))) = (moment.kind, note) {
        return recorder::write(out, moment, seen);
    }
    match moment.kind {
        MomentKind::PageLoad => {
            out.push(if note.is_some() { "page load again " } else { "page load " });
            let page = moment.url.as_deref().filter(|url| !url.is_empty()).unwrap_or("(address unknown)");
            out.unit(&one_line(page, VALUE_CHARS_MAX));
            if let Some(title) = value.filter(|title| !is_masked(title)) {
                out.push(" ");
                out.quote(&phrases::quoted(title, 80));
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
                    write_note(out, note);
                }
                if let Some(payload) = value {
                    out.push(": ");
                    out.unit(&one_line(payload, VALUE_CHARS_MAX));
                }
            }
        },
        MomentKind::Annotation => {
            out.push("annotation ");
            out.quote(&phrases::quoted(value.unwrap_or_default(), VALUE_CHARS_MAX));
        }
        _ => {
            write_located_action(out, moment, note);
            write_count(out, moment);
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
        Some(Note::Place(place)) => Some(place.clone()),
        _ => frames(moment).next(),
    };
    out.whole(|out| {
        out.unit(&excerpt(moment.message.as_deref().unwrap_or_default(), MESSAGE_CHARS_MAX));
        if let Some(place) = place {
            out.push(" at ");
            out.unit(&one_line(&here(&place, moment), 120));
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
    write_count(out, moment);
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

/// The action and its target with selector and place.
fn write_located_action(out: &mut Text, moment: &Moment, note: Option<&Note>) {
    write_action(out, moment, note);
    let Some(target) = moment.target.as_ref().filter(|_| moment.kind != MomentKind::Scroll) else { return };
    if !target.selector.is_empty() {
        out.push(" ");
        write_selector(out, target);
    }
    if let Some(within) = &target.within {
        out.push(" in ");
        out.unit(within);
    }
}

/// A selector in brackets, and how many elements it matches when that is not one: `[#pay]`, `[button, 3 matches]`.
/// One that is an attribute has its own brackets: `[data-testid="pay"]`.
fn write_selector(out: &mut Text, target: &Target) {
    let css = one_line(&target.selector, SELECTOR_CHARS_MAX);
    let is_attribute = css.starts_with('[') && css.find(']').is_some_and(|end| end + 1 == css.len());
    match (target.matches, is_attribute) {
        (1, true) => out.unit(&css),
        (1, false) => out.unit(&format!("[{css}]")),
        (count, true) => {
            out.unit(&css);
            let _ = write!(out, " ({count} matches)");
        }
        (count, false) => out.unit(&format!("[{css}, {count} matches]")),
    }
}

/// The action and its target.
fn write_action(out: &mut Text, moment: &Moment, note: Option<&Note>) {
    let takes_file = moment.target.as_ref().is_some_and(|target| target.tag == "input" && target.role == "button");
    let slides = moment.target.as_ref().is_some_and(|target| target.role == "slider");
    let value = moment.value.as_deref();
    let target = |out: &mut Text, before: &str| {
        out.push(before);
        phrases::write_target(out, moment.target.as_ref());
    };
    out.push(match moment.kind {
        MomentKind::Click | MomentKind::Touch if value.is_some() => "set",
        MomentKind::Input if slides => "set",
        MomentKind::Input if takes_file => "choose file",
        MomentKind::Click => "click",
        MomentKind::DoubleClick => "double click",
        MomentKind::ContextMenu => "open context menu on",
        MomentKind::Input => "type",
        MomentKind::Select => "choose",
        MomentKind::Check => "set",
        MomentKind::Scroll => "scroll",
        MomentKind::Drag => "drag",
        MomentKind::Touch => "tap",
        MomentKind::Media => "media",
        MomentKind::Key => "press",
        MomentKind::ValueSet => "value set",
        _ => moment.kind.as_str(),
    });
    match moment.kind {
        MomentKind::Input if slides => {
            target(out, " ");
            write_value(out, " to ", value.unwrap_or_default());
        }
        MomentKind::Key => {
            out.push(" ");
            out.push(&one_line(value.unwrap_or("a key"), VALUE_CHARS_MAX));
            if moment.target.is_some() {
                target(out, " on ");
            }
        }
        MomentKind::Input | MomentKind::Select | MomentKind::ValueSet => {
            // The text of what is edited in place is what was typed, not a name.
            let unnamed = moment
                .target
                .clone()
                .filter(|target| moment.kind == MomentKind::Input && target.name.is_none() && target.role == "textbox");
            let unnamed = unnamed.map(|target| Target { text: None, ..target });
            let target = |out: &mut Text, before: &str| {
                out.push(before);
                phrases::write_target(out, unnamed.as_ref().or(moment.target.as_ref()));
            };
            match value {
                Some(value) if moment.masked => {
                    let length = counted(value.chars().count() as u64, "character", "characters");
                    let _ = write!(out, " (masked, {length})");
                }
                Some(value) => write_value(out, " ", value),
                None => {}
            }
            target(
                out,
                match moment.kind {
                    MomentKind::Input if takes_file => " for ",
                    MomentKind::Input => " into ",
                    _ => " in ",
                },
            );
        }
        MomentKind::Check | MomentKind::Click | MomentKind::Touch if value.is_some() => {
            target(out, " ");
            let _ = write!(out, " {}", value.unwrap_or_default());
        }
        MomentKind::Scroll if moment.target.is_none() => out.push(" page"),
        _ => {
            target(out, " ");
            out.push(if moment.masked { " (masked)" } else { "" });
        }
    }
    if let Some(note) = note {
        write_note(out, note);
    }
    if let Some(to) = value.filter(|_| moment.kind == MomentKind::Drag) {
        write_value(out, " to ", to);
    }
}

fn write_value(out: &mut Text, before: &str, value: &str) {
    out.push(before);
    out.quote(&phrases::quoted(value, VALUE_CHARS_MAX));
}

fn write_note(out: &mut Text, note: &Note) {
    let _ = match note {
        Note::Reloaded => write!(out, " again"),
        Note::OpensNewTab => write!(out, " (opens a new tab)"),
        Note::PressedEnter => write!(out, " and press Enter"),
        Note::Cleared => write!(out, " then cleared"),
        Note::EmptiedByPage => write!(out, " then emptied by the page"),
        Note::Sent => write!(out, " and send it"),
        Note::DraggedOnto { role, name } => {
            let _ = write!(out, " onto {role} ");
            out.quote(&phrases::quoted(name, VALUE_CHARS_MAX));
            Ok(())
        }
        Note::Was(value) => {
            out.push(" (was ");
            out.quote(&phrases::quoted(value, VALUE_CHARS_MAX));
            out.push(")");
            Ok(())
        }
        Note::ByKeyboard => write!(out, " by the keyboard"),
        Note::DraggedBy { x, y } => write!(out, " by {x:+.0}, {y:+.0} px"),
        Note::ScrolledTo { axis: Axis::X, px } => write!(out, " to x {px:.0}"),
        Note::ScrolledTo { axis: Axis::Y, px } => write!(out, " to y {px:.0}"),
        Note::Media { action, seconds: Some(seconds) } => write!(out, " {action} at {seconds:.1} s"),
        Note::Media { action, seconds: None } => write!(out, " {action}"),
        Note::Recorder(RecorderNote::FileChooser(chooser)) => write!(out, " ({})", recorder::chosen(chooser)),
        Note::Recorder(_) => Ok(()),
        Note::Event(text) | Note::Place(text) => write!(out, " {}", one_line(text, VALUE_CHARS_MAX)),
    };
}

/// Requests that a program makes for data, not for the page's own parts.
pub(crate) fn is_call(resource: Option<&str>) -> bool {
    matches!(
        resource,
        None | Some("fetch" | "xhr" | "xmlhttprequest" | "document" | "websocket" | "eventsource" | "beacon")
    )
}
