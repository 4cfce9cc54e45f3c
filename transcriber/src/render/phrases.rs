//! Phrases for targets, requests, addresses, coverage.

use std::borrow::Cow;
use std::fmt::Write;

use playhead_schemas::alias::Line;
use playhead_schemas::clock::offset_label;
use playhead_schemas::text::{counted, excerpt, one_line};
use playhead_schemas::timeline::{
    Confidence, GapReason, Moment, NavigationKind, Rating, Request, Shown, Source, Target, Timeline, Unanswered, Vital,
};
use playhead_schemas::{MomentId, fold};

use super::text::Text;
use crate::network::METHOD_UNKNOWN;

/// Pauses that are named.
const GAPS_MAX: usize = 5;
/// Steps of a chain of causes that are looked at.
const CHAIN_MAX: usize = 8;
/// Characters of a role or tag in a line.
const ROLE_CHARS_MAX: usize = 40;
/// Ids in addresses that are shortened, and what is kept of them, in characters.
const ID_CHARS_MIN: usize = 20;
const ID_CHARS_KEPT: usize = 8;
/// Characters of the name of a target.
const NAME_CHARS_MAX: usize = 80;
/// Characters of an address in a line.
const URL_CHARS_MAX: usize = 120;

/// `button "Pay now"`: role and name, or what can be said instead.
pub(crate) fn target(target: Option<&Target>) -> String {
    Text::written(|out| write_target(out, target, NAME_CHARS_MAX))
}

/// Writes what [`target`] says.
pub(crate) fn write_target(out: &mut Text, target: Option<&Target>, name_max: usize) {
    let Some(target) = target else { return out.push("something unknown") };
    match target.outside_of.as_deref() {
        Some("") => return out.push("outside the dialog"),
        Some(dialog) => {
            out.push("outside dialog ");
            return out.quote(&one_line(dialog, name_max));
        }
        None => {}
    }
    let role = match target.role.as_str() {
        "generic" | "document" | "paragraph" => target.tag.as_str(),
        role => role,
    };
    out.push(&one_line(if role.is_empty() { "element" } else { role }, ROLE_CHARS_MAX));
    if let Some(name) = target.name.as_ref().or(target.text.as_ref()) {
        out.push(" ");
        out.quote(&one_line(name, name_max));
    }
    if target.disabled {
        out.push(" (disabled)");
    }
}

/// `perhaps ` before a moment that only came shortly after the one that it is told of; else nothing. What led to it by
/// way of others is as sure as the least sure step.
pub(crate) fn perhaps(all: &[Moment], of: &Moment, root: MomentId) -> &'static str {
    let mut at = of;
    for _ in 0..CHAIN_MAX {
        let direct = at.causes.iter().find(|cause| cause.from == root);
        let Some(cause) = direct.or_else(|| at.causes.iter().find(|cause| Some(cause.from) == at.caused_by)) else {
            return "";
        };
        if cause.confidence == Confidence::Low {
            return "perhaps ";
        }
        match crate::failures::find(all, cause.from) {
            Some(earlier) if cause.from != root && earlier.id < at.id => at = earlier,
            _ => return "",
        }
    }
    ""
}

/// What a page shows, in words: `textbox "Email" marked invalid: "Required"; ..`.
pub(crate) fn shown(shown: &[&Shown]) -> String {
    Text::written(|out| {
        for (i, shown) in shown.iter().enumerate() {
            out.push(if i == 0 { "" } else { "; " });
            super::changes::write_shown(out, shown);
        }
    })
}

/// ` (the last of 5 addresses while typing)`.
pub(crate) fn typed_addresses(count: u32) -> String {
    format!(" (the last of {count} addresses while typing)")
}

/// `6 quick clicks on button "Pay now"`. Where each click reloads the page, each is a moment of its own, and their
/// number is not known here.
pub(crate) fn quick_clicks(count: u32, target: &str) -> String {
    if count > 1 { format!("{count} quick clicks on {target}") } else { format!("quick clicks on {target}") }
}

/// `nothing answered a click on button "Pay now"`.
pub(crate) fn unanswered_click(target: &str) -> String {
    format!("nothing answered a click on {target}")
}

/// An address without the origin that the page itself has.
pub(crate) fn address(url: &str, page: Option<&str>) -> String {
    let own = page.and_then(origin);
    let short = match (own, origin(url)) {
        (Some(own), Some(theirs)) if own == theirs => &url[own.len()..],
        _ => url,
    };
    one_line(if short.is_empty() { "/" } else { short }, URL_CHARS_MAX)
}

