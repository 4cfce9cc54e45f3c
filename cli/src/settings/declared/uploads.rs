//! What an upload may cost.

use super::setting::group;
use crate::settings::kind::Kind;

const GIB: u64 = 1 << 30;

group! {
    "Uploads", "What one upload may hold, how long it may take, and how many there may be. What is above a limit is \
                refused with a code; the rest of the same request is kept.";

    /// The body of one request as it travels.
    body_bytes_max = ingest.body_bytes_max: Kind::Bytes { min: 1 << 10, max: GIB };
    /// The body of one request after its Content-Encoding is undone.
    body_decoded_bytes_max = ingest.body_decoded_bytes_max: Kind::Bytes { min: 1 << 10, max: 16 * GIB };
    /// All segments of one replay, decoded.
    replay_bytes_max = ingest.replay_bytes_max: Kind::Bytes { min: 1 << 10, max: 64 * GIB };
    /// How deep arrays and objects may nest in the JSON of an upload.
    json_depth_max = ingest.json_depth_max: Kind::whole("levels", 16, 1_000_000);
    /// One screenshot.
    image_bytes_max = ingest.image_bytes_max: Kind::Bytes { min: 1 << 10, max: GIB };
    /// One screenshot, as its width times its height.
    image_pixels_max = ingest.image_pixels_max: Kind::whole("pixels", 1, 1_000_000_000);
    /// One attached file.
    attachment_bytes_max = ingest.attachment_bytes_max: Kind::Bytes { min: 1 << 10, max: GIB };
    /// The longest pause between two pieces of a body.
    body_pause_ms_max = ingest.body_pause_ms_max: Kind::ms(1, 3_600_000);
    /// The longest time for a whole body.
    body_ms_max = ingest.body_ms_max: Kind::ms(1, 3_600_000);
    /// Decoded bytes that all uploads together may hold in memory. Further uploads wait.
    decoding_bytes_max = ingest.decoding_bytes_max: Kind::Bytes { min: 1 << 20, max: 1024 * GIB };
    /// How long an upload waits for its share of `decoding_bytes_max` before it is refused.
    decoding_wait_ms = ingest.decoding_wait_ms: Kind::ms(1, 600_000);
    /// Threads that decompress, check and compress uploads. With 0 there is one for each processor.
    upload_threads = ingest.cpu_threads: Kind::whole("threads", 0, 1024);
    /// Requests a second with one ingest key, sustained.
    key_requests_per_second = ingest.rate_per_key.per_second: Kind::whole("requests", 1, 10_000_000);
    /// Requests at once with one ingest key, after a quiet time.
    key_requests_burst = ingest.rate_per_key.burst: Kind::whole("requests", 1, 10_000_000);
    /// Requests a second from one address, sustained. An IPv6 network of 64 bits counts as one address.
    address_requests_per_second = ingest.rate_per_address.per_second: Kind::whole("requests", 1, 10_000_000);
    /// Requests at once from one address, after a quiet time.
    address_requests_burst = ingest.rate_per_address.burst: Kind::whole("requests", 1, 10_000_000);
    /// Ingest keys, and addresses, whose rates are counted at the same time. Beyond that the longest unused are forgotten.
    rate_buckets_max = store.rate_buckets_max: Kind::whole("keys or addresses", 1000, 100_000_000);
    /// A folder with the npm package posthog-js, or with one such folder for each version, named by it. Its scripts are
    /// served to pages whose posthog-js sends here: the default build loads its recorder from them.
    posthog_scripts = ingest.posthog_scripts: Kind::Path, empty "none: pages use a build that bundles the recorder";
}
