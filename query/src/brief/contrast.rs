//! What went well beside a failure, and the tries that were refused.
//!
//! In: a failure with its comparison, and the moments that it names. Out: lines that quote them, or say what was worked
//! out. Never here: the comparison itself, which was made when the replay was transcribed.

use std::collections::BTreeMap;

use playhead_schemas::text::counted;
use playhead_schemas::timeline::{Contrast, ContrastKind, Difference, DifferencePart, Failure, FailureKind};
use playhead_schemas::{Moment, MomentKind};

use super::evidence::{Told, details};
use super::{Cited, Moments};
use crate::untrusted;

/// Tries and differences of one failure that are told.
const TRIES_MAX: usize = 6;
const DIFFERENCES_MAX: usize = 8;
/// Fields of one try that are told.
const ENTERED_MAX: usize = 8;

/// The tries that were refused, each with what was entered and what was said. Fields that were entered for one try alone
/// are counted where others were entered for several: those are what the user tried.
pub(super) fn tries(failure: &Failure, moments: &Moments, scale: usize) -> Vec<Cited> {
    let shown = || failure.tries.iter().take(TRIES_MAX);
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for moment in shown().flat_map(|one| &one.entered).filter_map(|id| moments.get(*id)) {
        *times.entry(field_of(moment)).or_default() += 1;
    }
    let has_repeats = times.values().any(|times| *times > 1);
    let told = shown().zip(1..).map(|(one, number)| {
        let entered: Vec<&Moment> = one.entered.iter().filter_map(|id| moments.get(*id)).collect();
        let is_told = |moment: &&&Moment| match has_repeats {
            true => times.get(field_of(moment)).is_some_and(|times| *times > 1),
            false => !moment.masked,
        };
        let values: Vec<&&Moment> = entered.iter().filter(is_told).collect();
        let left_out = entered.len() - values.len().min(ENTERED_MAX);
        let from = values.len().saturating_sub(ENTERED_MAX);
        let mut parts: Vec<String> = values[from..].iter().map(|moment| entered_value(moment, scale)).collect();
        match (parts.is_empty(), left_out) {
            (true, 0) => parts.push("nothing entered since".to_owned()),
            (_, 0) => {}
            (_, more) => parts.push(counted(more as u64, "more field", "more fields")),
        }
        let said = one.message.as_ref();
        let said = said.map_or_else(String::new, |said| format!(", told \"{}\"", quoted(said, scale)));
        Cited::computed(&format!("   try {number} ({}): {}{said}", one.moment, parts.join(", ")))
    });
    told.collect()
}

fn field_of(moment: &Moment) -> &str {
    moment.target.as_ref().map_or("", |target| target.selector.as_str())
}

/// What was entered, with its field and moment.
fn entered_value(moment: &Moment, scale: usize) -> String {
    let name = moment.target.as_ref().and_then(|target| target.name.as_deref()).unwrap_or("a field");
    let (name, id) = (quoted(name, scale), moment.id);
    let is_typed = matches!(moment.kind, MomentKind::Input | MomentKind::Select);
    match &moment.value {
        _ if moment.masked => format!("a hidden value in {name} ({id})"),
        Some(value) if is_typed => format!("\"{}\" in {name} ({id})", quoted(value, scale)),
        Some(value) => format!("{name} {} ({id})", quoted(value, scale)),
        None => format!("{name} ({id})"),
    }
}

fn quoted(text: &str, scale: usize) -> String {
    untrusted::short_line(text, 200, 40 * scale)
}