/// An address for a summary: without its origin where that is the recording's own, long ids shortened, cut in the middle,
/// so that path and query both stay.
pub(crate) fn brief_address(url: &str, own: Option<&str>, chars_max: usize) -> String {
    let is_id =
        |part: &str| part.len() >= ID_CHARS_MIN && part.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let bare = own.and_then(|own| url.strip_prefix(own)).filter(|rest| rest.is_empty() || rest.starts_with('/'));
    let mut out = String::with_capacity(url.len());
    for part in bare.unwrap_or(url).split_inclusive(['/', '?', '&', '=', '#']) {
        let end = part.trim_end_matches(['/', '?', '&', '=', '#']);
        match end.get(..ID_CHARS_KEPT).filter(|_| is_id(end)) {
            Some(kept) => {
                out.push_str(kept);
                out.push('…');
                out.push_str(&part[end.len()..]);
            }
            None => out.push_str(part),
        }
    }
    excerpt(if out.is_empty() { "/" } else { &out }, chars_max)
}

/// Scheme and host of an address.
pub(crate) fn origin(url: &str) -> Option<&str> {
    let host = url.find("://")? + 3;
    let end = url[host..].find(['/', '?', '#']).map_or(url.len(), |end| host + end);
    Some(&url[..end])
}

/// `POST /api/pay 500 (182 ms)`.
pub(crate) fn request(request: &Request, page: Option<&str>) -> String {
    Text::written(|out| write_request(out, request, page))
}

/// Writes what [`request`] says.
pub(crate) fn write_request(out: &mut Text, request: &Request, page: Option<&str>) {
    // Recorders of performance entries see no method.
    out.push(if request.method == METHOD_UNKNOWN { "request" } else { &request.method });
    out.push(" ");
    // What failed names its address itself: a name for it would have to be looked up.
    match request.is_trouble() {
        true => out.push(&address(&request.url, page)),
        false => out.unit(&address(&request.url, page)),
    }
    if let Some(operation) = &request.operation {
        let _ = write!(out, " {operation}");
    }
    out.push(&ending(request));
    if let Some(error) = &request.answer_error {
        out.push(" with error");
        if let Some(message) = &error.message {
            out.push(" ");
            out.quote(&excerpt(message, 160));
        }
        if error.count > 1 {
            let _ = write!(out, " and {} more", error.count - 1);
        }
    }
    if let Some(ms) = request.duration_ms {
        let _ = write!(out, " ({})", exact(ms));
    }
    if let Some(messages) = request.messages {
        let sent = counted(messages.sent, "message", "messages");
        let _ = write!(out, " ({sent} sent, {} received)", messages.received);
    }
}

/// When a run of moments was: `m31–m36 00:19.4–00:21.7`.
pub(crate) fn run_stamp(first: &Moment, last: &Moment) -> String {
    let (from, to) = (offset_label(first.t_ms), offset_label(last.t_ms));
    let time = if from == to { from } else { format!("{from}–{to}") };
    format!("{} {time}", fold::span(first.id, last.id))
}

/// A run of moments as one line of this text.
pub(super) fn run_line(run: &[Moment], text: String) -> Line<'_> {
    let prefix = match (run.first(), run.last()) {
        (Some(first), Some(last)) => format!("{} ", run_stamp(first, last)),
        _ => String::new(),
    };
    Line { prefix, text: Cow::Owned(text), units: &[] }
}

/// `(masked, 8 characters)`: of a hidden value the length alone is known.
pub(crate) fn masked(value: &str) -> String {
    format!("(masked, {})", counted(value.chars().count() as u64, "character", "characters"))
}

/// How the user came to a page other than through it; empty where that is not known.
pub(crate) fn navigation(moment: &Moment) -> &'static str {
    match moment.navigation {
        Some(NavigationKind::Reload) => " (reload)",
        Some(NavigationKind::BackForward) => " (back or forward)",
        Some(NavigationKind::Address) => " (address typed or bookmark)",
        None => "",
    }
}

/// How a request ended: its status, or why there is none.
pub(super) fn ending(request: &Request) -> String {
    let status = request.status.filter(|status| *status > 0);
    match (request.unanswered, status) {
        (Some(Unanswered::BlockedByCors), Some(status)) => format!(" blocked by CORS (answered {status})"),
        (Some(Unanswered::BlockedByCors), None) => " blocked by CORS".to_owned(),
        (Some(Unanswered::BlockedByClient), None) => " blocked by the browser or an extension".to_owned(),
        (Some(Unanswered::PageLeft), None) => " cut off when the page was left".to_owned(),
        (Some(Unanswered::Cancelled), None) => " cancelled".to_owned(),
        (_, Some(status)) if !request.failed => format!(" {status}"),
        (_, status) if request.failed => {
            let status = status.map_or_else(String::new, |status| format!(" {status}, but"));
            let why = request.error.as_deref().map_or_else(String::new, |why| format!(" ({})", excerpt(why, 120)));
            format!("{status} failed{why}")
        }
        // Recorders of performance entries see no status of what came from elsewhere, either.
        _ if request.duration_ms.is_some() => " status unknown".to_owned(),
        _ => " no response seen".to_owned(),
    }
}

