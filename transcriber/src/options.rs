//! Thresholds and limits, each with its default and the source of that.
//!
//! In: what a server's settings say, else the defaults here. Out: [`Options`], checked as a whole.
//! Never here: how a threshold is used.

/// Thresholds and limits of a transcription. Times are in milliseconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// No activity for this long is an `idle` moment: 30 s, the usual "long idle" of session players.
    pub idle_gap_ms: f64,
    /// Clicks on one target that follow each other within this are one moment: 1 s (PostHog).
    pub rage_gap_ms: f64,
    /// The most distance between such clicks: 30 px (PostHog).
    pub rage_radius_px: f64,
    /// This many or more such clicks are a rage click: 3 (PostHog, OpenReplay).
    pub rage_clicks: u32,
    /// Changes of the page belong to an action for this long: 2.5 s (PostHog's bound for a live click).
    pub outcome_ms: f64,
    /// Longer while its requests run, but at most this long: 15 s.
    pub outcome_ms_max: f64,
    /// A click without an effect within this is dead: 7 s (Sentry), or earlier when the next action ends the
    /// observation.
    pub dead_click_ms: f64,
    /// An observation shorter than this does not make a click dead: 1 s. For elements that are no controls 0.5 s are
    /// enough.
    pub dead_click_ms_min: f64,
    /// A click whose effect comes later than this is slow: 3 s (Sentry).
    pub slow_click_ms: f64,
    /// An error within this after an action followed from it: 2.5 s (TraceBug).
    pub error_after_ms: f64,
    /// A request that takes this long is slow: 2 s.
    pub slow_request_ms: u64,
    /// An element whose content is built anew this often within `thrash_ms` after an action thrashes: 5.
    pub thrash_count: u32,
    /// See `thrash_count`: 1 s.
    pub thrash_ms: f64,
    /// Leaving a page for the one before within this after it was opened is a quick back: 2 s.
    pub quick_back_ms: f64,
    /// Leaving it within this is a redirect, because nobody reads that fast: 300 ms.
    pub quick_back_ms_min: f64,
    /// A form or button whose request is sent once more within this, before an answer or after a failure, was
    /// sent again: 10 s.
    pub repeated_submit_ms: f64,
    /// A form is abandoned when at least this many of its fields were filled and it was left without being
    /// sent: 2, as one field alone may be a filter.
    pub abandoned_fields_min: u32,
    /// This many or more characters that appear at once were not typed: 6. Suggestions of phones and characters
    /// composed of several keys are mostly shorter.
    pub at_once_chars_min: u32,
    /// The limits between good web vitals, those that need improvement and poor ones (web.dev/vitals).
    pub vitals: [VitalLimits; 6],
    /// Typing into one field with pauses shorter than this is one moment: 10 s.
    pub typing_gap_ms: f64,
    /// The decompressed bytes of one segment: 512 MiB. Further ones are left out with a defect.
    pub segment_bytes_max: usize,
    /// The decompressed bytes of all segments of a replay, and separately the bytes that strings in them unpack to: 512
    /// MiB. Further ones are left out with a defect.
    pub replay_bytes_max: usize,
    /// A segment of rrweb whose text takes this many bytes or more is decompressed twice instead of being held as text,
    /// so that its length costs little memory: 64 MiB. Smaller segments are faster as text.
    pub stream_bytes_min: usize,
    /// Events of one replay: 5 million.
    pub events_max: usize,
    /// Visits of nodes to find the names of targets and to count what their selectors match, for which the whole
    /// document is walked each time: a billion, about ten seconds. After that targets have no selectors, and a defect
    /// says so.
    pub node_visits_max: u64,
    /// Moments of one replay: 200,000.
    pub moments_max: usize,
}

/// The highest threshold: a day. A threshold of "never" need not be higher.
pub const THRESHOLD_MS_MAX: f64 = 86_400_000.0;

