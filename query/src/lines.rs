//! Moments as lines of a transcript.

use std::borrow::Cow;

use playhead_schemas::alias::{self, Line};
use playhead_schemas::clock::offset_label;
use playhead_schemas::{Moment, MomentId};
use playhead_store::MomentLine;

use crate::{llm_tokens, untrusted};

/// Characters of one line's text; the rest is in the whole moment.
const CHARS_MAX: usize = 1_000;

/// The line of a stored line: `m17 00:12.4 click button "Pay now" ..`.
pub(crate) fn from_line(line: &MomentLine) -> Line<'_> {
    let text = shown(&line.text);
    let same = text.bytes().zip(line.text.bytes()).take_while(|(shown, stored)| shown == stored).count();
    // Behind the first byte that cleaning or a cut changed, nothing stands where it stood.
    let kept = line.units.iter().take_while(|unit| unit.end() <= same).count();
    Line { prefix: prefix(line.id, line.t_ms), text: Cow::Owned(text), units: &line.units[..kept] }
}

/// The line of a whole moment.
pub(crate) fn from_moment(moment: &Moment) -> String {
    format!("{}{}", prefix(moment.id, moment.t_ms), shown(&moment.text))
}

/// The tokens of lines in one text, in which repeated texts are named.
pub(crate) fn tokens<'l>(lines: impl IntoIterator<Item = &'l MomentLine>) -> usize {
    let lines: Vec<Line<'_>> = lines.into_iter().map(from_line).collect();
    alias::shorten(&lines).lines.iter().map(|line| llm_tokens::count(line)).sum()
}

/// True when `line` shows only the beginning of its moment's text.
pub(crate) fn is_cut(line: &str) -> bool {
    line.ends_with('…')
}

fn prefix(id: MomentId, t_ms: u64) -> String {
    format!("{id} {} ", offset_label(t_ms))
}

fn shown(text: &str) -> String {
    untrusted::line(text, CHARS_MAX)
}

/// Ids as a list for people: `m1, m2, m9 and 3 more`.
pub(crate) fn id_list(ids: &[MomentId], shown_max: usize) -> String {
    let shown: Vec<String> = ids.iter().take(shown_max).map(MomentId::to_string).collect();
    let rest = ids.len().saturating_sub(shown_max);
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}
