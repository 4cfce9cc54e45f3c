//! Payloads to events, by time.

use std::collections::HashMap;

use playhead_json::lone_surrogates;
use playhead_schemas::timeline::{Coverage, DefectCode};

use super::payload::Payload;
use crate::Options;
use crate::console::RawConsole;
use crate::coverage::{self, Lapse};
use crate::decode::envelope;
use crate::decode::event::Event;
use crate::decode::memory::{Expanded, map_within};
use crate::decode::reread::unordered_streams;
use crate::decode::streamed::{self, Storage, Streamed};
use crate::defects::Defects;
use crate::dialects::Fact;
use crate::network::RawRequest;

/// Windows of one replay; events of further ones count as the last one's.
const WINDOWS_MAX: usize = 64;
/// Times that a browser's `Date` can hold, epoch milliseconds.
const DATES: std::ops::RangeInclusive<f64> = 0.0..=8.64e15;
/// An event this far from the middle of the recording has a clock of its own.
const STALE_MS: f64 = 24.0 * 3_600_000.0;

/// The events of a replay, by time.
pub(super) struct OrderedEvents<'a> {
    pub(super) events: Vec<TimedEvent<'a>>,
    pub(super) windows: u16,
    /// Times that missing segments would have told of.
    pub(super) lapses: Vec<Lapse>,
}

/// An event in its place.
pub(super) struct TimedEvent<'a> {
    pub(super) window: usize,
    pub(super) at: f64,
    pub(super) event: Event<'a>,
    /// What it says besides requests and console lines.
    pub(super) facts: Vec<Fact>,
}

pub(super) fn ordered_events<'a>(
    recorded: &'a [Payload<'a>],
    streamed: Vec<Option<Streamed>>,
    options: &Options,
    defects: &mut Defects,
    coverage: &mut Coverage,
) -> OrderedEvents<'a> {
    let recorded: Vec<&'a Payload<'a>> = recorded.iter().collect();
    let read = read_events(&recorded, options);
    let limits: Vec<usize> =
        streamed.iter().map(|streamed| streamed.as_ref().map_or(0, |streamed| streamed.bytes_max)).collect();
    let read = read.into_iter().zip(streamed).map(|(read, streamed)| match streamed {
        Some(streamed) => (streamed.events, streamed.defects),
        None => read,
    });
    let mut all = Vec::new();
    // Where the events of each segment end.
    let mut ends: Vec<(u32, usize)> = Vec::with_capacity(recorded.len());
    for ((events, found), payload) in read.zip(&recorded) {
        defects.absorb(found);
        all.extend(events);
        ends.push((payload.n.0, all.len()));
    }
    coverage.events = all.len() as u64;
    if all.len() > options.events_max {
        coverage.truncated = true;
        defects.add(DefectCode::LimitReached, || format!("more than {} events", options.events_max));
        all.truncate(options.events_max);
    }
    let (times, out_of_order) = times(&all, defects);
    coverage.out_of_order = out_of_order;
    let lapses = coverage::lapses(&coverage.missing_segments, &spans_of(&ends, &times));
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by(|a, b| times[*a].total_cmp(&times[*b]));
    for stream in unordered_streams(order.iter().filter_map(|i| all[*i].data.stream_range())) {
        let from = stream.checked_sub(1).map_or(0, |before| ends[before].1);
        let to = ends[stream].1.min(all.len());
        reread(&mut all[from.min(to)..to], recorded[stream], limits[stream]);
    }
    let mut slots: Vec<Option<Event<'a>>> = all.into_iter().map(Some).collect();
    let mut windows = WindowNames::default();
    let in_place = |i: usize| {
        let event = slots[i].take()?;
        let window = windows.number(event.window.as_deref().unwrap_or_default());
        Some(TimedEvent { window, at: times[i], event, facts: Vec::new() })
    };
    let placed = order.into_iter().filter_map(in_place).collect();
    let found = windows.numbers.len();
    if found > WINDOWS_MAX {
        defects.add(DefectCode::LimitReached, || format!("more than {WINDOWS_MAX} windows"));
    }
    OrderedEvents { events: placed, windows: found.min(WINDOWS_MAX) as u16, lapses }
}

/// The events of each recording, with the defects of its text.
fn read_events<'a>(recorded: &[&'a Payload<'a>], options: &Options) -> Vec<(Vec<Event<'a>>, Defects)> {
    let guess = |payload: &&Payload<'_>| envelope::unpacked_estimate(payload.text.len());
    map_within(recorded, options.replay_bytes_max, guess, |payload, bytes_max| {
        let mut defects = Defects::default();
        defects.add_many(DefectCode::LoneSurrogate, lone_surrogates(&payload.text), || {
            "a string holds half of a surrogate pair".to_owned()
        });
        let Expanded { value, bytes, cut } = envelope::events(&payload.text, payload.window, bytes_max, &mut defects);
        Expanded { value: (value, defects), bytes, cut }
    })
}

