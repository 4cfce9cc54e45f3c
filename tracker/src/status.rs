//! Where a bug may go from where it stands: the one table, which code, documentation and tests read.

use playhead_schemas::upload::BugStatus::{self, Closed, InProgress, InReview, Open, Reopened, Resolved};

/// Each status with those that may follow it. To stay where it is, is always allowed and changes nothing.
pub(crate) const TRANSITIONS: [(BugStatus, &[BugStatus]); 6] = [
    (Open, &[InProgress, InReview, Resolved, Closed]),
    (InProgress, &[Open, InReview, Resolved, Closed]),
    (InReview, &[Open, InProgress, Resolved, Closed]),
    (Resolved, &[Closed, Reopened]),
    (Closed, &[Reopened]),
    (Reopened, &[InProgress, InReview, Resolved, Closed]),
];

/// The statuses that may follow one.
pub fn next_statuses(from: BugStatus) -> &'static [BugStatus] {
    TRANSITIONS.iter().find(|row| row.0 == from).map_or(&[], |row| row.1)
}

/// The table as Markdown, as `docs/tools.md` shows it.
pub fn status_table_markdown() -> String {
    let mut text = String::from("| from |");
    text.extend(BugStatus::ALL.iter().map(|to| format!(" to `{to}` |")));
    text.push_str("\n|---|");
    text.push_str(&"---|".repeat(BugStatus::ALL.len()));
    text.push('\n');
    for (from, next) in TRANSITIONS {
        text.push_str(&format!("| `{from}` |"));
        text.extend(BugStatus::ALL.iter().map(|to| if next.contains(to) { " yes |" } else { " |" }));
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole_and_has_no_dead_end() {
        for status in BugStatus::ALL {
            assert_eq!(TRANSITIONS.iter().filter(|row| row.0 == status).count(), 1, "{status}");
            assert!(!next_statuses(status).is_empty() && !next_statuses(status).contains(&status), "{status}");
            // What is open can always be closed, what is done with can only come back.
            assert_eq!(next_statuses(status).contains(&Closed), status != Closed, "{status}");
            assert_eq!(next_statuses(status).contains(&Reopened), !status.is_open(), "{status}");
        }
        assert_eq!(TRANSITIONS.map(|row| row.0), BugStatus::ALL);
    }
}
