//! Times of single calls, and what they come to.

use std::time::Duration;

use serde::Serialize;

/// Times of calls.
#[derive(Debug, Default)]
pub(crate) struct Times(Vec<Duration>);

/// What many times come to, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Latency {
    pub(crate) count: usize,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) max_ms: f64,
}

impl Times {
    /// Adds a time.
    pub(crate) fn push(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// Adds all times of another.
    pub(crate) fn absorb(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Their quantiles: the smallest time that is not exceeded by that share.
    pub(crate) fn latency(mut self) -> Latency {
        self.0.sort_unstable();
        let at = |share: f64| {
            let rank = (share * self.0.len() as f64).ceil() as usize;
            self.0.get(rank.saturating_sub(1)).map_or(0.0, |time| time.as_secs_f64() * 1e3)
        };
        Latency { count: self.0.len(), p50_ms: at(0.5), p99_ms: at(0.99), max_ms: at(1.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_times_that_were_measured() {
        let mut times = Times::default();
        (1..=200).rev().for_each(|ms| times.push(Duration::from_millis(ms)));
        let latency = times.latency();
        assert_eq!((latency.count, latency.p50_ms, latency.p99_ms, latency.max_ms), (200, 100.0, 198.0, 200.0));
        assert_eq!(Times::default().latency().p99_ms, 0.0);
    }
}
