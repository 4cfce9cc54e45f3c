//! Token buckets in bounded memory.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use playhead_schemas::EpochMs;

use crate::config::Rate;

/// Counts events of each `K` against one rate.
///
/// Buckets live in two generations. When the younger is full, the older is forgotten: memory is
/// bounded, and what is forgotten was not used for the longest time.
#[derive(Debug)]
pub(crate) struct Limiter<K> {
    rate: Rate,
    generation_max: usize,
    generations: Mutex<Generations<K>>,
}

#[derive(Debug)]
struct Generations<K> {
    young: HashMap<K, Bucket>,
    old: HashMap<K, Bucket>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    filled_at: EpochMs,
}

impl<K: Eq + Hash> Limiter<K> {
    /// A limiter that remembers at most `buckets_max` keys.
    pub(crate) fn new(rate: Rate, buckets_max: usize) -> Self {
        let generations = Generations { young: HashMap::new(), old: HashMap::new() };
        Self { rate, generation_max: (buckets_max / 2).max(1), generations: Mutex::new(generations) }
    }

    /// Counts one event. `Err` with the seconds until the next one is allowed.
    pub(crate) fn check(&self, key: K, now: EpochMs) -> Result<(), u32> {
        let burst = f64::from(self.rate.burst.max(1));
        let per_second = self.rate.per_second.max(0.001);
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        let known = match generations.young.remove(&key) {
            Some(bucket) => Some(bucket),
            None => generations.old.remove(&key),
        };
        let mut bucket = known.unwrap_or(Bucket { tokens: burst, filled_at: now });
        #[allow(clippy::cast_precision_loss)]
        let elapsed_s = now.since(bucket.filled_at) as f64 / 1000.0;
        bucket.tokens = (bucket.tokens + elapsed_s * per_second).min(burst);
        bucket.filled_at = now;
        let verdict = if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            Ok(())
        } else {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            Err(((1.0 - bucket.tokens) / per_second).ceil().clamp(1.0, 3600.0) as u32)
        };
        if generations.young.len() >= self.generation_max {
            generations.old = std::mem::take(&mut generations.young);
        }
        generations.young.insert(key, bucket);
        verdict
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        let generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
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
        let limiter = Limiter::new(Rate { per_second: 2.0, burst: 3 }, 10);
        for _ in 0..3 {
            assert_eq!(limiter.check("a", at(0)), Ok(()));
        }
        assert_eq!(limiter.check("a", at(0)), Err(1));
        assert_eq!(limiter.check("b", at(0)), Ok(()));
        assert_eq!(limiter.check("a", at(500)), Ok(()));
        assert_eq!(limiter.check("a", at(500)), Err(1));
        // A clock that steps back gives nothing and takes nothing.
        assert_eq!(limiter.check("a", at(0)), Err(1));
        for _ in 0..3 {
            assert_eq!(limiter.check("a", at(1_000_000)), Ok(()));
        }
        assert_eq!(limiter.check("a", at(1_000_000)), Err(1));
    }

    #[test]
    fn the_wait_follows_the_rate() {
        let limiter = Limiter::new(Rate { per_second: 0.1, burst: 1 }, 10);
        assert_eq!(limiter.check(1, at(0)), Ok(()));
        assert_eq!(limiter.check(1, at(0)), Err(10));
        assert_eq!(limiter.check(1, at(4000)), Err(6));
    }

    #[test]
    fn buckets_are_bounded_and_the_busy_are_remembered() {
        let limiter = Limiter::new(Rate { per_second: 0.001, burst: 1 }, 100);
        assert_eq!(limiter.check(u32::MAX, at(0)), Ok(()));
        for n in 0..10_000 {
            let _ = limiter.check(n, at(0));
            assert!(limiter.check(u32::MAX, at(0)).is_err(), "forgotten after {n}");
            assert!(limiter.len() <= 101);
        }
    }
}
