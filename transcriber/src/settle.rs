//! What requests came to, as far as only the other moments tell: those that the page was left before, those that the
//! browser kept from the page, those that were sent again.
//!
//! In: all drafts in order of time. Out: the same, with requests that say so. Never here: what led to what.

use std::collections::HashMap;

use playhead_schemas::timeline::{Level, MomentKind, NavigationKind, Unanswered};

use crate::dialects::Way;
use crate::network::ending::says_nothing;
use crate::observe::{Arrival, Draft, DraftIndex, Observed, ReachedPage};
use crate::recorded::Belongs;
use crate::scrub::clean_url;

/// A request that was running when its page was left ends at most so long before the next page is there.
const LEAVING_MS: f64 = 1000.0;
/// A recorder notes how the user came to a page within this time.
const ARRIVAL_MS: f64 = 5000.0;
/// A page is recorded at most so long after its recorder began.
const LOADED_MS: f64 = 15_000.0;
/// Clocks of a recorder's parts differ by so much.
const EARLY_MS: f64 = 50.0;
/// A link inside of a page is followed within this time.
const FOLLOWED_MS: f64 = 300.0;
/// A line about a request comes at most so long after it.
const LINE_MS: f64 = 3000.0;
/// A request is sent again by a program at most so long after it failed.
const RETRY_MS: f64 = 30_000.0;
/// Requests before a line that are looked at.
const RECENT_MAX: usize = 200;

pub(crate) fn settle(drafts: &mut [Draft], observed: &Observed) {
    arrived(drafts, &observed.arrivals);
    reached(drafts, &observed.reached);
    cut_off_by_leaving(drafts);
    blocked_by_cors(drafts);
    retried(drafts);
}

/// Gives the pages to which the user came by means of the browser what recorders noted of that, before or after it.
fn arrived(drafts: &mut [Draft], arrivals: &[Arrival]) {
    for arrival in arrivals {
        let is_page = |draft: &Draft| draft.kind.is_page();
        let near = drafts.iter_mut().filter(|draft| {
            is_page(draft) && draft.window == arrival.window && (draft.at - arrival.at).abs() <= ARRIVAL_MS
        });
        if let Some(page) = near.min_by(|a, b| (a.at - arrival.at).abs().total_cmp(&(b.at - arrival.at).abs())) {
            page.navigation = Some(arrival.how);
        }
    }
}

/// Gives pages what Playhead's recorder saw of how they were reached.
fn reached(drafts: &mut [Draft], seen: &[ReachedPage]) {
    for seen in seen {
        let Some(page) = page_of(drafts, seen) else { continue };
        let is_history = seen.way == Some(Way::Browser(NavigationKind::BackForward)) && seen.address.is_some();
        // A link to a place in the page makes the history tell of it, too.
        if is_history && is_followed(drafts, page) {
            continue;
        }
        let draft = &mut drafts[page];
        draft.reached = seen.way;
        draft.recorded_from = seen.address.is_none().then_some(seen.at);
        draft.belongs = seen.by.map(|action| Belongs { action: Some(action) });
        draft.navigation = match seen.way {
            Some(Way::Browser(kind)) => Some(kind),
            Some(_) => None,
            None => draft.navigation,
        };
    }
}

/// The page that was seen to be reached: the next one that was loaded, or the nearest change to that address.
fn page_of(drafts: &[Draft], seen: &ReachedPage) -> Option<DraftIndex> {
    let from = drafts.partition_point(|draft| draft.at < seen.at - ARRIVAL_MS);
    let until = drafts.partition_point(|draft| draft.at <= seen.at + LOADED_MS);
    let mut own = (from..until).filter(|index| drafts[*index].window == seen.window);
    match &seen.address {
        None => {
            own.find(|index| drafts[*index].kind == MomentKind::PageLoad && drafts[*index].at >= seen.at - EARLY_MS)
        }
        Some(address) => {
            let is_it = |draft: &Draft| draft.kind == MomentKind::Navigate && draft.url.as_deref() == Some(address);
            let apart = |index: &DraftIndex| (drafts[*index].at - seen.at).abs();
            let near = own.filter(|index| is_it(&drafts[*index]) && apart(index) <= ARRIVAL_MS);
            near.min_by(|a, b| apart(a).total_cmp(&apart(b)))
        }
    }
}

/// True when a link to the address was clicked just before.
fn is_followed(drafts: &[Draft], page: DraftIndex) -> bool {
    let (at, window, url) = (drafts[page].at, drafts[page].window, drafts[page].url.as_deref());
    let recent = drafts.iter().filter(|draft| draft.window == window && (at - draft.end).abs() <= FOLLOWED_MS);
    let mut links = recent.filter_map(|draft| draft.href.as_deref());
    links.any(|href| url == Some(clean_url(href).as_str()))
}

