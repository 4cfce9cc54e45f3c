//! Thresholds and limits, each with its default and where that comes from.

/// Thresholds and limits of a transcription. Times are in milliseconds.
#[derive(Clone, Debug)]
pub struct Options {
    /// No activity for this long is an `idle` moment: 30 s, the usual "long idle" of session players.
    pub idle_ms: f64,
    /// Clicks on one target that follow each other within this are one moment: 1 s (PostHog).
    pub rage_gap_ms: f64,
    /// And within this distance: 30 px (PostHog).
    pub rage_radius_px: f64,
    /// From this many on they are a rage click: 3 (PostHog, OpenReplay).
    pub rage_clicks: u32,
    /// Changes of the page belong to an action for this long: 2.5 s (PostHog's bound for a live click).
    pub outcome_ms: f64,
    /// And while its requests run, at most this long: 15 s.
    pub outcome_ms_max: f64,
    /// A click that nothing answered within this is dead: 7 s (Sentry), or earlier when the next action ends the watch.
    pub dead_ms: f64,
    /// A watch shorter than this proves nothing: 1 s.
    pub dead_watch_ms_min: f64,
    /// A click that the page answered later than this is slow: 3 s (Sentry).
    pub slow_click_ms: f64,
    /// An error within this after an action followed from it: 2.5 s (TraceBug).
    pub error_after_ms: f64,
    /// A request that takes this long is slow: 2 s.
    pub slow_request_ms: u64,
    /// An element whose content is built anew this often within `thrash_ms` after an action thrashes: 5.
    pub thrash_count: u32,
    /// See `thrash_count`: 1 s.
    pub thrash_ms: f64,
    /// Typing into one field with pauses shorter than this is one moment: 10 s.
    pub typing_gap_ms: f64,
    /// One segment's plain bytes: 512 MiB. What is past that is left out and said.
    pub segment_bytes_max: usize,
    /// What the compressed segments of a replay hold in all, and once more what is unpacked from strings
    /// in them: 512 MiB. What is past that is left out and said.
    pub replay_bytes_max: usize,
    /// Events of one replay: 5 million.
    pub events_max: usize,
    /// Moments of one replay: 200,000.
    pub moments_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            idle_ms: 30_000.0,
            rage_gap_ms: 1000.0,
            rage_radius_px: 30.0,
            rage_clicks: 3,
            outcome_ms: 2500.0,
            outcome_ms_max: 15_000.0,
            dead_ms: 7000.0,
            dead_watch_ms_min: 1000.0,
            slow_click_ms: 3000.0,
            error_after_ms: 2500.0,
            slow_request_ms: 2000,
            thrash_count: 5,
            thrash_ms: 1000.0,
            typing_gap_ms: 10_000.0,
            segment_bytes_max: 512 << 20,
            replay_bytes_max: 512 << 20,
            events_max: 5_000_000,
            moments_max: 200_000,
        }
    }
}