/// The numbers of windows by the names that events give them, in order of appearance.
#[derive(Default)]
struct WindowNames {
    numbers: HashMap<String, usize>,
    last: Option<(String, usize)>,
}

impl WindowNames {
    fn number(&mut self, name: &str) -> usize {
        // Most events name no window, and most others that of the event before.
        if let Some((last, number)) = &self.last
            && last == name
        {
            return *number;
        }
        let next = self.numbers.len().min(WINDOWS_MAX - 1);
        let number = *self.numbers.entry(name.to_owned()).or_insert(next);
        self.last = Some((name.to_owned(), number));
        number
    }
}

/// Reads a recording once more and keeps the data of its events: it isn't wanted in the order of the text.
fn reread(events: &mut [Event<'_>], payload: &Payload<'_>, bytes_max: usize) {
    let kept = streamed::events(payload.bytes, payload.window, bytes_max, Storage::Blocks);
    for (event, kept) in events.iter_mut().zip(kept.into_iter().flat_map(|kept| kept.events)) {
        event.data = kept.data;
    }
}

/// Number, first and last time of each segment with events. `ends` says where each one's events end.
fn spans_of(ends: &[(u32, usize)], times: &[f64]) -> Vec<(u32, f64, f64)> {
    let mut spans: Vec<(u32, f64, f64)> = Vec::with_capacity(ends.len());
    let mut from = 0;
    for (n, end) in ends {
        let own = times.get(from..(*end).min(times.len())).unwrap_or_default();
        from = *end;
        let (first, last) = own.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), at| (a.min(*at), b.max(*at)));
        match spans.last_mut() {
            _ if own.is_empty() => {}
            Some(span) if span.0 == *n => (span.1, span.2) = (span.1.min(first), span.2.max(last)),
            _ => spans.push((*n, first, last)),
        }
    }
    spans
}

/// Usable times in epoch milliseconds, in the order of the text, and how many are less than the one before.
///
/// Sentry writes some times in seconds; its own rule is that 9999999999 and less are seconds. Below
/// 10^9 times are those of tests and demos, which start anywhere.
fn times(events: &[Event<'_>], defects: &mut Defects) -> (Vec<f64>, u32) {
    let mut known: Vec<f64> =
        events.iter().filter_map(|event| event.at).map(in_milliseconds).filter(|at| DATES.contains(at)).collect();
    known.sort_by(f64::total_cmp);
    let middle = known.get(known.len() / 2).copied().unwrap_or_default();
    let mut last = known.iter().copied().find(|at| (at - middle).abs() <= STALE_MS).unwrap_or(middle);
    let (mut latest, mut backwards) = (f64::NEG_INFINITY, 0);
    let times = events
        .iter()
        .map(|event| {
            match event.at.map(in_milliseconds).filter(|at| DATES.contains(at) && (at - middle).abs() <= STALE_MS) {
                Some(at) => last = at,
                None => defects.add(DefectCode::BadTimestamp, || match event.at {
                    Some(at) => format!("an event of type {} at {at}, far from all others", event.event_type),
                    None => format!("an event of type {} without a time", event.event_type),
                }),
            }
            if last < latest {
                backwards += 1;
            }
            latest = latest.max(last);
            last
        })
        .collect();
    defects.add_many(DefectCode::OutOfOrder, backwards, || "events come later than their times say".to_owned());
    (times, backwards)
}

fn in_milliseconds(at: f64) -> f64 {
    if (1e9..=9_999_999_999.0).contains(&at) { at * 1000.0 } else { at }
}

/// The time of the first event; without events, of the first entry.
pub(super) fn started_at(events: &[TimedEvent<'_>], requests: &[RawRequest], lines: &[RawConsole]) -> f64 {
    let first_entry = requests
        .iter()
        .map(|request| request.start_ms)
        .chain(lines.iter().map(|line| line.at_ms))
        .filter(|at| at.is_finite())
        .fold(f64::INFINITY, f64::min);
    let first = match events.first() {
        // What was asked for shortly before the recorder ran belongs to the page that it ran in.
        Some(event) if (0.0..60_000.0).contains(&(event.at - first_entry)) => first_entry,
        Some(event) => event.at,
        None if first_entry.is_finite() => first_entry,
        None => 0.0,
    };
    first.floor()
}
