//! `GET /sdk/v1/..`: the browser SDK, as `sdk/dist/` has it. Anybody may read it, from pages of any origin.
//!
//! The files are part of the binary, and are compressed once. Never here: a key, or anything that depends on who asks.

use std::io::Write as _;
use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{
    ACCEPT_ENCODING, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderName,
    HeaderValue, IF_NONE_MATCH, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, StatusCode};
use sha2::{Digest, Sha256};

use crate::app::App;

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
/// An hour, and a day more while a newer one is fetched: a page that pins the file by its integrity hash has to be
/// changed with every update of the server.
const CACHED: &str = "public, max-age=3600, stale-while-revalidate=86400";

struct File {
    name: &'static str,
    content_type: &'static str,
    plain: Bytes,
    gzip: Bytes,
    etag: HeaderValue,
}

impl File {
    fn new(name: &'static str, content_type: &'static str, content: &'static [u8]) -> Self {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        // Writing to memory doesn't fail; without the compressed form the plain one is sent.
        let gzip = encoder.write_all(content).and_then(|()| encoder.finish()).unwrap_or_default();
        let etag = format!("\"{}\"", BASE64_STANDARD.encode(Sha256::digest(content)));
        let etag = HeaderValue::from_str(&etag).unwrap_or(HeaderValue::from_static("\"\""));
        Self { name, content_type, plain: Bytes::from_static(content), gzip: gzip.into(), etag }
    }
}

static FILES: LazyLock<[File; 3]> = LazyLock::new(|| {
    [
        File::new("playhead.js", JAVASCRIPT, include_bytes!("../../../sdk/dist/playhead.js")),
        File::new("playhead-widget.js", JAVASCRIPT, include_bytes!("../../../sdk/dist/playhead-widget.js")),
        // With the integrity hash of each file.
        File::new("files.json", "application/json", include_bytes!("../../../sdk/dist/files.json")),
    ]
});

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/sdk/v1/{file}", get(show))
}

async fn show(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(file) = FILES.iter().find(|file| file.name == name) else {
        let names: Vec<&str> = FILES.iter().map(|file| file.name).collect();
        let text = format!("The SDK has no such file. It has: {}.\n", names.join(", "));
        return (StatusCode::NOT_FOUND, text).into_response();
    };
    let common = [
        (ETAG, file.etag.clone()),
        (CACHE_CONTROL, HeaderValue::from_static(CACHED)),
        (VARY, HeaderValue::from_static("accept-encoding")),
        (ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    if headers.get_all(IF_NONE_MATCH).iter().any(|known| names(known, &file.etag)) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    let kind = [(CONTENT_TYPE, HeaderValue::from_static(file.content_type))];
    if !file.gzip.is_empty() && takes_gzip(&headers) {
        return (common, kind, [(CONTENT_ENCODING, HeaderValue::from_static("gzip"))], file.gzip.clone())
            .into_response();
    }
    (common, kind, file.plain.clone()).into_response()
}

/// Whether a list of entity tags has this one. A proxy that compresses makes them weak (RFC 9110, 8.8.3).
fn names(known: &HeaderValue, etag: &HeaderValue) -> bool {
    let (Ok(known), Ok(etag)) = (known.to_str(), etag.to_str()) else { return false };
    known.split(',').map(str::trim).any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == etag)
}

/// Whether gzip is named, and not with a weight of 0.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|one| {
        let mut parts = one.split(';').map(str::trim);
        parts.next().is_some_and(|coding| coding.eq_ignore_ascii_case("gzip"))
            && !parts.any(|part| part.strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0)))
    })
}
