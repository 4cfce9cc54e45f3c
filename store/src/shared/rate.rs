//! Token buckets in bounded memory.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use playhead_schemas::EpochMs;
use serde::{Deserialize, Serialize};

/// How often something may happen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Sustained, a second.
    pub per_second: f64,
    /// At once, after a quiet time.
    pub burst: u32,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    filled_at: EpochMs,
}

/// One token, give or take the rounding of a bucket that was filled in parts.
const WHOLE: f64 = 1.0 - 1e-9;

impl Rate {
    /// So many events a minute, all of them at once if need be.
    pub fn per_minute(events: u32) -> Self {
        Self { per_second: f64::from(events) / 60.0, burst: events }
    }

    /// A bucket as it is by now; a new one is full.
    fn filled(self, known: Option<Bucket>, now: EpochMs) -> Bucket {
        let burst = f64::from(self.burst.max(1));
        let Some(Bucket { tokens, filled_at }) = known else { return Bucket { tokens: burst, filled_at: now } };
        #[allow(clippy::cast_precision_loss)]
        let elapsed_s = now.since(filled_at) as f64 / 1000.0;
        Bucket { tokens: (tokens + elapsed_s * self.refill_per_second()).min(burst), filled_at: now }
    }

    fn verdict(self, bucket: &Bucket) -> Result<(), u32> {
        if bucket.tokens >= WHOLE {
            return Ok(());
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        Err(((1.0 - bucket.tokens) / self.refill_per_second()).ceil().clamp(1.0, 3600.0) as u32)
    }

    fn refill_per_second(self) -> f64 {
        self.per_second.max(0.001)
    }
}

/// Counts events of each `K` against a rate, which is the same at every call for a key.
///
/// Buckets live in two generations. When the younger is full, the older is forgotten: memory is
/// bounded, and what is forgotten was not used for the longest time.
pub(crate) struct Limiter<K> {
    generation_max: usize,
    generations: Mutex<Generations<K>>,
}

struct Generations<K> {
    young: HashMap<K, Bucket>,
    old: HashMap<K, Bucket>,
}

impl<K: Eq + Hash> Limiter<K> {
    /// A limiter that remembers at most `buckets_max` keys.
    pub(crate) fn new(buckets_max: usize) -> Self {
        let generations = Generations { young: HashMap::new(), old: HashMap::new() };
        Self { generation_max: (buckets_max / 2).max(1), generations: Mutex::new(generations) }
    }

    /// Counts one event. `Err` with the seconds until the next one is allowed.
    pub(crate) fn check(&self, key: K, rate: Rate, now: EpochMs) -> Result<(), u32> {
        let mut generations = self.generations();
        let known = match generations.young.remove(&key) {
            Some(bucket) => Some(bucket),
            None => generations.old.remove(&key),
        };
        let mut bucket = rate.filled(known, now);
        let verdict = rate.verdict(&bucket);
        if verdict.is_ok() {
            bucket.tokens = (bucket.tokens - 1.0).max(0.0);
        }
        if generations.young.len() >= self.generation_max {
            generations.old = std::mem::take(&mut generations.young);
        }
        generations.young.insert(key, bucket);
        verdict
    }

    /// What [`Limiter::check`] would say, without counting anything.
    pub(crate) fn peek(&self, key: &K, rate: Rate, now: EpochMs) -> Result<(), u32> {
        let generations = self.generations();
        let known = generations.young.get(key).or_else(|| generations.old.get(key)).copied();
        rate.verdict(&rate.filled(known, now))
    }

    fn generations(&self) -> MutexGuard<'_, Generations<K>> {
        self.generations.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        let generations = self.generations();
        generations.young.len() + generations.old.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> EpochMs {
        EpochMs(1_000_000 + ms)
    }

    #[test]
    fn a_burst_then_the_rate() {
        let (limiter, rate) = (Limiter::new(10), Rate { per_second: 2.0, burst: 3 });
        for _ in 0..3 {
            assert_eq!(limiter.check("a", rate, at(0)), Ok(()));
        }
        assert_eq!(limiter.check("a", rate, at(0)), Err(1));
        assert_eq!(limiter.check("b", rate, at(0)), Ok(()));
        assert_eq!(limiter.check("a", rate, at(500)), Ok(()));
        assert_eq!(limiter.check("a", rate, at(500)), Err(1));
        // A clock that steps back gives nothing and takes nothing.
        assert_eq!(limiter.check("a", rate, at(0)), Err(1));
        for _ in 0..3 {
            assert_eq!(limiter.check("a", rate, at(1_000_000)), Ok(()));
        }
        assert_eq!(limiter.check("a", rate, at(1_000_000)), Err(1));
    }

    #[test]
    fn a_look_counts_nothing() {
        let (limiter, rate) = (Limiter::new(10), Rate { per_second: 1.0, burst: 1 });
        for _ in 0..3 {
            assert_eq!(limiter.peek(&"a", rate, at(0)), Ok(()));
        }
        assert_eq!(limiter.check("a", rate, at(0)), Ok(()));
        assert_eq!((limiter.peek(&"a", rate, at(0)), limiter.peek(&"b", rate, at(0))), (Err(1), Ok(())));
        assert_eq!(limiter.peek(&"a", rate, at(1000)), Ok(()));
        assert_eq!(limiter.peek(&"a", rate, at(0)), Err(1), "a look ahead fills nothing");
    }

    #[test]
    fn parts_make_a_whole() {
        let (limiter, rate) = (Limiter::new(10), Rate { per_second: 2.0 / 60.0, burst: 1 });
        assert_eq!(limiter.check("a", rate, at(0)), Ok(()));
        assert_eq!(limiter.check("a", rate, at(29_999)), Err(1));
        assert_eq!(limiter.check("a", rate, at(30_000)), Ok(()));
        assert_eq!(limiter.check("a", rate, at(30_000)), Err(30));
    }

    #[test]
    fn the_wait_follows_the_rate() {
        let (limiter, rate) = (Limiter::new(10), Rate { per_second: 0.1, burst: 1 });
        assert_eq!(limiter.check(1, rate, at(0)), Ok(()));
        assert_eq!(limiter.check(1, rate, at(0)), Err(10));
        assert_eq!(limiter.check(1, rate, at(4000)), Err(6));
    }

    #[test]
    fn buckets_are_bounded_and_the_busy_are_remembered() {
        let (limiter, rate) = (Limiter::new(100), Rate { per_second: 0.001, burst: 1 });
        assert_eq!(limiter.check(u32::MAX, rate, at(0)), Ok(()));
        for n in 0..10_000 {
            let _ = limiter.check(n, rate, at(0));
            assert!(limiter.check(u32::MAX, rate, at(0)).is_err(), "forgotten after {n}");
            assert!(limiter.len() <= 101);
        }
    }
}
