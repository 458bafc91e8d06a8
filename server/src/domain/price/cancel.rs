//! What is kept when an order is given up.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{CancelStage, CancellationRule, PriceRules, Quote};
use crate::domain::{catalogue::Key, rulefile::Bilingual};

/// What is kept, and by which rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Fee {
    /// The amount, in fen; never more than the quote's total.
    pub fen: i64,
    /// The code of the rule.
    pub rule: Key,
    /// How the rule reads.
    pub text: Bilingual,
}

/// The fee for giving up an order now. Take the rules of the version the quote was made by.
///
/// # Panics
/// With rules that were never checked and say nothing about the stage.
pub fn cancellation_fee(
    rules: &PriceRules,
    quote: &Quote,
    stage: CancelStage,
    now: DateTime<Utc>,
    window_start: DateTime<Utc>,
) -> Fee {
    fee_at(rules, quote, stage, window_start - now)
}

/// Whether giving an order up now costs more than it would have in good time. A family does not move an order then:
/// moved, it is open again, and to give it up would cost nothing.
///
/// # Panics
/// As [`cancellation_fee`].
pub fn costs_more_now(
    rules: &PriceRules,
    quote: &Quote,
    stage: CancelStage,
    now: DateTime<Utc>,
    window_start: DateTime<Utc>,
) -> bool {
    let in_good_time = fee_at(rules, quote, stage, TimeDelta::MAX);
    cancellation_fee(rules, quote, stage, now, window_start).fen > in_good_time.fen
}

/// The fee for giving an order up so long before its window.
fn fee_at(rules: &PriceRules, quote: &Quote, stage: CancelStage, notice: TimeDelta) -> Fee {
    let applies = |rule: &&CancellationRule| {
        let in_time = |minutes| notice >= TimeDelta::minutes(i64::from(minutes));
        rule.stage == stage && rule.min_notice_min.is_none_or(in_time)
    };
    let rule = rules
        .cancellation
        .iter()
        .find(applies)
        .expect("checked rules end every stage with a rule for any time");
    let share = rules
        .rounding
        .percent_of(quote.sum_of(&rule.parts), rule.percent);
    Fee {
        fen: share.min(quote.total_fen),
        rule: rule.code.clone(),
        text: rule.text.clone(),
    }
}
