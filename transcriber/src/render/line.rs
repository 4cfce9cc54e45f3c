//! One moment as one line, without id and time.

use std::fmt::Write;

use playhead_schemas::text::{counted, one_line};
use playhead_schemas::timeline::{Cause, Confidence, Level, Moment, MomentKind, PageChange, Request, Signal, Target};

use super::{changes, phrases, remarks};
use crate::dom::name::is_masked;
use crate::observe::{Axis, Note};

/// Characters of a value, message or note in a line.
const VALUE_CHARS_MAX: usize = 200;
/// Requests and errors of an outcome that are named in full.
const NAMED_MAX: usize = 3;
/// Characters of a selector in a line.
const SELECTOR_CHARS_MAX: usize = 120;
/// Errors inside of an error that are told.
const INNER_MAX: usize = 3;
/// Causes that are named.
const CAUSES_MAX: usize = 2;

/// That nothing changed is only said after watching for this long.
const SILENCE_MS_MIN: u64 = 500;
/// What the page showed later than this after the action is said to be late.
const LATE_MS: u64 = 1000;

/// A moment in a few words: what was done to what, and the dialog, alert or refusal that it led to.
pub(crate) fn short(moment: &Moment) -> String {
    if !moment.kind.is_action() {
        return head(moment, None);
    }
    let mut out = counted_action(moment);
    let mut changes = moment.outcome.iter().flat_map(|outcome| &outcome.changes);
    if let Some(striking) = changes.find(|change| changes::is_striking(&change.change)) {
        let _ = write!(out, " -> {}", changes::words(&striking.change));
    }
    out
}

/// The action, its target and its count.
pub(crate) fn counted_action(moment: &Moment) -> String {
    if moment.kind.is_action() { repeated(action_words(moment, None), moment) } else { head(moment, None) }
}

/// The action, its target with the selector, and its count.
pub(crate) fn counted_located_action(moment: &Moment) -> String {
    repeated(act(moment, None), moment)
}

/// The action and its target with the selector, without its count.
pub(crate) fn located_action(moment: &Moment) -> String {
    act(moment, None)
}

fn repeated(mut action_words: String, moment: &Moment) -> String {
    if moment.count > 1 {
        let _ = write!(action_words, " x{}", moment.count);
    }
    action_words
}

