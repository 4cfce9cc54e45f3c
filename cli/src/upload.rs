//! Uploading through the ingest API, as a browser SDK does: segments of a replay, then the bug that cites it.
//!
//! Every part of an upload has an outcome. A rejected part is an error here, with the server's reason.

use anyhow::Context;
use flate2::Compression;
use flate2::write::GzEncoder;
use playhead_schemas::{BugId, ReplayId, ReplayKey, Stream};
use reqwest::Method;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE};
use serde::Deserialize;
use serde_json::Value;

use crate::client::ApiClient;
use crate::exit::{Exit, Failure};

/// The form of an upload's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// One JSON object, gzipped: what a browser sends. Streams must be JSON texts.
    Json,
    /// Parts of bytes, zstd each: for streams in any envelope.
    Multipart,
}

/// One segment of a replay.
#[derive(Debug)]
pub(crate) struct Segment<'a> {
    /// Its number.
    pub(crate) n: u32,
    /// The payload of each of its streams.
    pub(crate) streams: Vec<(Stream, &'a [u8])>,
    /// True for the last one.
    pub(crate) is_final: bool,
}

/// What the server says of a segment.
#[derive(Debug, Deserialize)]
pub(crate) struct SegmentAnswer {
    /// The replay, as the catalog names it.
    pub(crate) replay_id: ReplayId,
    streams: Vec<Part>,
}

/// What the server says of a bug.
#[derive(Debug, Deserialize)]
pub(crate) struct BugAnswer {
    /// The bug.
    pub(crate) bug: BugId,
    /// True when it was there already.
    pub(crate) duplicate: bool,
    screenshots: Vec<Part>,
    #[serde(default)]
    rejected: Vec<Part>,
}

/// One part of an upload, as the server reports it.
#[derive(Debug, Deserialize)]
struct Part {
    #[serde(alias = "field")]
    stream: Option<String>,
    error: Option<Fault>,
}

#[derive(Debug, Deserialize)]
struct Fault {
    message: String,
    action: String,
}

/// Uploads a segment. `ingest` carries an ingest key.
pub(crate) async fn segment(
    ingest: &ApiClient,
    replay: &ReplayKey,
    segment: &Segment<'_>,
    form: Form,
) -> anyhow::Result<SegmentAnswer> {
    let path = format!("/v1/replays/{replay}/segments/{}", segment.n);
    let request = ingest.request(Method::PUT, &path);
    let request = match form {
        Form::Json => request
            .header(CONTENT_TYPE, "application/json")
            .header(CONTENT_ENCODING, "gzip")
            .body(gzip(&json_body(segment))?),
        Form::Multipart => {
            let boundary = format!("playhead-{}", ulid_text());
            request
                .header(CONTENT_TYPE, format!("multipart/form-data; boundary={boundary}"))
                .body(multipart_body(segment, &boundary)?)
        }
    };
    let answer: SegmentAnswer =
        ingest.send(request).await.with_context(|| format!("segment {} of {replay}", segment.n))?;
    refuse_rejected(&answer.streams)?;
    Ok(answer)
}

/// Reports a bug: the fields of a report as JSON, pictures in base64.
pub(crate) async fn bug(ingest: &ApiClient, report: &Value) -> anyhow::Result<BugAnswer> {
    let answer: BugAnswer = ingest.post("/v1/bugs", report).await.context("the bug report")?;
    refuse_rejected(&answer.screenshots)?;
    refuse_rejected(&answer.rejected)?;
    Ok(answer)
}

fn refuse_rejected(parts: &[Part]) -> anyhow::Result<()> {
    let rejected = parts.iter().find_map(|part| Some((part, part.error.as_ref()?)));
    let Some((part, fault)) = rejected else {
        return Ok(());
    };
    let what = part.stream.as_deref().unwrap_or("a screenshot");
    let message = format!("the server refused {what}: {}; {}", fault.message, fault.action);
    Err(Failure::error(Exit::Refused, message))
}

fn json_body(segment: &Segment<'_>) -> Vec<u8> {
    let mut body = vec![b'{'];
    for (stream, json) in &segment.streams {
        body.extend_from_slice(format!("\"{stream}\":").as_bytes());
        body.extend_from_slice(json);
        body.push(b',');
    }
    body.extend_from_slice(format!("\"final\":{}}}", segment.is_final).as_bytes());
    body
}

fn multipart_body(segment: &Segment<'_>, boundary: &str) -> anyhow::Result<Vec<u8>> {
    let mut body = Vec::new();
    let mut part = |name: &str, bytes: &[u8]| {
        let head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    };
    for (stream, bytes) in &segment.streams {
        part(stream.as_str(), &zstd::encode_all(*bytes, 3)?);
    }
    part("final", if segment.is_final { b"true" } else { b"false" });
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok(body)
}

fn gzip(bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    std::io::Write::write_all(&mut encoder, bytes)?;
    Ok(encoder.finish()?)
}

/// A text that no payload contains.
fn ulid_text() -> String {
    ReplayId::new().to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn segment(streams: Vec<(Stream, &[u8])>) -> Segment<'_> {
        Segment { n: 0, streams, is_final: true }
    }

    #[test]
    fn json_bodies_hold_the_streams_as_they_are() {
        let body = json_body(&segment(vec![(Stream::Rrweb, b"[1]"), (Stream::Console, b"[]")]));
        assert_eq!(body, br#"{"rrweb":[1],"console":[],"final":true}"#);
        assert_eq!(json_body(&segment(Vec::new())), br#"{"final":true}"#);
    }

    #[test]
    fn multipart_bodies_hold_packed_streams() {
        let body = multipart_body(&segment(vec![(Stream::Network, b"{}")]), "b").unwrap();
        let head = b"--b\r\nContent-Disposition: form-data; name=\"network\"\r\n\r\n\x28\xb5\x2f\xfd";
        assert!(body.starts_with(head));
        let tail = b"\r\n--b\r\nContent-Disposition: form-data; name=\"final\"\r\n\r\ntrue\r\n--b--\r\n";
        assert!(body.ends_with(tail));
    }

    #[test]
    fn a_rejected_part_is_an_error_with_the_reason() {
        let answer: SegmentAnswer = serde_json::from_str(
            r#"{"replay_id":"01HZX3V6E5T7Q8R9S0A1B2C3D4","streams":[
                {"stream":"rrweb","outcome":"accepted"},
                {"stream":"console","outcome":"rejected","error":{"code":"INVALID_INPUT","message":"not JSON","action":"send JSON"}}]}"#,
        )
        .unwrap();
        let error = refuse_rejected(&answer.streams).unwrap_err();
        assert_eq!(error.to_string(), "the server refused console: not JSON; send JSON");
        assert_eq!(crate::exit::of(&error), Exit::Refused);
    }
}
