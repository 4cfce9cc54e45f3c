//! The thresholds of signals: what a pattern in a recording means.

use playhead_transcriber::THRESHOLD_MS_MAX;

use super::setting::group;
use crate::settings::kind::Kind;

const MS: Kind = Kind::Number { unit: "milliseconds", max: THRESHOLD_MS_MAX };

group! {
    "Signals", "From where on a pattern in a recording is marked as a signal, such as a rage click. They hold for \
                transcripts to come; `playhead reprocess --all` applies them to those that exist. Where each default \
                comes from is said in `transcriber/src/options.rs`.";

    /// A pause without activity from which on the transcript has an idle line.
    idle_gap_ms = transcriber.idle_gap_ms: MS;
    /// Rage click: the longest pause between two clicks of it.
    rage_gap_ms = transcriber.rage_gap_ms: MS;
    /// Rage click: the largest distance between its clicks.
    rage_radius_px = transcriber.rage_radius_px: Kind::Number { unit: "pixels", max: f64::INFINITY };
    /// Rage click: the least number of clicks.
    rage_clicks = transcriber.rage_clicks: Kind::whole("clicks", 2, 1000);
    /// Changes of the page within this time after an action are its outcome.
    outcome_ms = transcriber.outcome_ms: MS;
    /// The same while requests of the action still run.
    outcome_ms_max = transcriber.outcome_ms_max: MS;
    /// Dead click: a click without any outcome for this long.
    dead_click_ms = transcriber.dead_click_ms: MS;
    /// Dead click: without any outcome for this long, when the next action comes before `dead_click_ms` is over.
    dead_click_ms_min = transcriber.dead_click_ms_min: MS;
    /// Slow click: a click whose first outcome comes later than this.
    slow_click_ms = transcriber.slow_click_ms: MS;
    /// Error after an action: an error within this time after it.
    error_after_ms = transcriber.error_after_ms: MS;
    /// Slow request: a request that takes at least this long.
    slow_request_ms = transcriber.slow_request_ms: Kind::ms(1, 86_400_000);
    /// Layout thrash: how often one element is rebuilt after an action.
    thrash_count = transcriber.thrash_count: Kind::whole("rebuilds", 2, 1000);
    /// Layout thrash: the time within which that happens.
    thrash_ms = transcriber.thrash_ms: MS;
    /// Quick back: the user goes back to the page before within this time.
    quick_back_ms = transcriber.quick_back_ms: MS;
    /// Quick back: but not within this time, which is a redirect.
    quick_back_ms_min = transcriber.quick_back_ms_min: MS;
    /// Repeated submit: a form is sent again within this time, before an answer or after a failure.
    repeated_submit_ms = transcriber.repeated_submit_ms: MS;
    /// Abandoned form: the least number of filled fields in a form that is left without being sent.
    abandoned_fields_min = transcriber.abandoned_fields_min: Kind::whole("fields", 1, 1000);
    /// Pasted or filled in: the least number of characters that come at once.
    at_once_chars_min = transcriber.at_once_chars_min: Kind::whole("characters", 2, 10_000);
    /// Typing into one field with shorter pauses than this is one moment.
    typing_gap_ms = transcriber.typing_gap_ms: MS;
    /// The highest good and the highest fair value of web vitals, such as LCP=2500:4000. What is not named keeps its
    /// default.
    vitals = transcriber.vitals: Kind::Vitals;
}