/// Requests that ended without an answer, and without a reason, when their page was left.
fn cut_off_by_leaving(drafts: &mut [Draft]) {
    let is_load = |draft: &&Draft| draft.kind == MomentKind::PageLoad;
    let loads: Vec<_> = drafts.iter().filter(is_load).map(|load| (load.at, load.window)).collect();
    for draft in drafts.iter_mut() {
        let (at, end, window) = (draft.at, draft.end, draft.window);
        let Some(request) = &mut draft.request else { continue };
        let is_open = request.failed
            && request.status.is_none()
            && request.unanswered.is_none()
            && request.resource.as_deref() != Some("document")
            && request.error.as_deref().is_none_or(says_nothing);
        let is_left = || {
            loads
                .iter()
                .any(|(load, of)| *of == window && at < *load && (load - LEAVING_MS..=load + LEAVING_MS).contains(&end))
        };
        if is_open && is_left() {
            request.unanswered = Some(Unanswered::PageLeft);
        }
    }
}

/// Requests of which the console says that the page may not read the answer, whatever the network says.
fn blocked_by_cors(drafts: &mut [Draft]) {
    for index in 0..drafts.len() {
        let line = &drafts[index];
        let is_error = matches!(line.kind, MomentKind::Console | MomentKind::Error) && line.level == Some(Level::Error);
        let Some(url) = line.message.as_deref().filter(|_| is_error).and_then(refused_address) else { continue };
        let at = line.at;
        let is_it = |draft: &Draft| draft.request.as_ref().is_some_and(|request| bare(&request.url) == bare(url));
        let before = drafts[..index].iter().enumerate().rev().take(RECENT_MAX);
        let found = before.filter(|(_, draft)| is_it(draft)).find(|(_, draft)| at - draft.end <= LINE_MS);
        let Some((request, _)) = found else { continue };
        if let Some(request) = &mut drafts[request].request {
            (request.failed, request.unanswered) = (true, Some(Unanswered::BlockedByCors));
        }
    }
}

/// The address in a browser's line about an answer that a page may not read: Chromium's, Firefox's, Safari's.
fn refused_address(message: &str) -> Option<&str> {
    let is_refusal = ["blocked by CORS policy", "Cross-Origin Request Blocked", "due to access control checks"]
        .iter()
        .any(|words| message.contains(words));
    let from = [" at ", "resource at ", "cannot load "].iter().filter_map(|before| {
        let start = message.find(before)? + before.len();
        Some(message[start..].trim_start_matches('\''))
    });
    let mut addresses = from.filter(|rest| is_refusal && (rest.starts_with("http://") || rest.starts_with("https://")));
    let rest = addresses.next()?;
    let end = rest.find(|c: char| c.is_whitespace() || c == '\'').unwrap_or(rest.len());
    Some(rest[..end].trim_end_matches('.'))
}

fn bare(url: &str) -> &str {
    url.split('#').next().unwrap_or_default()
}

/// Requests that failed and were answered when they were sent again, without anything that the user did meanwhile.
fn retried(drafts: &mut [Draft]) {
    let mut failed: HashMap<(&str, &str), Vec<DraftIndex>> = HashMap::new();
    let mut found = Vec::new();
    for (index, draft) in drafts.iter().enumerate() {
        if draft.kind.is_action() || draft.kind == MomentKind::PageLoad {
            failed.clear();
        }
        let Some(request) = &draft.request else { continue };
        let key = (request.method.as_str(), bare(&request.url));
        if request.is_trouble() {
            failed.entry(key).or_default().push(index);
            continue;
        }
        if request.status.is_none_or(|status| status >= 400) {
            continue;
        }
        let of_this = failed.remove(&key).unwrap_or_default();
        let is_same = |first: &&DraftIndex| {
            let earlier = &drafts[**first];
            let body = |draft: &Draft| draft.request.as_ref().and_then(|request| request.request_body.clone());
            let bodies_agree = matches!((body(earlier), body(draft)), (a, b) if a.is_none() || b.is_none() || a == b);
            draft.at >= earlier.end && draft.at - earlier.end <= RETRY_MS && bodies_agree
        };
        found.extend(of_this.iter().filter(is_same).map(|first| (*first, index)));
    }
    found.into_iter().for_each(|(first, again)| drafts[first].retried_as = Some(again));
}
