//! What a recording can prove and what not, in plain statements.

use playhead_schemas::text::counted;
use playhead_schemas::timeline::{Coverage, Source};

/// One statement a line; none of them holds text from the recording.
pub(crate) fn statements(coverage: &Coverage) -> Vec<String> {
    let late = (coverage.out_of_order > 0)
        .then(|| format!("{} events came late and were put in their places.", coverage.out_of_order));
    streams(coverage).into_iter().chain(limits(coverage)).chain(late).collect()
}

/// The statements that bear on a bug: what silence proves, and what may be missing.
pub(crate) fn bearing(coverage: &Coverage) -> Vec<String> {
    let all = "Console lines and requests were captured: what the detailed transcript does not list, the recorder did \
        not see.";
    let streams = match (coverage.console, coverage.network) {
        (Source::None, _) | (_, Source::None) => streams(coverage),
        _ => vec![all.to_owned()],
    };
    streams.into_iter().chain(limits(coverage)).collect()
}

/// What was captured of each stream.
fn streams(coverage: &Coverage) -> Vec<String> {
    vec![
        stream("Console lines", coverage.console, "an empty console proves nothing"),
        stream("Requests", coverage.network, "absent requests prove nothing"),
    ]
}

/// What is missing from a recording.
fn limits(coverage: &Coverage) -> Vec<String> {
    let mut known = Vec::new();
    let mut unknown = |condition: bool, statement: String| {
        if condition {
            known.push(statement);
        }
    };
    unknown(coverage.masked, "The recorder masked some values or texts.".to_owned());
    unknown(coverage.blocked_elements > 0, format!("The recorder left out {} elements.", coverage.blocked_elements));
    unknown(
        coverage.starts_without_snapshot,
        "The recording begins without a snapshot of the page: early targets may be unnamed.".to_owned(),
    );
    unknown(!coverage.missing_segments.is_empty(), missing(&coverage.missing_segments));
    unknown(
        coverage.events_skipped > 0,
        format!("{} of {} events could not be read.", coverage.events_skipped, coverage.events),
    );
    unknown(coverage.evicted, "The recorder kept only the end: what came before is not in the timeline.".to_owned());
    unknown(
        coverage.windows_without_snapshot > 0,
        format!(
            "Windows without a snapshot of their page: {}; targets there are unknown.",
            coverage.windows_without_snapshot
        ),
    );
    unknown(
        !coverage.gaps.is_empty(),
        format!(
            "Times without recording: {} ms in {}.",
            lost_ms(coverage),
            counted(coverage.gaps.len() as u64, "gap", "gaps")
        ),
    );
    unknown(coverage.truncated, "A limit cut the recording short; what came after is not in the timeline.".to_owned());
    known
}

/// Milliseconds in which nothing was recorded.
fn lost_ms(coverage: &Coverage) -> u64 {
    coverage.gaps.iter().map(|gap| gap.to_ms.saturating_sub(gap.from_ms)).sum()
}

fn stream(what: &str, source: Source, caution: &str) -> String {
    match source {
        Source::None => format!("{what} were not captured: {caution}."),
        Source::Recording => format!("{what} were captured in the recording."),
        Source::Payload => format!("{what} were captured in a payload of their own."),
        Source::Both => format!("{what} were captured twice and merged."),
    }
}

fn missing(segments: &[u32]) -> String {
    const SHOWN: usize = 10;
    let mut list: Vec<String> = segments.iter().take(SHOWN).map(u32::to_string).collect();
    if segments.len() > SHOWN {
        list.push(format!("{} more", segments.len() - SHOWN));
    }
    format!("Segments never arrived: {}.", list.join(", "))
}

#[cfg(test)]
mod tests {
    use playhead_schemas::timeline::{Gap, GapReason};

    use super::*;

    #[test]
    fn silence_is_called_silence() {
        let lines = statements(&Coverage::default());
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| line.contains("proves nothing") || line.contains("prove nothing")));
    }

    #[test]
    fn every_gap_is_stated() {
        let coverage = Coverage {
            events: 100,
            events_skipped: 7,
            starts_without_snapshot: true,
            missing_segments: (0..12).collect(),
            masked: true,
            blocked_elements: 2,
            truncated: true,
            network: Source::Both,
            evicted: true,
            windows_without_snapshot: 1,
            out_of_order: 9,
            gaps: vec![Gap { from_ms: 100, to_ms: 350, reason: GapReason::Paused }],
            ..Coverage::default()
        };
        let text = statements(&coverage).join("\n");
        for part in [
            "7 of 100",
            "masked",
            "2 elements",
            "snapshot",
            "9, 2 more",
            "cut",
            "merged",
            "the end",
            "page: 1",
            "250 ms in 1 gap",
            "9 events",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}
