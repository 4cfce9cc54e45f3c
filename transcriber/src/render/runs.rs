//! The lines of a detailed transcript: one for each moment, and one for each run of moments that say little alone.

use playhead_schemas::alias::Line;
use playhead_schemas::timeline::Moment;

use super::{alias_line, files, vitals};

/// How many of the first moments are one run, and the line of that run.
type Fold = (fn(&[Moment]) -> usize, fn(&[Moment]) -> Line<'_>);

const FOLDS: [Fold; 2] = [(files::run, files::line), (vitals::run, vitals::line)];

/// The lines of all moments, with runs folded.
pub(super) fn folded(moments: &[Moment]) -> Vec<Line<'_>> {
    let mut lines = Vec::with_capacity(moments.len());
    let mut rest = moments;
    while let Some(first) = rest.first() {
        let found = FOLDS.iter().map(|(run, line)| (run(rest), line)).find(|(count, _)| *count > 0);
        let count = match found {
            Some((count, line)) => {
                lines.push(line(&rest[..count]));
                count
            }
            None => {
                lines.push(alias_line(first));
                1
            }
        };
        rest = &rest[count..];
    }
    lines
}
