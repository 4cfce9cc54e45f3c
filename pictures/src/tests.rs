#![allow(clippy::unwrap_used)]
use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};

use playhead_schemas::ErrorCode;

use super::*;

/// A picture whose upper left quarter is red, the rest blue with `alpha`.
fn picture(width: u32, height: u32, alpha: u8) -> DynamicImage {
    RgbaImage::from_fn(width, height, |x, y| {
        if x < width / 2 && y < height / 2 { Rgba([255, 0, 0, 255]) } else { Rgba([0, 0, 255, alpha]) }
    })
    .into()
}

fn file(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    let image = if format == ImageFormat::Jpeg { DynamicImage::from(image.to_rgb8()) } else { image.clone() };
    image.write_to(&mut out, format).unwrap();
    out.into_inner()
}

const FORMATS: [(ImageFormat, Format); 3] =
    [(ImageFormat::Png, Format::Png), (ImageFormat::Jpeg, Format::Jpeg), (ImageFormat::WebP, Format::Webp)];

/// A PNG with a right header of `width` and `height`, and nothing else.
fn png_header(width: u32, height: u32) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    out.extend(width.to_be_bytes());
    out.extend(height.to_be_bytes());
    out.extend(b"\x08\x06\0\0\0\0\0\0\0");
    out
}

/// An extended WebP of `canvas` pixels around `frame`, a whole simple WebP.
fn extended_webp(canvas: (u32, u32), flags: u8, frame: &[u8]) -> Vec<u8> {
    let mut body = b"WEBPVP8X\x0a\0\0\0".to_vec();
    body.extend([flags, 0, 0, 0]);
    body.extend(&(canvas.0 - 1).to_le_bytes()[..3]);
    body.extend(&(canvas.1 - 1).to_le_bytes()[..3]);
    body.extend(b"EXIF\x03\0\0\0abc\0");
    body.extend(&frame[12..]);
    let mut out = b"RIFF".to_vec();
    out.extend((body.len() as u32).to_le_bytes());
    out.extend(body);
    out
}

#[test]
fn headers_tell_format_and_size() {
    for (written, format) in FORMATS {
        let bytes = file(&picture(321, 200, 255), written);
        let got = inspect(&bytes, &Limits::default()).unwrap();
        assert_eq!(got, Inspected { format, width: 321, height: 200 });
    }
    let frame = file(&picture(30, 20, 128), ImageFormat::WebP);
    let got = inspect(&extended_webp((30, 20), 0x10, &frame), &Limits::default()).unwrap();
    assert_eq!((got.width, got.height), (30, 20));
}

#[test]
fn what_is_too_large_or_no_picture_is_refused() {
    let limits = Limits { bytes_max: 1000, pixels_max: 100 * 100 };
    let frame = file(&picture(30, 20, 128), ImageFormat::WebP);
    for (bytes, want) in [
        (vec![0; 1001], PictureError::TooManyBytes { bytes: 1001, bytes_max: 1000 }),
        (png_header(101, 100), PictureError::TooManyPixels { width: 101, height: 100, pixels_max: 10_000 }),
        (
            png_header(u32::MAX, u32::MAX),
            PictureError::TooManyPixels { width: u32::MAX, height: u32::MAX, pixels_max: 10_000 },
        ),
        (png_header(0, 5), PictureError::Damaged("an edge has no length".into())),
        (b"GIF89a".to_vec(), PictureError::UnknownFormat),
        (Vec::new(), PictureError::UnknownFormat),
        (b"\xff\xd8\xff\xda".to_vec(), PictureError::Damaged("its header is cut off or not understood".into())),
        (extended_webp((30, 20), 0x02, &frame), PictureError::Animated),
        (extended_webp((1, 1), 0x10, &frame), PictureError::Damaged("its frame does not fill its canvas".into())),
    ] {
        assert_eq!(inspect(&bytes, &limits), Err(want));
    }
    let wide = Limits { bytes_max: 1000, pixels_max: u64::MAX };
    assert!(matches!(inspect(&png_header(70_000, 1), &wide), Err(PictureError::TooManyPixels { .. })));
    assert_eq!(PictureError::UnknownFormat.code(), ErrorCode::InvalidInput);
    assert_eq!(inspect(&[0; 1001], &limits).unwrap_err().code(), ErrorCode::PayloadTooLarge);
}

