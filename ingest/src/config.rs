//! The settings of the upload API, each with its default and its unit.

use std::path::PathBuf;
use std::time::Duration;

use playhead_schemas::limits;
use playhead_store::Rate;
use serde::{Deserialize, Serialize};

/// How the upload API behaves. Every field has a default; none switches a limit off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IngestConfig {
    /// One request body as it travels, in bytes. Default 16 MiB.
    pub body_bytes_max: u64,
    /// One request body with every compression undone, in bytes. Default 128 MiB.
    pub body_decoded_bytes_max: u64,
    /// All payloads of one replay, decoded, in bytes. Default 150 MiB.
    pub replay_bytes_max: u64,
    /// How deep arrays and objects of a payload may nest. Default 2,048: an HTML parser stops at 512
    /// elements, and rrweb spends two levels on each.
    pub json_depth_max: u32,
    /// Base-2 logarithm of the largest zstd window. Default 23 (8 MiB), as RFC 9659 says for HTTP.
    pub zstd_window_log_max: u32,
    /// One screenshot, in bytes. Default 10 MiB.
    pub image_bytes_max: u64,
    /// One screenshot, in pixels. Default 40 megapixels.
    pub image_pixels_max: u64,
    /// One attached file, in bytes. Default 10 MiB.
    pub attachment_bytes_max: u64,
    /// The longest pause between two pieces of a body, in milliseconds. Default 10 s.
    pub body_pause_ms_max: u64,
    /// The longest time for a whole body, in milliseconds. Default 2 min.
    pub body_ms_max: u64,
    /// Decoded bytes that all requests together may hold in memory. Default 512 MiB. What is compressed
    /// for the store comes on top: a tenth of it for ordinary recordings.
    pub decoding_bytes_max: u64,
    /// How long a request waits for its share of `decoding_bytes_max` before it is refused, in
    /// milliseconds. Default 3 s.
    pub decoding_wait_ms: u64,
    /// Threads for decompressing, checking and compressing. Default 0: one for each processor.
    pub cpu_threads: usize,
    /// Requests with one ingest key. Default 100 a second, bursts of 500.
    pub rate_per_key: Rate,
    /// Requests from one address (IPv6: one /64 network). Default 50 a second, bursts of 250.
    pub rate_per_address: Rate,
    /// Reverse proxies in front of this server, each of which appends to `X-Forwarded-For`. Default 0:
    /// the header is not believed.
    pub trusted_proxies: usize,
    /// A folder with the npm package `posthog-js`, whose scripts are served to pages that use it, or with one such folder
    /// for each version. Default none: the recorder must be in the page's own bundle.
    pub posthog_scripts: Option<PathBuf>,
}

impl Default for IngestConfig {
    fn default() -> Self {
        Self {
            body_bytes_max: limits::BODY_BYTES_MAX,
            body_decoded_bytes_max: limits::BODY_DECODED_BYTES_MAX,
            replay_bytes_max: limits::REPLAY_BYTES_MAX,
            json_depth_max: 2048,
            zstd_window_log_max: 23,
            image_bytes_max: limits::IMAGE_BYTES_MAX,
            image_pixels_max: limits::IMAGE_PIXELS_MAX,
            attachment_bytes_max: limits::ATTACHMENT_BYTES_MAX,
            body_pause_ms_max: 10_000,
            body_ms_max: 120_000,
            decoding_bytes_max: 512 << 20,
            decoding_wait_ms: 3_000,
            cpu_threads: 0,
            rate_per_key: Rate { per_second: 100.0, burst: 500 },
            rate_per_address: Rate { per_second: 50.0, burst: 250 },
            trusted_proxies: 0,
            posthog_scripts: None,
        }
    }
}

impl IngestConfig {
    pub(crate) fn body_pause_max(&self) -> Duration {
        Duration::from_millis(self.body_pause_ms_max)
    }

    pub(crate) fn body_time_max(&self) -> Duration {
        Duration::from_millis(self.body_ms_max)
    }
}