/// The line of a moment. `note` is what its kind alone doesn't say; `all` are the moments of the timeline.
pub(crate) fn line(moment: &Moment, note: Option<&Note>, all: &[Moment]) -> String {
    let mut out = phrases::window(moment);
    out.push_str(&head(moment, note));
    out.push_str(&remarks::entry(moment));
    for signal in &moment.signals {
        let _ = match signal {
            Signal::RageClick => write!(out, " [rage click]"),
            Signal::DeadClick => write!(out, " [dead click]"),
            Signal::SlowClick => write!(out, " [answered late]"),
            Signal::SlowRequest => write!(out, " [slow]"),
            Signal::QuickBack => write!(out, " [left at once]"),
            Signal::RepeatedSubmit => write!(out, " [sent again]"),
            Signal::FormAbandoned => write!(out, " [form abandoned]"),
            Signal::LayoutThrash => write!(out, " [layout thrash]"),
            Signal::PoorVital if moment.vital.is_none() => write!(out, " [poor]"),
            Signal::HydrationError => write!(out, " [hydration error]"),
            Signal::PoorVital | Signal::ErrorAfterAction | Signal::InvalidInput => Ok(()),
        };
    }
    out.push_str(&phrases::retried(moment, all));
    if let Some(followed) = outcome(moment, all) {
        let _ = write!(out, " -> {followed}");
    }
    if let Some(from) = causes(moment, all) {
        let _ = write!(out, " <- {from}");
    }
    out.push_str(&remarks::doubts(moment));
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
    let is_page = matches!(moment.kind, MomentKind::PageLoad | MomentKind::Navigate);
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

fn head(moment: &Moment, note: Option<&Note>) -> String {
    let page = moment.url.as_deref();
    match moment.kind {
        MomentKind::PageLoad => {
            let title = moment.value.as_deref().filter(|title| !is_masked(title));
            let title = title.map_or_else(String::new, |t| format!(" \"{}\"", phrases::quoted(t, 80)));
            let again = if note.is_some() { " again" } else { "" };
            let page = page.filter(|url| !url.is_empty()).unwrap_or("(address unknown)");
            format!("page load{again} {}{title}", one_line(page, VALUE_CHARS_MAX))
        }
        MomentKind::Navigate => format!("navigate to {}", one_line(page.unwrap_or_default(), VALUE_CHARS_MAX)),
        MomentKind::Request => match &moment.request {
            Some(request) => phrases::request(request, page),
            None => "request".to_owned(),
        },
        MomentKind::Console | MomentKind::Error => entry(moment, note),
        MomentKind::Notice => {
            let mut shown = moment.outcome.iter().flat_map(|outcome| &outcome.changes);
            let words = shown.next().map_or_else(String::new, |change| changes::words(&change.change));
            format!("unasked: {words}")
        }
        MomentKind::Idle => format!("idle for {}", phrases::duration(moment.end_ms - moment.t_ms)),
        MomentKind::Resize => format!("resize to {}", moment.value.as_deref().unwrap_or_default()),
        MomentKind::Tab => format!("tab {}", moment.value.as_deref().unwrap_or_default()),
        MomentKind::Custom if moment.vital.is_some() => moment.vital.as_ref().map_or_else(String::new, phrases::vital),
        MomentKind::Custom => {
            let payload =
                moment.value.as_deref().map_or_else(String::new, |v| format!(": {}", one_line(v, VALUE_CHARS_MAX)));
            format!("custom event {}{payload}", note.map(note_words).unwrap_or_default())
        }
        MomentKind::Annotation => {
            format!("annotation \"{}\"", phrases::quoted(moment.value.as_deref().unwrap_or_default(), VALUE_CHARS_MAX))
        }
        _ => repeated(act(moment, note), moment),
    }
}

fn entry(moment: &Moment, note: Option<&Note>) -> String {
    let level = moment.level.map_or("log", |level| level.as_str());
    let message = one_line(moment.message.as_deref().unwrap_or_default(), VALUE_CHARS_MAX);
    let place = note.map(note_words).or_else(|| frames(moment).next());
    let place = place.map_or_else(String::new, |place| format!(" at {}", one_line(&here(&place, moment), 120)));
    let mut out = if moment.kind == MomentKind::Error {
        format!("uncaught error: {message}{place}")
    } else {
        format!("console {level}: {message}{place}")
    };
    for inner in inner_errors(moment).take(INNER_MAX) {
        let _ = write!(out, ", caused by {inner}");
    }
    if moment.count > 1 {
        let _ = write!(out, " x{}", moment.count);
        let ms = moment.end_ms - moment.t_ms;
        if ms >= LATE_MS {
            let _ = write!(out, " in {}", phrases::duration(ms));
        }
    }
    out
}

/// The errors inside of an error, each with its place.
pub(crate) fn inner_errors(moment: &Moment) -> impl Iterator<Item = String> {
    moment.inner_errors.iter().map(|inner| {
        let place = inner.place.as_deref().map_or_else(String::new, |place| format!(" at {}", here(place, moment)));
        format!("{}{place}", one_line(&inner.message, VALUE_CHARS_MAX))
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
fn act(moment: &Moment, note: Option<&Note>) -> String {
    let mut out = action_words(moment, note);
    if let Some(target) = &moment.target {
        if !target.selector.is_empty() && moment.kind != MomentKind::Scroll {
            let _ = write!(out, " {}", selector(target));
        }
        if let Some(within) = target.within.as_ref().filter(|_| moment.kind != MomentKind::Scroll) {
            let _ = write!(out, " in {within}");
        }
    }
    out
}

/// A selector in brackets, and how many elements it matches when that is not one: `[#pay]`, `[button, 3 matches]`.
/// One that is an attribute has its own brackets: `[data-testid="pay"]`.
fn selector(target: &Target) -> String {
    let css = one_line(&target.selector, SELECTOR_CHARS_MAX);
    let is_attribute = css.starts_with('[') && css.find(']').is_some_and(|end| end + 1 == css.len());
    match (target.matches, is_attribute) {
        (1, true) => css,
        (1, false) => format!("[{css}]"),
        (count, true) => format!("{css} ({count} matches)"),
        (count, false) => format!("[{css}, {count} matches]"),
    }
}

/// The action and its target.
fn action_words(moment: &Moment, note: Option<&Note>) -> String {
    let takes_file = moment.target.as_ref().is_some_and(|target| target.tag == "input" && target.role == "button");
    let slides = moment.target.as_ref().is_some_and(|target| target.role == "slider");
    let verb = match moment.kind {
        MomentKind::Click | MomentKind::Touch if moment.value.is_some() => "set",
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
        _ => moment.kind.as_str(),
    };
    let mut out = verb.to_owned();
    let value = moment.value.as_deref();
    match moment.kind {
        MomentKind::Input if slides => {
            let to = phrases::quoted(value.unwrap_or_default(), VALUE_CHARS_MAX);
            let _ = write!(out, " {} to \"{to}\"", phrases::target(moment.target.as_ref()));
        }
        MomentKind::Input | MomentKind::Select => {
            let shown = match value {
                Some(value) if moment.masked => {
                    let length = counted(value.chars().count() as u64, "character", "characters");
                    format!(" (masked, {length})")
                }
                Some(value) => format!(" \"{}\"", phrases::quoted(value, VALUE_CHARS_MAX)),
                None => String::new(),
            };
            let into = match moment.kind {
                MomentKind::Input if takes_file => "for",
                MomentKind::Input => "into",
                _ => "in",
            };
            let _ = write!(out, "{shown} {into} {}", phrases::target(moment.target.as_ref()));
        }
        MomentKind::Check | MomentKind::Click | MomentKind::Touch if value.is_some() => {
            let _ = write!(out, " {} {}", phrases::target(moment.target.as_ref()), value.unwrap_or_default());
        }
        MomentKind::Scroll if moment.target.is_none() => out.push_str(" page"),
        _ => {
            let masked = if moment.masked { " (masked)" } else { "" };
            let _ = write!(out, " {}{masked}", phrases::target(moment.target.as_ref()));
        }
    }
    if let Some(note) = note {
        let _ = write!(out, " {}", one_line(&note_words(note), VALUE_CHARS_MAX));
    }
    if let Some(to) = value.filter(|_| moment.kind == MomentKind::Drag) {
        let _ = write!(out, " to \"{}\"", phrases::quoted(to, VALUE_CHARS_MAX));
    }
    out
}

fn note_words(note: &Note) -> String {
    match note {
        Note::Reloaded => "again".to_owned(),
        Note::OpensNewTab => "(opens a new tab)".to_owned(),
        Note::PressedEnter => "and press Enter".to_owned(),
        Note::Cleared => "then cleared".to_owned(),
        Note::EmptiedByPage => "then emptied by the page".to_owned(),
        Note::Sent => "and send it".to_owned(),
        Note::DraggedOnto { role, name } => format!("onto {role} \"{name}\""),
        Note::DraggedBy { x, y } => format!("by {x:+.0}, {y:+.0} px"),
        Note::ScrolledTo { axis: Axis::X, px } => format!("to x {px:.0}"),
        Note::ScrolledTo { axis: Axis::Y, px } => format!("to y {px:.0}"),
        Note::Media { action, seconds: Some(seconds) } => format!("{action} at {seconds:.1} s"),
        Note::Media { action, seconds: None } => (*action).to_owned(),
        Note::Event(text) | Note::Place(text) => text.clone(),
    }
}

/// The outcome, the most important first: errors, navigation, requests, changes of the page.
fn outcome(moment: &Moment, all: &[Moment]) -> Option<String> {
    // The head of a notice says what it is of.
    let outcome = moment.outcome.as_ref().filter(|_| moment.kind != MomentKind::Notice)?;
    let page = moment.url.as_deref();
    let mut parts = Vec::new();
    for id in outcome.errors.iter().take(NAMED_MAX) {
        let message = crate::failures::find(all, *id).and_then(|error| error.message.as_deref()).unwrap_or_default();
        parts.push(format!("{id} error \"{}\"", phrases::quoted(message, 80)));
    }
    if outcome.errors.len() > NAMED_MAX {
        let more = (outcome.errors.len() - NAMED_MAX) as u64;
        parts.push(counted(more, "more error", "more errors"));
    }
    if let Some(id) = outcome.navigation {
        let url = crate::failures::find(all, id).and_then(|to| to.url.as_deref()).unwrap_or_default();
        parts.push(format!("{id} {}", phrases::address(url, page)));
    }
    parts.extend(requests(moment, all));
    parts.extend(changes::reported(outcome).map(|change| dated(change, moment)));
    if outcome.changes_omitted > 0 {
        parts.push(format!("and {}", counted(outcome.changes_omitted, "more change", "more changes")));
    }
    if parts.is_empty() {
        // Typing into a field usually changes nothing else, so that is only said of clicks.
        let expects = matches!(moment.kind, MomentKind::Click | MomentKind::Touch | MomentKind::DoubleClick);
        let ms = outcome.unchanged_ms.filter(|ms| expects && *ms >= SILENCE_MS_MIN)?;
        return Some(format!("nothing changed (watched for {})", phrases::duration(ms)));
    }
    Some(parts.join("; "))
}

/// A change of the page, and how long after the action it came when that was long.
fn dated(change: &PageChange, moment: &Moment) -> String {
    let words = changes::words(&change.change);
    let late = change.t_ms.map_or(0, |t_ms| t_ms.saturating_sub(moment.end_ms));
    if late < LATE_MS { words } else { format!("{words} after {}", phrases::duration(late)) }
}

fn requests(moment: &Moment, all: &[Moment]) -> Vec<String> {
    let Some(outcome) = &moment.outcome else { return Vec::new() };
    let page = moment.url.as_deref();
    // Images, scripts and styles that a page loads are only named when they fail.
    let told: Vec<_> = outcome
        .requests
        .iter()
        .filter_map(|id| crate::failures::find(all, *id))
        .filter(|m| m.request.as_ref().is_some_and(|r| r.is_trouble() || is_call(r.resource.as_deref())))
        .collect();
    let mut parts: Vec<String> = Vec::new();
    let (bad, good): (Vec<_>, Vec<_>) =
        told.into_iter().partition(|m| m.request.as_ref().is_some_and(Request::is_trouble));
    let named = NAMED_MAX.saturating_sub(bad.len().min(NAMED_MAX));
    for m in bad.iter().take(NAMED_MAX).chain(good.iter().take(named)) {
        if let Some(request) = &m.request {
            parts.push(format!("{} {}", m.id, phrases::request(request, page)));
        }
    }
    let rest = outcome.requests.len() - parts.len();
    if rest > 0 {
        let (one, many) = if parts.is_empty() { ("request", "requests") } else { ("more request", "more requests") };
        parts.push(counted(rest as u64, one, many));
    }
    parts
}

/// Requests that a program makes for data, not for the page's own parts.
pub(crate) fn is_call(resource: Option<&str>) -> bool {
    matches!(
        resource,
        None | Some("fetch" | "xhr" | "xmlhttprequest" | "document" | "websocket" | "eventsource" | "beacon")
    )
}