/// Why options are invalid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` {wanted}")]
pub struct OptionsError {
    /// The field of [`Options`] to change.
    pub name: &'static str,
    /// What it must be.
    pub wanted: String,
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

impl Options {
    /// Checks that every threshold can be reached and none contradicts another.
    ///
    /// # Errors
    /// The first field that must be changed, and what it must be.
    pub fn check(&self) -> Result<(), OptionsError> {
        let fail = |name, wanted: String| Err(OptionsError { name, wanted });
        for (name, ms) in self.times() {
            if !(ms > 0.0 && ms <= THRESHOLD_MS_MAX) {
                return fail(name, format!("must be above 0 and at most {THRESHOLD_MS_MAX} ms, a day; it is {ms}"));
            }
        }
        if !(self.rage_radius_px > 0.0 && self.rage_radius_px.is_finite()) {
            return fail("rage_radius_px", format!("must be above 0 pixels; it is {}", self.rage_radius_px));
        }
        if self.slow_request_ms == 0 {
            return fail("slow_request_ms", "must be at least 1 ms".to_owned());
        }
        for (name, count, least) in [
            ("rage_clicks", self.rage_clicks, 2),
            ("thrash_count", self.thrash_count, 2),
            ("abandoned_fields_min", self.abandoned_fields_min, 1),
            ("at_once_chars_min", self.at_once_chars_min, 2),
        ] {
            if count < least {
                return fail(name, format!("must be at least {least}; it is {count}"));
            }
        }
        for (name, low, of, high) in [
            ("outcome_ms", self.outcome_ms, "outcome_ms_max", self.outcome_ms_max),
            ("dead_click_ms_min", self.dead_click_ms_min, "dead_click_ms", self.dead_click_ms),
            ("quick_back_ms_min", self.quick_back_ms_min, "quick_back_ms", self.quick_back_ms),
        ] {
            if low > high {
                return fail(name, format!("must be at most `{of}`, which is {high}; it is {low}"));
            }
        }
        match self.vitals.iter().find(|limits| !(limits.good > 0.0 && limits.poor >= limits.good)) {
            Some(VitalLimits { name, good, poor }) => {
                fail("vitals", format!("must have 0 < good <= poor for each; {name} has {good} and {poor}"))
            }
            None => Ok(()),
        }
    }

    fn times(&self) -> [(&'static str, f64); 13] {
        [
            ("idle_gap_ms", self.idle_gap_ms),
            ("rage_gap_ms", self.rage_gap_ms),
            ("outcome_ms", self.outcome_ms),
            ("outcome_ms_max", self.outcome_ms_max),
            ("dead_click_ms", self.dead_click_ms),
            ("dead_click_ms_min", self.dead_click_ms_min),
            ("slow_click_ms", self.slow_click_ms),
            ("error_after_ms", self.error_after_ms),
            ("thrash_ms", self.thrash_ms),
            ("quick_back_ms", self.quick_back_ms),
            ("quick_back_ms_min", self.quick_back_ms_min),
            ("repeated_submit_ms", self.repeated_submit_ms),
            ("typing_gap_ms", self.typing_gap_ms),
        ]
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            idle_gap_ms: 30_000.0,
            rage_gap_ms: 1000.0,
            rage_radius_px: 30.0,
            rage_clicks: 3,
            outcome_ms: 2500.0,
            outcome_ms_max: 15_000.0,
            dead_click_ms: 7000.0,
            dead_click_ms_min: 1000.0,
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
            stream_bytes_min: 64 << 20,
            events_max: 5_000_000,
            node_visits_max: 1_000_000_000,
            moments_max: 200_000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_session_could_meet_is_refused() {
        type Change = fn(&mut Options);
        let cases: [(&str, Change); 9] = [
            ("", |_| ()),
            ("idle_gap_ms", |o| o.idle_gap_ms = 0.0),
            ("dead_click_ms", |o| o.dead_click_ms = f64::NAN),
            ("slow_click_ms", |o| o.slow_click_ms = f64::INFINITY),
            ("rage_radius_px", |o| o.rage_radius_px = -1.0),
            ("rage_clicks", |o| o.rage_clicks = 1),
            ("outcome_ms", |o| o.outcome_ms = 16_000.0),
            ("quick_back_ms_min", |o| o.quick_back_ms = 200.0),
            ("vitals", |o| o.vitals[2].poor = 0.05),
        ];
        for (wanted, change) in cases {
            let mut options = Options::default();
            change(&mut options);
            assert_eq!(options.check().err().map_or("", |error| error.name), wanted);
        }
    }
}
