//! The evidence of a failure: what its moments say, each told once in a brief.
//!
//! In: a failure and the moments that it names. Out: lines, each a quotation from one of them. Never here: which failures
//! are told.

use std::collections::{BTreeMap, BTreeSet};

use playhead_schemas::clock::offset_label;
use playhead_schemas::timeline::{Contrast, Failure, Level, Request, Unanswered};
use playhead_schemas::{Moment, MomentId, MomentKind};

use super::contrast::{contrast, tries};
use super::{Cited, Moments, RELATED_MAX};
use crate::untrusted;

const STACK_LINES_MAX: usize = 8;

/// What a brief has told already: a request, a stack or a comparison is told once.
#[derive(Debug, Default)]
pub(super) struct Told {
    quoted: BTreeSet<MomentId>,
    detailed: BTreeSet<MomentId>,
    compared: BTreeMap<(MomentId, MomentId), usize>,
}

impl Told {
    /// True the first time that a moment's line is quoted.
    pub(super) fn quoted(&mut self, id: MomentId) -> bool {
        self.quoted.insert(id)
    }

    /// True the first time that a moment's details are told.
    pub(super) fn detailed(&mut self, id: MomentId) -> bool {
        self.detailed.insert(id)
    }

    /// True for a comparison that was told.
    pub(super) fn has_compared(&self, contrast: &Contrast) -> bool {
        self.compared.contains_key(&(contrast.failed, contrast.well))
    }

    /// The number of the failure with which a comparison was told before, if it was.
    pub(super) fn compared(&mut self, contrast: &Contrast, number: usize) -> Option<usize> {
        let first = *self.compared.entry((contrast.failed, contrast.well)).or_insert(number);
        (first != number).then_some(first)
    }
}

/// What the moments of a failure say about it. The caller has noted that its own moment is quoted.
pub(super) fn evidence(
    number: usize,
    failure: &Failure,
    moments: &Moments,
    scale: usize,
    told: &mut Told,
) -> Vec<Cited> {
    let Some(moment) = moments.get(failure.moment) else { return Vec::new() };
    let text_of = |moment: &Moment, chars_max| untrusted::short_line(&moment.text, chars_max, chars_max / 5 * scale);
    let first = format!("{number}. at {}: {}", offset_label(moment.t_ms), text_of(moment, 600));
    let mut lines = vec![Cited::moment(&first, moment.id)];
    lines.extend(markup(moment, scale));
    if told.detailed(moment.id) {
        lines.extend(details(moment, scale));
    }
    let action = failure.action.filter(|id| *id != moment.id).and_then(|id| moments.get(id));
    let related = failure.related.iter().take(RELATED_MAX).filter_map(|id| moments.get(*id));
    // What the action or the refusal led to is the cause as often as not, when it failed itself.
    let caused = [Some(moment), action].into_iter().flatten().flat_map(caused).filter_map(|id| moments.get(id));
    let caused = caused.filter(|caused| failed(caused)).take(RELATED_MAX);
    let beside = action.map(|action| ("after", action)).into_iter();
    for (name, beside) in beside.chain(related.map(|m| ("also", m))).chain(caused.map(|m| ("led to", m))) {
        if !told.quoted(beside.id) {
            // The action is what a reader looks for, so it is named where it is not told again.
            if name == "after" {
                lines.push(Cited::computed(&format!("   after: {}, which is told above", beside.id)));
            }
            continue;
        }
        lines.push(Cited::moment(&format!("   {name}: {}", text_of(beside, 300)), beside.id));
        lines.extend(markup(beside, scale));
        // An error that tells of the same failure brings its stack, which names the code.
        let has_more = name == "led to" || beside.stack.is_some();
        if has_more && told.detailed(beside.id) {
            lines.extend(details(beside, scale));
        }
    }
    lines.extend(tries(failure, moments, scale));
    lines.extend(contrast(number, failure, moments, scale, told));
    lines
}

/// The opening tag of the element of a moment.
fn markup(moment: &Moment, scale: usize) -> Option<Cited> {
    let markup = moment.target.as_ref().and_then(|target| target.markup.as_ref())?;
    let markup = untrusted::short_line(markup, 300, 60 * scale);
    Some(Cited::moment(&format!("   element: {markup}"), moment.id))
}

/// The requests and errors that a moment led to.
pub(crate) fn caused(moment: &Moment) -> Vec<MomentId> {
    let outcome = moment.outcome.as_ref();
    outcome.map(|outcome| outcome.errors.iter().chain(&outcome.requests).copied().collect()).unwrap_or_default()
}

fn failed(moment: &Moment) -> bool {
    let refused = moment.request.as_ref().is_some_and(Request::is_trouble);
    refused || moment.kind == MomentKind::Error || moment.level == Some(Level::Error)
}

/// What a moment has beyond its line: page, message, stack, what was sent and answered.
pub(super) fn details(moment: &Moment, scale: usize) -> Vec<Cited> {
    let mut lines = Vec::new();
    let mut quote = |name: &str, text: Option<&str>, chars_max: usize| {
        let text = untrusted::short_line(text.unwrap_or_default(), chars_max, chars_max / 6 * scale);
        if !text.is_empty() {
            lines.push(Cited::moment(&format!("   {name}: {text}"), moment.id));
        }
    };
    quote("page", moment.url.as_deref(), 300);
    // The line of an error has its message already.
    quote("message", moment.message.as_deref().filter(|message| !moment.text.contains(*message)), 600);
    for frame in moment.stack.iter().flat_map(|stack| stack.lines()).take(STACK_LINES_MAX) {
        quote("stack", Some(frame), 200);
    }
    if let Some(request) = &moment.request {
        // Method and status stand in the line of a request.
        quote("request URL", Some(&request.url), 400);
        quote("error", request.error.as_deref(), 300);
        let answered = request.answer_error.as_ref().and_then(|error| error.message.as_deref());
        quote("error in the answer", answered, 300);
        quote("no answer because", request.unanswered.map(Unanswered::as_str), 60);
        quote("media type", request.mime.as_deref(), 80);
        quote("sent", request.request_body.as_deref(), 400);
        // Short answers stand in the line of what failed.
        quote("answer", request.response_body.as_deref().filter(|body| !moment.text.contains(*body)), 400);
    }
    lines
}
