//! Places in lists of bugs, as `after` and `next` name them: the last bug of a page, and what its list is ordered by.

use playhead_schemas::EpochMs;
use playhead_schemas::tracker::BugSort;
use playhead_store::BugPosition;

/// A place as text: `01J..`, `01J..:1795193955508` in the order of changes, `01J..:high` in that of priorities.
pub(super) fn text(place: &BugPosition) -> String {
    let ordered = place.updated_at.map(|at| at.0.to_string()).or(place.priority.map(|priority| priority.to_string()));
    match ordered {
        Some(ordered) => format!("{}:{ordered}", place.bug),
        None => place.bug.to_string(),
    }
}

/// The place in a list of an order that a text names.
///
/// # Errors
/// What is wrong with a text that no page of such a list gave.
pub(super) fn parse(text: &str, sort: BugSort) -> Result<BugPosition, &'static str> {
    parsed(text, sort).ok_or("not a place in a list of this order")
}

fn parsed(text: &str, sort: BugSort) -> Option<BugPosition> {
    let (bug, ordered) = match text.split_once(':') {
        Some((bug, ordered)) => (bug, Some(ordered)),
        None => (text, None),
    };
    let bug = bug.parse().ok()?;
    let (updated_at, priority) = match (sort, ordered) {
        (BugSort::Newest | BugSort::Oldest, None) => (None, None),
        (BugSort::Updated, Some(ms)) => (Some(EpochMs(ms.parse().ok()?)), None),
        (BugSort::Priority, Some(word)) => (None, Some(word.parse().ok()?)),
        _ => return None,
    };
    Some(BugPosition { bug, updated_at, priority })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use playhead_schemas::BugId;
    use playhead_schemas::upload::Priority;

    use super::*;

    #[test]
    fn a_place_comes_back_in_a_list_of_its_order_alone() {
        let bug = BugId::new();
        let plain = BugPosition { bug, updated_at: None, priority: None };
        for (sort, place) in [
            (BugSort::Newest, plain),
            (BugSort::Oldest, plain),
            (BugSort::Updated, BugPosition { updated_at: Some(EpochMs(-5)), ..plain }),
            (BugSort::Priority, BugPosition { priority: Some(Priority::High), ..plain }),
        ] {
            for other in BugSort::ALL {
                let found = parse(&text(&place), other);
                let fits =
                    other == sort || [sort, other].iter().all(|s| matches!(s, BugSort::Newest | BugSort::Oldest));
                assert_eq!(found.ok(), fits.then_some(place), "{sort} {other}");
            }
        }
        for wrong in ["", ":", "x", &format!("{bug}:"), &format!("{bug}:soon"), &format!("{bug}:1:2")] {
            for sort in BugSort::ALL {
                assert!(parse(wrong, sort).is_err(), "{wrong} {sort}");
            }
        }
    }
}
