//! What a picture is, by its header, and whether it is within the limits.

use playhead_schemas::limits;

use crate::error::PictureError;
use crate::format::Inspected;
use crate::header;

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
