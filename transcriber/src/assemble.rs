//! The story of a transcription: payloads to events and entries, events to drafts, drafts to a timeline.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use playhead_schemas::timeline::{
    Cause, Coverage, DefectCode, DomCause, Level, Moment, MomentKind, Outcome, Page, ReplayInfo, Source, Timeline,
};
use playhead_schemas::{EpochMs, MomentId, SegmentNo, Stream, WindowNo};

use crate::console::{self, RawConsole};
use crate::coverage::{self, Lapse, missing};
use crate::decode::again::{Again, out_of_reach};
use crate::decode::blocks::OpenBlocks;
use crate::decode::envelope::{self, Event, Open};
use crate::decode::parked::{self, Keep, Parked, is_large};
use crate::decode::room::{Filled, fill};
use crate::decode::{is_compressed, plain};
use crate::defects::Defects;
use crate::failures;
use crate::json::lone_surrogates;
use crate::network::{self, RawRequest};
use crate::observe::{Draft, Effects, Sender, Session, Tie, origin};
use crate::recorded;
use crate::render;
use crate::signals::Known;
use crate::{Options, SegmentInput};

/// Windows of one replay; events of further ones count as the last one's.
const WINDOWS_MAX: usize = 64;
/// JSON of recordings swells by less than this when it is decompressed, and to this at least.
const SWELLS_BY: usize = 64;
const SWELLS_TO: usize = 1 << 20;
/// Times that a browser's `Date` can hold, epoch milliseconds.
const DATES: std::ops::RangeInclusive<f64> = 0.0..=8.64e15;
/// An event this far from the middle of the recording has a clock of its own.
const STALE_MS: f64 = 24.0 * 3_600_000.0;

/// A document is there, and recorded, this soon after it was asked for.
const LOADS_MS: f64 = 10_000.0;

pub(crate) fn timeline(segments: &[SegmentInput<'_>], options: &Options) -> Timeline {
    let mut defects = Defects::default();
    let mut coverage = Coverage { missing_segments: missing(segments), ..Coverage::default() };
    defects.add_many(DefectCode::MissingSegment, coverage.missing_segments.len() as u32, || {
        format!("segment {} never came", coverage.missing_segments[0])
    });
    let payloads = decode(segments, options, &mut defects);
    let (mut recorded, others): (Vec<_>, Vec<_>) = payloads.into_iter().partition(|p| p.stream == Stream::Rrweb);
    let parked = recorded.iter_mut().map(|payload| payload.parked.take()).collect();
    let Ordered { events, windows, lapses } = ordered_events(&recorded, parked, options, &mut defects, &mut coverage);
    let wanted = events.iter().filter_map(|placed| placed.event.data.span());
    let again = Again::new(recorded.iter().map(|payload| payload.bytes), wanted);
    let mut open = Open { blocks: OpenBlocks::default(), again };
    let (requests, lines) = entries(others, &events, &mut open, &mut defects, &mut coverage);
    let started_at = started_at(&events, &requests, &lines);
    let (spans, senders) = (spans(&requests), senders(&requests));
    let mut session = Session::new(options, &mut coverage, &mut defects, &spans, &senders, started_at, windows.max(1));
    let stays_open = |r: &RawRequest| matches!(r.request.resource.as_deref(), Some("websocket" | "eventsource"));
    session.gaps = lapses;
    session.sees_requests = !requests.is_empty() && !requests.iter().any(stays_open);
    for event in &events {
        session.event(event.window, event.event.kind, event.at, event.event.data.read(&mut open));
    }
    drop(open);
    let mut observed = session.finish();
    let ended_at = events.last().map_or(started_at, |event| event.at);
    let mut drafts = crate::merge::merge(observed.take_drafts(), requests, lines, options);
    let known = Known { ended_at, network: coverage.network != Source::None };
    crate::signals::mark(&mut drafts, known, options);
    if drafts.len() > options.moments_max {
        coverage.truncated = true;
        defects.add(DefectCode::LimitReached, || format!("more than {} moments", options.moments_max));
        drafts.truncate(options.moments_max);
    }
    coverage.truncated |= defects.has(DefectCode::LimitReached);
    coverage.masked |= drafts.iter().any(|draft| draft.masked);
    let ended_at = drafts.iter().filter(|d| d.kind != MomentKind::Request).map(|d| d.end).fold(ended_at, f64::max);
    let moments = moments(drafts, started_at);
    Timeline {
        replay: ReplayInfo {
            started_at_ms: EpochMs(started_at as i64),
            duration_ms: (ended_at - started_at).max(0.0) as u64,
            windows: observed.windows,
            pages: pages(observed.pages),
            viewport: observed.viewport,
        },
        failures: failures::failures(&moments),
        moments,
        defects: defects.into_list(),
        coverage,
    }
}

struct Payload<'a> {
    n: SegmentNo,
    stream: Stream,
    window: Option<&'a str>,
    /// As it was stored.
    bytes: &'a [u8],
    text: Cow<'a, [u8]>,
    /// The events, when the text was too large to be kept; it is empty then.
    parked: Option<Parked>,
}

