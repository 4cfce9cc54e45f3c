//! From pixels to a file.

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, ImageResult};

use crate::decode::Picture;
use crate::error::PictureError;
use crate::format::Format;

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

/// Quality of thumbnails, 1 to 100.
const SMALL_QUALITY: u8 = 80;
/// Quality of views, 1 to 100: letters stay legible.
const SHARP_QUALITY: u8 = 88;
/// A view stays PNG up to this size, in bytes.
const SHARP_PNG_BYTES_MAX: usize = 400 << 10;

/// The smallest file that looks right: JPEG, or PNG for what is transparent.
pub(crate) fn small(picture: &Picture) -> Result<Rendition, PictureError> {
    match picture {
        Picture::Opaque(_) => jpeg(picture, SMALL_QUALITY),
        Picture::Transparent(_) => png(picture),
    }
}

/// The sharpest file that is not large.
pub(crate) fn sharp(picture: &Picture) -> Result<Rendition, PictureError> {
    let png = png(picture)?;
    match picture {
        Picture::Opaque(_) if png.bytes.len() > SHARP_PNG_BYTES_MAX => jpeg(picture, SHARP_QUALITY),
        _ => Ok(png),
    }
}

fn jpeg(picture: &Picture, quality: u8) -> Result<Rendition, PictureError> {
    let mut bytes = Vec::new();
    let written = write(picture, JpegEncoder::new_with_quality(&mut bytes, quality));
    finish(picture, Format::Jpeg, written, bytes)
}

fn png(picture: &Picture) -> Result<Rendition, PictureError> {
    let mut bytes = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Default, FilterType::Adaptive);
    let written = write(picture, encoder);
    finish(picture, Format::Png, written, bytes)
}

fn write(picture: &Picture, encoder: impl ImageEncoder) -> ImageResult<()> {
    let (width, height) = picture.size();
    match picture {
        Picture::Opaque(image) => encoder.write_image(image, width, height, ExtendedColorType::Rgb8),
        Picture::Transparent(image) => encoder.write_image(image, width, height, ExtendedColorType::Rgba8),
    }
}

fn finish(
    picture: &Picture,
    format: Format,
    written: ImageResult<()>,
    bytes: Vec<u8>,
) -> Result<Rendition, PictureError> {
    // Vectors take every byte; what is left to fail is a size that the format has no room for.
    written.map_err(|error| PictureError::Damaged(error.to_string()))?;
    let (width, height) = picture.size();
    Ok(Rendition { bytes, media_type: format.media_type(), width, height })
}
