//! Equal lines in a row as one line with a count: a loop that logs is one fact.

use std::collections::BTreeMap;

use playhead_schemas::WindowNo;
use playhead_schemas::timeline::Level;

use super::RawConsole;

/// Equal lines this close together are of one run.
const GAP_MS: f64 = 2000.0;

/// What lines of one run have in common.
type Key = (WindowNo, Level, bool, String, Option<String>, Option<u32>, Option<u32>);

/// Folds equal lines between which nothing else happened than lines and requests. `breaks` are the times of what else
/// happened, in order; lines are in order of time.
pub(crate) fn fold(lines: Vec<RawConsole>, breaks: &[f64]) -> Vec<RawConsole> {
    let mut out: Vec<RawConsole> = Vec::with_capacity(lines.len());
    let mut runs: BTreeMap<Key, usize> = BTreeMap::new();
    let mut passed = 0;
    for line in lines {
        let now = breaks.partition_point(|at| *at <= line.at_ms);
        if std::mem::replace(&mut passed, now) != now {
            runs.clear();
        }
        let (url, message) = (line.url.clone(), line.message.clone());
        let window = line.window.unwrap_or(WindowNo(1));
        let key = (window, line.level, line.is_exception, message, url, line.line, line.column);
        match runs.get(&key).map(|at| &mut out[*at]).filter(|run| line.at_ms - run.end_ms <= GAP_MS) {
            Some(run) => (run.count, run.end_ms) = (run.count + line.count, line.at_ms),
            None => {
                runs.insert(key, out.len());
                out.push(line);
            }
        }
    }
    out
}
