//! How long things took.

use std::time::Duration;

use serde::Serialize;

/// Durations of one operation, in the order they came.
#[derive(Clone, Debug, Default)]
pub struct Times(Vec<Duration>);

/// What is told about them. Milliseconds.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Summary {
    /// How many.
    pub count: usize,
    /// Half took no longer.
    pub p50_ms: f64,
    /// 99 of 100 took no longer.
    pub p99_ms: f64,
    /// The longest.
    pub max_ms: f64,
}

impl Times {
    /// Adds one.
    pub fn push(&mut self, one: Duration) {
        self.0.push(one);
    }

    /// Adds all of another.
    pub fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Count and quantiles (nearest rank); zeros when there are none.
    pub fn summary(&self) -> Summary {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let at = |percent: usize| {
            let rank = (sorted.len() * percent).div_ceil(100).max(1);
            sorted
                .get(rank - 1)
                .map_or(0.0, |one| one.as_secs_f64() * 1e3)
        };
        Summary {
            count: sorted.len(),
            p50_ms: at(50),
            p99_ms: at(99),
            max_ms: at(100),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_by_nearest_rank() {
        let mut times = Times::default();
        for millis in (1..=200).rev() {
            times.push(Duration::from_millis(millis));
        }
        let summary = times.summary();
        assert_eq!(summary.count, 200);
        let found = [summary.p50_ms, summary.p99_ms, summary.max_ms];
        for (found, expected) in found.into_iter().zip([100.0, 198.0, 200.0]) {
            assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
        }
        assert_eq!(Times::default().summary().count, 0);
    }
}
