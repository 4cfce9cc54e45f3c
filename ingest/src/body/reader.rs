//! Reading: pieces from a network body or from a part of one, through a decoder, into leased memory.

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::CONTENT_LENGTH;
use http_body_util::BodyExt;
use playhead_cpu::CpuPool;
use tokio::time::{Instant, timeout};

use super::inflate::{Inflater, Need};
use super::{BodyError, Decoded, Encoding, decoded_too_large, linger, travelled_too_large};
use crate::config::IngestConfig;
use crate::memory_budget::{Lease, MemoryBudget};
use playhead_web::Problem;

/// Room that a decoder gets first at most; it doubles from there.
const ROOM_BYTES_MIN: usize = 256 << 10;
/// Room that a decoder gets first at least.
const SMALL_ROOM_BYTES: usize = 16 << 10;
/// JSON shrinks to about a fifth, recordings to less.
const ROOM_PER_INPUT_BYTE: usize = 8;
/// Compressed bytes that are collected before the decoder runs.
const BATCH_BYTES: usize = 128 << 10;

/// What reading needs: limits, memory, threads.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    pub(crate) config: &'a IngestConfig,
    pub(crate) budget: &'a MemoryBudget,
    pub(crate) cpu: &'a CpuPool,
}

impl Reader<'_> {
    /// Reads a whole request body. With `sniff`, a body that names no encoding may have one.
    pub(crate) async fn read(&self, body: Body, headers: &HeaderMap, sniff: bool) -> Result<Decoded, BodyError> {
        let mut source = Source::new(body, self.config);
        let decoded = self.read_from(&mut source, headers, sniff).await;
        if decoded.is_err() {
            linger(&mut source.body, headers).await;
        }
        decoded
    }

    async fn read_from(&self, source: &mut Source, headers: &HeaderMap, sniff: bool) -> Result<Decoded, BodyError> {
        let mut encoding = Encoding::of_headers(headers).map_err(|name| {
            Problem::invalid(
                format!("Content-Encoding {:?} is not supported", playhead_schemas::text::one_line(&name, 60)),
                "use gzip, deflate, zstd or none",
            )
        })?;
        let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        if announced.is_some_and(|bytes| bytes > self.config.body_bytes_max) {
            return Err(travelled_too_large(self.config.body_bytes_max).into());
        }
        let mut lease = self.budget.lease();
        lease.grow((BATCH_BYTES + (64 << 10)) as u64).await?;
        let first = source.next_batch().await?.unwrap_or_default();
        if sniff && encoding == Encoding::Identity {
            encoding = Encoding::sniff(&first);
        }
        if encoding == Encoding::Identity {
            self.collect(first, source, announced, lease).await
        } else {
            self.inflate(first, Some(source), encoding, self.config.body_decoded_bytes_max, lease).await
        }
    }

    /// Undoes the compression of `packed`, of which at most `bytes_max` may come out.
    pub(crate) async fn unpack(&self, packed: Bytes, encoding: Encoding, bytes_max: u64) -> Result<Decoded, BodyError> {
        self.inflate(packed, None, encoding, bytes_max, self.budget.lease()).await
    }

    /// Collects a body that is not compressed.
    async fn collect(
        &self,
        first: Bytes,
        source: &mut Source,
        announced: Option<u64>,
        mut lease: Lease,
    ) -> Result<Decoded, BodyError> {
        let Some(second) = source.next_batch().await? else {
            return Ok(Decoded { bytes: first, lease });
        };
        // Memory follows what has come, by doubling, and never what was announced: a client that announces much and sends
        // little would hold the memory of all others. What was announced only spares the last doubling.
        let announced = announced.map_or(usize::MAX, |bytes| usize::try_from(bytes).unwrap_or(usize::MAX));
        let room = ROOM_BYTES_MIN.max(first.len() + second.len()).min(announced.max(first.len() + second.len()));
        lease.grow(room as u64).await?;
        let mut all = BytesMut::with_capacity(room);
        all.extend_from_slice(&first);
        let mut batch = Some(second);
        while let Some(piece) = batch {
            if all.len() + piece.len() > all.capacity() {
                let left = announced.saturating_sub(all.len());
                let more = all.capacity().min(left).max(piece.len());
                lease.grow(more as u64).await?;
                all.reserve(more);
            }
            all.extend_from_slice(&piece);
            batch = source.next_batch().await?;
        }
        Ok(Decoded { bytes: all.freeze(), lease })
    }

    async fn inflate(
        &self,
        first: Bytes,
        mut source: Option<&mut Source>,
        encoding: Encoding,
        bytes_max: u64,
        mut lease: Lease,
    ) -> Result<Decoded, BodyError> {
        let window = self.config.zstd_window_log_max;
        lease.grow(encoding.overhead_bytes(window)).await?;
        let mut inflater = Inflater::new(encoding, window)
            .map_err(|error| super::inflate::Broken::Corrupt("zstd", error.to_string()))?;
        let room = first.len().saturating_mul(ROOM_PER_INPUT_BYTE).clamp(SMALL_ROOM_BYTES, ROOM_BYTES_MIN);
        let mut batch = Some(first);
        while let Some(input) = batch {
            let mut at = 0;
            loop {
                if inflater.room() == inflater.len() {
                    make_room(&mut inflater, &mut lease, room, bytes_max).await?;
                }
                let piece = input.clone();
                let step = move || {
                    let need = inflater.step(&piece, &mut at);
                    (inflater, at, need)
                };
                let need;
                (inflater, at, need) = self.cpu.run_sized(input.len(), step).await?;
                if inflater.len() as u64 > bytes_max {
                    return Err(decoded_too_large(bytes_max).into());
                }
                if need? == Need::Input {
                    break;
                }
            }
            batch = match &mut source {
                Some(source) => source.next_batch().await?,
                None => None,
            };
        }
        Ok(Decoded { bytes: inflater.finish()?.into(), lease })
    }
}

