//! Moments as lines of a transcript.

use playhead_schemas::clock::offset_label;
use playhead_schemas::{Moment, MomentId, alias};
use playhead_store::MomentLine;

use crate::{llm_tokens, untrusted};

/// Characters of one line's text; the rest is in the whole moment.
const CHARS_MAX: usize = 1_000;

/// The line of a stored line: `m17 00:12.4 click button "Pay now" ..`.
pub(crate) fn from_line(line: &MomentLine) -> String {
    render(line.id, line.t_ms, &line.text)
}

/// The line of a whole moment.
pub(crate) fn from_moment(moment: &Moment) -> String {
    render(moment.id, moment.t_ms, &moment.text)
}

/// The tokens of lines in one text, in which repeated texts are named.
pub(crate) fn tokens<'l>(lines: impl IntoIterator<Item = &'l MomentLine>) -> usize {
    let mut lines: Vec<String> = lines.into_iter().map(from_line).collect();
    alias::shorten(&mut lines);
    lines.iter().map(|line| llm_tokens::count(line)).sum()
}

/// True when `line` shows only the beginning of its moment's text.
pub(crate) fn is_cut(line: &str) -> bool {
    line.ends_with('…')
}

fn render(id: MomentId, t_ms: u64, text: &str) -> String {
    format!("{id} {} {}", offset_label(t_ms), untrusted::line(text, CHARS_MAX))
}

/// `1 moment`, `2 moments`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// Ids as a list for people: `m1, m2, m9 and 3 more`.
pub(crate) fn id_list(ids: &[MomentId], shown_max: usize) -> String {
    let shown: Vec<String> = ids.iter().take(shown_max).map(MomentId::to_string).collect();
    let rest = ids.len().saturating_sub(shown_max);
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}
