//! Uploads as an SDK sends them: a segment of every stream as one gzipped JSON object.

use std::io::Write;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use playhead_benches::cases::{self, Segment};
use playhead_schemas::Stream;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// The longest that one upload may take.
const CALL_TIME_MAX: Duration = Duration::from_secs(30);

/// A segment, ready to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Ready {
    /// The request's body.
    pub(crate) body: Bytes,
    /// Bytes of its streams, plain.
    pub(crate) raw_bytes: u64,
    /// The SHA-256 of each stream's bytes.
    pub(crate) parts: Vec<(Stream, [u8; 32])>,
}

/// A client of the upload API.
#[derive(Clone, Debug)]
pub(crate) struct Uploader {
    http: reqwest::Client,
    url: String,
    key: String,
    /// Whether the server tells the outcome of each stream.
    tells: bool,
}

/// What a segment was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// It is acknowledged.
    Kept,
    /// It may come again, after a time that the answer names.
    Wait,
    /// Another status; 0 when there was no answer.
    Other(u16),
}

#[derive(Deserialize)]
struct Answer {
    streams: Vec<Part>,
}

#[derive(Deserialize)]
struct Part {
    outcome: String,
}

/// The segments of every case of `testdata`.
pub(crate) fn recordings() -> Result<Vec<Vec<Segment>>> {
    cases::read_all()?.iter().map(cases::Case::segments).collect()
}

impl Ready {
    /// Packs a segment.
    pub(crate) fn new(segment: &Segment, is_final: bool) -> Result<Self> {
        let mut json = vec![b'{'];
        for (stream, bytes) in segment {
            write!(json, "\"{stream}\":")?;
            json.extend_from_slice(bytes);
            json.push(b',');
        }
        write!(json, "\"final\":{is_final}}}")?;
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&json)?;
        Ok(Self {
            body: encoder.finish()?.into(),
            raw_bytes: segment.values().map(|bytes| bytes.len() as u64).sum(),
            parts: segment.iter().map(|(stream, bytes)| (*stream, Sha256::digest(bytes).into())).collect(),
        })
    }
}

impl Uploader {
    /// A client with connections of its own.
    pub(crate) fn new(url: &str, key: &str) -> Result<Self> {
        let http = reqwest::Client::builder().timeout(CALL_TIME_MAX).no_proxy().build()?;
        Ok(Self { http, url: url.to_owned(), key: key.to_owned(), tells: true })
    }

    /// The same for a bare server, whose status is all that it says.
    pub(crate) fn of_bare(url: &str) -> Result<Self> {
        Ok(Self { tells: false, ..Self::new(url, "none")? })
    }

    /// The same client with connections of its own.
    pub(crate) fn again(&self) -> Result<Self> {
        Ok(Self { tells: self.tells, ..Self::new(&self.url, &self.key)? })
    }

    /// Sends a segment as plain JSON, and says what it was answered.
    pub(crate) async fn ask(&self, replay: &str, n: u32, json: String) -> Reply {
        let url = format!("{}/v1/replays/{replay}/segments/{n}", self.url);
        let request = self.http.put(url).bearer_auth(&self.key).header(CONTENT_TYPE, "application/json");
        match request.body(json).send().await {
            Ok(answer) if answer.status() == StatusCode::ACCEPTED => Reply::Kept,
            Ok(answer)
                if answer.status() == StatusCode::TOO_MANY_REQUESTS && answer.headers().contains_key(RETRY_AFTER) =>
            {
                Reply::Wait
            }
            Ok(answer) => Reply::Other(answer.status().as_u16()),
            Err(_) => Reply::Other(0),
        }
    }

    /// Sends a segment; `Ok` means that all of its streams are acknowledged.
    pub(crate) async fn send(&self, replay: &str, n: usize, ready: &Ready) -> Result<()> {
        let url = format!("{}/v1/replays/{replay}/segments/{n}", self.url);
        let request = self.http.put(url).bearer_auth(&self.key).header(CONTENT_TYPE, "application/json");
        let response = request.header(CONTENT_ENCODING, "gzip").body(ready.body.clone()).send().await?;
        let (status, body) = (response.status(), response.bytes().await?);
        ensure!(status == StatusCode::ACCEPTED, "{status}: {}", String::from_utf8_lossy(&body));
        let answer: Answer = serde_json::from_slice(&body).context("an answer that is not what was expected")?;
        let kept = |part: &Part| matches!(part.outcome.as_str(), "accepted" | "duplicate");
        let all = !self.tells || answer.streams.len() == ready.parts.len() && answer.streams.iter().all(kept);
        ensure!(all, "not everything was kept: {}", String::from_utf8_lossy(&body));
        Ok(())
    }
}
