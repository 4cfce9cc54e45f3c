//! What the upload routes take, for the OpenAPI document. Bodies are never read through these types:
//! streams are not parsed here, and the fields of a bug are read one by one.

#![allow(dead_code)]

use playhead_schemas::ReplayKey;
use playhead_schemas::upload::{ConsoleEntry, Cookie, PageContext, Priority, Reporter, SystemInfo};
use schemars::JsonSchema;
use serde_json::{Map, Value};

/// A segment as one JSON object. A stream may also be a string with the JSON text in it, or with the
/// characters that rrweb's packer makes.
#[derive(JsonSchema)]
pub(crate) struct SegmentRequest {
    /// rrweb events: an array, an object with `events`, packed strings, ..
    rrweb: Option<Value>,
    /// Console entries.
    console: Option<OneOrMany<ConsoleEntry>>,
    /// HAR 1.2, or its entries alone.
    network: Option<Value>,
    /// The window (tab) that the segment was recorded in; at most 64 characters.
    window: Option<String>,
    /// True when this is the last segment.
    r#final: Option<bool>,
}

/// Entries, or an object around them.
#[derive(JsonSchema)]
#[serde(untagged)]
pub(crate) enum OneOrMany<T> {
    /// The entries.
    Many(Vec<T>),
    /// An object that holds the entries.
    Wrapped(Map<String, Value>),
}

/// A segment as multipart/form-data. Each stream is JSON, JSON Lines, or the gzip, zlib or zstd bytes of it.
#[derive(JsonSchema)]
pub(crate) struct SegmentForm {
    /// rrweb events.
    rrweb: Option<Binary>,
    /// Console entries.
    console: Option<Binary>,
    /// HAR 1.2, or its entries alone.
    network: Option<Binary>,
    /// The window (tab) that the segment was recorded in.
    window: Option<String>,
    /// `1` or `true` when this is the last segment.
    r#final: Option<String>,
}

/// A bug report. A title or a description is needed.
#[derive(JsonSchema)]
pub(crate) struct BugRequest {
    /// One line, at most 300 characters. By default the first line of the description.
    title: Option<String>,
    /// At most 50,000 characters.
    description: Option<String>,
    reporter: Option<Reporter>,
    page: Option<PageContext>,
    system: Option<SystemInfo>,
    /// Whatever the application adds, at most 64 KiB.
    metadata: Option<Map<String, Value>>,
    /// Cookies of the page, or the text of `document.cookie`. Stored apart.
    cookies: Option<CookiesRequest>,
    /// At most 50 tags of 64 characters.
    tags: Option<Vec<String>>,
    priority: Option<Priority>,
    /// The replay that shows the bug, by the SDK's id; it may be uploaded later.
    replay: Option<ReplayKey>,
    /// The SDK's own id of the report, at most 128 characters: a second request with it gives the first bug.
    client_id: Option<String>,
    /// PNG, JPEG or WebP; at most 10 of 10 MiB and 40 megapixels.
    screenshots: Option<Vec<FileRequest>>,
    /// Other files; at most 10 of 10 MiB.
    attachments: Option<Vec<FileRequest>>,
}

/// Cookies in one of two forms.
#[derive(JsonSchema)]
#[serde(untagged)]
pub(crate) enum CookiesRequest {
    /// One object for each.
    List(Vec<Cookie>),
    /// `a=1; b=2`.
    Text(String),
}

/// A file in a JSON body.
#[derive(JsonSchema)]
#[serde(untagged)]
pub(crate) enum FileRequest {
    /// Base64, or a `data:` URL.
    Data(String),
    /// The same with a name.
    Named {
        /// Base64, or a `data:` URL.
        data: String,
        /// The file's name.
        name: Option<String>,
        /// The file's media type. That of a screenshot is read from its bytes.
        media_type: Option<String>,
    },
}

/// A bug report as multipart/form-data.
#[derive(JsonSchema)]
pub(crate) struct BugForm {
    /// A BugRequest as JSON.
    bug: BugRequest,
    /// A picture; may be repeated.
    screenshot: Option<Vec<Binary>>,
    /// Another file; may be repeated.
    attachment: Option<Vec<Binary>>,
}

/// The bytes of a file.
pub(crate) struct Binary;

impl JsonSchema for Binary {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Binary".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "contentMediaType": "application/octet-stream" })
    }
}
