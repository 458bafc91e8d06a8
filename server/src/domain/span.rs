//! A half-open stretch of time: from is in it, to is not.

use chrono::{DateTime, Utc};

/// `[from, to)`. Nothing overlaps a span whose end is not after its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// First moment in it.
    pub from: DateTime<Utc>,
    /// First moment after it.
    pub to: DateTime<Utc>,
}

impl Span {
    /// From `from` until just before `to`.
    pub const fn new(from: DateTime<Utc>, to: DateTime<Utc>) -> Self {
        Self { from, to }
    }

    /// Whether some moment is in both. Spans that only touch do not overlap.
    pub fn overlaps(self, other: Self) -> bool {
        self.from.max(other.from) < self.to.min(other.to)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn span(from: i64, to: i64) -> Span {
        let at = |s| DateTime::from_timestamp(s, 0).expect("small");
        Span::new(at(from), at(to))
    }

    proptest! {
        #[test]
        fn overlap_means_a_common_second(a in 0_i64..20, b in 0_i64..20, c in 0_i64..20, d in 0_i64..20) {
            let common = (0..20).any(|s| a <= s && s < b && c <= s && s < d);
            prop_assert_eq!(span(a, b).overlaps(span(c, d)), common);
            prop_assert_eq!(span(c, d).overlaps(span(a, b)), common);
        }
    }
}