fn decode<'a>(segments: &[SegmentInput<'a>], options: &Options, defects: &mut Defects) -> Vec<Payload<'a>> {
    let mut sorted: Vec<&SegmentInput<'a>> = segments.iter().collect();
    sorted.sort_by_key(|segment| (segment.n, segment.stream));
    let guess = |segment: &&SegmentInput<'_>| {
        if is_compressed(segment.bytes) { segment.bytes.len() * SWELLS_BY + SWELLS_TO } else { 0 }
    };
    // The place of a recording among all that will be kept.
    let place = |segment: &SegmentInput<'_>| {
        let before = |other: &&&SegmentInput<'_>| !std::ptr::eq(**other, segment);
        sorted.iter().take_while(before).filter(|other| other.stream == Stream::Rrweb).count() as u32
    };
    let decoded = fill(&sorted, options.replay_bytes_max, guess, |segment, room| {
        let mut defects = Defects::default();
        let room = room.min(options.segment_bytes_max);
        let SegmentInput { n, stream, window, bytes: stored } = **segment;
        if stream == Stream::Rrweb
            && is_large(stored, options.park_bytes_min)
            && let Some(parked) = parked::events(stored, window, room, Keep::Nothing(place(segment)))
        {
            let (bytes, cut) = (parked.bytes, parked.cut);
            too_large(cut, &mut defects);
            let text = Cow::Borrowed(&[][..]);
            let payload = Payload { n, stream, window, bytes: stored, text, parked: Some(parked) };
            return Filled { value: (payload, defects), bytes, cut };
        }
        let (text, cut) = plain(stored, room, &mut defects);
        too_large(cut, &mut defects);
        let bytes = if matches!(text, Cow::Owned(_)) { text.len() } else { 0 };
        let payload = Payload { n, stream, window, bytes: stored, text, parked: None };
        Filled { value: (payload, defects), bytes, cut }
    });
    decoded
        .into_iter()
        .map(|(payload, found)| {
            defects.absorb(found);
            payload
        })
        .collect()
}

fn too_large(cut: bool, defects: &mut Defects) {
    if cut {
        defects.add(DefectCode::LimitReached, || "a segment holds more than there is room for".to_owned());
    }
}

/// The events of a replay, by time.
struct Ordered<'a> {
    events: Vec<Placed<'a>>,
    windows: u16,
    /// Times that missing segments would have told of.
    lapses: Vec<Lapse>,
}

/// An event in its place.
struct Placed<'a> {
    window: usize,
    at: f64,
    event: Event<'a>,
}