/// What went well beside a failure, and what differs. A comparison that was told is named by the number of its failure.
pub(super) fn contrast(
    number: usize,
    failure: &Failure,
    moments: &Moments,
    scale: usize,
    told: &mut Told,
) -> Vec<Cited> {
    let Some(contrast) = &failure.contrast else {
        return vec![Cited::computed("   contrast: nothing comparable went well in the session")];
    };
    if let Some(before) = told.compared(contrast, number) {
        return vec![Cited::computed(&format!("   contrast: as told in {before}"))];
    }
    let mut lines = Vec::new();
    let is_elsewhere =
        contrast.differs.iter().any(|one| one.part == DifferencePart::Address && one.name.as_deref() == Some("path"));
    let what = match contrast.kind {
        ContrastKind::Request if is_elsewhere => "the same kind of request went well, for another address",
        ContrastKind::Request => "the same request went well",
        ContrastKind::Action => "the same action went well",
        ContrastKind::Sibling => "an element of the same kind was answered",
    };
    let (failed, well) = (contrast.failed, contrast.well);
    lines.push(Cited::computed(&format!("   contrast: {what}, {well} beside {failed}")));
    if let Some(moment) = moments.get(well) {
        let text = untrusted::short_line(&moment.text, 300, 60 * scale);
        lines.push(Cited::moment(&format!("   went well: {text}"), well));
        if told.detailed(well) {
            lines.extend(details(moment, scale));
        }
    }
    if let Some(moment) = moments.get(failed).filter(|moment| told.detailed(moment.id)) {
        lines.extend(details(moment, scale));
    }
    let causes = likely_causes(failure, contrast);
    if causes.is_empty() {
        let mut entered = failure.tries.iter().flat_map(|one| &one.entered).filter_map(|id| moments.get(*id));
        let is_hidden = entered.any(|moment| moment.masked);
        let said =
            if is_hidden { "what was entered is masked and can't be compared" } else { "nothing that was recorded" };
        lines.push(Cited::computed(&format!("   differs: {said}")));
    }
    lines.extend(causes.iter().map(|difference| differs(contrast, difference, scale)));
    lines
}

/// The differences that may be a cause, the likeliest first: what was entered and sent before what came back. What only
/// one of the two answers has follows from a status that differs, and both answers are quoted.
fn likely_causes<'c>(failure: &Failure, contrast: &'c Contrast) -> Vec<&'c Difference> {
    let is_refused = contrast.differs.iter().any(|one| one.part == DifferencePart::Status);
    let follows = |one: &&Difference| {
        is_refused && one.part == DifferencePart::Answer && (one.failed.is_none() || one.well.is_none())
    };
    let rank = |one: &&Difference| match one.part {
        DifferencePart::DurationMs if failure.kind == FailureKind::SlowRequest => 0,
        DifferencePart::Entered => 1,
        DifferencePart::Sent => 2,
        DifferencePart::Address => 3,
        DifferencePart::Element => 4,
        DifferencePart::Answer => 5,
        DifferencePart::DurationMs => 6,
        DifferencePart::Status => 7,
    };
    let mut causes: Vec<&Difference> = contrast.differs.iter().filter(|one| !follows(one)).collect();
    causes.sort_by_key(rank);
    causes.truncate(DIFFERENCES_MAX);
    causes
}

fn differs(contrast: &Contrast, difference: &Difference, scale: usize) -> Cited {
    let part = match difference.part {
        DifferencePart::Address => "address",
        DifferencePart::Entered => "entered value",
        DifferencePart::Sent => "sent body",
        DifferencePart::Status => "status",
        DifferencePart::Answer => "answer",
        DifferencePart::DurationMs => "duration in ms",
        DifferencePart::Element => "element",
    };
    let side = |side: &Option<String>| {
        side.as_ref().map_or_else(|| "absent".to_owned(), |side| untrusted::short_line(side, 120, 30 * scale))
    };
    let name = difference.name.as_ref();
    let name = name.map_or_else(String::new, |name| format!(" at {}", untrusted::short_line(name, 120, 30)));
    Cited::computed(&format!(
        "   differs: {part}{name}: {} in {}, {} in {}",
        side(&difference.failed),
        contrast.failed,
        side(&difference.well),
        contrast.well
    ))
}
