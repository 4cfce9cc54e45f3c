//! Why a picture can't be used.

use playhead_schemas::ErrorCode;

/// Why a picture can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// The file is larger than [`crate::Limits::bytes_max`].
    #[error("the picture has {bytes} bytes; at most {bytes_max} are allowed")]
    TooManyBytes {
        /// Its size.
        bytes: u64,
        /// The limit.
        bytes_max: u64,
    },
    /// The picture has more than [`crate::Limits::pixels_max`], or an edge longer than 65,535 pixels.
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
    /// The picture is animated.
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
