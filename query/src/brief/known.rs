//! What the recording proves and what it leaves open, as far as it bears on the bug.
//!
//! In: coverage, failures and their moments. Out: statements in our own words. Never here: text from the recording.

use playhead_schemas::MomentId;
use playhead_schemas::timeline::{Coverage, Failure, FailureKind};
use playhead_store::Bug;

use super::Moments;
use crate::{coverage, environment};

/// The lowest status that tells a fault of the server (RFC 9110, section 15.6).
const SERVER_ERROR: u16 = 500;

/// One statement a line.
pub(super) fn statements(bug: &Bug, coverage: &Coverage, shown: &[Failure], moments: &Moments) -> Vec<String> {
    let mut known = coverage::bearing(coverage);
    known.extend(shown.iter().filter_map(|failure| open(failure, moments)));
    if environment::release(&bug.metadata).is_none() {
        known.push("The version of the application was not reported.".to_owned());
    }
    known
}

/// What is not known of a failure.
fn open(failure: &Failure, moments: &Moments) -> Option<String> {
    let id = failure.moment;
    let moment = moments.get(id)?;
    let request = moment.request.as_ref();
    match failure.kind {
        FailureKind::DeadClick => Some(format!(
            "Nothing that the recorder sees followed {id}; whether a listener was attached to the element was not recorded."
        )),
        FailureKind::HttpError | FailureKind::AnswerError => {
            let request = request?;
            if request.response_body.is_none() {
                return Some(format!("The body of the answer in {id} was not recorded."));
            }
            request.status.is_some_and(|status| status >= SERVER_ERROR).then(|| server_side(id))
        }
        FailureKind::UncaughtError | FailureKind::ConsoleError if moment.stack.is_none() => {
            Some(format!("No stack was recorded for {id}."))
        }
        FailureKind::SlowRequest => Some(format!("Where the server spent the time of {id} was not recorded.")),
        _ => None,
    }
}

fn server_side(id: MomentId) -> String {
    format!("What the server did for {id} was not recorded, only its answer.")
}
