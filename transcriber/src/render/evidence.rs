//! The evidence that stands in a line itself: what a server answered, and the way that an error took through the
//! application's own scripts.

use playhead_schemas::MomentId;
use playhead_schemas::text::{excerpt, one_line};
use playhead_schemas::timeline::{Failure, Level, Moment, Request};

use super::line::frames;
use super::text::Text;
use crate::failures::find_mut;

/// Characters of an answer in a line.
const ANSWER_CHARS_MAX: usize = 200;
/// Frames of a stack in a line, the characters of each and those of all.
const FRAMES_MAX: usize = 6;
const FRAME_CHARS_MAX: usize = 120;
const TRACE_CHARS_MAX: usize = 420;

/// ` answered {"code":404}`: the head of what came back, secrets removed; nothing where nothing is known.
pub(super) fn write_answer(out: &mut Text, moment: &Moment) {
    let body = moment.request.as_ref().and_then(|request| request.response_body.as_deref());
    if let Some(body) = body.filter(|body| !body.trim().is_empty()) {
        out.push(" answered ");
        out.unit(&excerpt(body, ANSWER_CHARS_MAX));
    }
}

/// Adds what came back to the lines of requests that went well and that failures are compared with: their answers are
/// known only once failures are.
pub(crate) fn add_answers(moments: &mut [Moment], failures: &[Failure]) {
    let compared = failures.iter().filter_map(|failure| failure.contrast.as_ref());
    let mut named: Vec<MomentId> = compared.flat_map(|contrast| [contrast.failed, contrast.well]).collect();
    named.sort_unstable();
    named.dedup();
    for id in named {
        let Some(moment) = find_mut(moments, id) else { continue };
        if moment.request.as_ref().is_none_or(Request::is_trouble) {
            continue;
        }
        let mut line = Text { text: std::mem::take(&mut moment.text), units: std::mem::take(&mut moment.units) };
        write_answer(&mut line, moment);
        (moment.text, moment.units) = (line.text, line.units);
    }
}

/// Where an error comes from: its frames in the application's own scripts, the innermost first, or else its place. A
/// line of the console that is no error has its place alone.
pub(super) fn trace(moment: &Moment, place: Option<String>) -> Option<String> {
    let brief = |place: Option<String>| place.map(|place| one_line(&place, FRAME_CHARS_MAX));
    if moment.level != Some(Level::Error) {
        return brief(place.or_else(|| frames(moment).next()));
    }
    let all: Vec<String> = frames(moment).collect();
    let own: Vec<&String> = all.iter().filter(|frame| is_own(frame)).collect();
    if own.is_empty() {
        return brief(place.or_else(|| all.first().cloned()));
    }
    let mut out = String::new();
    let mut told = 0;
    for frame in own.iter().take(FRAMES_MAX) {
        let frame = brief_frame(frame);
        if told > 0 && out.len() + frame.len() > TRACE_CHARS_MAX {
            break;
        }
        out.push_str(if told > 0 { " < " } else { "" });
        out.push_str(&frame);
        told += 1;
    }
    if all.len() > told {
        out.push_str(&format!(" ({told} of {} frames)", all.len()));
    }
    Some(out)
}

/// True for a frame in a script of the page's own origin.
pub(super) fn is_own(frame: &str) -> bool {
    let is_path = frame.starts_with('/') || frame.contains("(/");
    is_path && !frame.contains("/node_modules/")
}

/// A frame without the query of its script, which tells a version.
pub(super) fn brief_frame(frame: &str) -> String {
    let cut = frame.split_once('?').and_then(|(script, rest)| Some((script, rest.split_once(':')?.1)));
    one_line(&cut.map_or_else(|| frame.to_owned(), |(script, place)| format!("{script}:{place}")), FRAME_CHARS_MAX)
}
