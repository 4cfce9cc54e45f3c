//! From the raw bytes of a stream to a checked and payload part.

use bytes::{Bytes, BytesMut};
use playhead_json::strict::{SyntaxError, check_payload};
use playhead_json::unescape_nested;
use playhead_schemas::{ErrorCode, Stream};
use playhead_store::{CompressedPayload, SegmentPart};

use super::payload::{self, Wrapping};
use super::split::{Raw, Upload};
use crate::body::{BodyError, Decoded, Reader, decoded_too_large};
use crate::memory_budget::Lease;
use playhead_web::{ApiError, Problem};

/// Wrappings around wrappings that are undone.
const LAYERS_MAX: usize = 3;

/// What became of each stream before it reaches the store.
#[derive(Debug, Default)]
pub(crate) struct Sealing {
    /// What may be stored.
    pub(crate) parts: Vec<SegmentPart>,
    /// What may not.
    pub(crate) rejected: Vec<(Stream, Problem)>,
}

/// Unwraps, checks and seals every stream of an upload. Streams don't affect each other.
pub(crate) async fn seal(reader: Reader<'_>, upload: &mut Upload) -> Result<Sealing, ApiError> {
    let mut sealing = Sealing::default();
    // All streams of a request share its limit.
    let mut bytes_left = reader.config.body_decoded_bytes_max;
    for (stream, raw) in std::mem::take(&mut upload.streams) {
        match seal_one(reader, raw, &mut bytes_left).await {
            Ok(payload) => {
                let window = upload.window.clone();
                sealing.parts.push(SegmentPart { stream, window, payload });
            }
            Err(BodyError::Refused(problem)) if problem.code != ErrorCode::RateLimited => {
                sealing.rejected.push((stream, problem));
            }
            // That the server is busy, or fails, concerns the whole request: nothing is stored yet.
            Err(other) => return Err(other.into()),
        }
    }
    Ok(sealing)
}

async fn seal_one(reader: Reader<'_>, raw: Raw, bytes_left: &mut u64) -> Result<CompressedPayload, BodyError> {
    let checked = matches!(raw, Raw::Checked(_));
    let mut lease = reader.budget.lease();
    let bytes = match raw {
        Raw::Checked(bytes) => bytes,
        Raw::Part(bytes) => unwrap(reader, bytes, *bytes_left, &mut lease).await?,
        Raw::Quoted(string) => {
            lease.grow(string.len() as u64).await?;
            let text = reader.cpu.run(move || payload::of_text(unescape_nested(&string))).await?;
            unwrap(reader, text, *bytes_left, &mut lease).await?
        }
        Raw::Twice => {
            return Err(Problem::invalid(
                "the request names this stream more than once",
                "send each stream once in a segment",
            )
            .into());
        }
    };
    let raw_bytes = bytes.len() as u64;
    *bytes_left =
        bytes_left.checked_sub(raw_bytes).ok_or_else(|| decoded_too_large(reader.config.body_decoded_bytes_max))?;
    let depth_max = reader.config.json_depth_max;
    let payload = reader
        .cpu
        .run(move || {
            if !checked {
                check_payload(&bytes, depth_max).map_err(|error| not_json(&error))?;
            }
            Ok::<_, Problem>(CompressedPayload::from_raw(&bytes))
        })
        .await??;
    payload.map_err(|error| {
        tracing::error!(error = %error, "a payload could not be compressed");
        BodyError::Refused(Problem::internal())
    })
}

/// Undoes the wrappings of a payload.
async fn unwrap(reader: Reader<'_>, mut bytes: Bytes, bytes_max: u64, lease: &mut Lease) -> Result<Bytes, BodyError> {
    for _ in 0..LAYERS_MAX {
        match payload::wrapping(&bytes) {
            Wrapping::None => return Ok(bytes),
            Wrapping::Compressed(encoding, packed) => {
                let decoded = reader.unpack(packed, encoding, bytes_max).await?;
                lease.join(decoded.lease);
                bytes = decoded.bytes;
            }
            Wrapping::HeaderThenCompressed(header, encoding, packed) => {
                let Decoded { bytes: rest, lease: more } = reader.unpack(packed, encoding, bytes_max).await?;
                lease.join(more);
                lease.grow((header.len() + rest.len()) as u64).await?;
                let mut joined = BytesMut::with_capacity(header.len() + rest.len());
                joined.extend_from_slice(&header);
                joined.extend_from_slice(&rest);
                bytes = joined.freeze();
            }
        }
    }
    Err(Problem::invalid("the stream is compressed more than three times over", "compress it once").into())
}

fn not_json(error: &SyntaxError) -> Problem {
    let action = match error {
        SyntaxError::TooDeep { .. } => "leave out what nests this deep",
        _ => "send JSON (an array of events, an object, or JSON Lines) or its gzip, zlib or zstd form",
    };
    Problem::invalid(format!("the stream is not valid JSON: {error}"), action)
}