#[test]
fn renditions_fit() {
    for (written, _) in FORMATS {
        let bytes = file(&picture(1000, 500, 255), written);
        let thumb = fit_width(&bytes, 480, &Limits::default()).unwrap();
        assert_eq!((thumb.width, thumb.height, thumb.media_type), (480, 240, "image/jpeg"));
        let view = fit_box(&bytes, 100, &Limits::default()).unwrap();
        assert_eq!((view.width, view.height, view.media_type), (100, 50, "image/png"));
        // What the file says, and what is in it.
        let seen = inspect(&view.bytes, &Limits::default()).unwrap();
        assert_eq!((seen.width, seen.height), (100, 50));
        let pixels = image::load_from_memory(&view.bytes).unwrap().into_rgb8();
        assert!(pixels.get_pixel(10, 10).0[0] > 200 && pixels.get_pixel(90, 40).0[2] > 200);
    }
}

#[test]
fn nothing_grows() {
    let bytes = file(&picture(30, 2000, 255), ImageFormat::Png);
    let got = fit_width(&bytes, 480, &Limits::default()).unwrap();
    assert_eq!((got.width, got.height), (30, 2000));
    let got = fit_box(&bytes, 10, &Limits::default()).unwrap();
    assert_eq!((got.width, got.height), (1, 10));
}

#[test]
fn transparent_pictures_stay_so() {
    let bytes = file(&picture(1000, 500, 100), ImageFormat::Png);
    for got in [fit_width(&bytes, 480, &Limits::default()), fit_box(&bytes, 480, &Limits::default())] {
        let got = got.unwrap();
        assert_eq!(got.media_type, "image/png");
        let pixels = image::load_from_memory(&got.bytes).unwrap().into_rgba8();
        assert_eq!(pixels.get_pixel(479, 239).0[3], 100);
    }
}

#[test]
fn large_views_become_jpeg() {
    let mut seed = 1u32;
    let noise = RgbaImage::from_fn(600, 600, |_, _| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Rgba([(seed >> 8) as u8, (seed >> 16) as u8, (seed >> 24) as u8, 255])
    });
    let bytes = file(&noise.into(), ImageFormat::Png);
    let got = fit_box(&bytes, 1568, &Limits::default()).unwrap();
    assert_eq!((got.width, got.height, got.media_type), (600, 600, "image/jpeg"));
}

#[test]
fn pictures_are_turned_upright() {
    // EXIF with one entry: orientation 6, a quarter turn clockwise.
    let exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let jpeg = file(&picture(60, 40, 255), ImageFormat::Jpeg);
    let mut bytes = jpeg[..2].to_vec();
    bytes.extend(b"\xff\xe1");
    bytes.extend((exif.len() as u16 + 2).to_be_bytes());
    bytes.extend(exif);
    bytes.extend(&jpeg[2..]);
    let got = fit_width(&bytes, 480, &Limits::default()).unwrap();
    assert_eq!((got.width, got.height), (40, 60));
    let pixels = image::load_from_memory(&got.bytes).unwrap().into_rgb8();
    assert!(pixels.get_pixel(35, 5).0[0] > 200, "the red quarter is at the upper right now");
}

#[test]
fn damaged_pictures_are_errors() {
    for (written, _) in FORMATS {
        let whole = file(&picture(64, 64, 200), written);
        for cut in 0..whole.len() {
            let _ = fit_width(&whole[..cut], 32, &Limits::default());
        }
        let mut seed = 1u32;
        for _ in 0..300 {
            let mut bytes = whole.clone();
            for _ in 0..4 {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let at = (seed >> 8) as usize % bytes.len();
                bytes[at] = seed as u8;
            }
            // A picture of other pixels or an error, never a panic, and never over the limit.
            if let Ok(got) = fit_box(&bytes, 32, &Limits { bytes_max: 1 << 20, pixels_max: 1 << 20 }) {
                assert!(got.width <= 32 && got.height <= 32);
            }
        }
    }
    assert!(matches!(fit_width(&png_header(50, 50), 10, &Limits::default()), Err(PictureError::Damaged(_))));
}

#[test]
fn media_types_are_known() {
    for (text, want) in [
        ("image/png", Some(Format::Png)),
        ("IMAGE/JPEG; q=1", Some(Format::Jpeg)),
        ("image/jpg", Some(Format::Jpeg)),
        ("image/webp", Some(Format::Webp)),
        ("image/gif", None),
        ("", None),
    ] {
        assert_eq!(Format::from_media_type(text), want, "{text}");
    }
}
