//! Recordings in files: reading, unpacking, telling their kind, cutting them into uploads.
//!
//! Nothing here understands a recording: that is the transcriber's work.

pub(crate) mod foreign;
mod recognise;
mod split;

use std::io::Read;
use std::path::Path;

use anyhow::Context;

pub(crate) use recognise::{Kind, describe, recognise};
pub(crate) use split::{Piece, pieces};

/// The path that stands for standard input.
pub(crate) const STDIN: &str = "-";

/// The bytes of `path`, or of standard input for `-`. Refuses more than `bytes_max`.
pub(crate) fn read(path: &Path, bytes_max: u64) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if path == Path::new(STDIN) {
        read_capped(std::io::stdin().lock(), bytes_max, &mut bytes).context("standard input can't be read")?;
    } else {
        std::fs::File::open(path)
            .map_err(anyhow::Error::from)
            .and_then(|file| read_capped(file, bytes_max, &mut bytes))
            .with_context(|| format!("{} can't be read", path.display()))?;
    }
    Ok(bytes)
}

/// `bytes` unpacked, when they are zstd, gzip or zlib; themselves otherwise. Refuses more than `bytes_max`.
pub(crate) fn unpack(bytes: Vec<u8>, bytes_max: u64) -> anyhow::Result<Vec<u8>> {
    let mut plain = Vec::new();
    match bytes.as_slice() {
        [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            read_capped(zstd::Decoder::with_buffer(bytes.as_slice())?, bytes_max, &mut plain).context("broken zstd")?;
        }
        [0x1f, 0x8b, ..] => {
            read_capped(flate2::bufread::MultiGzDecoder::new(bytes.as_slice()), bytes_max, &mut plain)
                .context("broken gzip")?;
        }
        [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => {
            read_capped(flate2::bufread::ZlibDecoder::new(bytes.as_slice()), bytes_max, &mut plain)
                .context("broken zlib")?;
        }
        _ => return Ok(bytes),
    }
    Ok(plain)
}

/// The beginning of `bytes`, unpacked as far as they can be: enough to tell what they are.
pub(crate) fn head(bytes: &[u8]) -> Vec<u8> {
    const HEAD_BYTES: u64 = 1 << 20;
    let mut head = Vec::new();
    // What is broken is told by what came out before.
    let _ = match bytes {
        [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            zstd::Decoder::with_buffer(bytes).and_then(|packed| packed.take(HEAD_BYTES).read_to_end(&mut head))
        }
        [0x1f, 0x8b, ..] => flate2::bufread::MultiGzDecoder::new(bytes).take(HEAD_BYTES).read_to_end(&mut head),
        [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => {
            flate2::bufread::ZlibDecoder::new(bytes).take(HEAD_BYTES).read_to_end(&mut head)
        }
        _ => bytes.take(HEAD_BYTES).read_to_end(&mut head),
    };
    head
}

/// Reads to the end, or fails as soon as there is more than `bytes_max`: a bomb is never held whole.
fn read_capped(from: impl Read, bytes_max: u64, into: &mut Vec<u8>) -> anyhow::Result<()> {
    from.take(bytes_max.saturating_add(1)).read_to_end(into)?;
    anyhow::ensure!(into.len() as u64 <= bytes_max, "it holds more than {bytes_max} bytes");
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::io::Write;

    fn packed(plain: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
        let level = flate2::Compression::default();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), level);
        gzip.write_all(plain).unwrap();
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), level);
        zlib.write_all(plain).unwrap();
        vec![
            ("plain", plain.to_vec()),
            ("zstd", zstd::encode_all(plain, 3).unwrap()),
            ("gzip", gzip.finish().unwrap()),
            ("zlib", zlib.finish().unwrap()),
        ]
    }

    #[test]
    fn every_packing_is_undone() {
        for (name, bytes) in packed(b"[1,2,3]") {
            assert_eq!(unpack(bytes, 7).unwrap(), b"[1,2,3]", "{name}");
        }
    }

    #[test]
    fn bombs_and_broken_packings_are_errors() {
        for (name, bytes) in packed(&vec![b' '; 1 << 20]).into_iter().skip(1) {
            let error = format!("{:#}", unpack(bytes.clone(), 1000).unwrap_err());
            assert!(error.contains("more than 1000 bytes"), "{name}: {error}");
            let cut = bytes[..bytes.len() / 2].to_vec();
            assert!(unpack(cut, 1 << 21).is_err(), "{name}");
        }
    }
}
