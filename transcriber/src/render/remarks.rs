//! Remarks in brackets: how a value was entered, which earlier value is the same, what makes a line uncertain.

use playhead_schemas::text::one_line;
use playhead_schemas::timeline::{Doubt, Entry, Moment, MomentKind};

/// Characters of a release.
const RELEASE_CHARS_MAX: usize = 60;

/// How the value came into the field, in brackets; empty when nothing is to be said.
pub(super) fn entry(moment: &Moment) -> String {
    let mut parts = Vec::new();
    if moment.kind == MomentKind::ValueSet {
        parts.push("not typed".to_owned());
    }
    match moment.entry {
        Some(Entry::AtOnce) => parts.push("pasted or filled in".to_owned()),
        Some(Entry::Mixed) => parts.push("partly pasted or filled in".to_owned()),
        Some(Entry::Typed) | None => {}
    }
    if let Some(first) = moment.same_as {
        parts.push(format!("same as {first}"));
    }
    bracketed(&parts)
}

/// The release of the application in brackets, on the first page and where it is another one than before.
pub(super) fn release(moment: &Moment, all: &[Moment]) -> String {
    let Some(release) = moment.release.as_deref() else { return String::new() };
    let before = all.get(..(moment.id.0 as usize).saturating_sub(1)).unwrap_or_default();
    let known = before.iter().rev().find_map(|earlier| earlier.release.as_deref());
    if known == Some(release) { String::new() } else { format!(" (release {})", one_line(release, RELEASE_CHARS_MAX)) }
}

/// Why the line may be wrong or incomplete, in brackets; empty when nothing speaks against it.
pub(super) fn doubts(moment: &Moment) -> String {
    let parts: Vec<String> = moment.doubts.iter().map(|doubt| words(*doubt).to_owned()).collect();
    bracketed(&parts)
}

fn bracketed(parts: &[String]) -> String {
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join("; ")) }
}

fn words(doubt: Doubt) -> &'static str {
    match doubt {
        Doubt::NoSnapshot => "unsure: no snapshot of the page had come",
        Doubt::AfterGap => "unsure: something before it was not recorded",
        Doubt::BeforeGap => "unsure: what came next was not recorded",
        Doubt::Blocked => "unsure: that part of the page was not recorded",
        Doubt::CutShort => "unsure: the recording ends there",
        Doubt::TimeUnknown => "unsure: when it happened is not known",
        Doubt::NetworkUnknown => "unsure: requests were not recorded",
    }
}
