//! The web vitals of one page view, which recorders measure one by one, as one line.
//!
//! In: moments of a timeline. Out: the line of a run. Never in it: what another page measured.

use playhead_schemas::alias::Line;
use playhead_schemas::timeline::{Moment, Rating, Vital};

use super::phrases;

/// Vitals that are told together, at least.
const RUN_MIN: usize = 2;

/// How many of the first moments are vitals of one page view; 0 when the first is none, or is alone.
pub(super) fn run(moments: &[Moment]) -> usize {
    let Some(first) = moments.first() else { return 0 };
    let mut names: Vec<&str> = Vec::new();
    for moment in moments.iter().take_while(|moment| moment.window == first.window && moment.doubts.is_empty()) {
        // A name that comes again was measured anew, as by the next page.
        let Some(vital) = moment.vital.as_ref().filter(|vital| !names.contains(&vital.name.as_str())) else { break };
        names.push(&vital.name);
    }
    if names.len() >= RUN_MIN { names.len() } else { 0 }
}

/// A run as one line: `web vitals TTFB 33 ms, FCP 252 ms: good; CLS 0.11: needs improvement`.
pub(super) fn line(run: &[Moment]) -> Line<'_> {
    let mut text = run.first().map_or_else(String::new, phrases::window);
    let vitals: Vec<&Vital> = run.iter().filter_map(|moment| moment.vital.as_ref()).collect();
    let rated: Vec<String> = [Rating::Good, Rating::NeedsImprovement, Rating::Poor]
        .into_iter()
        .filter_map(|rating| {
            let told: Vec<String> =
                vitals.iter().filter(|vital| vital.rating == rating).map(|vital| phrases::vital_value(vital)).collect();
            (!told.is_empty()).then(|| format!("{}: {}", told.join(", "), phrases::rating(rating)))
        })
        .collect();
    text.push_str("web vitals ");
    text.push_str(&rated.join("; "));
    phrases::run_line(run, text)
}
