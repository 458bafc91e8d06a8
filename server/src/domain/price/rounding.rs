//! Percentages of whole amounts.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How percentages become whole amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rounding {
    /// Amounts are multiples of this many fen: 1, 10 or 100.
    #[schema(minimum = 1, maximum = 100)]
    pub unit_fen: i64,
    /// Which way.
    pub mode: RoundingMode,
}

/// Which way to round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoundingMode {
    /// To the nearest; halves up.
    HalfUp,
    /// Down.
    Down,
    /// Up.
    Up,
}

impl Rounding {
    /// So many percent of a non-negative amount. A hundred percent is the amount itself, unrounded.
    pub fn percent_of(self, fen: i64, percent: u32) -> i64 {
        if percent == 100 {
            return fen;
        }
        let (exact, unit) = (fen * i64::from(percent), 100 * self.unit_fen);
        let units = match self.mode {
            RoundingMode::HalfUp => (2 * exact + unit) / (2 * unit),
            RoundingMode::Down => exact / unit,
            RoundingMode::Up => (exact + unit - 1) / unit,
        };
        units * self.unit_fen
    }
}
