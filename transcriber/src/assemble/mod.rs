//! The steps of a transcription: payloads to events and entries, events to drafts, drafts to a timeline.

mod entries;
mod hide;
mod moments;
mod order;
mod own;
mod payload;

use playhead_schemas::timeline::{Coverage, DefectCode, MomentKind, Page, ReplayInfo, Source, Timeline};
use playhead_schemas::{EpochMs, Stream};

use crate::coverage::missing;
use crate::decode::blocks::BlockReader;
use crate::decode::event::DataReader;
use crate::decode::reread::Rereader;
use crate::defects::Defects;
use crate::dialects::rrweb::EventType;
use crate::failures;
use crate::network::{RawRequest, resource};
use crate::observe::{Recording, Session};
use crate::signals::RecordingFacts;
use crate::{Options, SegmentInput};
use entries::{entries, referrers, spans};
use moments::moments;
use order::{OrderedEvents, TimedEvent, ordered_events, started_at};
use payload::decode;

/// Pages of one timeline.
const PAGES_MAX: usize = 10_000;

pub(crate) fn timeline(segments: &[SegmentInput<'_>], options: &Options) -> Timeline {
    let mut defects = Defects::default();
    let mut coverage = Coverage { missing_segments: missing(segments), ..Coverage::default() };
    defects.add_many(DefectCode::MissingSegment, coverage.missing_segments.len() as u32, || {
        format!("segment {} never came", coverage.missing_segments[0])
    });
    let payloads = decode(segments, options, &mut defects);
    let (mut recorded, others): (Vec<_>, Vec<_>) = payloads.into_iter().partition(|p| p.stream == Stream::Rrweb);
    let streamed = recorded.iter_mut().map(|payload| payload.streamed.take()).collect();
    let OrderedEvents { mut events, windows, lapses } =
        ordered_events(&recorded, streamed, options, &mut defects, &mut coverage);
    let wanted = events.iter().filter_map(|placed| placed.event.data.stream_range());
    let streams = Rereader::new(recorded.iter().map(|payload| payload.bytes), wanted);
    let mut open = DataReader { blocks: BlockReader::default(), streams };
    let (requests, lines) = entries(others, &mut events, &mut open, &mut defects, &mut coverage);
    let started_at = started_at(&events, &requests, &lines);
    let (spans, referrers) = (spans(&requests), referrers(&requests));
    let stays_open = |r: &RawRequest| resource::stays_open(r.request.resource.as_deref());
    let recording = Recording {
        options,
        requests: &spans,
        referrers: &referrers,
        sees_requests: !requests.is_empty() && !requests.iter().any(stays_open),
        gaps: lapses,
        started_at,
        windows: windows.max(1),
    };
    let mut session = Session::new(recording, &mut coverage, &mut defects);
    for TimedEvent { window, at, event, facts } in &events {
        match event.event_type {
            EventType::Custom | EventType::Plugin => session.facts(*window, event.event_type, *at, facts),
            _ => session.event(*window, event.event_type, *at, event.data.read(&mut open)),
        }
    }
    drop(open);
    let mut observed = session.finish();
    let ended_at = events.last().map_or(started_at, |event| event.at);
    crate::passing::without_passed_pages(&mut observed.pages);
    let mut secrets = std::mem::take(&mut observed.known);
    hide::learn(&mut secrets, &requests);
    let mut drafts = crate::merge::merge(&mut observed, requests, lines, options);
    let known = RecordingFacts { ended_at, network: coverage.network != Source::None };
    crate::signals::mark(&mut drafts, known, options);
    if drafts.len() > options.moments_max {
        coverage.truncated = true;
        defects.add(DefectCode::LimitReached, || format!("more than {} moments", options.moments_max));
        drafts.truncate(options.moments_max);
    }
    coverage.truncated |= defects.has(DefectCode::LimitReached);
    hide::hide(&mut drafts, &mut observed.pages, &mut secrets);
    coverage.masked |= drafts.iter().any(|draft| draft.masked);
    let ended_at = drafts.iter().filter(|d| d.kind != MomentKind::Request).map(|d| d.end).fold(ended_at, f64::max);
    let mut moments = moments(drafts, started_at);
    let failures = failures::failures(&moments);
    crate::contrast::keep_evidence(&mut moments, &failures);
    crate::render::evidence::add_answers(&mut moments, &failures);
    Timeline {
        replay: ReplayInfo {
            started_at_ms: EpochMs(started_at as i64),
            duration_ms: (ended_at - started_at).max(0.0) as u64,
            windows: observed.windows,
            pages: pages(observed.pages),
            viewport: observed.viewport,
        },
        failures,
        moments,
        defects: defects.into_list(),
        coverage,
    }
}

fn pages(mut pages: Vec<Page>) -> Vec<Page> {
    pages.truncate(PAGES_MAX);
    pages
}
