//! What Playhead's recorder tells of requests and lines in events of their own: joined to those.
//!
//! In: facts in the order of the events, and the requests and lines so far. Out: these, with what was told. Never here:
//! moments.

use std::collections::{HashMap, HashSet};

use playhead_schemas::WindowNo;
use playhead_schemas::timeline::{Level, Request};

use crate::console::{RawConsole, is_uncaught};
use crate::dialects::{ErrorDetails, SocketState};
use crate::network::{RawRequest, RequestSource, RequestTime, resource};

/// The details of an error come right after its line.
const DETAILS_MS: f64 = 100.0;
/// Lines that are looked through for the one that details are about.
const LINES_MAX: usize = 16;
/// Sockets of one recording that are followed.
const SOCKETS_MAX: usize = 10_000;

/// What was seen of Playhead's recorder so far.
#[derive(Debug, Default)]
pub(super) struct Own {
    windows: HashSet<WindowNo>,
    /// The requests that opened sockets, by window and number on the page.
    sockets: HashMap<(WindowNo, u32), usize>,
}

impl Own {
    /// The recorder began on a page, where numbers start again.
    pub(super) fn page(&mut self, window: WindowNo) {
        self.windows.insert(window);
        self.sockets.retain(|(of, _), _| *of != window);
    }

    /// Notes the request that stands at `place`.
    pub(super) fn request(&mut self, window: WindowNo, request: &RawRequest, place: usize) {
        let is_socket = resource::stays_open(request.request.resource.as_deref());
        if let Some(number) = request.number.filter(|_| is_socket && self.sockets.len() < SOCKETS_MAX) {
            self.sockets.insert((window, number), place);
        }
    }

    /// An error that a page handed over was caught: this recorder says so of uncaught ones by their first word.
    pub(super) fn line(&self, window: WindowNo, line: &mut RawConsole) {
        line.is_exception &= !self.windows.contains(&window) || is_uncaught(&line.message);
    }

    /// A socket went on.
    pub(super) fn socket(&self, window: WindowNo, at: f64, state: SocketState, requests: &mut [RawRequest]) {
        let place = self.sockets.get(&(window, state.request));
        let Some(raw) = place.and_then(|place| requests.get_mut(*place)) else { return };
        let request = &mut raw.request;
        request.messages = state.messages.or(request.messages);
        if state.is_closed {
            raw.end_ms = Some(at.max(raw.start_ms));
        }
        if let Some(code) = state.unclean_code {
            request.failed = true;
            request.error = Some(format!("the connection broke off, code {code}"));
        } else if state.is_failed && request.status.is_none() {
            request.failed = true;
        }
    }
}

/// Gives the line of an error what else is known of it; false when there is no such line.
pub(super) fn detail(window: WindowNo, at: f64, details: &ErrorDetails, lines: &mut [RawConsole]) -> bool {
    let recent = lines.iter_mut().rev().take(LINES_MAX);
    let line = recent.filter(|line| line.window == Some(window) && at - line.at_ms <= DETAILS_MS).find(|line| {
        let said = details.message.split_once(": ").map_or(details.message.as_str(), |(_, said)| said);
        line.level == Level::Error && !said.is_empty() && line.message.contains(said.trim_end_matches('…'))
    });
    let Some(line) = line else { return false };
    line.components.clone_from(&details.components);
    line.context.clone_from(&details.context);
    true
}

/// The request of an element whose resource could not be loaded.
pub(super) fn not_loaded(at: f64, url: String, tag: &str) -> RawRequest {
    let resource = resource::from_name(tag, &url);
    RawRequest {
        window: None,
        start_ms: at,
        end_ms: None,
        request: Request { method: "GET".to_owned(), url, failed: true, resource, ..Request::default() },
        source: RequestSource::NotLoaded,
        initiator: None,
        referer: None,
        navigation: None,
        has_headers: false,
        time: RequestTime::Known,
        secrets: Vec::new(),
        belongs: None,
        stack: Vec::new(),
        number: None,
        page_clock: None,
    }
}
