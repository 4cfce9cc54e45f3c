//! Failures that are one to a reader: many files of one host that never came, for one reason.

use playhead_schemas::fold;
use playhead_schemas::text::{counted, one_line};
use playhead_schemas::timeline::{Failure, FailureKind, Moment};

use crate::failures::find;
use crate::render::{files, line, phrases};

/// Failures that are told as one, at least.
pub(super) const ALIKE_MIN: usize = 3;
/// Addresses of them that are named.
const NAMED_MAX: usize = 3;

/// What alike failures have in common: the host, and why nothing came. Requests for data that were answered are told one
/// by one: their answers differ.
pub(super) fn key(all: &[Moment], failure: &Failure) -> Option<String> {
    let is_request = matches!(failure.kind, FailureKind::RequestFailed | FailureKind::HttpError);
    let request = find(all, failure.moment).filter(|_| is_request)?.request.as_ref()?;
    if failure.kind == FailureKind::HttpError && line::is_call(request.resource.as_deref()) {
        return None;
    }
    let host = phrases::origin(&request.url)?;
    Some(format!("{}{}", host.split("://").nth(1).unwrap_or(host), phrases::ending(request)))
}

/// `request failed: 69 x cdn.shop.test failed (net::ERR_NAME_NOT_RESOLVED) (40 images, 29 fonts), m29–m103`
pub(super) fn title(all: &[Moment], failures: &[&Failure], key: &str) -> String {
    let times: u64 = failures.iter().map(|failure| u64::from(failure.count)).sum();
    let requests = || failures.iter().filter_map(|failure| find(all, failure.moment)?.request.as_ref());
    let mut kinds: Vec<(&str, u64)> = Vec::new();
    for request in requests() {
        let kind = request.resource.as_deref().unwrap_or("request");
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, count)) => *count += 1,
            None => kinds.push((kind, 1)),
        }
    }
    let kinds: Vec<String> = kinds.iter().map(|(kind, count)| files::counted_kind(kind, *count)).collect();
    let ids = failures.iter().map(|failure| failure.moment);
    let span = ids.clone().min().zip(ids.max()).map_or_else(String::new, |(first, last)| fold::span(first, last));
    let stamp = failures.first().and_then(|failure| find(all, failure.moment)).map_or_else(String::new, phrases::stamp);
    let addresses = counted(failures.len() as u64, "address", "addresses");
    format!("{stamp} request failed: {times} x {key} ({addresses}: {}), {span}", kinds.join(", "))
}

/// Some of their addresses, without what they have in common.
pub(super) fn addresses(all: &[Moment], failures: &[&Failure]) -> String {
    let urls = failures.iter().filter_map(|failure| find(all, failure.moment)?.request.as_ref());
    let urls = urls.map(|request| phrases::brief_address(&request.url, phrases::origin(&request.url), 70));
    let named: Vec<String> = urls.take(NAMED_MAX).collect();
    one_line(&format!("such as {}", named.join(", ")), 240)
}
