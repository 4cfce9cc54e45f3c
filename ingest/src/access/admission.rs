//! The checks that every upload passes, whoever's SDK sends it: how often an address and a key may come, and from which
//! origins a key may be used.

use http::header::HeaderValue;
use http::request::Parts;
use playhead_access::origin;
use playhead_schemas::text::one_line;
use playhead_schemas::{ErrorCode, KeyId};
use playhead_store::{IngestKey, RateSubject};
use playhead_web::{ApiError, Problem, client_address};

use crate::app::App;

/// Counts a request against its address: before its key is looked up, so that guessing keys is slow.
pub(crate) fn count_address(app: &App, head: &Parts) -> Result<(), ApiError> {
    let Some(address) = client_address(&head.extensions, &head.headers, app.config.trusted_proxies) else {
        return Ok(());
    };
    let subject = RateSubject::UploadAddress(address);
    let checked = app.store.check_rate(subject, app.config.rate_per_address, app.clock.now());
    checked.map_err(|seconds| too_often("this address", seconds))
}

/// Counts a request against its key.
pub(crate) fn count_key(app: &App, key: KeyId) -> Result<(), ApiError> {
    let checked = app.store.check_rate(RateSubject::IngestKey(key), app.config.rate_per_key, app.clock.now());
    checked.map_err(|seconds| too_often("this ingest key", seconds))
}

/// Whether a key may be used from an origin.
pub(crate) fn allows(key: &IngestKey, from: &HeaderValue) -> bool {
    from.to_str().is_ok_and(|from| origin::is_allowed(from, &key.allowed_origins))
}

/// The refusal of an origin that a key doesn't allow.
pub(crate) fn foreign_origin(from: &HeaderValue) -> ApiError {
    let from = String::from_utf8_lossy(from.as_bytes());
    ApiError::new(Problem::new(
        ErrorCode::Forbidden,
        format!("this ingest key may not be used from {}", one_line(&from, 200)),
        "add the origin to the key's allowed origins, or use a key of this site",
    ))
}

fn too_often(who: &str, seconds: u32) -> ApiError {
    ApiError::new(Problem::new(
        ErrorCode::RateLimited,
        format!("{who} sends too many requests"),
        "wait for the seconds of Retry-After, then send the request again",
    ))
    .retry_after(seconds)
}
