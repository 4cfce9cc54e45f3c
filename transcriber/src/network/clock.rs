//! The times of an archive's requests, where they are missing, without a zone, or of another clock.
//!
//! In: requests in the order of the archive, and the time of the recording. Out: requests with times, those that were
//! guessed marked, and a defect for each repair. Never here: requests of the recording itself, which has one clock.

use playhead_schemas::clock::offset_label;
use playhead_schemas::timeline::DefectCode;

use super::{RawRequest, RequestTime};

/// Zones differ by multiples of this.
const ZONE_STEP_MS: f64 = 15.0 * 60_000.0;
/// The zones that there are lie between UTC-12 and UTC+14.
const ZONE_MS_MAX: f64 = 14.0 * 3_600_000.0;
/// Requests this long before or after a recording still belong to it.
const NEAR_MS: f64 = 10.0 * 60_000.0;
/// Requests of a recording in another zone lie in it but for so much.
const INSIDE_MS: f64 = 60_000.0;

/// Gives the requests of one archive times that fit those of the recording, from its first event to its last.
pub(crate) fn settle(
    mut requests: Vec<RawRequest>,
    recorded: Option<(f64, f64)>,
    defects: &mut impl FnMut(DefectCode, &str),
) -> Vec<RawRequest> {
    if let Some(recorded) = recorded {
        settle_zone(&mut requests, recorded, defects);
    }
    place_between(&mut requests, defects);
    requests.retain(|request| request.time != RequestTime::Missing);
    requests
}

/// Moves all requests by whole zones when none of them lies near the recording.
fn settle_zone(requests: &mut [RawRequest], (from, to): (f64, f64), defects: &mut impl FnMut(DefectCode, &str)) {
    let known =
        || requests.iter().filter(|request| request.time != RequestTime::Missing).map(|request| request.start_ms);
    let Some(first) = known().reduce(f64::min) else { return };
    if known().any(|at| (from - NEAR_MS..=to + NEAR_MS).contains(&at)) {
        return;
    }
    let all = known().count();
    let inside = |shift: f64| {
        let range = from - INSIDE_MS..=to + INSIDE_MS;
        known().filter(|at| range.contains(&(at + shift))).count()
    };
    let nearest = ((from - first) / ZONE_STEP_MS).round() * ZONE_STEP_MS;
    let steps = [nearest - ZONE_STEP_MS, nearest, nearest + ZONE_STEP_MS];
    let apart = |shift: &f64| (first + shift - from).abs();
    let fitting = steps.into_iter().filter(|shift| shift.abs() <= ZONE_MS_MAX && inside(*shift) * 10 >= all * 9);
    let best = fitting.max_by(|a, b| inside(*a).cmp(&inside(*b)).then(apart(b).total_cmp(&apart(a))));
    let (shift, is_guess) = match best {
        Some(shift) => (shift, false),
        None => (from - first, true),
    };
    for request in requests.iter_mut().filter(|request| request.time != RequestTime::Missing) {
        request.start_ms += shift;
        request.end_ms = request.end_ms.map(|end| end + shift);
        request.time = if is_guess { RequestTime::Guessed } else { RequestTime::Known };
    }
    let zone = if shift > 0.0 { "-" } else { "+" };
    let hours = offset_label(shift.abs() as u64 / 60);
    let hours = hours.split('.').next().unwrap_or_default();
    if is_guess {
        defects(
            DefectCode::BadTimestamp,
            "the times of the requests are not those of the recording; they are told from its start on",
        );
    } else {
        let told = format!(
            "the requests have times of another zone; read as those of UTC{zone}{hours} they fit the recording"
        );
        defects(DefectCode::BadTimestamp, &told);
    }
}

