//! Screenshots: inspected by their header, and made smaller.
//!
//! In: the bytes of a PNG, JPEG or WebP file that anybody may have made. Out: format and size, read from
//! the header alone; thumbnails and views, upright, without metadata. Nothing is allocated before the
//! header's size was found to be within the limits. Never here: panics, whatever the bytes are; upscaling;
//! animations.

mod decode;
mod encode;
mod error;
mod format;
mod header;
mod inspect;

pub use encode::Rendition;
pub use error::PictureError;
pub use format::{Format, Inspected};
pub use inspect::{Limits, inspect};

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
