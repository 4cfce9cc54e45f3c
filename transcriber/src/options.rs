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
    /// A page that was come to and left again for the one before within this was a mistake: 2 s.
    pub quick_back_ms: f64,
    /// But not within this, in which nobody reads: 300 ms. It is a redirect.
    pub quick_back_ms_min: f64,
    /// A form or button whose request is sent once more within this, before an answer or after a failure, was
    /// sent again: 10 s.
    pub repeated_submit_ms: f64,
    /// A form is abandoned when at least this many of its fields were filled and it was left without being
    /// sent: 2, as one field alone may be a filter.
    pub abandoned_fields_min: u32,
    /// Characters that come in one go and from which on they were not typed: 6. What phones suggest and what is
    /// composed of several keys is mostly shorter.
    pub at_once_chars_min: u32,
    /// From where on web vitals are no longer good, and poor (web.dev/vitals).
    pub vitals: [VitalLimits; 6],
    /// Typing into one field with pauses shorter than this is one moment: 10 s.
    pub typing_gap_ms: f64,
    /// One segment's plain bytes: 512 MiB. What is past that is left out and said.
    pub segment_bytes_max: usize,
    /// What the compressed segments of a replay hold in all, and once more what is unpacked from strings
    /// in them: 512 MiB. What is past that is left out and said.
    pub replay_bytes_max: usize,
    /// A segment of rrweb whose plain text takes this much or more is kept compressed while it is transcribed, so
    /// that its length costs little memory: 64 MiB. Smaller ones are faster as plain text.
    pub park_bytes_min: usize,
    /// Events of one replay: 5 million.
    pub events_max: usize,
    /// Moments of one replay: 200,000.
    pub moments_max: usize,
}

/// The limits of one web vital.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VitalLimits {
    /// `LCP`, `INP`, `CLS`, `FCP`, `TTFB` or `FID`.
    pub name: &'static str,
    /// The highest good value: milliseconds, for `CLS` a score.
    pub good: f64,
    /// The highest value that is not poor.
    pub poor: f64,
}

impl VitalLimits {
    /// The limits that web.dev/vitals gives.
    pub const DEFAULT: [Self; 6] = [
        Self { name: "LCP", good: 2500.0, poor: 4000.0 },
        Self { name: "INP", good: 200.0, poor: 500.0 },
        Self { name: "CLS", good: 0.1, poor: 0.25 },
        Self { name: "FCP", good: 1800.0, poor: 3000.0 },
        Self { name: "TTFB", good: 800.0, poor: 1800.0 },
        Self { name: "FID", good: 100.0, poor: 300.0 },
    ];
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
            quick_back_ms: 2000.0,
            quick_back_ms_min: 300.0,
            repeated_submit_ms: 10_000.0,
            abandoned_fields_min: 2,
            at_once_chars_min: 6,
            vitals: VitalLimits::DEFAULT,
            typing_gap_ms: 10_000.0,
            segment_bytes_max: 512 << 20,
            replay_bytes_max: 512 << 20,
            park_bytes_min: 64 << 20,
            events_max: 5_000_000,
            moments_max: 200_000,
        }
    }
}
