//! From a file to pixels, upright, eight bits a channel.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::codecs::{jpeg::JpegDecoder, png::PngDecoder, webp::WebPDecoder};
use image::imageops::{FilterType, resize};
use image::{DynamicImage, ImageDecoder, RgbImage, RgbaImage};
use playhead_schemas::text::one_line;

use crate::error::PictureError;
use crate::format::{Format, Inspected};
use crate::inspect::{Limits, inspect};

/// Bytes that a pixel takes while it is decoded: four channels of 16 bits.
const PIXEL_BYTES_MAX: u64 = 8;
/// What decoders may allocate beside the pixels.
const SLACK_BYTES: u64 = 64 << 20;

/// Pixels.
pub(crate) enum Picture {
    /// No part is transparent.
    Opaque(RgbImage),
    /// Some part is.
    Transparent(RgbaImage),
}

impl Picture {
    pub(crate) fn size(&self) -> (u32, u32) {
        match self {
            Self::Opaque(image) => image.dimensions(),
            Self::Transparent(image) => image.dimensions(),
        }
    }

    /// The picture in another size. Each pixel is a weighted mean of those that it covers.
    pub(crate) fn resized(self, (width, height): (u32, u32)) -> Self {
        if self.size() == (width, height) {
            return self;
        }
        match self {
            Self::Opaque(image) => Self::Opaque(resize(&image, width, height, FilterType::CatmullRom)),
            Self::Transparent(image) => Self::Transparent(resize(&image, width, height, FilterType::CatmullRom)),
        }
    }
}

/// Decodes a picture within `limits` and turns it upright.
pub(crate) fn upright(bytes: &[u8], limits: &Limits) -> Result<Picture, PictureError> {
    let found = inspect(bytes, limits)?;
    // The decoders are other people's code: a panic in one costs one picture.
    let decoded = catch_unwind(AssertUnwindSafe(|| {
        let reader = Cursor::new(bytes);
        let allowed = allowed(found);
        match found.format {
            Format::Png => decode(PngDecoder::with_limits(reader, allowed.clone()), found, allowed),
            Format::Jpeg => decode(JpegDecoder::new(reader), found, allowed),
            Format::Webp => decode(WebPDecoder::new(reader), found, allowed),
        }
    }));
    let image = decoded.unwrap_or_else(|_| Err(PictureError::Damaged("the decoder gave up".into())))?;
    if !image.color().has_alpha() {
        return Ok(Picture::Opaque(image.into_rgb8()));
    }
    let image = image.into_rgba8();
    if image.pixels().all(|pixel| pixel.0[3] == u8::MAX) {
        return Ok(Picture::Opaque(DynamicImage::ImageRgba8(image).into_rgb8()));
    }
    Ok(Picture::Transparent(image))
}

fn allowed(found: Inspected) -> image::Limits {
    let mut allowed = image::Limits::default();
    allowed.max_image_width = Some(found.width);
    allowed.max_image_height = Some(found.height);
    allowed.max_alloc = Some(u64::from(found.width) * u64::from(found.height) * PIXEL_BYTES_MAX + SLACK_BYTES);
    allowed
}

fn decode(
    decoder: image::ImageResult<impl ImageDecoder>,
    found: Inspected,
    allowed: image::Limits,
) -> Result<DynamicImage, PictureError> {
    let mut decoder = decoder.map_err(damaged)?;
    if decoder.dimensions() != (found.width, found.height) {
        return Err(PictureError::Damaged("it tells two sizes".into()));
    }
    decoder.set_limits(allowed).map_err(damaged)?;
    // Metadata that can't be read turns nothing.
    let orientation = decoder.orientation().ok();
    let mut image = DynamicImage::from_decoder(decoder).map_err(damaged)?;
    if let Some(orientation) = orientation {
        image.apply_orientation(orientation);
    }
    Ok(image)
}

fn damaged(error: image::ImageError) -> PictureError {
    PictureError::Damaged(one_line(&error.to_string(), 200))
}
