//! From the settings to the thresholds and limits of a transcription.

use playhead_transcriber::Options;

use super::Settings;

impl Settings {
    /// How replays are transcribed.
    pub(crate) fn options(&self) -> Options {
        let limits = Options::default();
        // What was accepted is transcribed whole.
        let replay_bytes_max = usize::try_from(self.replay_bytes_max.0).unwrap_or(usize::MAX);
        Options {
            idle_gap_ms: self.idle_gap_ms.0,
            rage_gap_ms: self.rage_gap_ms.0,
            rage_radius_px: self.rage_radius_px.0,
            rage_clicks: self.rage_clicks,
            outcome_ms: self.outcome_ms.0,
            outcome_ms_max: self.outcome_ms_max.0,
            dead_click_ms: self.dead_click_ms.0,
            dead_click_ms_min: self.dead_click_ms_min.0,
            slow_click_ms: self.slow_click_ms.0,
            error_after_ms: self.error_after_ms.0,
            slow_request_ms: self.slow_request_ms,
            thrash_count: self.thrash_count,
            thrash_ms: self.thrash_ms.0,
            quick_back_ms: self.quick_back_ms.0,
            quick_back_ms_min: self.quick_back_ms_min.0,
            repeated_submit_ms: self.repeated_submit_ms.0,
            abandoned_fields_min: self.abandoned_fields_min,
            at_once_chars_min: self.at_once_chars_min,
            typing_gap_ms: self.typing_gap_ms.0,
            vitals: self.vitals.0,
            replay_bytes_max: limits.replay_bytes_max.max(replay_bytes_max),
            segment_bytes_max: limits.segment_bytes_max.max(replay_bytes_max),
            ..limits
        }
    }

    /// Thresholds that contradict each other are refused here, with the place of the one to change.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        self.options().check().map_err(|error| {
            let row = self.rows.iter().find(|row| row.key == error.name);
            let place = row.map(|row| format!("{}: ", row.origin)).unwrap_or_default();
            anyhow::anyhow!("{place}{error}")
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::settings::Flags;

    fn options(name: &str, text: &str) -> Options {
        let environment = [(format!("PLAYHEAD_{}", name.to_ascii_uppercase()), text.to_owned())];
        Settings::resolve_from(Flags::default(), None, environment.into_iter()).unwrap().options()
    }

    #[test]
    fn every_threshold_is_a_setting_and_nothing_else_changes() {
        type Change = fn(&mut Options);
        let set: [(&str, &str, Change); 20] = [
            ("idle_gap_ms", "7", |o| o.idle_gap_ms = 7.0),
            ("rage_gap_ms", "7", |o| o.rage_gap_ms = 7.0),
            ("rage_radius_px", "7.5", |o| o.rage_radius_px = 7.5),
            ("rage_clicks", "7", |o| o.rage_clicks = 7),
            ("outcome_ms", "7", |o| o.outcome_ms = 7.0),
            ("outcome_ms_max", "7000", |o| o.outcome_ms_max = 7000.0),
            ("dead_click_ms", "7500", |o| o.dead_click_ms = 7500.0),
            ("dead_click_ms_min", "7", |o| o.dead_click_ms_min = 7.0),
            ("slow_click_ms", "7", |o| o.slow_click_ms = 7.0),
            ("error_after_ms", "7", |o| o.error_after_ms = 7.0),
            ("slow_request_ms", "7", |o| o.slow_request_ms = 7),
            ("thrash_count", "7", |o| o.thrash_count = 7),
            ("thrash_ms", "7", |o| o.thrash_ms = 7.0),
            ("quick_back_ms", "700", |o| o.quick_back_ms = 700.0),
            ("quick_back_ms_min", "7", |o| o.quick_back_ms_min = 7.0),
            ("repeated_submit_ms", "7", |o| o.repeated_submit_ms = 7.0),
            ("abandoned_fields_min", "7", |o| o.abandoned_fields_min = 7),
            ("at_once_chars_min", "7", |o| o.at_once_chars_min = 7),
            ("typing_gap_ms", "7", |o| o.typing_gap_ms = 7.0),
            ("vitals", "CLS=0.05:0.07", |o| (o.vitals[2].good, o.vitals[2].poor) = (0.05, 0.07)),
        ];
        for (name, text, change) in set {
            let mut wanted = Options::default();
            change(&mut wanted);
            assert_ne!(wanted, Options::default(), "{name} is set to its default");
            assert_eq!(options(name, text), wanted, "{name}");
        }
    }

    #[test]
    fn a_replay_that_was_accepted_is_read_whole() {
        assert_eq!(options("replay_bytes_max", "1GiB").replay_bytes_max, 1 << 30);
        assert_eq!(options("replay_bytes_max", "1MiB").replay_bytes_max, Options::default().replay_bytes_max);
    }
}
