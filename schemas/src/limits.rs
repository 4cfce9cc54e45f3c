//! Limits that several crates name. None can be switched off.
//!
//! Some are the defaults of settings. The others are the shape of a bug report and the form of answers: SDKs cut to
//! them, and what is stored is written to them. `docs/configuration.md` says which are which.

/// One request body as it travels, in bytes: 16 MiB.
pub const BODY_BYTES_MAX: u64 = 16 << 20;
/// One request body after its `Content-Encoding` is undone, in bytes: 128 MiB.
pub const BODY_DECODED_BYTES_MAX: u64 = 128 << 20;
/// All segments of one replay, decoded, in bytes: 150 MiB.
pub const REPLAY_BYTES_MAX: u64 = 150 << 20;
/// Highest segment number of a replay.
pub const SEGMENT_NO_MAX: u32 = 99_999;
/// From this number on a replay's segments are those that the server numbered beside the recording's own, such as an
/// error event of another product's SDK. A hole among them is none in the recording.
pub const SIDE_SEGMENT_NO_MIN: u32 = 50_000;
/// One screenshot, in bytes: 10 MiB.
pub const IMAGE_BYTES_MAX: u64 = 10 << 20;
/// One screenshot, in pixels (width x height): 40 megapixels.
pub const IMAGE_PIXELS_MAX: u64 = 40_000_000;
/// Width of a thumbnail in pixels.
pub const THUMBNAIL_WIDTH: u32 = 480;
/// Screenshots of one bug.
pub const SCREENSHOTS_MAX: usize = 10;
/// Other files of one bug.
pub const ATTACHMENTS_MAX: usize = 10;
/// One attached file, in bytes: 10 MiB.
pub const ATTACHMENT_BYTES_MAX: u64 = 10 << 20;
/// A bug's title, in characters.
pub const TITLE_CHARS_MAX: usize = 300;
/// A bug's description, in characters.
pub const DESCRIPTION_CHARS_MAX: usize = 50_000;
/// A comment, in characters.
pub const COMMENT_CHARS_MAX: usize = 65_536;
/// Why something was changed, in characters.
pub const RATIONALE_CHARS_MAX: usize = 2_000;
/// The name of a release or of a milestone, in characters.
pub const RELEASE_CHARS_MAX: usize = 200;
/// For how long a request with the same idempotency key gets the same answer, in milliseconds: 24 hours.
pub const IDEMPOTENCY_MS: i64 = 24 * 3_600_000;
/// Tags of one bug, and the characters of one tag.
pub const TAGS_MAX: usize = 50;
/// Characters of one tag.
pub const TAG_CHARS_MAX: usize = 64;
/// Custom metadata of one bug, as JSON, in bytes: 64 KiB.
pub const METADATA_BYTES_MAX: usize = 64 << 10;
/// Cookies of one bug.
pub const COOKIES_MAX: usize = 200;
/// The summary transcript, in bytes of UTF-8: 4 KB.
pub const SUMMARY_BYTES_MAX: usize = 4000;
/// One tool result, in LLM tokens, unless the caller asks for another size: what clients take without a warning.
pub const RESULT_TOKENS_DEFAULT: u32 = 10_000;
/// The most that a caller may ask for in one tool result, in LLM tokens: what clients take at all.
pub const RESULT_TOKENS_MAX: u32 = 25_000;
/// Raw replay bytes that are given without `acknowledge_size`: 200 KB.
pub const RAW_BYTES_FREE: u64 = 200_000;

/// Requests a minute from one network address that may fail to authenticate, before the address has to wait.
pub const AUTH_FAILURES_PER_MINUTE: u32 = 120;
