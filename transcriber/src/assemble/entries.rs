//! Requests and console lines, from wherever they stand, and what the requests tell about the pages.

use std::collections::{HashMap, HashSet};

use playhead_schemas::timeline::{Coverage, DefectCode, Source};
use playhead_schemas::{Stream, WindowNo};

use super::order::TimedEvent;
use super::own::{Own, detail, not_loaded};
use super::payload::Payload;
use crate::console::{self, RawConsole};
use crate::decode::event::DataReader;
use crate::defects::Defects;
use crate::dialects::{self, Fact};
use crate::network::{self, RawRequest};
use crate::observe::{Referrer, origin};
use crate::trackers;

/// A document is there, and recorded, this soon after it was asked for.
const LOADS_MS: f64 = 10_000.0;

/// Requests and console lines, from their own payloads and from the recording. What else events tell stays with them.
pub(super) fn entries(
    payloads: Vec<Payload<'_>>,
    events: &mut [TimedEvent<'_>],
    open: &mut DataReader<'_>,
    defects: &mut Defects,
    coverage: &mut Coverage,
) -> (Vec<RawRequest>, Vec<RawConsole>) {
    let mut requests = Vec::new();
    let mut lines = Vec::new();
    let mut own = Own::default();
    for placed in events.iter_mut().filter(|placed| placed.event.may_hold_facts) {
        let (window, at) = (WindowNo(placed.window as u16 + 1), placed.at);
        let data = placed.event.data.read(open);
        for fact in dialects::facts(placed.event.event_type, at, data, defects) {
            match fact {
                Fact::Request(mut request) => {
                    request.window = request.window.or(Some(window));
                    own.request(window, &request, requests.len());
                    requests.push(*request);
                }
                Fact::Line(mut line) => {
                    line.window = line.window.or(Some(window));
                    own.line(window, &mut line);
                    lines.push(*line);
                }
                Fact::Socket(state) => own.socket(window, at, state, &mut requests),
                Fact::NotLoaded { url, tag } => {
                    requests.push(RawRequest { window: Some(window), ..not_loaded(at, url, &tag) });
                }
                Fact::ErrorDetails(details) if detail(window, at, &details, &mut lines) => {}
                other => {
                    if matches!(other, Fact::Page { .. }) {
                        own.page(window);
                    }
                    placed.facts.push(other);
                }
            }
        }
    }
    let (recorded_requests, recorded_lines) = (!requests.is_empty(), !lines.is_empty());
    let recorded = events.first().zip(events.last()).map(|(first, last)| (first.at, last.at));
    let (mut has_network, mut has_console) = (false, false);
    for payload in payloads {
        let mut text = payload.text.into_owned();
        let mut found = |code: DefectCode, detail: &str| defects.add(code, || detail.to_owned());
        if payload.stream == Stream::Network {
            has_network = true;
            let archived = network::from_har(&mut text, &mut found);
            requests.extend(network::clock::settle(archived, recorded, &mut found));
        } else {
            has_console = true;
            lines.extend(console::from_payload(&mut text, &mut found));
        }
    }
    requests.retain(|request| !trackers::is_of_recorder(&request.request.url));
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

/// Start and end of each request, by start.
pub(super) fn spans(requests: &[RawRequest]) -> Vec<(f64, f64)> {
    let mut spans: Vec<(f64, f64)> =
        requests.iter().filter_map(|request| Some((request.start_ms, request.end_ms?))).collect();
    spans.sort_by(|a, b| a.0.total_cmp(&b.0));
    spans
}

/// The pages that requests were sent from, by time: they tell addresses that no event tells.
///
/// What a document asks for carries its address as `Referer` (Referrer Policy, section 8.3: the whole address
/// inside one origin, by default). Style sheets, workers and modules send their own.
pub(super) fn referrers(requests: &[RawRequest]) -> Vec<Referrer> {
    let mut documents: HashMap<&str, Vec<f64>> = HashMap::new();
    let mut programs: HashSet<&str> = HashSet::new();
    for request in requests {
        match request.request.resource.as_deref() {
            Some("document" | "iframe") => documents.entry(&request.request.url).or_default().push(request.start_ms),
            Some("script" | "stylesheet") => drop(programs.insert(&request.request.url)),
            _ => {}
        }
    }
    let mut referrers: Vec<Referrer> = requests
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
            (!loads && !programs.contains(url.as_str())).then_some(Referrer { at, url, fetched })
        })
        .filter(|referrer| {
            let path = referrer.url.split(['?', '#']).next().unwrap_or_default();
            ![".js", ".mjs", ".css"].iter().any(|ending| path.ends_with(ending))
        })
        .collect();
    referrers.sort_by(|a, b| a.at.total_cmp(&b.at));
    referrers
}
