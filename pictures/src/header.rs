//! Headers: format and size from the first bytes, without a decoder.

use crate::error::PictureError;
use crate::format::{Format, Inspected};

pub(crate) fn read(bytes: &[u8]) -> Result<Inspected, PictureError> {
    let (format, size) = if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        (Format::Png, png(bytes))
    } else if bytes.starts_with(b"\xff\xd8\xff") {
        (Format::Jpeg, jpeg(bytes))
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        (Format::Webp, webp(bytes)?)
    } else {
        return Err(PictureError::UnknownFormat);
    };
    let (width, height) =
        size.ok_or_else(|| PictureError::Damaged("its header is cut off or not understood".into()))?;
    Ok(Inspected { format, width, height })
}

fn png(bytes: &[u8]) -> Option<(u32, u32)> {
    if bytes.get(8..16)? != b"\0\0\0\x0dIHDR" {
        return None;
    }
    let edge = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    Some((edge(16)?, edge(20)?))
}

/// Walks the segments to the frame header, which may follow any amount of metadata.
fn jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    let short = |at: usize| Some(u32::from(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?)));
    let mut at = 2;
    loop {
        if *bytes.get(at)? != 0xff {
            return None;
        }
        match *bytes.get(at + 1)? {
            // A fill byte, and markers without content.
            0xff => at += 1,
            0x01 | 0xd0..=0xd7 => at += 2,
            0xc4 | 0xc8 | 0xcc => at += 2 + short(at + 2)? as usize,
            0xc0..=0xcf => return Some((short(at + 7)?, short(at + 5)?)),
            // The image's data, or its end, before its size.
            0xd8..=0xda => return None,
            _ => at += 2 + short(at + 2)? as usize,
        }
    }
}

fn webp(bytes: &[u8]) -> Result<Option<(u32, u32)>, PictureError> {
    const ANIMATED: u8 = 0b10;
    let Some(kind) = bytes.get(12..16) else { return Ok(None) };
    if kind != b"VP8X" {
        return Ok(webp_frame(bytes, 12));
    }
    if bytes.get(20).is_some_and(|flags| flags & ANIMATED != 0) {
        return Err(PictureError::Animated);
    }
    let edge = |at: usize| Some(1 + u32::from_le_bytes([*bytes.get(at)?, *bytes.get(at + 1)?, *bytes.get(at + 2)?, 0]));
    let Some((width, height)) = edge(24).zip(edge(27)) else { return Ok(None) };
    // A frame that is larger than its canvas would be found out only after it was decoded.
    let mut at = 12;
    while let Some(header) = bytes.get(at..at + 8) {
        if matches!(&header[..4], b"VP8 " | b"VP8L") {
            return match webp_frame(bytes, at) {
                Some(size) if size == (width, height) => Ok(Some(size)),
                _ => Err(PictureError::Damaged("its frame does not fill its canvas".into())),
            };
        }
        let size = u32::from_le_bytes([header[4], header[5], header[6], header[7]]) as usize;
        at = at.saturating_add(8).saturating_add(size).saturating_add(size % 2);
    }
    Ok(None)
}

/// The size of the frame in the chunk at `at`.
fn webp_frame(bytes: &[u8], at: usize) -> Option<(u32, u32)> {
    let data = bytes.get(at + 8..)?;
    match bytes.get(at..at + 4)? {
        b"VP8 " if data.get(3..6)? == b"\x9d\x01\x2a" => {
            let edge = |at: usize| Some(u32::from(u16::from_le_bytes([*data.get(at)?, *data.get(at + 1)?]) & 0x3fff));
            Some((edge(6)?, edge(8)?))
        }
        b"VP8L" if *data.first()? == 0x2f => {
            let bits = u32::from_le_bytes(data.get(1..5)?.try_into().ok()?);
            Some((1 + (bits & 0x3fff), 1 + (bits >> 14 & 0x3fff)))
        }
        _ => None,
    }
}
