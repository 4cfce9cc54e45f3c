//! Undoing a compression piece by piece, into memory that was leased before.
//!
//! In: pieces of compressed bytes, and room to write. Out: decoded bytes, or why there are none.
//! Never here: an allocation that follows what the input claims. A bomb ends as soon as the room
//! that the limit allows is full.

use std::io;

use flate2::{Decompress, FlushDecompress, Status};
use zstd::stream::raw::{Decoder, InBuffer, Operation, OutBuffer};
use zstd::zstd_safe::DParameter;

use super::encoding::Encoding;

/// What stops a decoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// All input is used: give more, or finish.
    Input,
    /// The room is full: give more, or refuse.
    Room,
}

/// Why bytes can't be decoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Broken {
    /// The bytes end too early.
    #[error("the {0} data ends before its end mark: it was cut off on the way")]
    Truncated(&'static str),
    /// The bytes are something else, or damaged.
    #[error("the data is not valid {0}: {1}")]
    Corrupt(&'static str, String),
    /// The zstd window is too large.
    #[error("the zstd window is larger than {0} MiB: compress with a smaller window")]
    Window(u32),
}

enum Codec {
    /// `deflate` before its first byte tells zlib from raw.
    Undecided,
    Flate {
        inner: Box<Decompress>,
        ended: bool,
    },
    Zstd {
        inner: Box<Decoder<'static>>,
        in_frame: bool,
    },
}

/// A decoder that writes into its own buffer, which grows only on request.
pub(crate) struct Inflater {
    encoding: Encoding,
    codec: Codec,
    window_log_max: u32,
    out: Vec<u8>,
    used: bool,
}

impl Inflater {
    /// A decoder for `encoding`, which must not be identity, without room.
    pub(crate) fn new(encoding: Encoding, zstd_window_log_max: u32) -> io::Result<Self> {
        let codec = match encoding {
            Encoding::Deflate => Codec::Undecided,
            Encoding::Identity | Encoding::Gzip => {
                Codec::Flate { inner: Box::new(Decompress::new_gzip(15)), ended: false }
            }
            Encoding::Zstd => {
                let mut inner = Decoder::new()?;
                inner.set_parameter(DParameter::WindowLogMax(zstd_window_log_max))?;
                Codec::Zstd { inner: Box::new(inner), in_frame: false }
            }
        };
        Ok(Self { encoding, codec, window_log_max: zstd_window_log_max, out: Vec::new(), used: false })
    }

    /// Bytes decoded so far.
    pub(crate) fn len(&self) -> usize {
        self.out.len()
    }

    /// Bytes of room, used or not.
    pub(crate) fn room(&self) -> usize {
        self.out.capacity()
    }

    /// Makes room for `bytes` in all. Lease them first.
    pub(crate) fn make_room(&mut self, bytes: usize) {
        self.out.reserve_exact(bytes.saturating_sub(self.out.len()));
    }

    /// Decodes from `input[*at..]` until the input or the room is used up.
    pub(crate) fn step(&mut self, input: &[u8], at: &mut usize) -> Result<Need, Broken> {
        loop {
            if *at < input.len() {
                self.used = true;
            }
            let need = match &mut self.codec {
                Codec::Undecided => self.decide(input, *at),
                Codec::Flate { .. } => self.step_flate(input, at)?,
                Codec::Zstd { .. } => self.step_zstd(input, at)?,
            };
            if let Some(need) = need {
                return Ok(need);
            }
        }
    }

    /// The decoded bytes, when the data is complete. Call it when `step` asks for input and there is none.
    pub(crate) fn finish(self) -> Result<Vec<u8>, Broken> {
        let complete = match self.codec {
            Codec::Undecided => false,
            Codec::Flate { ended, .. } => ended,
            Codec::Zstd { in_frame, .. } => !in_frame && self.used,
        };
        if complete { Ok(self.out) } else { Err(Broken::Truncated(self.encoding.as_str())) }
    }

    /// Tells zlib from raw deflate by the first byte: a raw stream that began like a zlib header would
    /// be a stored block with bits set in its padding, which no compressor writes.
    fn decide(&mut self, input: &[u8], at: usize) -> Option<Need> {
        let Some(first) = input.get(at) else { return Some(Need::Input) };
        let inner = Box::new(Decompress::new(first & 0x0f == 8));
        self.codec = Codec::Flate { inner, ended: false };
        None
    }

    fn step_flate(&mut self, input: &[u8], at: &mut usize) -> Result<Option<Need>, Broken> {
        let Codec::Flate { inner, ended } = &mut self.codec else { return Ok(None) };
        if *ended {
            if *at == input.len() {
                return Ok(Some(Need::Input));
            }
            if self.encoding != Encoding::Gzip {
                return Err(self.corrupt("there are bytes after its end"));
            }
            // RFC 1952: a gzip file is a series of members.
            **inner = Decompress::new_gzip(15);
            *ended = false;
        }
        let (fed, written) = (inner.total_in(), inner.total_out());
        let status = inner.decompress_vec(&input[*at..], &mut self.out, FlushDecompress::None);
        *at += usize::try_from(inner.total_in() - fed).unwrap_or(usize::MAX);
        let wrote = inner.total_out() > written;
        match status {
            Ok(Status::StreamEnd) => *ended = true,
            Ok(_) if self.out.len() == self.out.capacity() => return Ok(Some(Need::Room)),
            Ok(_) if *at >= input.len() => return Ok(Some(Need::Input)),
            Ok(_) if wrote => {}
            Ok(_) => return Err(self.corrupt("it makes no progress")),
            Err(error) => {
                let text = error.message().unwrap_or("damaged").to_owned();
                return Err(self.corrupt(&text));
            }
        }
        Ok(None)
    }

    fn step_zstd(&mut self, input: &[u8], at: &mut usize) -> Result<Option<Need>, Broken> {
        let Codec::Zstd { inner, in_frame } = &mut self.codec else { return Ok(None) };
        if *at == input.len() && !*in_frame {
            return Ok(Some(Need::Input));
        }
        let (fed, length) = (*at, self.out.len());
        let mut source = InBuffer::around(&input[*at..]);
        let mut sink = OutBuffer::around_pos(&mut self.out, length);
        let result = inner.run(&mut source, &mut sink);
        *at += source.pos();
        match result {
            Ok(hint) => *in_frame = hint > 0,
            Err(error) => {
                let text = error.to_string();
                return Err(if text.contains("requires too much memory") {
                    Broken::Window(1 << self.window_log_max.saturating_sub(20))
                } else {
                    self.corrupt(&text)
                });
            }
        }
        if *in_frame && self.out.len() == self.out.capacity() {
            return Ok(Some(Need::Room));
        }
        if *at == input.len() {
            return Ok(Some(Need::Input));
        }
        if *at == fed && self.out.len() == length {
            return Err(self.corrupt("it makes no progress"));
        }
        Ok(None)
    }

    fn corrupt(&self, text: &str) -> Broken {
        Broken::Corrupt(self.encoding.as_str(), playhead_schemas::text::one_line(text, 200))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use flate2::Compression;
    use std::io::Write;

    fn pack(encoding: Encoding, raw: &[u8], zlib: bool) -> Vec<u8> {
        let level = Compression::default();
        match encoding {
            Encoding::Gzip => {
                let mut w = flate2::write::GzEncoder::new(Vec::new(), level);
                w.write_all(raw).unwrap();
                w.finish().unwrap()
            }
            Encoding::Deflate if zlib => {
                let mut w = flate2::write::ZlibEncoder::new(Vec::new(), level);
                w.write_all(raw).unwrap();
                w.finish().unwrap()
            }
            Encoding::Deflate => {
                let mut w = flate2::write::DeflateEncoder::new(Vec::new(), level);
                w.write_all(raw).unwrap();
                w.finish().unwrap()
            }
            Encoding::Zstd => zstd::encode_all(raw, 3).unwrap(),
            Encoding::Identity => raw.to_vec(),
        }
    }

    /// Decodes in pieces of `piece` bytes with room that grows by `grow`, up to `max`.
    fn unpack(encoding: Encoding, packed: &[u8], piece: usize, grow: usize, max: usize) -> Result<Vec<u8>, String> {
        let mut inflater = Inflater::new(encoding, 23).unwrap();
        for piece in packed.chunks(piece) {
            let mut at = 0;
            while inflater.step(piece, &mut at).map_err(|e| e.to_string())? == Need::Room {
                if inflater.len() >= max {
                    return Err("too large".to_owned());
                }
                let room = inflater.room() + grow;
                inflater.make_room(room);
            }
            assert_eq!(at, piece.len());
        }
        inflater.finish().map_err(|e| e.to_string())
    }

    const FORMS: [(Encoding, bool); 4] =
        [(Encoding::Gzip, false), (Encoding::Deflate, true), (Encoding::Deflate, false), (Encoding::Zstd, false)];

    #[test]
    fn round_trips_in_any_pieces() {
        let raw: Vec<u8> = (0..20_000u32).flat_map(|n| (n * n).to_le_bytes()).collect();
        for (encoding, zlib) in FORMS {
            for raw in [&raw[..], b"[]", b""] {
                let packed = pack(encoding, raw, zlib);
                for (piece, grow) in [(1, 1000), (7, 1), (1 << 20, 4096), (100, 1 << 20)] {
                    if raw.len() > 1000 && grow == 1 {
                        continue;
                    }
                    let got = unpack(encoding, &packed, piece, grow, 1 << 20).unwrap();
                    assert_eq!(got, raw, "{encoding:?} zlib={zlib} piece={piece} grow={grow}");
                }
            }
        }
    }

    #[test]
    fn every_cut_is_noticed() {
        let raw = b"[{\"type\":4,\"timestamp\":1,\"data\":{\"href\":\"https://shop.example/\"}}]";
        for (encoding, zlib) in FORMS {
            let packed = pack(encoding, raw, zlib);
            for end in 0..packed.len() {
                let got = unpack(encoding, &packed[..end], 1 << 20, 4096, 1 << 20);
                assert!(got.is_err(), "{encoding:?} zlib={zlib} cut at {end} of {}", packed.len());
            }
        }
    }

    #[test]
    fn what_lies_is_refused() {
        for (encoding, zlib) in FORMS {
            if encoding != Encoding::Deflate || zlib {
                assert!(unpack(encoding, b"[1,2,3]", 100, 4096, 1 << 20).is_err(), "{encoding:?}");
            }
            // Raw deflate and zstd without its optional checksum can't notice every flipped bit.
            if encoding == Encoding::Gzip || zlib {
                let raw: Vec<u8> = (0..20_000u32).flat_map(|n| (n * n).to_le_bytes()).collect();
                let mut damaged = pack(encoding, &raw, zlib);
                let middle = damaged.len() / 2;
                damaged[middle] ^= 0x55;
                assert!(unpack(encoding, &damaged, 100, 4096, 1 << 20).is_err(), "{encoding:?}");
            }
        }
    }

    #[test]
    fn series_of_members_and_frames_are_one() {
        for encoding in [Encoding::Gzip, Encoding::Zstd] {
            let mut packed = pack(encoding, b"[1,", false);
            packed.extend(pack(encoding, b"2]", false));
            assert_eq!(unpack(encoding, &packed, 3, 1, 1 << 20).unwrap(), b"[1,2]");
            packed.extend(b"tail");
            assert!(unpack(encoding, &packed, 3, 10, 1 << 20).is_err(), "{encoding:?}");
        }
    }

    #[test]
    fn a_bomb_ends_when_its_room_is_full() {
        for (encoding, zlib) in FORMS {
            let bomb = pack(encoding, &vec![0; 8 << 20], zlib);
            let got = unpack(encoding, &bomb, 1 << 20, 1 << 18, 1 << 20);
            assert_eq!(got.unwrap_err(), "too large", "{encoding:?}");
        }
    }

    #[test]
    fn a_large_window_is_refused_by_name() {
        let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
        encoder.long_distance_matching(true).unwrap();
        encoder.window_log(25).unwrap();
        encoder.write_all(&vec![1; 1 << 20]).unwrap();
        let packed = encoder.finish().unwrap();
        let error = unpack(Encoding::Zstd, &packed, 1 << 20, 1 << 20, 4 << 20).unwrap_err();
        assert!(error.contains("8 MiB"), "{error}");
    }
}
