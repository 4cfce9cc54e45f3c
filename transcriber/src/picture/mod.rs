//! Screenshots: what they are, and smaller ones.
//!
//! In: the bytes of a PNG, JPEG or WebP file that anybody may have made. Out: format and size, read from
//! the header alone; thumbnails and views, upright, without metadata. Nothing is allocated before the
//! header's size was found to be within the limits. Never here: panics, whatever the bytes are; upscaling;
//! animations.

mod decode;
mod encode;
mod header;

use playhead_schemas::{ErrorCode, limits};

/// What a picture may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The file, in bytes.
    pub bytes_max: u64,
    /// Width times height.
    pub pixels_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes_max: limits::IMAGE_BYTES_MAX, pixels_max: limits::IMAGE_PIXELS_MAX }
    }
}

/// A format that screenshots come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Portable Network Graphics.
    Png,
    /// JPEG, baseline or progressive.
    Jpeg,
    /// WebP, lossy or lossless.
    Webp,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::Png, Self::Jpeg, Self::Webp];

    /// The media type, such as `image/png`.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
        }
    }

    /// The format of a media type; parameters and case are passed over.
    pub fn from_media_type(media_type: &str) -> Option<Self> {
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        let essence = if essence.eq_ignore_ascii_case("image/jpg") { "image/jpeg" } else { essence };
        Self::ALL.into_iter().find(|format| format.media_type().eq_ignore_ascii_case(essence))
    }
}

/// What the header of a picture says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inspected {
    /// By the bytes, not by a name.
    pub format: Format,
    /// Pixels, before any rotation that the metadata asks for.
    pub width: u32,
    /// Pixels, before any rotation that the metadata asks for.
    pub height: u32,
}

/// A picture that was made from another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendition {
    /// The file.
    pub bytes: Vec<u8>,
    /// `image/jpeg` or `image/png`.
    pub media_type: &'static str,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

/// Why a picture can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// The file is larger than [`Limits::bytes_max`].
    #[error("the picture has {bytes} bytes; at most {bytes_max} are allowed")]
    TooManyBytes {
        /// Its size.
        bytes: u64,
        /// The limit.
        bytes_max: u64,
    },
    /// The picture has more than [`Limits::pixels_max`], or an edge longer than 65,535 pixels.
    #[error("the picture is {width} x {height} pixels; at most {pixels_max} pixels and 65535 an edge are allowed")]
    TooManyPixels {
        /// By its header.
        width: u32,
        /// By its header.
        height: u32,
        /// The limit.
        pixels_max: u64,
    },
    /// The bytes are none of the formats.
    #[error("the bytes are not a PNG, JPEG or WebP picture")]
    UnknownFormat,
    /// The picture moves.
    #[error("the picture is animated; send a still one")]
    Animated,
    /// The picture begins right and goes on wrong.
    #[error("the picture is damaged: {0}")]
    Damaged(String),
}

impl PictureError {
    /// The stable code: `PAYLOAD_TOO_LARGE` for limits, `INVALID_INPUT` for the rest.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::TooManyBytes { .. } | Self::TooManyPixels { .. } => ErrorCode::PayloadTooLarge,
            Self::UnknownFormat | Self::Animated | Self::Damaged(_) => ErrorCode::InvalidInput,
        }
    }
}

/// Reads the header: cheap, no allocation. The rest of the file may still be damaged.
///
/// # Errors
/// Every [`PictureError`].
pub fn inspect(bytes: &[u8], limits: &Limits) -> Result<Inspected, PictureError> {
    const EDGE_MAX: u32 = 65_535;
    let len = bytes.len() as u64;
    if len > limits.bytes_max {
        return Err(PictureError::TooManyBytes { bytes: len, bytes_max: limits.bytes_max });
    }
    let found = header::read(bytes)?;
    let Inspected { width, height, .. } = found;
    if width == 0 || height == 0 {
        return Err(PictureError::Damaged("an edge has no length".into()));
    }
    if width.max(height) > EDGE_MAX || u64::from(width) * u64::from(height) > limits.pixels_max {
        return Err(PictureError::TooManyPixels { width, height, pixels_max: limits.pixels_max });
    }
    Ok(found)
}

/// The picture at most `width_max` pixels wide, upright: a thumbnail. JPEG, or PNG when it is transparent.
///
/// # Errors
/// Every [`PictureError`].
pub fn fit_width(bytes: &[u8], width_max: u32, limits: &Limits) -> Result<Rendition, PictureError> {
    let picture = decode::upright(bytes, limits)?;
    let size = scaled(picture.size(), width_max, picture.size().0);
    encode::small(&picture.resized(size))
}

/// The picture with no edge longer than `edge_max` pixels, upright: a view that a model can read. PNG while
/// that is small, for letters stay sharp in it; else JPEG, or PNG when it is transparent.
///
/// # Errors
/// Every [`PictureError`].
pub fn fit_box(bytes: &[u8], edge_max: u32, limits: &Limits) -> Result<Rendition, PictureError> {
    let picture = decode::upright(bytes, limits)?;
    let (width, height) = picture.size();
    encode::sharp(&picture.resized(scaled((width, height), edge_max, width.max(height))))
}

/// `size` times `to / from`, rounded, at least one pixel; never larger than `size`.
fn scaled(size: (u32, u32), to: u32, from: u32) -> (u32, u32) {
    if from <= to {
        return size;
    }
    let (to, from) = (u64::from(to), u64::from(from));
    let edge = |edge: u32| ((u64::from(edge) * to + from / 2) / from).clamp(1, u64::from(edge)) as u32;
    (edge(size.0), edge(size.1))
}

#[cfg(test)]
mod tests;