fn ordered_events<'a>(
    recorded: &'a [Payload<'a>],
    parked: Vec<Option<Parked>>,
    options: &Options,
    defects: &mut Defects,
    coverage: &mut Coverage,
) -> Ordered<'a> {
    let recorded: Vec<&'a Payload<'a>> = recorded.iter().collect();
    let guess = |payload: &&Payload<'_>| envelope::unpacked_guess(payload.text.len());
    let read: Vec<(Vec<Event<'a>>, Defects)> = fill(&recorded, options.replay_bytes_max, guess, |payload, room| {
        let mut defects = Defects::default();
        defects.add_many(DefectCode::LoneSurrogate, lone_surrogates(&payload.text), || {
            "a string holds half of a surrogate pair".to_owned()
        });
        let Filled { value, bytes, cut } = envelope::events(&payload.text, payload.window, room, &mut defects);
        Filled { value: (value, defects), bytes, cut }
    });
    let rooms: Vec<usize> = parked.iter().map(|parked| parked.as_ref().map_or(0, |parked| parked.room)).collect();
    let read = read.into_iter().zip(parked).map(|(read, parked)| match parked {
        Some(parked) => (parked.events, parked.defects),
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
    let mut names: HashMap<String, usize> = HashMap::new();
    let mut last: Option<(String, usize)> = None;
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by(|a, b| times[*a].total_cmp(&times[*b]));
    for stream in out_of_reach(order.iter().filter_map(|i| all[*i].data.span())) {
        let from = stream.checked_sub(1).map_or(0, |before| ends[before].1);
        let to = ends[stream].1.min(all.len());
        keep(&mut all[from.min(to)..to], recorded[stream], rooms[stream]);
    }
    let mut slots: Vec<Option<Event<'a>>> = all.into_iter().map(Some).collect();
    let placed = order
        .into_iter()
        .filter_map(|i| {
            let event = slots[i].take()?;
            let name = event.window.as_deref().unwrap_or_default();
            // Most events name no window, and most others that of the event before.
            let window = match &last {
                Some((same, window)) if same.len() == name.len() && (name.is_empty() || same == name) => *window,
                _ => {
                    let next = names.len().min(WINDOWS_MAX - 1);
                    let window = *names.entry(name.to_owned()).or_insert(next);
                    last = Some((name.to_owned(), window));
                    window
                }
            };
            Some(Placed { window, at: times[i], event })
        })
        .collect();
    if names.len() > WINDOWS_MAX {
        defects.add(DefectCode::LimitReached, || format!("more than {WINDOWS_MAX} windows"));
    }
    Ordered { events: placed, windows: names.len().min(WINDOWS_MAX) as u16, lapses }
}

/// Reads a recording once more and keeps the data of its events: it isn't wanted in the order of the text.
fn keep(events: &mut [Event<'_>], payload: &Payload<'_>, room: usize) {
    let kept = parked::events(payload.bytes, payload.window, room, Keep::Blocks);
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
                    Some(at) => format!("an event of type {} at {at}, far from all others", event.kind),
                    None => format!("an event of type {} without a time", event.kind),
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

/// Requests and console lines, from their own payloads and from the recording.
fn entries(
    payloads: Vec<Payload<'_>>,
    events: &[Placed<'_>],
    open: &mut Open<'_>,
    defects: &mut Defects,
    coverage: &mut Coverage,
) -> (Vec<RawRequest>, Vec<RawConsole>) {
    let mut requests = Vec::new();
    let mut lines = Vec::new();
    for event in events.iter().filter(|event| event.event.may_tell) {
        let window = WindowNo(event.window as u16 + 1);
        let data = event.event.data.read(open);
        recorded::read(event.event.kind, event.at, data, defects, |found| match found {
            recorded::Found::Request(mut request) => {
                request.window = request.window.or(Some(window));
                requests.push(*request);
            }
            recorded::Found::Line(mut line) => {
                line.window = line.window.or(Some(window));
                lines.push(line);
            }
        });
    }
    let (recorded_requests, recorded_lines) = (!requests.is_empty(), !lines.is_empty());
    let (mut has_network, mut has_console) = (false, false);
    for payload in payloads {
        let mut text = payload.text.into_owned();
        let mut found = |code: DefectCode, detail: &str| defects.add(code, || detail.to_owned());
        if payload.stream == Stream::Network {
            has_network = true;
            requests.extend(network::from_har(&mut text, &mut found));
        } else {
            has_console = true;
            lines.extend(console::from_payload(&mut text, &mut found));
        }
    }
    coverage.network = source(recorded_requests, has_network);
    coverage.console = source(recorded_lines, has_console);
    (network::merge(requests), console::merge(lines))
}

fn source(recorded: bool, payload: bool) -> Source {
    match (recorded, payload) {
        (false, false) => Source::None,
        (true, false) => Source::Recording,
        (false, true) => Source::Payload,
        (true, true) => Source::Both,
    }
}

/// The time of the first event; without events, of the first entry.
fn started_at(events: &[Placed<'_>], requests: &[RawRequest], lines: &[RawConsole]) -> f64 {
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

/// Start and end of each request, by start.
fn spans(requests: &[RawRequest]) -> Vec<(f64, f64)> {
    let mut spans: Vec<(f64, f64)> =
        requests.iter().filter_map(|request| Some((request.start_ms, request.end_ms?))).collect();
    spans.sort_by(|a, b| a.0.total_cmp(&b.0));
    spans
}

/// The pages that requests were sent from, by time: they tell addresses that no event tells.
///
/// What a document asks for carries its address as `Referer` (Referrer Policy, section 8.3: the whole address
/// inside one origin, by default). Style sheets, workers and modules send their own.
fn senders(requests: &[RawRequest]) -> Vec<Sender> {
    let mut documents: HashMap<&str, Vec<f64>> = HashMap::new();
    let mut programs: HashSet<&str> = HashSet::new();
    for request in requests {
        match request.request.resource.as_deref() {
            Some("document" | "iframe") => documents.entry(&request.request.url).or_default().push(request.start_ms),
            Some("script" | "stylesheet") => drop(programs.insert(&request.request.url)),
            _ => {}
        }
    }
    let mut senders: Vec<Sender> = requests
        .iter()
        .filter(|request| {
            let resource = request.request.resource.as_deref();
            matches!(resource, Some("fetch" | "xhr" | "script" | "stylesheet" | "image" | "media" | "font"))
        })
        .filter_map(|request| {
            let (at, url) = (request.start_ms, request.referer.clone()?);
            // What is sent elsewhere names the origin alone.
            let own = origin(&request.request.url) == origin(&url);
            if !own && origin(&url).is_none_or(|origin| url.len() <= origin.len() + 1) {
                return None;
            }
            let fetched = documents.get(url.as_str());
            // While a document loads, its own Meta event is to tell where it is.
            let loads = fetched.is_some_and(|times| times.iter().any(|t| (0.0..LOADS_MS).contains(&(at - t))));
            let fetched = fetched.is_some_and(|times| times.iter().any(|t| *t < at));
            (!loads && !programs.contains(url.as_str())).then_some(Sender { at, url, fetched })
        })
        .filter(|sender| {
            let path = sender.url.split(['?', '#']).next().unwrap_or_default();
            ![".js", ".mjs", ".css"].iter().any(|ending| path.ends_with(ending))
        })
        .collect();
    senders.sort_by(|a, b| a.at.total_cmp(&b.at));
    senders
}

fn pages(mut pages: Vec<Page>) -> Vec<Page> {
    pages.truncate(10_000);
    pages
}

/// A change of the page this soon after an action came with it, milliseconds.
const AT_ONCE_MS: f64 = 500.0;

fn cause(tie: &Tie) -> Cause {
    let from = MomentId(tie.from as u32 + 1);
    Cause { from, edge: tie.edge, evidence: tie.evidence.clone(), confidence: tie.confidence }
}

/// Where the changes of the page came from that did not come with the action itself.
fn dom_causes(effects: &Effects, end: f64, offset: impl Fn(f64) -> u64) -> Vec<DomCause> {
    let told = |(phrase, at): (usize, &f64)| {
        let tie = effects.dom_ties.iter().find(|(of, _)| *of == phrase).map(|(_, tie)| cause(tie));
        let late = at - end > AT_ONCE_MS;
        (late || tie.is_some()).then(|| DomCause { phrase: phrase as u32, t_ms: offset(*at), cause: tie })
    };
    effects.dom_at.iter().enumerate().take(effects.dom.len()).filter_map(told).collect()
}

/// Drafts to moments with ids; then, as lines name other moments, their texts.
fn moments(mut drafts: Vec<Draft>, started_at: f64) -> Vec<Moment> {
    let count = drafts.len();
    let notes: Vec<Option<String>> = drafts.iter_mut().map(|draft| draft.note.take()).collect();
    let id = |dx: usize| MomentId(dx as u32 + 1);
    let offset = |at: f64| (at - started_at).max(0.0) as u64;
    let kept = |list: &[usize]| list.iter().filter(|dx| **dx < count).map(|dx| id(*dx)).collect::<Vec<_>>();
    let mut moments: Vec<Moment> = drafts
        .into_iter()
        .enumerate()
        .map(|(dx, draft)| Moment {
            id: id(dx),
            t_ms: offset(draft.at),
            end_ms: offset(draft.end.max(draft.at)),
            window: draft.window,
            kind: draft.kind,
            count: draft.count.max(1),
            target: draft.target,
            value: draft.value,
            masked: draft.masked,
            url: draft.url.as_deref().map(str::to_owned),
            signals: draft.signals,
            caused_by: draft.cause.filter(|dx| *dx < count).map(id),
            causes: draft.ties.iter().filter(|tie| tie.from < count).map(cause).collect(),
            led_to: Vec::new(),
            entry: draft.entry,
            same_as: draft.same_as.filter(|dx| *dx < count).map(id),
            vital: draft.vital,
            doubts: draft.doubts,
            outcome: draft.outcome.map(|effects| {
                let silent = effects.requests.is_empty()
                    && effects.errors.is_empty()
                    && effects.dom.is_empty()
                    && effects.navigation.is_none()
                    && effects.first_change.is_none();
                let watched = (effects.watched_until - draft.end).max(0.0) as u64;
                Outcome {
                    requests: kept(&effects.requests),
                    errors: kept(&effects.errors),
                    dom_causes: dom_causes(&effects, draft.end, offset),
                    dom: effects.dom,
                    navigation: effects.navigation.map(id),
                    unchanged_ms: (silent && !effects.answered_otherwise && effects.watched_until > 0.0)
                        .then_some(watched),
                }
            }),
            request: draft.request,
            level: draft.level.or((draft.kind == MomentKind::Error).then_some(Level::Error)),
            message: draft.message,
            stack: draft.stack,
            text: String::new(),
        })
        .collect();
    for dx in 0..moments.len() {
        for i in 0..moments[dx].causes.len() {
            let from = moments[dx].causes[i].from.0 as usize;
            let id = moments[dx].id;
            if let Some(earlier) = moments.get_mut(from.wrapping_sub(1)) {
                earlier.led_to.push(id);
            }
        }
    }
    for dx in 0..moments.len() {
        moments[dx].text = render::line::line(&moments[dx], notes[dx].as_deref(), &moments);
    }
    moments
}
