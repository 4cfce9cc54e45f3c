//! What went well beside a failure, and the tries that were refused.
//!
//! In: a failure with its comparison, and the moments that it names. Out: lines that quote them, or say what was worked
//! out. Never here: the comparison itself, which was made when the replay was transcribed.

use playhead_schemas::timeline::{Contrast, ContrastKind, Difference, DifferencePart, Failure};
use playhead_schemas::{MomentId, MomentKind};

use super::evidence::{Told, details};
use super::{Cited, Moments};
use crate::untrusted;

/// Tries and differences of one failure that are told.
const TRIES_MAX: usize = 6;
const DIFFERENCES_MAX: usize = 8;

/// The tries that were refused, each with what was entered and what was said.
pub(super) fn tries(failure: &Failure, moments: &Moments, scale: usize) -> Vec<Cited> {
    let quoted = |text: &str| untrusted::short_line(text, 200, 40 * scale);
    let entered = |id: &MomentId| {
        let moment = moments.get(*id)?;
        // A box or a choice says in its line what was set.
        if moment.kind == MomentKind::Check {
            return Some(format!("{} ({id})", quoted(moment.text.split(" -> ").next().unwrap_or_default())));
        }
        let value = match &moment.value {
            Some(value) if !moment.masked => format!("\"{}\"", quoted(value)),
            _ => "a hidden value".to_owned(),
        };
        let field = moment.target.as_ref().and_then(|target| target.name.as_deref()).unwrap_or("a field");
        Some(format!("{value} in {} ({id})", quoted(field)))
    };
    let told = failure.tries.iter().take(TRIES_MAX).zip(1..).map(|(one, number)| {
        let entered: Vec<String> = one.entered.iter().filter_map(entered).collect();
        let entered = if entered.is_empty() { "nothing entered since".to_owned() } else { entered.join(", ") };
        let said = one.message.as_ref().map_or_else(String::new, |said| format!(", told \"{}\"", quoted(said)));
        Cited::computed(&format!("   try {number} ({}): {entered}{said}", one.moment))
    });
    told.collect()
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
    let what = match contrast.kind {
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
    if contrast.differs.is_empty() {
        lines.push(Cited::computed("   differs: nothing that was recorded"));
    }
    let differing = contrast.differs.iter().take(DIFFERENCES_MAX);
    lines.extend(differing.map(|difference| differs(contrast, difference, scale)));
    lines
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