/// `, answered 201 when sent again (m16)`: how a request that failed went on; empty for others.
pub(crate) fn retried(moment: &Moment, all: &[Moment]) -> String {
    let again = moment.retried_as.and_then(|id| crate::failures::find(all, id));
    let status = again.and_then(|again| again.request.as_ref()?.status);
    match (again, status) {
        (Some(again), Some(status)) => format!(", answered {status} when sent again ({})", again.id),
        _ => String::new(),
    }
}

/// How long a request took: to the millisecond below a minute.
fn exact(ms: u64) -> String {
    if ms < 60_000 { format!("{ms} ms") } else { duration(ms) }
}

/// `182 ms`, `3.1 s`, `2 min 5 s`.
pub(crate) fn duration(ms: u64) -> String {
    match ms {
        0..1000 => format!("{ms} ms"),
        1000..60_000 => format!("{}.{} s", ms / 1000, ms / 100 % 10),
        _ => format!("{} min {} s", ms / 60_000, ms / 1000 % 60),
    }
}

/// `web vital LCP 4.2 s, needs improvement`.
pub(crate) fn vital(vital: &Vital) -> String {
    format!("web vital {}, {}", vital_value(vital), rating(vital.rating))
}

/// `LCP 4.2 s`.
pub(super) fn vital_value(vital: &Vital) -> String {
    let value = match vital.name.as_str() {
        "CLS" => format!("{:.2}", vital.value),
        _ => duration(vital.value.max(0.0) as u64),
    };
    format!("{} {value}", one_line(&vital.name, 20))
}

/// How a web vital is rated, in words.
pub(super) fn rating(rating: Rating) -> &'static str {
    match rating {
        Rating::Good => "good",
        Rating::NeedsImprovement => "needs improvement",
        Rating::Poor => "poor",
    }
}

/// What was recorded, when, on what, and what is missing.
pub(crate) fn head(timeline: &Timeline) -> String {
    let replay = &timeline.replay;
    let mut out = format!("Replay of {}, started {}", duration(replay.duration_ms), replay.started_at_ms.to_rfc3339());
    if let Some(size) = replay.viewport {
        let _ = write!(out, ", window {} x {}", size.width, size.height);
    }
    if replay.windows > 1 {
        let marks = if replay.windows > 2 { format!("w2 to w{} mark", replay.windows) } else { "w2 marks".to_owned() };
        let _ = write!(out, ", {} windows ({marks} what is not in the first)", replay.windows);
    }
    out.push_str(".\n");
    if let Some(first) = replay.pages.first() {
        let _ = writeln!(out, "Starts at {}", one_line(&first.url, 200));
    }
    let gaps = gaps(timeline);
    if !gaps.is_empty() {
        let _ = writeln!(out, "Not captured: {}.", gaps.join("; "));
    }
    out
}

/// What the capture lacks, in words.
pub(crate) fn gaps(timeline: &Timeline) -> Vec<String> {
    let coverage = &timeline.coverage;
    let mut gaps = Vec::new();
    if coverage.console == Source::None {
        gaps.push("console".to_owned());
    }
    if coverage.network == Source::None {
        gaps.push("network".to_owned());
    }
    if coverage.starts_without_snapshot {
        gaps.push("the document before its first snapshot (targets there are unknown)".to_owned());
    }
    if !coverage.missing_segments.is_empty() {
        let shown: Vec<String> = coverage.missing_segments.iter().take(10).map(u32::to_string).collect();
        let segments = counted(coverage.missing_segments.len() as u64, "segment", "segments");
        gaps.push(format!("{segments} (number {})", shown.join(", ")));
    }
    if coverage.evicted {
        gaps.push("what came before the first snapshot, though the recorder ran".to_owned());
    }
    if replay_has_unseen(timeline) {
        gaps.push(format!("the documents of {}", counted(coverage.windows_without_snapshot, "window", "windows")));
    }
    for gap in coverage.gaps.iter().filter(|gap| gap.reason == GapReason::Paused).take(GAPS_MAX) {
        gaps.push(format!("{} from {} (paused)", duration(gap.to_ms - gap.from_ms), offset_label(gap.from_ms)));
    }
    if coverage.masked {
        gaps.push("masked values and texts".to_owned());
    }
    if coverage.blocked_elements > 0 {
        gaps.push(counted(coverage.blocked_elements, "blocked element", "blocked elements"));
    }
    if coverage.truncated {
        gaps.push("what is past a size limit".to_owned());
    }
    gaps
}

/// One window alone without a snapshot is what `starts_without_snapshot` says already.
fn replay_has_unseen(timeline: &Timeline) -> bool {
    timeline.replay.windows > 1 && timeline.coverage.windows_without_snapshot > 0
}

/// `m3 00:12.4`, or `m3 00:12.4 w2` when it is not in the first window.
pub(crate) fn stamp(moment: &Moment) -> String {
    format!("{} {} {}", moment.id, offset_label(moment.t_ms), window(moment)).trim_end().to_owned()
}

/// `w2 ` for what is not in the first window; recordings have one as a rule.
pub(crate) fn window(moment: &Moment) -> String {
    if moment.window.0 > 1 { format!("{} ", moment.window) } else { String::new() }
}