/// Doubles a decoder's room, up to one byte more than the limit: that byte shows that there is more.
async fn make_room(
    inflater: &mut Inflater,
    lease: &mut Lease,
    room_min: usize,
    bytes_max: u64,
) -> Result<(), BodyError> {
    let end = usize::try_from(bytes_max.saturating_add(1)).unwrap_or(usize::MAX);
    let room = inflater.room().saturating_mul(2).clamp(room_min, end.max(room_min));
    if room <= inflater.room() {
        return Err(decoded_too_large(bytes_max).into());
    }
    lease.grow((room - inflater.room()) as u64).await?;
    inflater.make_room(room);
    Ok(())
}

/// A network body, with its limits of size and time.
struct Source {
    body: Body,
    travelled: u64,
    bytes_max: u64,
    pause_max: std::time::Duration,
    deadline: Instant,
}

impl Source {
    fn new(body: Body, config: &IngestConfig) -> Self {
        Self {
            body,
            travelled: 0,
            bytes_max: config.body_bytes_max,
            pause_max: config.body_pause_max(),
            deadline: Instant::now() + config.body_time_max(),
        }
    }

    /// The next pieces, joined up to about [`BATCH_BYTES`]; `None` at the end.
    async fn next_batch(&mut self) -> Result<Option<Bytes>, BodyError> {
        let Some(first) = self.next_piece().await? else { return Ok(None) };
        if first.len() >= BATCH_BYTES {
            return Ok(Some(first));
        }
        let Some(second) = self.next_piece().await? else { return Ok(Some(first)) };
        let mut batch = BytesMut::with_capacity(BATCH_BYTES.max(first.len() + second.len()));
        batch.extend_from_slice(&first);
        batch.extend_from_slice(&second);
        while batch.len() < BATCH_BYTES {
            match self.next_piece().await? {
                Some(piece) => batch.extend_from_slice(&piece),
                None => break,
            }
        }
        Ok(Some(batch.freeze()))
    }

    async fn next_piece(&mut self) -> Result<Option<Bytes>, BodyError> {
        loop {
            let left = self.deadline.saturating_duration_since(Instant::now());
            let frame = timeout(left.min(self.pause_max), self.body.frame()).await.map_err(|_| too_slow())?;
            let Some(frame) = frame else { return Ok(None) };
            let frame = frame.map_err(|_| cut_off())?;
            // Trailers carry nothing that is read here.
            let Ok(piece) = frame.into_data() else { continue };
            self.travelled += piece.len() as u64;
            if self.travelled > self.bytes_max {
                return Err(travelled_too_large(self.bytes_max).into());
            }
            if !piece.is_empty() {
                return Ok(Some(piece));
            }
        }
    }
}

fn too_slow() -> Problem {
    Problem::invalid(
        "the request body came too slowly",
        "send it again over a better connection, or in smaller segments",
    )
}

fn cut_off() -> Problem {
    Problem::invalid("the connection broke before the request body was complete", "send it again")
}
