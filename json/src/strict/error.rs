//! Why a text is not JSON.

/// The first error in a text. Offsets count from the start of what was scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SyntaxError {
    /// There is no value.
    #[error("it is empty")]
    Empty,
    /// The text ends inside a value.
    #[error("it ends too early")]
    CutOff,
    /// Something else was expected.
    #[error("byte {at}: {what}")]
    Syntax {
        /// Offset of the byte.
        at: usize,
        /// What was expected, or what is wrong.
        what: &'static str,
    },
    /// Arrays and objects nest too deep.
    #[error("byte {at}: it nests deeper than {depth_max} levels")]
    TooDeep {
        /// Offset of the byte.
        at: usize,
        /// The limit.
        depth_max: u32,
    },
    /// The bytes are not text.
    #[error("byte {at}: it is not UTF-8")]
    NotUtf8 {
        /// Offset of the first bad byte.
        at: usize,
    },
}
