//! How requests ended that got no answer, as browsers word it.

use playhead_schemas::timeline::{Request, Unanswered};

use super::resource;

/// Media types of answers that go on for as long as the page wants them.
const STREAMS: [&str; 4] =
    ["text/event-stream", "application/x-ndjson", "application/stream+json", "application/grpc-web"];

/// What an error text of Chromium, Firefox or WebKit says of who ended a request.
pub(super) fn reason(error: &str) -> Option<Unanswered> {
    const CANCELLED: [&str; 5] = ["ERR_ABORTED", "NS_BINDING_ABORTED", "AbortError", "cancelled", "canceled"];
    const BLOCKED: [&str; 5] = [
        "ERR_BLOCKED_BY_CLIENT",
        "ERR_BLOCKED_BY_ADMINISTRATOR",
        "NS_ERROR_CONTENT_BLOCKED",
        "NS_ERROR_TRACKING_URI",
        "blocked by content blocker",
    ];
    let says = |words: &[&str]| words.iter().any(|word| error.contains(word));
    match () {
        () if says(&CANCELLED) => Some(Unanswered::Cancelled),
        () if says(&BLOCKED) => Some(Unanswered::BlockedByClient),
        () if error.contains("CORS") => Some(Unanswered::BlockedByCors),
        () => None,
    }
}

/// True for an error text that says no more than that no answer came.
pub(crate) fn says_nothing(error: &str) -> bool {
    ["Failed to fetch", "NetworkError", "Network Error", "Load failed", "network error", "net::ERR_FAILED"]
        .iter()
        .any(|words| error.contains(words))
}

/// Decides what the error of a request means, once its status and kind are known.
pub(super) fn settle(request: &mut Request) {
    let Some(reason) = request.error.as_deref().map(reason).filter(|_| request.failed) else { return };
    let is_answered = request.status.is_some_and(|status| (101..400).contains(&status));
    // Chromium calls an answer without content aborted, and so is one whose end the page didn't wait for. A stream
    // that ends, or is closed, did what it was for.
    if is_answered && (is_stream(request) || reason == Some(Unanswered::Cancelled)) {
        request.failed = false;
        request.error = None;
        return;
    }
    request.unanswered = reason.filter(|why| request.status.is_none() || *why == Unanswered::BlockedByCors);
}

/// True for an answer that goes on for as long as the page wants it.
pub(super) fn is_stream(request: &Request) -> bool {
    resource::stays_open(request.resource.as_deref())
        || request.mime.as_deref().is_some_and(|mime| STREAMS.contains(&mime))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_ended_a_request_is_told_from_its_error() {
        use Unanswered::{BlockedByClient, BlockedByCors, Cancelled};
        for (status, mime, error, failed, want) in [
            (None, "", "net::ERR_ABORTED", true, Some(Cancelled)),
            (None, "", "NS_BINDING_ABORTED", true, Some(Cancelled)),
            (None, "", "net::ERR_BLOCKED_BY_CLIENT", true, Some(BlockedByClient)),
            (None, "", "net::ERR_TIMED_OUT", true, None),
            (Some(204), "", "net::ERR_ABORTED", false, None),
            (Some(200), "", "net::ERR_FAILED", true, None),
            (Some(200), "", "CORS error", true, Some(BlockedByCors)),
            (Some(200), "text/event-stream", "net::ERR_INCOMPLETE_CHUNKED_ENCODING", false, None),
            (Some(200), "text/html", "net::ERR_INCOMPLETE_CHUNKED_ENCODING", true, None),
            (Some(500), "", "net::ERR_ABORTED", true, None),
        ] {
            let mime = (!mime.is_empty()).then(|| mime.to_owned());
            let mut request =
                Request { status, mime, failed: true, error: Some(error.to_owned()), ..Request::default() };
            settle(&mut request);
            assert_eq!((request.failed, request.unanswered), (failed, want), "{status:?} {error}");
        }
    }
}