/// Places requests without a time between their neighbours: archives list them in order. Without neighbours they stay as
/// they are.
fn place_between(requests: &mut [RawRequest], defects: &mut impl FnMut(DefectCode, &str)) {
    let is_missing = |request: &RawRequest| request.time == RequestTime::Missing;
    for at in 0..requests.len() {
        if !is_missing(&requests[at]) {
            continue;
        }
        let before = requests[..at].iter().rev().find(|request| !is_missing(request));
        let before_ms = before.map(|request| request.start_ms);
        let after_ms = requests[at..].iter().find(|request| !is_missing(request)).map(|request| request.start_ms);
        let length = requests[at].request.duration_ms.map_or(0.0, |ms| ms as f64);
        let start_ms = match (before_ms, after_ms) {
            // What comes next was sent when this one was answered, as far as there is time for that.
            (Some(before), Some(after)) => (after - length).max(before).min(after.max(before)),
            (None, Some(after)) => after - length,
            (Some(before), None) => before,
            (None, None) => {
                defects(DefectCode::BadTimestamp, "a request without a usable startedDateTime was left out");
                continue;
            }
        };
        let request = &mut requests[at];
        request.start_ms = start_ms;
        request.end_ms = request.request.duration_ms.map(|ms| start_ms + ms as f64);
        request.time = RequestTime::Guessed;
        defects(
            DefectCode::BadTimestamp,
            "a request without a usable startedDateTime was placed between its neighbours",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::from_har;
    use super::*;

    const FROM: f64 = 1_773_136_800_000.0;

    /// The starts after `FROM`, how they are known, and the defects.
    fn read(times: &[&str]) -> (Vec<(f64, RequestTime)>, Vec<String>) {
        let entry = |time: &&str| format!(r#"{{"startedDateTime":{time},"time":100,"request":{{"url":"/a"}}}}"#);
        let json = format!("[{}]", times.iter().map(entry).collect::<Vec<_>>().join(","));
        let mut told = Vec::new();
        let requests = from_har(&mut json.into_bytes(), &mut |_, what| told.push(what.to_owned()));
        let got = settle(requests, Some((FROM, FROM + 9000.0)), &mut |_, what| told.push(what.to_owned()));
        (got.iter().map(|request| (request.start_ms - FROM, request.time)).collect(), told)
    }

    #[test]
    fn zones_are_found_by_the_recording() {
        use RequestTime::{Guessed, Known, Zoneless};
        for (times, want, defects) in [
            (["\"2026-03-10T10:00:01Z\"", "\"2026-03-10T10:00:03Z\""], [(1000.0, Known), (3000.0, Known)], 0),
            (["\"2026-03-10T10:00:01\"", "\"2026-03-10T10:00:03\""], [(1000.0, Zoneless), (3000.0, Zoneless)], 0),
            (["\"2026-03-10T15:30:01.5\"", "\"2026-03-10T15:30:03\""], [(1500.0, Known), (3000.0, Known)], 1),
            (["\"2026-03-10T02:00:01Z\"", "\"2026-03-10T02:00:03Z\""], [(1000.0, Known), (3000.0, Known)], 1),
            (["\"2025-01-01T00:07:00Z\"", "\"2025-01-01T00:07:02Z\""], [(0.0, Guessed), (2000.0, Guessed)], 1),
        ] {
            let (got, told) = read(&times);
            assert_eq!((got.as_slice(), told.len()), (want.as_slice(), defects), "{times:?} {told:?}");
        }
        let (_, told) = read(&["\"2026-03-10T15:30:01\""]);
        assert!(told[0].contains("UTC+05:30 "), "{told:?}");
        let (_, told) = read(&["\"2026-03-10T02:00:01\""]);
        assert!(told[0].contains("UTC-08:00 "), "{told:?}");
    }

    #[test]
    fn missing_times_are_those_of_the_neighbours() {
        use RequestTime::{Guessed, Known};
        let (first, last) = ("\"2026-03-10T10:00:01Z\"", "\"2026-03-10T10:00:03Z\"");
        for (times, want) in [
            (&[first, "{}", last][..], &[(1000.0, Known), (2900.0, Guessed), (3000.0, Known)][..]),
            (&["null", last], &[(2900.0, Guessed), (3000.0, Known)]),
            (&[last, "\"soon\""], &[(3000.0, Known), (3000.0, Guessed)]),
            (&[last, "7", first], &[(3000.0, Known), (3000.0, Guessed), (1000.0, Known)]),
            (&["{}"], &[]),
        ] {
            let (got, told) = read(times);
            assert_eq!((got.as_slice(), told.len()), (want, 1), "{times:?}");
        }
    }
}
