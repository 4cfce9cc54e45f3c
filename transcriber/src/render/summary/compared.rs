//! What went well beside a failure, and what of the difference says something.

use playhead_schemas::text::{excerpt, one_line};
use playhead_schemas::timeline::{Difference, DifferencePart, Failure, Moment, Request};

use crate::failures::find;
use crate::render::phrases;

/// Characters of each side of a difference, and of an element, whose attributes differ anywhere.
const SIDE_CHARS_MAX: usize = 80;
const ELEMENT_CHARS_MAX: usize = 160;

/// `but m114 00:42.0 went well: sent delivery "saturday", there "express"`; nothing where nothing tells. `answered` is the
/// answer that is told already.
pub(super) fn line(failure: &Failure, all: &[Moment], most: usize, answered: &str) -> Option<String> {
    let contrast = failure.contrast.as_ref()?;
    let well = find(all, contrast.well)?;
    let is_trouble =
        find(all, contrast.failed).and_then(|moment| moment.request.as_ref()).is_some_and(Request::is_trouble);
    let mut telling: Vec<(u8, &Difference)> = contrast
        .differs
        .iter()
        .filter_map(|one| Some((weight(one, &contrast.differs, answered, is_trouble)?, one)))
        .collect();
    telling.sort_by_key(|(weight, _)| *weight);
    let told: Vec<String> = telling.iter().take(most).filter_map(|(_, one)| words(one)).collect();
    (!told.is_empty()).then(|| format!("but {} went well: {}", phrases::stamp(well), told.join("; ")))
}

/// How little a difference tells; nothing for one that follows from the others: that the status of what went well is
/// another one, what the answer that is told says, and what any answer has that tells no error (`is_trouble`).
fn weight(one: &Difference, all: &[Difference], answered: &str, is_trouble: bool) -> Option<u8> {
    let (failed, well) = (one.failed.as_deref(), one.well.as_deref());
    let is_form = |side: &str| matches!(side, "an object" | "{}") || side.starts_with("a list of ");
    match one.part {
        DifferencePart::Status | DifferencePart::DurationMs => None,
        // A key without a value is there to get past a cache.
        DifferencePart::Address if failed.or(well) == Some("") && well.or(failed) == Some("") => None,
        DifferencePart::Answer if is_trouble && (failed.is_none() || well.is_none()) => None,
        DifferencePart::Answer => {
            let bare = failed.map(|side| side.trim_matches('"'));
            let is_told = well.is_none() && bare.is_some_and(|side| answered.contains(side));
            let is_echo = bare.is_some_and(|side| {
                let asked = all.iter().filter(|other| other.part != DifferencePart::Answer);
                asked.filter_map(|other| other.failed.as_deref()).any(|other| other.trim_matches('"') == side)
            });
            match () {
                () if is_told => None,
                () if is_echo => Some(3),
                () if failed.into_iter().chain(well).all(is_form) => Some(2),
                () => Some(1),
            }
        }
        _ if failed.into_iter().chain(well).all(is_form) => Some(2),
        _ => Some(0),
    }
}

fn words(one: &Difference) -> Option<String> {
    let part = match one.part {
        DifferencePart::Address => "address",
        DifferencePart::Entered => "entered",
        DifferencePart::Sent => "sent",
        DifferencePart::Status => "status",
        DifferencePart::Answer => "answer",
        DifferencePart::DurationMs => "ms",
        DifferencePart::Element => "element",
    };
    let chars = if one.part == DifferencePart::Element { ELEMENT_CHARS_MAX } else { SIDE_CHARS_MAX };
    let side = |side: &Option<String>| match side.as_deref() {
        None => "absent".to_owned(),
        Some("") => "empty".to_owned(),
        Some(side) => excerpt(side, chars),
    };
    let (failed, well) = (side(&one.failed), side(&one.well));
    let name = one.name.as_ref().map_or_else(String::new, |name| format!(" {}", one_line(name, 40)));
    (failed != well).then(|| format!("{part}{name} {failed}, there {well}"))
}
